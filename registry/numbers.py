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
_INDIVIDUAL_CHECKS: Final = ("0", "0", "9", "8", "7", "6", "5", "4", "3", "2", "1")
_MUNICIPALITY_CHECKS: Final = ("1", "0", "9", "8", "7", "6", "5", "4", "3", "2", "1")


class _Weighted:
    """The weighted sum modulo 11 of the leading digits of a number. Millions of records are judged by it."""

    def __init__(self, *weights: int) -> None:
        self.weights = weights
        self.digits = len(weights) + 1
        self._offset = _ZERO * sum(weights)  # the bytes of ASCII digits are the digits plus 48

    def remainder(self, digits: bytes) -> int:
        """Return the remainder (0 to 10) for ASCII digits; a check digit that follows them is not looked at."""
        total: int = sum(map(mul, self.weights, digits))
        return (total - self._offset) % 11

    def remainder_of_body(self, body: str) -> int:
        """Return the remainder for the leading digits alone; ValueError when they are not such digits."""
        if len(body) != len(self.weights) or not (body.isascii() and body.isdigit()):
            raise ValueError(f"a body of {len(self.weights)} digits is needed")
        return self.remainder(body.encode())

    def is_complete(self, text: str) -> bool:
        """Tell whether ``text`` is as many digits as the number has, its check digit included."""
        return len(text) == self.digits and text.isascii() and text.isdigit()


_INDIVIDUAL = _Weighted(6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_RESIDENT = _Weighted(5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_MUNICIPALITY = _Weighted(6, 5, 4, 3, 2)


def is_individual_number(text: str) -> bool:
    """Tell whether ``text`` is 12 digits with the right check digit (CHK-ID-01).

    The same rule as :func:`accesscontrol.individual_numbers.check_digit`, at the speed that a whole register
    needs; a property test holds the two together.
    """
    return _INDIVIDUAL.is_complete(text) and _INDIVIDUAL_CHECKS[_INDIVIDUAL.remainder(text.encode())] == text[-1]


def resident_code_check_digit(body: str, *, for_remainder_0: str = "0") -> str:
    """Return the check digit for the 10 leading digits of a resident code; ValueError for another body.

    How remainder 0 is treated is not certain, so it is a setting: ``"0"`` (default) or ``"1"``.
    """
    remainder = _RESIDENT.remainder_of_body(body)
    return _INDIVIDUAL_CHECKS[remainder] if remainder else for_remainder_0


def is_resident_code(text: str, *, for_remainder_0: str = "0") -> bool:
    """Tell whether ``text`` is 11 digits with the right check digit (CHK-ID-02)."""
    if not _RESIDENT.is_complete(text):
        return False
    remainder = _RESIDENT.remainder(text.encode())
    return (_INDIVIDUAL_CHECKS[remainder] if remainder else for_remainder_0) == text[-1]


def municipality_check_digit(body: str) -> str:
    """Return the check digit for the 5 digits of a municipality code; ValueError for another body."""
    return _MUNICIPALITY_CHECKS[_MUNICIPALITY.remainder_of_body(body)]


def is_municipality_code(text: str, *, digits: int = _MUNICIPALITY.digits) -> bool:
    """Tell whether ``text`` is a municipality code in the site's one form, 5 or 6 digits (CHK-ID-03)."""
    if digits != _MUNICIPALITY.digits:
        return len(text) == digits and text.isascii() and text.isdigit()
    if not _MUNICIPALITY.is_complete(text):
        return False
    return _MUNICIPALITY_CHECKS[_MUNICIPALITY.remainder(text.encode())] == text[-1]


def is_residence_card_number(text: str) -> bool:
    """Tell whether ``text`` looks like a residence card's number: 2 capitals, 8 digits, 2 capitals."""
    return _RESIDENCE_CARD.fullmatch(text) is not None
