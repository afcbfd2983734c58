"""Sizes in bytes as people read them."""

from typing import Final

_KILO: Final = 1000
_ROUNDS_UP: Final = 999.5
_UNITS: Final = ("B", "kB", "MB", "GB", "TB")


def size_words(size: float) -> str:
    """Return ``size`` bytes in three figures, for example ``4.1 GB`` (units of 1000, as media are sold)."""
    value, unit = float(size), 0
    while value >= _ROUNDS_UP and unit + 1 < len(_UNITS):
        value, unit = value / _KILO, unit + 1
    digits = 1 if unit and value < 10 else 0  # noqa: PLR2004 - one figure before the point
    return f"{value:.{digits}f} {_UNITS[unit]}"
