"""Reading the times that logs write: any layout, Japanese eras, with or without a zone."""

import re
import tomllib
import unicodedata
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from importlib.resources import files
from typing import Final
from zoneinfo import ZoneInfo

_ERAS: Final = tomllib.loads(files("monitors.events").joinpath("eras.toml").read_text(encoding="utf-8"))
ERAS: Final[dict[str, int]] = {name: era["year_before"] for era in _ERAS["era"] for name in era["names"]}
FIRST_YEAR_OF_ERA: Final[str] = _ERAS["first_year"]
MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_QUARTER: Final = 900_000  # every zone's offset is constant within a quarter of an hour
_EARLIEST_YEAR: Final = 1970
_LATEST_YEAR: Final = 2199

_DIRECTIVES: Final = {
    "EY": rf"(?P<era>{'|'.join(ERAS)}) ?\.?(?P<era_year>\d{{1,2}}|{FIRST_YEAR_OF_ERA})",
    "Y": r"(?P<year>\d{4})",
    "m": r"(?P<month>\d{1,2})",
    "b": rf"(?P<month_name>{'|'.join(MONTHS)})",
    "d": r"(?P<day> ?\d{1,2})",
    "H": r"(?P<hour>\d{1,2})",
    "M": r"(?P<minute>\d{1,2})",
    "S": r"(?P<second>\d{1,2})",
    "f": r"(?P<fraction>\d{1,9})",
    "z": r"(?P<offset>z|[+-]\d{2}:?\d{2}|[+-]\d{2})",
    "%": "%",
}
_PLACEHOLDER: Final = re.compile(r"%(EY|[A-Za-z%])")


class NotATimeError(ValueError):
    """The text is not a time in any of the stated layouts."""


def milliseconds(instant: datetime) -> int:
    """Return the milliseconds since 1970 of ``instant`` (aware)."""
    return (instant - _EPOCH) // _MILLISECOND


def instant_of(ts: int) -> datetime:
    """Return the aware UTC instant of ``ts`` milliseconds since 1970."""
    return _EPOCH + timedelta(milliseconds=ts)


class TimeReader:
    """Reads times in any of ``layouts``; a time that names no offset stands in ``zone``.

    A layout is text with ``%Y %m %d %H %M %S %f %b %z`` as in strptime, and ``%EY`` for an era with its year
    (``eras.toml``). Widths and letter case do not matter: the text is folded (NFKC, lower case) first.
    A space in a layout stands for any run of white space.
    Of a local time that happens twice when clocks are put back, the earlier one is meant.
    """

    def __init__(self, layouts: Sequence[str], zone: ZoneInfo) -> None:
        self.zone = zone
        self._patterns = [_compile(layout) for layout in layouts]
        self._cached = lru_cache(maxsize=4096)(self._read)

    def __call__(self, text: str) -> int:
        """Return the milliseconds since 1970 that ``text`` tells. Raises ``NotATimeError``."""
        return self._cached(text)

    def _read(self, text: str) -> int:
        folded = text if text.isascii() else unicodedata.normalize("NFKC", text)
        folded = folded.strip().lower()
        for pattern in self._patterns:
            match = pattern.fullmatch(folded)
            if match is not None:
                return milliseconds(_instant(match.groupdict(), self.zone))
        raise NotATimeError(text)


def _compile(layout: str) -> re.Pattern[str]:
    folded = _PLACEHOLDER.sub(lambda found: "\0" + found.group(1) + "\0", layout)
    parts = unicodedata.normalize("NFKC", folded).split("\0")
    pattern = "".join(
        re.escape(part.lower()).replace(r"\ ", r"\s+") if index % 2 == 0 else _directive(part)
        for index, part in enumerate(parts)
    )
    return re.compile(pattern)


def _directive(name: str) -> str:
    if name not in _DIRECTIVES:
        raise ValueError(f"%{name}")
    return _DIRECTIVES[name]


def _instant(found: dict[str, str | None], zone: ZoneInfo) -> datetime:
    offset = found.get("offset")
    fraction = found.get("fraction") or "0"
    try:
        year = _year(found)
        if not _EARLIEST_YEAR <= year <= _LATEST_YEAR:
            raise NotATimeError(str(year))
        month_name = found.get("month_name")
        return datetime(
            year,
            MONTHS[month_name] if month_name else int(found["month"] or 0),
            int(found["day"] or 0),
            int(found.get("hour") or 0),
            int(found.get("minute") or 0),
            min(int(found.get("second") or 0), 59),  # a leap second is told as the second before it
            int(fraction.ljust(6, "0")[:6]),
            tzinfo=_offset(offset) if offset else zone,
        )
    except (ValueError, KeyError) as error:
        raise NotATimeError(str(error)) from None


def _year(found: dict[str, str | None]) -> int:
    if year := found.get("year"):
        return int(year)
    era = found.get("era")
    told = found.get("era_year")
    if era is None or told is None:
        raise NotATimeError("no year")
    return ERAS[era] + (1 if told == FIRST_YEAR_OF_ERA else int(told))


def _offset(text: str) -> timezone:
    if text == "z":
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    span = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-span if text[0] == "-" else span)


def local_parts(zone: ZoneInfo) -> Callable[[int], tuple[int, int]]:
    """Return a function from milliseconds to (days since 1970, minutes since midnight) in ``zone``."""

    @lru_cache(maxsize=65536)
    def offset(quarter: int) -> int:
        shift = instant_of(quarter * _QUARTER).astimezone(zone).utcoffset()
        return (shift or timedelta()) // _MILLISECOND

    def parts(ts: int) -> tuple[int, int]:
        local = ts + offset(ts // _QUARTER)
        return local // 86_400_000, local // 60_000 % 1440

    return parts


def fixed_offset(zone: ZoneInfo) -> int | None:
    """Return the zone's offset in milliseconds if it has been the same since 1970, else None."""
    shifts = {
        datetime(year, month, 1, tzinfo=zone).utcoffset() for year in range(1970, 2040) for month in (1, 4, 7, 10)
    }
    (shift, *others) = shifts
    return None if others or shift is None else shift // _MILLISECOND
