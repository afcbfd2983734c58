"""Dates as a register writes them: ISO text, partly unknown birth dates, era dates, and the 150-year period."""

import json
import re
from datetime import date
from functools import cache
from pathlib import Path

_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_UNKNOWN_DAY = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-00")
_KEPT_YEARS = 150  # order for enforcement of the resident register act, article 34
_MARCH = 3


def is_date(text: str) -> bool:
    """Tell whether ``text`` is a date of the calendar, written YYYY-MM-DD."""
    if _ISO.fullmatch(text) is None:
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def is_birth_date(text: str) -> bool:
    """Tell whether ``text`` is a date or a birth date unknown in part: YYYY-MM-00, YYYY-00-00, 0000-00-00."""
    if is_date(text) or _UNKNOWN_DAY.fullmatch(text) is not None:
        return True
    return _ISO.fullmatch(text) is not None and text.endswith("-00-00")


def erasure_cutoff(today: date) -> str:
    """Return the ISO text before which (strictly) a base date is past its 150 years on ``today``."""
    month, day = (2, 29) if (today.month, today.day) == (_MARCH, 1) else (today.month, today.day)
    return f"{today.year - _KEPT_YEARS:04}-{month:02}-{day:02}"


@cache
def _eras() -> list[tuple[date, str]]:
    facts = json.loads(Path(__file__).with_name("eras.json").read_text(encoding="utf-8"))
    return [(date.fromisoformat(era["from"]), era["name"]) for era in facts]


_YEAR, _MONTH, _DAY, _FIRST = "\u5e74", "\u6708", "\u65e5", "\u5143"


def in_era(day: date) -> str:
    """Return ``day`` as the register writes it in remarks, by era; ISO text before the first era known."""
    for begin, name in _eras():
        if day >= begin:
            year = day.year - begin.year + 1
            return f"{name}{_FIRST if year == 1 else year}{_YEAR}{day.month}{_MONTH}{day.day}{_DAY}"
    return day.isoformat()
