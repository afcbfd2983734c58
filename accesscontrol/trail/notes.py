"""Checkpoints in the text forms of C2SP: signed-note, tlog-checkpoint and tlog-cosignature.

A checkpoint is three lines (origin, size, root), an empty line, and a line for each signature. Any tool that knows
the forms can check one without us.
"""

import base64
import binascii
import hashlib
import re
import struct
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_ED25519 = 0x01
_COSIGNATURE = 0x04
_MOST_SIGNATURES = 16
_SIGNATURE_LINE = re.compile(r"— (\S+) (\S+)")
_SIZE = re.compile(r"0|[1-9][0-9]{0,17}")  # an SQLite row number has at most 18 free digits
_KEY_ID_BYTES = 4


class MalformedNoteError(ValueError):
    """A text is not a well-formed signed note or checkpoint, or a known key's signature on it is wrong."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log says of itself: its name, its number of entries, its root."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The three lines that are signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


@dataclass(frozen=True, slots=True)
class Verifier:
    """A known key: its name, its kind and its public half."""

    name: str
    key: Ed25519PublicKey
    kind: int = _ED25519

    @property
    def key_id(self) -> bytes:
        """The first four bytes of SHA-256 over name, newline, kind and key."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.key.public_bytes_raw()).digest()[
            :_KEY_ID_BYTES
        ]


def witness_verifier(name: str, key: Ed25519PublicKey) -> Verifier:
    """Return the verifier of a witness's cosignatures."""
    return Verifier(name, key, _COSIGNATURE)


def check_name(name: str) -> str:
    """Return ``name`` if it may name a key (no space, no plus), else raise ``ValueError``."""
    if not name or "+" in name or not name.isprintable() or any(character.isspace() for character in name):
        raise ValueError("a key name is not empty and has neither space nor plus nor control character")
    return name


def _line(verifier: Verifier, signature: bytes) -> str:
    return f"— {check_name(verifier.name)} {base64.b64encode(verifier.key_id + signature).decode()}\n"


def sign(checkpoint: Checkpoint, name: str, key: Ed25519PrivateKey) -> str:
    """Return the signed note of ``checkpoint``."""
    verifier = Verifier(name, key.public_key())
    return f"{checkpoint.text}\n{_line(verifier, key.sign(checkpoint.text.encode()))}"


def cosign(note: str, name: str, key: Ed25519PrivateKey, at: datetime) -> str:
    """Return a witness's cosignature line for ``note``: consistent with everything it saw before ``at``."""
    text, _ = split(note)
    seconds = int(at.timestamp())
    signature = key.sign(_cosigned(text, seconds))
    return _line(witness_verifier(name, key.public_key()), struct.pack(">Q", seconds) + signature)


def _cosigned(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def split(note: str) -> tuple[str, list[tuple[str, bytes, bytes]]]:
    """Return the signed text and the signatures as (name, key id, rest); raises ``MalformedNoteError``."""
    if not note.endswith("\n") or any(
        character != "\n" and unicodedata.category(character) == "Cc" for character in note
    ):
        raise MalformedNoteError("a note ends with a newline and holds no control character")
    text, empty, signatures = note.rpartition("\n\n")
    if not empty or not text or "\n\n" in text + empty[:1]:
        raise MalformedNoteError("a note is a text, one empty line and its signatures")
    lines = signatures[:-1].split("\n")
    if not 0 < len(lines) <= _MOST_SIGNATURES:
        raise MalformedNoteError("a note has 1 to 16 signatures")
    return text + "\n", [_signature(line) for line in lines]


def _signature(line: str) -> tuple[str, bytes, bytes]:
    match = _SIGNATURE_LINE.fullmatch(line)
    if not match:
        raise MalformedNoteError("a signature line is a dash, a name and a signature")
    data = _unbase64(match[2])
    if len(data) <= _KEY_ID_BYTES:
        raise MalformedNoteError("a signature is too short")
    return match[1], data[:_KEY_ID_BYTES], data[_KEY_ID_BYTES:]


def _unbase64(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise MalformedNoteError("not base64") from error
    if base64.b64encode(data).decode() != text:
        raise MalformedNoteError("not the canonical base64 form")
    return data


def parse(note: str) -> Checkpoint:
    """Return the checkpoint in ``note`` without checking signatures; raises ``MalformedNoteError``."""
    return parse_text(split(note)[0])


def parse_text(text: str) -> Checkpoint:
    """Return the checkpoint whose three lines ``text`` is; raises ``MalformedNoteError``."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] or not all(lines[:-1]) or not _SIZE.fullmatch(lines[1]):  # noqa: PLR2004 - origin, size, root, end
        raise MalformedNoteError("a checkpoint is origin, size and root")
    root = _unbase64(lines[2])
    if len(root) != hashlib.sha256().digest_size:
        raise MalformedNoteError("a root is 32 bytes")
    return Checkpoint(lines[0], int(lines[1]), root)


def verify(note: str, verifiers: Sequence[Verifier]) -> list[Verifier]:
    """Return the known keys that signed ``note``.

    A line of an unknown key is ignored, as the specification demands; a wrong signature by a known key makes the
    whole note malformed. The caller decides which of the returned keys it needs.
    """
    text, signatures = split(note)
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    signed = []
    for name, key_id, data in signatures:
        verifier = known.get((name, key_id))
        if verifier is None:
            continue
        try:
            _check(verifier, text, data)
        except (InvalidSignature, struct.error) as error:
            raise MalformedNoteError(f"the signature by {name} is wrong") from error
        signed.append(verifier)
    return signed


def _check(verifier: Verifier, text: str, data: bytes) -> None:
    if verifier.kind == _ED25519:
        verifier.key.verify(data, text.encode())
        return
    (seconds,) = struct.unpack(">Q", data[:8])
    verifier.key.verify(data[8:], _cosigned(text, seconds))
