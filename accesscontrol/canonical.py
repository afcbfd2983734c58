"""Canonical JSON (RFC 8785) and the digest of a value: what is signed is exactly these bytes."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

import msgspec
import rfc8785

JSON: TypeAlias = "None | bool | int | float | str | Sequence[JSON] | Mapping[str, JSON]"

_LARGEST_INTEGER: Final = (1 << 53) - 1
_encode: Final = msgspec.json.Encoder(order="sorted").encode


def canonical(value: JSON) -> bytes:
    """Return the one RFC 8785 form of ``value``; raises ``ValueError`` for what JSON cannot hold."""
    # Where numbers are whole and keys are ASCII this encoder writes the same bytes, many times faster.
    return _encode(value) if _plain(value) else rfc8785.dumps(value)


def digest(value: JSON) -> str:
    """Return the SHA-256 of the canonical form of ``value``, in lower-case hexadecimal."""
    return hashlib.sha256(canonical(value)).hexdigest()


def _plain(value: Any) -> bool:
    if value is None or isinstance(value, str):
        return True
    if isinstance(value, int):
        return -_LARGEST_INTEGER <= value <= _LARGEST_INTEGER
    if isinstance(value, dict):
        return all(isinstance(key, str) and key.isascii() and _plain(each) for key, each in value.items())
    return isinstance(value, list | tuple) and all(map(_plain, value))
