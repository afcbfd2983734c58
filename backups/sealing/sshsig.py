"""Signatures in OpenSSH's SSHSIG form with Ed25519, which ``ssh-keygen -Y verify`` checks without us.

Format: PROTOCOL.sshsig of OpenSSH. The namespace keeps a signature made for one purpose from being
used for another.
"""

import base64
import binascii
import hashlib
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_MAGIC = b"SSHSIG"
_VERSION = 1
_KEY_TYPE = b"ssh-ed25519"
_HASH = b"sha512"
_BEGIN = "-----BEGIN SSH SIGNATURE-----"
_END = "-----END SSH SIGNATURE-----"
_COLUMNS = 70
_LONGEST = 8192


class Signer(Protocol):
    """Someone whose Ed25519 key signs; where the key lives is the signer's affair."""

    @property
    def name(self) -> str:
        """How the signer is named in an allowed_signers file: a staff number or the site's name."""
        ...

    @property
    def public_key(self) -> bytes:
        """The 32 bytes of the public key."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte Ed25519 signature of ``message``."""
        ...


@dataclass(frozen=True, slots=True)
class KeySigner:
    """A signer whose key is at hand."""

    name: str
    key: "Ed25519PrivateKey"

    @property
    def public_key(self) -> bytes:
        """The 32 bytes of the public key."""
        return self.key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte Ed25519 signature of ``message``."""
        return self.key.sign(message)


class BadSignature(Refusal):
    """The signature does not fit the text, or was made for another purpose or by another key."""

    def __init__(self, what: str) -> None:
        super().__init__(what, control="BK-BAK-04")


def sign(message: bytes, signer: Signer, namespace: str) -> str:
    """Return the armoured SSHSIG of ``message`` under ``namespace``."""
    return _armoured(signer.public_key, namespace.encode(), signer.sign(_covered(message, namespace)))


def _armoured(public_key: bytes, namespace: bytes, signature: bytes) -> str:
    blob = b"".join(
        [
            _MAGIC,
            struct.pack(">I", _VERSION),
            _string(_key_blob(public_key)),
            _string(namespace),
            _string(b""),
            _string(_HASH),
            _string(_string(_KEY_TYPE) + _string(signature)),
        ]
    )
    text = base64.b64encode(blob).decode("ascii")
    rows = [text[at : at + _COLUMNS] for at in range(0, len(text), _COLUMNS)]
    return "\n".join([_BEGIN, *rows, _END, ""])


def verify(message: bytes, armoured: str, namespace: str) -> bytes:
    """Check ``armoured`` against ``message`` and return the public key that made it.

    Whether that key may sign is for the caller to decide. One signature has one spelling, that of ``ssh-keygen``: a
    byte changed where nothing is signed, in the armour or a reserved field, is a fault too. Raises BadSignature.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    public_key, seen_namespace, signature = _parse(armoured)
    if _armoured(public_key, seen_namespace, signature) != armoured:
        raise BadSignature(N_("The SSH signature is damaged."))
    if seen_namespace != namespace.encode():
        raise BadSignature(N_("The signature was made for another purpose."))
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, _covered(message, namespace))
    except (InvalidSignature, ValueError):
        raise BadSignature(N_("The signature does not fit the text.")) from None
    return public_key


def allowed_signer(name: str, public_key: bytes, namespace: str) -> str:
    """Return the line for an allowed_signers file that lets ``name`` sign under ``namespace``."""
    return f'{name} namespaces="{namespace}" {openssh_public_key(public_key)}\n'


def openssh_public_key(public_key: bytes) -> str:
    """Return the key as it stands in an authorized_keys line."""
    return f"{_KEY_TYPE.decode()} {base64.b64encode(_key_blob(public_key)).decode()}"


def fingerprint(public_key: bytes) -> str:
    """Return the key's fingerprint as ``ssh-keygen -l`` shows it."""
    digest = hashlib.sha256(_key_blob(public_key)).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def _covered(message: bytes, namespace: str) -> bytes:
    """Return the bytes that the key signs."""
    parts = [namespace.encode(), b"", _HASH, hashlib.sha512(message).digest()]
    return _MAGIC + b"".join(_string(part) for part in parts)


def _parse(armoured: str) -> tuple[bytes, bytes, bytes]:
    """Return public key, namespace and signature."""
    lines = armoured.strip().splitlines()
    # armour around something
    if len(armoured) > _LONGEST or len(lines) < 3 or lines[0] != _BEGIN or lines[-1] != _END:  # noqa: PLR2004
        raise BadSignature(N_("This is not an SSH signature."))
    try:
        blob = base64.b64decode("".join(lines[1:-1]), validate=True)
        if not blob.startswith(_MAGIC) or struct.unpack_from(">I", blob, len(_MAGIC)) != (_VERSION,):
            raise ValueError(_MAGIC)
        key_blob, namespace, _reserved, hash_name, signature_blob = _strings(blob[len(_MAGIC) + 4 :], 5)
        key_type, public_key = _strings(key_blob, 2)
        signature_type, signature = _strings(signature_blob, 2)
    except (ValueError, binascii.Error, struct.error):
        raise BadSignature(N_("The SSH signature is damaged.")) from None
    if key_type != _KEY_TYPE or signature_type != _KEY_TYPE or hash_name != _HASH:
        raise BadSignature(N_("The SSH signature is of a kind that is not accepted here."))
    return public_key, namespace, signature


def _key_blob(public_key: bytes) -> bytes:
    return _string(_KEY_TYPE) + _string(public_key)


def _string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def _strings(data: bytes, count: int) -> list[bytes]:
    """Return exactly ``count`` length-prefixed strings; ValueError for anything less or more."""
    parts, at = [], 0
    for _ in range(count):
        (size,) = struct.unpack_from(">I", data, at)
        at += 4 + size
        parts.append(data[at - size : at])
    if at != len(data):
        raise ValueError(at)
    return parts
