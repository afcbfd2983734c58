"""What a person types to find events: ``field:value`` pairs, comparisons, and words sought anywhere.

``user:s1* action:login,logout -outcome:success count>=10 since:2026-11-01 until:2026-11-24 "free text"``.
Width and letter case do not matter; ``*`` stands for anything; ``-`` before a term means not.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from accesscontrol.clock import end_of_day, start_of_day
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from monitors.events.schema import COLUMNS
from monitors.events.times import milliseconds

_SHORT: Final = {
    "user": "user_id",
    "account": "user_id",
    "ip": "src_ip",
    "count": "target_count",
    "line": "line_no",
    "keys": "search_keys",
}
_TEXTS: Final = frozenset(column.name for column in COLUMNS if column.type == "VARCHAR")
_NUMBERS: Final = frozenset(column.name for column in COLUMNS if column.type != "VARCHAR")
_ANYWHERE: Final = ("user_id", "terminal", "src_ip", "object", "application", "office", "reason", "detail")
_TERM: Final = re.compile(
    r'(?P<no>-)?(?:(?P<field>[a-z_]+)(?P<op>:|>=|<=|>|<|=))?(?:"(?P<quoted>[^"]*)"|(?P<plain>\S+))', re.IGNORECASE
)
_OPERATORS: Final = {":": "=", "=": "=", ">=": ">=", "<=": "<=", ">": ">", "<": "<"}


@dataclass(frozen=True, slots=True)
class Query:
    """What is sought: an SQL condition with its parameters, and the time it is bound to (milliseconds, inclusive)."""

    condition: str = "true"
    parameters: tuple[str | int, ...] = ()
    first: int | None = None
    last: int | None = None


def parse(text: str, zone: ZoneInfo) -> Query:
    """Read what a person typed; days are those of ``zone``. Raises ``Refusal`` that says what is not understood."""
    tests: list[str] = []
    parameters: list[str | int] = []
    bounds: dict[str, int] = {}
    for match in _TERM.finditer(text):
        value = match["quoted"] if match["quoted"] is not None else match["plain"]
        name = (match["field"] or "").lower()
        if name in {"since", "until"}:
            bounds[name] = _bound(name, value, zone)
            continue
        test, told = _anywhere(value) if not name else _field(_SHORT.get(name, name), match["op"], value)
        tests.append(f"NOT ({test})" if match["no"] else f"({test})")
        parameters += told
    return Query(" AND ".join(tests) or "true", tuple(parameters), bounds.get("since"), bounds.get("until"))


def _bound(name: str, text: str, zone: ZoneInfo) -> int:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Refusal(N_("{text} is not a day. Write it like 2026-11-24."), text=text[:40]) from None
    if name == "since":
        return milliseconds(start_of_day(day, zone))
    return milliseconds(end_of_day(day, zone) - timedelta(milliseconds=1))


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).lower()


def _pattern(text: str) -> str:
    escaped = re.sub(r"([%_!])", r"!\1", _fold(text))
    return escaped.replace("*", "%")


def _anywhere(word: str) -> tuple[str, list[str | int]]:
    place = " || ' ' || ".join(_ANYWHERE)
    return f"lower({place}) LIKE ? ESCAPE '!'", [f"%{_pattern(word)}%"]


def _field(name: str, operator: str, value: str) -> tuple[str, list[str | int]]:
    if name in _TEXTS and operator in {":", "="}:
        choices = value.split(",") if value else [""]
        tests = [f"lower({name}) LIKE ? ESCAPE '!'" for _ in choices]
        return " OR ".join(tests), [_pattern(each) for each in choices]
    if name in _NUMBERS:
        if not re.fullmatch(r"-?\d{1,18}", value):
            raise Refusal(N_("{field} is a number; {text} is none."), field=name, text=value[:40])
        return f"{name} {_OPERATORS[operator]} ?", [int(value)]
    known = ", ".join(sorted(_TEXTS | _NUMBERS))
    raise Refusal(N_("{field} can't be sought that way. Fields are: {known}."), field=name, known=known)
