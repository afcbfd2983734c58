"""The header of an age file: who can open it, and the authenticated wrapping of its file key.

Format: https://age-encryption.org/v1 (C2SP age.md). Only X25519 stanzas are written; others are
passed over when reading, as the specification asks.
"""

import base64
import binascii
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from backups.sealing.keys import Identity, Recipient

FILE_KEY_SIZE = 16
_VERSION = b"age-encryption.org/v1\n"
_LABEL = b"age-encryption.org/v1/X25519"
_BODY_COLUMNS = 64
_LONGEST_LINE = 8192
_MOST_LINES = 4096
_TAG_SIZE = 16
_ARGUMENT = re.compile(rb"[\x21-\x7e]+")


class Lines(Protocol):
    """What a header is read from."""

    def readline(self, limit: int, /) -> bytes:
        """Return the next line with its end, or at most ``limit`` bytes of it."""
        ...


class BrokenSeal(Refusal):
    """The sealed file is not what was written: cut, changed, or not an age file at all."""

    def __init__(self, what: str) -> None:
        super().__init__(what, control="BK-BAK-04")


class NoMatchingIdentity(Refusal):
    """None of the identities at hand can open the file."""


@dataclass(frozen=True, slots=True)
class Stanza:
    """One way in: a type, its arguments and a body."""

    kind: bytes
    arguments: tuple[bytes, ...]
    body: bytes

    def encode(self) -> bytes:
        """Return the stanza as it stands in the header."""
        text = _base64(self.body)
        rows = [text[at : at + _BODY_COLUMNS] for at in range(0, len(text) + 1, _BODY_COLUMNS)]
        return b"\n".join([b" ".join([b"->", self.kind, *self.arguments]), *rows]) + b"\n"


def write(file_key: bytes, recipients: Sequence[Recipient]) -> bytes:
    """Return a header that lets each of ``recipients`` (at least one) open the file alone."""
    if not recipients:
        raise Refusal(N_("A backup is sealed to at least one recipient."), control="BK-BAK-04")
    stanzas = b"".join(_wrap(file_key, recipient).encode() for recipient in recipients)
    text = _VERSION + stanzas + b"---"
    return text + b" " + _base64(_mac(file_key, text)) + b"\n"


def read(stream: Lines, identities: Sequence[Identity]) -> bytes:
    """Read the header off ``stream`` and return the file key; BrokenSeal or NoMatchingIdentity."""
    stanzas, text, mac = _parse(stream)
    if any(stanza.kind == b"scrypt" for stanza in stanzas) and len(stanzas) != 1:
        raise BrokenSeal(N_("The sealed file is damaged: a passphrase stands beside other recipients."))
    for identity in identities:
        for stanza in stanzas:
            file_key = _unwrap(stanza, identity)
            if file_key is None:
                continue
            if not hmac.compare_digest(_mac(file_key, text), mac):
                raise BrokenSeal(N_("The sealed file is damaged: its header was changed."))
            return file_key
    raise NoMatchingIdentity(N_("None of the given identities can open this file."))


def payload_key(file_key: bytes, nonce: bytes) -> bytes:
    """Return the key of the content that follows the header and the 16-byte ``nonce``."""
    return _derive(file_key, salt=nonce, info=b"payload")


def _parse(stream: Lines) -> tuple[list[Stanza], bytes, bytes]:
    """Return stanzas, the authenticated text and the authentication code."""
    if stream.readline(len(_VERSION)) != _VERSION:
        raise BrokenSeal(N_("This is not an age file."))
    text, stanzas = _VERSION, list[Stanza]()
    for _ in range(_MOST_LINES):
        line = _line(stream)
        if line.startswith(b"--- ") and stanzas:
            return stanzas, text + b"---", _unbase64(line[4:])
        parts = line.split(b" ")
        # a type and one argument
        if parts[0] != b"->" or len(parts) < 2 or not all(map(_ARGUMENT.fullmatch, parts)):  # noqa: PLR2004
            break
        body, raw = _body(stream)
        stanzas.append(Stanza(parts[1], tuple(parts[2:]), body))
        text += line + b"\n" + raw
    raise _damaged()


def _body(stream: Lines) -> tuple[bytes, bytes]:
    text, raw = b"", b""
    for _ in range(_MOST_LINES):
        line = _line(stream)
        text += line
        raw += line + b"\n"
        if len(line) < _BODY_COLUMNS:
            return _unbase64(text), raw
        if len(line) > _BODY_COLUMNS:
            break
    raise _damaged()


def _line(stream: Lines) -> bytes:
    line = stream.readline(_LONGEST_LINE)
    if not line.endswith(b"\n"):
        raise _damaged()
    return line[:-1]


def _wrap(file_key: bytes, recipient: Recipient) -> Stanza:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    once = X25519PrivateKey.generate()
    share = once.public_key().public_bytes_raw()
    try:
        secret = once.exchange(X25519PublicKey.from_public_bytes(recipient.public))
    except ValueError:
        raise Refusal(N_("The recipient {recipient} is not a usable key."), recipient=recipient) from None
    key = _derive(secret, salt=share + recipient.public, info=_LABEL)
    body = ChaCha20Poly1305(key).encrypt(bytes(12), file_key, None)
    return Stanza(b"X25519", (_base64(share),), body)


def _unwrap(stanza: Stanza, identity: Identity) -> bytes | None:
    """Return the file key if ``identity`` opens ``stanza``."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    if stanza.kind != b"X25519":
        return None
    if len(stanza.arguments) != 1 or len(stanza.body) != FILE_KEY_SIZE + _TAG_SIZE:
        raise _damaged()
    share = _unbase64(stanza.arguments[0])
    try:
        secret = X25519PrivateKey.from_private_bytes(identity.secret).exchange(X25519PublicKey.from_public_bytes(share))
    except ValueError:
        raise _damaged() from None
    key = _derive(secret, salt=share + identity.recipient.public, info=_LABEL)
    try:
        return ChaCha20Poly1305(key).decrypt(bytes(12), stanza.body, None)
    except InvalidTag:
        return None


def _mac(file_key: bytes, text: bytes) -> bytes:
    return hmac.digest(_derive(file_key, salt=b"", info=b"header"), text, "sha256")


def _derive(secret: bytes, *, salt: bytes, info: bytes) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=info).derive(secret)


def _base64(data: bytes) -> bytes:
    return base64.b64encode(data).rstrip(b"=")


def _unbase64(text: bytes) -> bytes:
    """Decode unpadded, canonical base64 only: two spellings of one header would be two files."""
    try:
        data = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except binascii.Error:
        raise _damaged() from None
    if _base64(data) != text:
        raise _damaged()
    return data


def _damaged() -> BrokenSeal:
    return BrokenSeal(N_("The sealed file is damaged: its header cannot be read."))
