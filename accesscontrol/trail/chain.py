"""The row chain: each row's value is an HMAC-SHA-256 (RFC 2104), under the site's seal, of the one before and the leaf.

Without the seal nobody can make a row that continues the book, and the first row that doesn't is found at once.
"""

from collections.abc import Callable
from functools import cache
from hashlib import sha256
from typing import Final

CHAIN_START: Final = bytes(32)
_BLOCK: Final = 64
_INNER: Final = bytes(octet ^ 0x36 for octet in range(256))
_OUTER: Final = bytes(octet ^ 0x5C for octet in range(256))


@cache
def keyed(seal: bytes) -> Callable[[bytes, bytes], bytes]:
    """Return the function (previous chain value, leaf hash) → chain value under ``seal``.

    The key is hashed in once and copied for each row, which makes a row several times cheaper than ``hmac.digest``.
    """
    key = (sha256(seal).digest() if len(seal) > _BLOCK else seal).ljust(_BLOCK, b"\x00")
    inner, outer = sha256(key.translate(_INNER)), sha256(key.translate(_OUTER))

    def link(previous: bytes, leaf: bytes) -> bytes:
        message = inner.copy()
        message.update(previous + leaf)
        code = outer.copy()
        code.update(message.digest())
        return code.digest()

    return link
