"""Bech32 (BIP 173, without its length limit), the way in which age writes its keys."""

_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECKSUM = 6


def encode(prefix: str, data: bytes) -> str:
    """Return ``data`` in lower-case Bech32 under the human-readable ``prefix``."""
    values = _regroup(data, 8, 5, pad=True)
    polymod = _polymod([*_expand(prefix), *values, *([0] * _CHECKSUM)]) ^ 1
    checksum = [(polymod >> 5 * (5 - place)) & 31 for place in range(_CHECKSUM)]
    return prefix + "1" + "".join(_ALPHABET[value] for value in [*values, *checksum])


def decode(text: str) -> tuple[str, bytes]:
    """Return prefix (lower case) and data; ValueError when anything is wrong."""
    if text not in {text.lower(), text.upper()}:
        raise ValueError("mixed case")
    prefix, mark, rest = text.lower().rpartition("1")
    if not mark or not prefix or len(rest) < _CHECKSUM:
        raise ValueError("no prefix")
    values = [_ALPHABET.find(character) for character in rest]
    if -1 in values:
        raise ValueError("a character outside the alphabet")
    if _polymod([*_expand(prefix), *values]) != 1:
        raise ValueError("the checksum does not match")
    return prefix, bytes(_regroup(bytes(values[:-_CHECKSUM]), 5, 8, pad=False))


def _expand(prefix: str) -> list[int]:
    codes = prefix.encode("ascii")
    return [*(code >> 5 for code in codes), 0, *(code & 31 for code in codes)]


def _polymod(values: list[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for place, term in enumerate(_GENERATOR):
            if top >> place & 1:
                check ^= term
    return check


def _regroup(data: bytes, width: int, new_width: int, *, pad: bool) -> list[int]:
    """Cut a run of ``width``-bit values into ``new_width``-bit values."""
    held, bits, out = 0, 0, []
    for value in data:
        held = (held << width) | value
        bits += width
        while bits >= new_width:
            bits -= new_width
            out.append(held >> bits & ((1 << new_width) - 1))
        held &= (1 << bits) - 1
    if pad and bits:
        out.append(held << (new_width - bits))
    elif not pad and (bits >= width or held):
        raise ValueError("the padding is not zero")
    return out
