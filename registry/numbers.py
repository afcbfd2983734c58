"""Check digits and patterns of the numbers that a register holds.

The rules are general knowledge about the numbers, not statements of the assessment: individual number after
the ministerial ordinance 85 of 2014, article 5; resident code as modulus 11 with weights 2 to 7; municipality
code with weights 6 to 2; residence card as a pattern only. Digits are ASCII digits: a register holds no
others. No function puts a number into an error text.
"""

import re
from collections.abc import Sequence
from functools import cached_property
from struct import unpack
from typing import Final

_RESIDENCE_CARD = re.compile(r"[A-Z]{2}[0-9]{8}[A-Z]{2}")
_PART = 3
_SCALE = 16


class CheckDigit:
    """A check digit by weighted sum modulo 11. Every record of a register passes here, so it is written for speed."""

    def __init__(self, weights: tuple[int, ...], checks: str) -> None:
        """Take the weights from the left and the check digit for each remainder 0 to 10."""
        self._weights = weights
        self._checks = checks
        self._right = frozenset(_SCALE * remainder + int(digit) for remainder, digit in enumerate(checks))

    @cached_property
    def _sums(self) -> tuple[dict[str, int], ...]:
        """Return the weighted sum of every group of digits in each of four places, three digits to a place.

        Four look-ups are several times as fast as a sum over single digits, and refuse all that is no digit, or one
        too few or too many. The check digit itself weighs 1 and the others a multiple of more than it can be, so that
        the total tells it and the remainder apart.
        """
        weights = (*(_SCALE * weight for weight in self._weights), 1)
        parts = [weights[at : at + _PART] for at in range(0, 4 * _PART, _PART)]
        return tuple(
            {
                digits: sum(weight * int(digit) for weight, digit in zip(part, digits, strict=True))
                for digits in ([f"{n:0{len(part)}}" for n in range(10 ** len(part))] if part else [""])
            }
            for part in parts
        )

    def check_digit(self, body: str) -> str:
        """Return the check digit for all digits before it; ValueError when ``body`` is not such digits."""
        for digit in self._checks:
            if self.fits(body + digit):
                return digit
        raise ValueError(f"a body of {len(self._weights)} digits is needed")

    def fits(self, text: str) -> bool:
        """Tell whether ``text`` is as many digits as the number has, with the right check digit last."""
        first, second, third, fourth = self._sums
        try:
            total = first[text[:3]] + second[text[3:6]] + third[text[6:9]] + fourth[text[9:]]
        except KeyError:
            return False
        return total % (11 * _SCALE) in self._right

    @cached_property
    def _lanes(self) -> frozenset[int]:
        """Return what a lane of :meth:`fits_all` comes to for each number that fits."""
        places = _SCALE * sum(self._weights) + 1
        sums = range(9 * sum(self._weights) + 1)
        return frozenset(places * ord("0") + _SCALE * total + int(self._checks[total % 11]) for total in sums)

    def fits_all(self, texts: Sequence[str]) -> bool:
        """Tell whether every one of ``texts`` fits (see :meth:`fits`), without a look at each by itself.

        The digits that stand in one place of all texts are taken as one great integer, two bytes to a text, so that
        one multiplication weighs them all and sums add up text by text: at most 48,000, so none runs into the next.
        """
        size = len(self._weights) + 1
        joined = "".join(texts)
        if not {size}.issuperset(map(len, texts)) or not (joined.isascii() and joined.isdigit()):
            return not texts
        weights = (*(_SCALE * weight for weight in self._weights), 1)
        total = sum(
            weight * int.from_bytes(joined[place::size].encode("utf-16-le"), "little")
            for place, weight in enumerate(weights)
        )
        return self._lanes.issuperset(unpack(f"<{len(texts)}H", total.to_bytes(2 * len(texts), "little")))


_MODULUS_11: Final = "00987654321"

# The same rule as accesscontrol.individual_numbers.check_digit; a property test holds the two together.
INDIVIDUAL_NUMBER: Final = CheckDigit((6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2), _MODULUS_11)
# How remainder 0 is treated is not certain, so there is a rule for each reading.
RESIDENT_CODE: Final = {
    remainder_0: CheckDigit((5, 4, 3, 2, 7, 6, 5, 4, 3, 2), remainder_0 + _MODULUS_11[1:]) for remainder_0 in ("0", "1")
}
MUNICIPALITY_CODE: Final = CheckDigit((6, 5, 4, 3, 2), "1" + _MODULUS_11[1:])
_MUNICIPALITY_DIGITS: Final = 6


def is_individual_number(text: str) -> bool:
    """Tell whether ``text`` is 12 digits with the right check digit (CHK-ID-01)."""
    return INDIVIDUAL_NUMBER.fits(text)


def resident_code_check_digit(body: str, *, for_remainder_0: str = "0") -> str:
    """Return the check digit for the 10 leading digits of a resident code; ValueError for another body.

    For remainder 0 it is a setting: ``"0"`` (default) or ``"1"``; KeyError for another.
    """
    return RESIDENT_CODE[for_remainder_0].check_digit(body)


def is_resident_code(text: str, *, for_remainder_0: str = "0") -> bool:
    """Tell whether ``text`` is 11 digits with the right check digit (CHK-ID-02)."""
    return RESIDENT_CODE[for_remainder_0].fits(text)


def municipality_check_digit(body: str) -> str:
    """Return the check digit for the 5 digits of a municipality code; ValueError for another body."""
    return MUNICIPALITY_CODE.check_digit(body)


def is_municipality_code(text: str, *, digits: int = _MUNICIPALITY_DIGITS) -> bool:
    """Tell whether ``text`` is a municipality code in the site's one form, 5 or 6 digits (CHK-ID-03)."""
    if digits == _MUNICIPALITY_DIGITS:
        return MUNICIPALITY_CODE.fits(text)
    return len(text) == digits and text.isascii() and text.isdigit()


def is_residence_card_number(text: str) -> bool:
    """Tell whether ``text`` looks like a residence card's number: 2 capitals, 8 digits, 2 capitals."""
    return _RESIDENCE_CARD.fullmatch(text) is not None
