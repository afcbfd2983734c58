"""X25519 recipients (public) and identities (secret), and the files that hold identities."""

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from backups.sealing import bech32

_RECIPIENT_PREFIX = "age"
_IDENTITY_PREFIX = "age-secret-key-"
_KEY_SIZE = 32


@dataclass(frozen=True, slots=True)
class Recipient:
    """A public X25519 key: it can close, not open."""

    public: bytes

    @classmethod
    def parse(cls, text: str) -> "Recipient":
        """Return the recipient written as ``age1…``; Refusal when it is not one."""
        try:
            prefix, data = bech32.decode(text.strip())
        except ValueError:
            prefix, data = "", b""
        if prefix != _RECIPIENT_PREFIX or len(data) != _KEY_SIZE or not text.strip().islower():
            raise Refusal(N_("This is not an age recipient (age1…): {text}"), text=text.strip()[:80])
        return cls(data)

    def __str__(self) -> str:
        return bech32.encode(_RECIPIENT_PREFIX, self.public)


@dataclass(frozen=True, slots=True)
class Identity:
    """A secret X25519 key. Its representation never shows the secret."""

    secret: bytes = field(repr=False)

    @classmethod
    def generate(cls) -> "Identity":
        """Return a new random identity."""
        return cls(os.urandom(_KEY_SIZE))

    @classmethod
    def parse(cls, text: str) -> "Identity":
        """Return the identity written as ``AGE-SECRET-KEY-1…``; the refusal never repeats the text."""
        try:
            prefix, data = bech32.decode(text.strip())
        except ValueError:
            prefix, data = "", b""
        if prefix != _IDENTITY_PREFIX or len(data) != _KEY_SIZE or not text.strip().isupper():
            raise Refusal(N_("This is not an age identity (AGE-SECRET-KEY-1…)."))
        return cls(data)

    @property
    def recipient(self) -> Recipient:
        """The public half."""
        from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

        return Recipient(X25519PrivateKey.from_private_bytes(self.secret).public_key().public_bytes_raw())

    def export(self) -> str:
        """Return the secret text; the caller puts it into a 0600 file or into custody, nowhere else."""
        return bech32.encode(_IDENTITY_PREFIX, self.secret).upper()

    def __str__(self) -> str:
        return f"identity of {self.recipient}"


def write_identity_file(path: Path, identity: Identity) -> None:
    """Write ``identity`` in age-keygen's file form, mode 0600, never over an existing file."""
    text = f"# public key: {identity.recipient}\n{identity.export()}\n"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError:
        raise Refusal(N_("{path} exists already; a key is never overwritten."), path=path) from None
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def read_identity_file(path: Path) -> Sequence[Identity]:
    """Return the identities in ``path``; refuse a file that others may read, or that holds none."""
    try:
        file = path.open(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        raise Refusal(N_("There is no identity file {path}."), path=path) from None
    with file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if mode & 0o077:
            raise Refusal(
                N_("{path} can be read by others (mode {mode}); run: chmod 600 {path}"),
                path=path,
                mode=f"{mode:04o}",
            )
        lines = [line.strip() for line in file]
    identities = [Identity.parse(line) for line in lines if line and not line.startswith("#")]
    if not identities:
        raise Refusal(N_("{path} holds no age identity."), path=path)
    return identities
