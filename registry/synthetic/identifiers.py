"""Numbers for people who do not exist: well formed, unique, and from ranges set apart for them.

Individual numbers start with ``999``, resident codes with ``99``, pension numbers with ``99`` and residence cards
with ``XX``. Within a range the numbers are scattered by a fixed step, so that they look like numbers and yet never
repeat, in constant memory. Bodies whose check digit would be 0 are left out: how remainder 0 is treated is
not certain for resident codes.
"""

from collections.abc import Iterator
from random import Random

from accesscontrol.individual_numbers import check_digit
from registry.numbers import resident_code_check_digit

INDIVIDUAL_NUMBER_PREFIX = "999"
RESIDENT_CODE_PREFIX = "99"
PENSION_PREFIX = "99"
RESIDENCE_CARD_AFFIX = "XX"

_RANGE = 10**8
_STEP = 61_803_399  # odd and no multiple of 5, so that a walk meets every number of the range once


def _scattered(random: Random) -> Iterator[str]:
    """Yield every number of 8 digits exactly once, in an order that depends on the seed."""
    start = random.randrange(_RANGE)
    for n in range(_RANGE):
        yield f"{(start + n * _STEP) % _RANGE:08}"


def individual_numbers(random: Random) -> Iterator[str]:
    """Yield distinct individual numbers of the synthetic range."""
    for digits in _scattered(random):
        body = INDIVIDUAL_NUMBER_PREFIX + digits
        check = check_digit(body)
        if check != "0":
            yield body + check


def resident_codes(random: Random) -> Iterator[str]:
    """Yield distinct resident codes of the synthetic range."""
    for digits in _scattered(random):
        body = RESIDENT_CODE_PREFIX + digits
        check = resident_code_check_digit(body)
        if check != "0":
            yield body + check


def pension_numbers(random: Random) -> Iterator[str]:
    """Yield distinct basic pension numbers of the synthetic range."""
    return (PENSION_PREFIX + digits for digits in _scattered(random))


def residence_cards(random: Random) -> Iterator[str]:
    """Yield distinct residence card numbers of the synthetic range."""
    return (RESIDENCE_CARD_AFFIX + digits + RESIDENCE_CARD_AFFIX for digits in _scattered(random))
