"""M-of-N custody of an identity: Shamir's secret sharing over GF(256), with shares that are written on paper.

Fewer than M shares say nothing at all about the secret (A. Shamir, "How to share a secret", 1979). A
share carries a checksum against slips of the pen, the set that it belongs to, and a mark of the public
key, so that shares of two sets are never mixed and a wrong result is never taken for the key.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from backups.sealing import bech32
from backups.sealing.keys import Identity, Recipient

_PREFIX = "sekisho-share-"
_VERSION = 1
_SET = 4
_MARK = 4
_SECRET = 32
_MOST = 255
_FEWEST = 2


@dataclass(frozen=True, slots=True)
class Share:
    """One of N shares, of which ``threshold`` open. Its representation never shows the share itself."""

    set: bytes
    mark: bytes
    threshold: int
    index: int
    value: bytes = field(repr=False)

    def export(self) -> str:
        """Return the share as it is written on paper; the caller hands it to its holder and keeps nothing."""
        head = bytes([_VERSION, self.threshold, self.index])
        return bech32.encode(_PREFIX, head + self.set + self.mark + self.value).upper()

    @classmethod
    def parse(cls, text: str) -> "Share":
        """Return the share that was written as ``text``, blanks aside; the refusal never repeats the text."""
        try:
            prefix, data = bech32.decode("".join(text.split()))
        except ValueError:
            prefix, data = "", b""
        if prefix != _PREFIX or len(data) != 3 + _SET + _MARK + _SECRET or data[0] != _VERSION:
            raise Refusal(N_("This is not a share (SEKISHO-SHARE-1…), or a character in it is wrong."))
        start = 3 + _SET
        return cls(data[3:start], data[start : start + _MARK], data[1], data[2], data[start + _MARK :])


def split(identity: Identity, threshold: int, count: int) -> list[Share]:
    """Return ``count`` shares, any ``threshold`` of which give ``identity`` back."""
    if not _FEWEST <= threshold <= count <= _MOST:
        raise Refusal(N_("A key is shared so that at least 2, and at most all, of the shares open it."))
    set_id, mark = secrets.token_bytes(_SET), _mark(identity.recipient)
    curves = [[byte, *secrets.token_bytes(threshold - 1)] for byte in identity.secret]
    return [
        Share(set_id, mark, threshold, index, bytes(_value_at(curve, index) for curve in curves))
        for index in range(1, count + 1)
    ]


def combine(shares: Sequence[Share]) -> Identity:
    """Return the identity; Refusal when shares are too few, doubled, or of different sets, or the result is wrong."""
    if not shares:
        raise Refusal(N_("There are no shares."))
    if len({(share.set, share.mark, share.threshold) for share in shares}) != 1:
        raise Refusal(N_("The shares belong to different sets."))
    by_index = {share.index: share for share in shares}
    threshold = shares[0].threshold
    if len(by_index) < threshold:
        raise Refusal(
            N_("{threshold} different shares are needed; there are {count}."), threshold=threshold, count=len(by_index)
        )
    used = list(by_index.values())[:threshold]
    columns = zip(*(share.value for share in used), strict=True)
    identity = Identity(bytes(_value_at_zero([share.index for share in used], column) for column in columns))
    if _mark(identity.recipient) != shares[0].mark:
        raise Refusal(N_("The shares do not give the key back; one of them is wrong."))
    return identity


def _mark(recipient: Recipient) -> bytes:
    return hashlib.sha256(recipient.public).digest()[:_MARK]


def _tables() -> tuple[bytes, bytes]:
    """Return powers and logarithms of the generator 3 in GF(256) modulo x^8 + x^4 + x^3 + x + 1."""
    powers, logarithms, value = bytearray(510), bytearray(256), 1
    for exponent in range(255):
        powers[exponent] = powers[exponent + 255] = value
        logarithms[value] = exponent
        value ^= (value << 1) ^ (0x11B if value & 0x80 else 0)
        value &= 0xFF
    return bytes(powers), bytes(logarithms)


_POWERS, _LOGARITHMS = _tables()


def _multiply(a: int, b: int) -> int:
    return _POWERS[_LOGARITHMS[a] + _LOGARITHMS[b]] if a and b else 0


def _divide(a: int, b: int) -> int:
    return _POWERS[_LOGARITHMS[a] + 255 - _LOGARITHMS[b]] if a else 0


def _value_at(curve: Sequence[int], x: int) -> int:
    """Return the value of a polynomial, lowest coefficient first, at ``x``."""
    value = 0
    for coefficient in reversed(curve):
        value = _multiply(value, x) ^ coefficient
    return value


def _value_at_zero(places: Sequence[int], values: Sequence[int]) -> int:
    """Return the value at 0 of the polynomial through the given points (Lagrange)."""
    total = 0
    for place, value in zip(places, values, strict=True):
        weight = 1
        for other in places:
            if other != place:
                weight = _multiply(weight, _divide(other, other ^ place))
        total ^= _multiply(value, weight)
    return total
