"""Canonical JSON (RFC 8785) and the digest of a value: what is signed is exactly these bytes."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import rfc8785

JSON: TypeAlias = "None | bool | int | float | str | Sequence[JSON] | Mapping[str, JSON]"


def canonical(value: JSON) -> bytes:
    """Return the one RFC 8785 form of ``value``; raises ``ValueError`` for what JSON cannot hold."""
    return rfc8785.dumps(value)


def digest(value: JSON) -> str:
    """Return the SHA-256 of the canonical form of ``value``, in lower-case hexadecimal."""
    return hashlib.sha256(canonical(value)).hexdigest()
