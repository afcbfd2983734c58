"""The label: a small file on each registered medium, signed by the site, that says which medium it is."""

import os
from typing import Final

import msgspec

from accesscontrol.canonical import canonical
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from backups.media.writing import Held
from backups.newfile import explained
from backups.sealing import sshsig
from backups.sealing.sshsig import BadSignature, Signer

NAME: Final = "sekisho-label.json"
SIGNATURE: Final = "sekisho-label.json.sig"
NAMESPACE: Final = "sekisho-medium"
_FORMAT = "sekisho-medium-label/1"
_LONGEST = 16_384


class Label(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the label says; ``nonce`` makes each label one of a kind, so that a copy can be told from a new one."""

    format: str = _FORMAT
    medium: str
    serial: str
    uuid: str
    nonce: str

    def encode(self) -> bytes:
        """Return the label's bytes."""
        return canonical(msgspec.to_builtins(self)) + b"\n"


def attach(held: Held, label: Label, signer: Signer) -> None:
    """Write label and signature to the medium; one that has a label already keeps it and is refused."""
    data = label.encode()
    _write(held, NAME, data)
    _write(held, SIGNATURE, sshsig.sign(data, signer, NAMESPACE).encode())
    with explained(held.path):
        os.fsync(held.descriptor)


def read(held: Held, trusted: frozenset[bytes]) -> Label | None:
    """Return the label if there is one; BadSignature when it was not signed by one of the ``trusted`` keys."""
    data, signature = _read(held, NAME), _read(held, SIGNATURE)
    if data is None and signature is None:
        return None
    if data is None or signature is None:
        raise BadSignature(N_("The medium's label is incomplete."))
    if sshsig.verify(data, signature.decode("ascii", "replace"), NAMESPACE) not in trusted:
        raise BadSignature(N_("The medium's label was signed by an unknown key."))
    try:
        label = msgspec.json.decode(data, type=Label)
    except (ValueError, msgspec.MsgspecError):
        raise BadSignature(N_("The medium's label cannot be read.")) from None
    if label.format != _FORMAT or label.encode() != data:
        raise BadSignature(N_("The medium's label cannot be read."))
    return label


def _write(held: Held, name: str, data: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with explained(held.path):
        try:
            descriptor = os.open(name, flags, 0o644, dir_fd=held.descriptor)
        except FileExistsError:
            raise Refusal(N_("The medium has a label already; it is registered or was copied.")) from None
        try:
            os.write(descriptor, data)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _read(held: Held, name: str) -> bytes | None:
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=held.descriptor)
    except FileNotFoundError:
        return None
    with explained(held.path):
        try:
            return os.read(descriptor, _LONGEST)
        finally:
            os.close(descriptor)
