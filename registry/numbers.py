"""Check digits and patterns of the numbers that a register holds.

The rules are general knowledge about the numbers, not statements of the assessment: individual number after
the ministerial ordinance 85 of 2014, article 5; resident code as modulus 11 with weights 2 to 7; municipality
code with weights 6 to 2; residence card as a pattern only. Digits are ASCII digits: a register holds no
others. No function puts a number into an error text.
"""

import re
from operator import mul
from typing import Final

_RESIDENCE_CARD = re.compile(r"[A-Z]{2}[0-9]{8}[A-Z]{2}")
_ZERO = ord("0")

# The check digit for each remainder of the weighted sum modulo 11.
_CHECKS: Final = ("0", "0", "9", "8", "7", "6", "5", "4", "3", "2", "1")
_MUNICIPALITY_CHECKS: Final = ("1", "0", "9", "8", "7", "6", "5", "4", "3", "2", "1")

_INDIVIDUAL_WEIGHTS: Final = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_RESIDENT_WEIGHTS: Final = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_MUNICIPALITY_WEIGHTS: Final = (6, 5, 4, 3, 2)
_INDIVIDUAL_DIGITS, _RESIDENT_DIGITS, _MUNICIPALITY_DIGITS = 12, 11, 6

# The bytes of ASCII digits are the digits plus 48. Every record of a register is judged by the three sums
# below, so they take the bytes as they are and leave it to map() to stop before the check digit.
_INDIVIDUAL_EXCESS: Final = _ZERO * sum(_INDIVIDUAL_WEIGHTS)
_RESIDENT_EXCESS: Final = _ZERO * sum(_RESIDENT_WEIGHTS)
_MUNICIPALITY_EXCESS: Final = _ZERO * sum(_MUNICIPALITY_WEIGHTS)


def _digits(body: str, count: int) -> bytes:
    """Return the leading digits of a number as ASCII; ValueError when they are not ``count`` digits."""
    if len(body) != count or not (body.isascii() and body.isdigit()):
        raise ValueError(f"a body of {count} digits is needed")
    return body.encode()


def is_individual_number(text: str) -> bool:
    """Tell whether ``text`` is 12 digits with the right check digit (CHK-ID-01).

    The same rule as :func:`accesscontrol.individual_numbers.check_digit`, at the speed that a whole register
    needs; a property test holds the two together.
    """
    if len(text) != _INDIVIDUAL_DIGITS or not (text.isascii() and text.isdigit()):
        return False
    total = sum(map(mul, _INDIVIDUAL_WEIGHTS, text.encode()))
    return _CHECKS[(total - _INDIVIDUAL_EXCESS) % 11] == text[-1]


def resident_code_check_digit(body: str, *, for_remainder_0: str = "0") -> str:
    """Return the check digit for the 10 leading digits of a resident code; ValueError for another body.

    How remainder 0 is treated is not certain, so it is a setting: ``"0"`` (default) or ``"1"``.
    """
    total = sum(map(mul, _RESIDENT_WEIGHTS, _digits(body, len(_RESIDENT_WEIGHTS))))
    remainder = (total - _RESIDENT_EXCESS) % 11
    return _CHECKS[remainder] if remainder else for_remainder_0


def is_resident_code(text: str, *, for_remainder_0: str = "0") -> bool:
    """Tell whether ``text`` is 11 digits with the right check digit (CHK-ID-02)."""
    if len(text) != _RESIDENT_DIGITS or not (text.isascii() and text.isdigit()):
        return False
    remainder = (sum(map(mul, _RESIDENT_WEIGHTS, text.encode())) - _RESIDENT_EXCESS) % 11
    return (_CHECKS[remainder] if remainder else for_remainder_0) == text[-1]


def municipality_check_digit(body: str) -> str:
    """Return the check digit for the 5 digits of a municipality code; ValueError for another body."""
    total = sum(map(mul, _MUNICIPALITY_WEIGHTS, _digits(body, len(_MUNICIPALITY_WEIGHTS))))
    return _MUNICIPALITY_CHECKS[(total - _MUNICIPALITY_EXCESS) % 11]


def is_municipality_code(text: str, *, digits: int = _MUNICIPALITY_DIGITS) -> bool:
    """Tell whether ``text`` is a municipality code in the site's one form, 5 or 6 digits (CHK-ID-03)."""
    if len(text) != digits or not (text.isascii() and text.isdigit()):
        return False
    return digits != _MUNICIPALITY_DIGITS or municipality_check_digit(text[:-1]) == text[-1]


def is_residence_card_number(text: str) -> bool:
    """Tell whether ``text`` looks like a residence card's number: 2 capitals, 8 digits, 2 capitals."""
    return _RESIDENCE_CARD.fullmatch(text) is not None
