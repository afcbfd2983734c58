"""Check digits and patterns of the numbers that a register holds.

The rules are general knowledge about the numbers, not statements of the assessment: individual number after
the ministerial ordinance 85 of 2014, article 5; resident code as modulus 11 with weights 2 to 7; municipality
code with weights 6 to 2; residence card as a pattern only. Digits are ASCII digits: a register holds no
others. No function puts a number into an error text.
"""

import re

from accesscontrol.individual_numbers import check_digit

_RESIDENT_WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_MUNICIPALITY_WEIGHTS = (6, 5, 4, 3, 2)
_INDIVIDUAL_DIGITS = 12
_RESIDENT_DIGITS = 11
_MUNICIPALITY_DIGITS = 6
_RESIDENCE_CARD = re.compile(r"[A-Z]{2}[0-9]{8}[A-Z]{2}")


def _remainder(body: str, weights: tuple[int, ...]) -> int:
    """Return the weighted sum of the digits of ``body`` modulo 11; ValueError when it is not such a body."""
    if len(body) != len(weights) or not (body.isascii() and body.isdigit()):
        raise ValueError(f"a body of {len(weights)} digits is needed")
    total = 0
    for digit, weight in zip(body, weights, strict=True):
        total += int(digit) * weight
    return total % 11


def is_individual_number(text: str) -> bool:
    """Tell whether ``text`` is 12 digits with the right check digit (CHK-ID-01)."""
    if len(text) != _INDIVIDUAL_DIGITS or not (text.isascii() and text.isdigit()):
        return False
    return check_digit(text[:-1]) == text[-1]


def resident_code_check_digit(body: str, *, for_remainder_0: str = "0") -> str:
    """Return the check digit for the 10 leading digits of a resident code; ValueError for another body.

    How remainder 0 is treated is not certain, so it is a setting: ``"0"`` (default) or ``"1"``.
    """
    remainder = _remainder(body, _RESIDENT_WEIGHTS)
    if remainder == 0:
        return for_remainder_0
    return str(11 - remainder) if remainder > 1 else "0"


def is_resident_code(text: str, *, for_remainder_0: str = "0") -> bool:
    """Tell whether ``text`` is 11 digits with the right check digit (CHK-ID-02)."""
    if len(text) != _RESIDENT_DIGITS or not (text.isascii() and text.isdigit()):
        return False
    return resident_code_check_digit(text[:-1], for_remainder_0=for_remainder_0) == text[-1]


def municipality_check_digit(body: str) -> str:
    """Return the check digit for the 5 digits of a municipality code; ValueError for another body."""
    return str(11 - _remainder(body, _MUNICIPALITY_WEIGHTS))[-1]


def is_municipality_code(text: str, *, digits: int = _MUNICIPALITY_DIGITS) -> bool:
    """Tell whether ``text`` is a municipality code in the site's one form, 5 or 6 digits (CHK-ID-03)."""
    if len(text) != digits or not (text.isascii() and text.isdigit()):
        return False
    return digits != _MUNICIPALITY_DIGITS or municipality_check_digit(text[:-1]) == text[-1]


def is_residence_card_number(text: str) -> bool:
    """Tell whether ``text`` looks like a residence card's number: 2 capitals, 8 digits, 2 capitals."""
    return _RESIDENCE_CARD.fullmatch(text) is not None
