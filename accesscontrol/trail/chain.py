"""The row chain: each row's value is an HMAC-SHA-256 (RFC 2104), under the site's seal, of the one before and the leaf.

Without the seal nobody can make a row that continues the book, and the first row that doesn't is found at once. The
last row has a mark of its own, so that nobody can make an earlier row the last one either.
"""

from collections.abc import Callable
from functools import cache, lru_cache
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


@lru_cache(maxsize=1)  # the next entry looks for exactly the mark that the last one made
def end_mark(seal: bytes, seq: int, chain: bytes) -> bytes:
    """Return the mark of a book whose last row is ``seq`` with this chain value.

    It takes the place of a leaf; 0x02 sets it apart from leaves (0x00) and nodes (0x01). Only the newest mark is
    kept, so that whoever cuts the end has none that fits.
    """
    return keyed(seal)(chain, sha256(b"\x02" + seq.to_bytes(8)).digest())
