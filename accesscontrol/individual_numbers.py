"""The individual number (12 digits): its check digit, and its removal from text that must never hold one."""

import re
from typing import Final

BODY_DIGITS: Final = 11
_DIVISOR: Final = 11
_FIRST_WEIGHTS: Final = 6  # positions 1..6 from the right weigh 2..7, positions 7..11 weigh 2..6

_SEPARATOR: Final = r"[\s\-\u00ad\u2010-\u2015\u2212\u30fb\u30fc\uff0d\uff70]?"
_CANDIDATE: Final = re.compile(rf"(?<!\d)(?=(\d{{4}}{_SEPARATOR}\d{{4}}{_SEPARATOR}\d{{4}})(?!\d))")
_POSSIBLE: Final = re.compile(rf"\d\d{{3}}{_SEPARATOR}\d{{4}}{_SEPARATOR}\d{{4}}")
_AS_ZERO: Final = bytes(0x30 if chr(octet).isdecimal() else octet for octet in range(128)) + bytes(128)
_ASCII_SEPARATORS: Final = b"\t\n\v\f\r\x1c\x1d\x1e\x1f -"
_ZEROS: Final = b"0" * (BODY_DIGITS + 1)
# A digest or a UUID is evidence: a lucky run of digits inside one must not be cut out of it.
_OPAQUE: Final = re.compile(
    r"(?<![0-9A-Za-z])(?:[0-9a-fA-F]{32,}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})(?![0-9A-Za-z])"
)
_DIGIT: Final = re.compile(r"\d")


def check_digit(body: str) -> str:
    """Return the check digit of the first eleven digits of an individual number.

    The digit at position n from the right weighs n + 1 for n = 1..6 and n - 5 for n = 7..11; r is the sum
    modulo 11; the digit is 0 for r of 0 or 1, otherwise 11 - r (Ordinance of the Ministry of Internal Affairs
    and Communications No. 85 of 2014, article 5). Raises ``ValueError`` unless ``body`` is eleven digits.
    """
    if len(body) != BODY_DIGITS or not body.isdecimal():
        raise ValueError("the body of an individual number is eleven digits")
    digits = [int(digit) for digit in reversed(body)]
    total = sum(digit * (n + 1 if n <= _FIRST_WEIGHTS else n - 5) for n, digit in enumerate(digits, start=1))
    remainder = total % _DIVISOR
    return str(0 if remainder <= 1 else _DIVISOR - remainder)


def is_individual_number(text: str) -> bool:
    """Tell whether ``text`` is twelve decimal digits (of any script) with the right check digit."""
    return len(text) == BODY_DIGITS + 1 and text.isdecimal() and check_digit(text[:-1]) == str(int(text[-1]))


def individual_number_spans(text: str) -> list[tuple[int, int]]:
    """Return start and end of every individual number in ``text``, in order.

    A number is a run of exactly twelve digits with a right check digit, half or full width, also with one
    space or hyphen between its groups of four. Other numbers, digests and UUIDs are none.
    """
    if len(text) <= BODY_DIGITS or not _possible(text):
        return []
    numbers = [
        match.span(1)
        for match in _CANDIDATE.finditer(text)
        if is_individual_number("".join(_DIGIT.findall(match.group(1))))
    ]
    if not numbers:
        return []
    opaque = [match.span() for match in _OPAQUE.finditer(text)]
    return [(start, end) for start, end in numbers if not any(left <= start and end <= right for left, right in opaque)]


def _possible(text: str) -> bool:
    """Tell fast that ``text`` holds no individual number: a stream of text is nearly all of that kind."""
    if text.isascii():
        return _ZEROS in text.encode("ascii").translate(_AS_ZERO, _ASCII_SEPARATORS)
    return _POSSIBLE.search(text) is not None


def mask_individual_numbers(text: str) -> str:
    """Return ``text`` with every digit of every individual number in it replaced by ``*``."""
    if len(text) <= BODY_DIGITS:  # most of what is masked is a short name
        return text
    numbers = individual_number_spans(text)
    if not numbers:
        return text
    characters = list(text)
    for start, end in numbers:
        characters[start:end] = _DIGIT.sub("*", text[start:end])
    return "".join(characters)
