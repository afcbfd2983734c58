"""What people type to find events, as a condition in SQL.

Terms stand side by side and must all hold: ``account:s0015 act:search,view -outcome:success persons:>=10``. A term is
``field:value``, or free text that any text column may contain; ``-`` before it denies it, a comma means "or", ``*``
stands for any letters, quotes keep spaces, commas and stars as they are. Numbers take ``>=``, ``>``, ``<=``, ``<`` and
``a..b``; ``time:`` takes a day, an instant, or two of them with ``..`` between.

Nothing that was typed ever becomes SQL: fields come from a list, values are parameters.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from monitors.events.folding import ANY, SEPARATOR, fold, pattern, wild_pattern
from monitors.events.times import NotATimeError, TimeReader, instant_of, milliseconds

TIME: Final = "time"
WHOLE: Final = MappingProxyType(  # the value is the whole of the column
    {
        "account": "user_id",
        "terminal": "terminal",
        "system": "system",
        "act": "action",
        "outcome": "outcome",
        "address": "src_ip",
        "session": "session",
        "object": "object",
        "to": "dest_system",
        "application": "application",
    }
)
PART: Final = MappingProxyType({"office": "office", "reason": "reason", "detail": "detail"})  # the value is in it
NUMBERS: Final = MappingProxyType(
    {
        "persons": "target_count",
        "keys": "search_keys",
        "factors": "factors",
        "number": "sequence",
        "line": "line_no",
        "file": "source_id",
    }
)
FIELDS: Final = (TIME, *WHOLE, *PART, *NUMBERS)
FREE: Final = (
    *("user_id", "user_raw", "terminal", "terminal_raw", "system", "office", "object", "reason", "detail", "src_ip"),
)
_ANYWHERE: Final = f"concat_ws(chr({SEPARATOR}), {', '.join(FREE)})"
_LONGEST: Final = 1000  # characters of an expression
_MOST_TERMS: Final = 40
_MOST_VALUES: Final = 40

_TERM: Final = re.compile(r'(?P<minus>-)?(?:(?P<field>[^\W\d]\w*):)?(?P<value>(?:"[^"]*"|[^\s"])*)', re.UNICODE)
_VALUE: Final = re.compile(r'(?:"[^"]*"|[^",])*')
_NUMBER: Final = re.compile(r"(?P<sign>>=|<=|>|<|=|)(?P<number>-?[0-9]{1,12})")
_SPAN: Final = re.compile(r"(?P<first>-?[0-9]{1,12})\.\.(?P<last>-?[0-9]{1,12})")
_DAYS: Final = ("%Y-%m-%d", "%Y/%m/%d", "%EY.%m.%d", "%EY-%m-%d", "%EY/%m/%d")
_LENGTHS: Final = (  # how times are written, and how long what they name lasts
    (_DAYS, timedelta(days=1)),
    (tuple(f"{day}{gap}%H:%M" for day in _DAYS for gap in ("T", " ")), timedelta(minutes=1)),
    (tuple(f"{day}{gap}%H:%M:%S{zone}" for day in _DAYS for gap in ("T", " ") for zone in ("", "%z")),
     timedelta(seconds=1)),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The reader's own words, folded: for fields, and for the values of a field, each with the name it stands for.

    ``names`` are the fields as the reader is told of them.
    """

    names: Sequence[str] = FIELDS
    fields: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A condition over the columns of an event, with its parameters, and the bound in time that it gives.

    ``first`` and ``last`` are milliseconds since 1970 in UTC, both inclusive; None means open.
    """

    sql: str = "true"
    parameters: Sequence[str | int] = ()
    first: int | None = None
    last: int | None = None


NOTHING_ASKED: Final = Condition()


def read(text: str, zone: ZoneInfo, vocabulary: Vocabulary = Vocabulary()) -> Condition:
    """Return the condition that ``text`` asks for; times without an offset stand in ``zone``. Raises ``Refusal``."""
    if len(text) > _LONGEST:
        raise Refusal(N_("An expression has at most {number} characters."), number=_LONGEST)
    reader = _Reader(zone, vocabulary)
    for minus, name, value in _terms(text):
        reader.take(value, name, deny=minus)
    return reader.condition()


def _terms(text: str) -> list[tuple[bool, str, str]]:
    terms, at = [], 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        found = _TERM.match(text, at)
        if found is None or found.end() == at or (found.end() < len(text) and text[found.end()] == '"'):
            raise Refusal(N_("A quotation mark is not closed."))
        terms.append((bool(found["minus"]), found["field"] or "", found["value"]))
        at = found.end()
    if len(terms) > _MOST_TERMS:
        raise Refusal(N_("An expression has at most {number} terms."), number=_MOST_TERMS)
    return terms


def both(one: Condition, other: Condition) -> Condition:
    """Return the condition that two conditions hold."""
    firsts = [each.first for each in (one, other) if each.first is not None]
    lasts = [each.last for each in (one, other) if each.last is not None]
    return Condition(
        sql=f"({one.sql}) AND ({other.sql})",
        parameters=(*one.parameters, *other.parameters),
        first=max(firsts, default=None),
        last=min(lasts, default=None),
    )


class _Reader:
    """Collects the terms of one expression."""

    def __init__(self, zone: ZoneInfo, vocabulary: Vocabulary) -> None:
        self._zone, self._vocabulary = zone, vocabulary
        self._conditions: list[str] = []
        self._parameters: list[str | int] = []
        self._first: int | None = None
        self._last: int | None = None

    def condition(self) -> Condition:
        """Return what was collected."""
        return Condition(
            sql=" AND ".join(self._conditions) or "true",
            parameters=tuple(self._parameters),
            first=self._first,
            last=self._last,
        )

    def take(self, value: str, name: str, *, deny: bool) -> None:
        """Take one term in."""
        field_name = self._field(name) if name else ""
        if field_name == TIME:
            self._take_time(value, deny=deny)
            return
        values = _values(value)
        if not values:
            raise Refusal(N_("Write a value after {field}."), field=f"{name}:" if name else "-")
        conditions = [self._one(field_name, each, quoted=quoted) for each, quoted in values]
        sql = f"({' OR '.join(sql for sql, _parameters in conditions)})"
        self._conditions.append(f"NOT {sql}" if deny else sql)
        for _sql, parameters in conditions:
            self._parameters += parameters

    def _field(self, name: str) -> str:
        folded = fold(name)
        found = self._vocabulary.fields.get(folded, folded.lower())
        by_column = {column: each for names in (WHOLE, PART, NUMBERS) for each, column in names.items()}
        found = by_column.get(found, found)
        if found not in FIELDS:
            words = N_("There is no field {name}. The fields are: {names}.")
            raise Refusal(words, name=name, names=[*self._vocabulary.names])
        return found

    def _one(self, name: str, value: str, *, quoted: bool) -> tuple[str, list[str | int]]:
        if name in NUMBERS:
            return _number(NUMBERS[name], name, value)
        if name in WHOLE:
            known = self._vocabulary.values.get(name, {}).get(fold(value), value)
            return _whole(WHOLE[name], known, quoted=quoted)
        where = PART[name] if name else _ANYWHERE
        conditions = [f"regexp_matches({where}, ?)"]
        parameters: list[str | int] = [pattern(value) if quoted else wild_pattern(value)]
        for field_name, words in self._vocabulary.values.items():
            if not name and fold(value) in words:
                conditions.append(f"{WHOLE[field_name]} = ?")
                parameters.append(words[fold(value)])
        return f"({' OR '.join(conditions)})", parameters

    def _take_time(self, value: str, *, deny: bool) -> None:
        if deny:
            raise Refusal(N_("A time can't be denied; say from when to when."))
        text = value.replace('"', "")
        sign = next((each for each in (">=", "<=", ">", "<") if text.startswith(each)), "")
        if ".." in text and not sign:
            start, _, end = text.partition("..")
            first = self._moment(start)[0] if start else None
            last = self._moment(end)[1] if end else None
        else:
            begins, ends = self._moment(text.removeprefix(sign))
            first = {">=": begins, ">": ends + 1, "": begins}.get(sign)
            last = {"<=": ends, "<": begins - 1, "": ends}.get(sign)
        if first is not None:
            self._first = first if self._first is None else max(first, self._first)
        if last is not None:
            self._last = last if self._last is None else min(last, self._last)

    def _moment(self, text: str) -> tuple[int, int]:
        """Return the first and last millisecond of what ``text`` names."""
        return moment(text, self._zone)


def moment(text: str, zone: ZoneInfo) -> tuple[int, int]:
    """Return the first and last millisecond of the day, minute or second that ``text`` names. Raises ``Refusal``."""
    for layouts, length in _LENGTHS:
        try:
            first = TimeReader(layouts, zone)(text)
        except (NotATimeError, OverflowError):
            continue
        start = instant_of(first)
        if length == timedelta(days=1):
            local = start.astimezone(zone)
            return first, milliseconds((local + length).replace(fold=0)) - 1
        return first, first + length // timedelta(milliseconds=1) - 1
    raise Refusal(
        N_("{text} is no time. Write 2026-11-24, 2026-11-24T09:30 or R8.11.24, or two of them with .. between."),
        text=text,
    )


def _values(text: str) -> list[tuple[str, bool]]:
    """Return the values between commas, each with whether it stood in quotes."""
    values, at = [], 0
    while at <= len(text):
        found = _VALUE.match(text, at)
        part = found.group() if found else ""
        if part:
            values.append((part.replace('"', ""), '"' in part))
        at += len(part) + 1
    if len(values) > _MOST_VALUES:
        raise Refusal(N_("A term has at most {number} values."), number=_MOST_VALUES)
    return values


def _whole(column: str, value: str, *, quoted: bool) -> tuple[str, list[str | int]]:
    """Compare with the whole column: by a pattern if there is a star, else with equality, which skips what can't be."""
    if ANY in value and not quoted:
        return f"regexp_full_match({column}, ?)", [wild_pattern(value)]
    plain = unicodedata.normalize("NFKC", value)
    forms = sorted({value, plain, plain.lower(), plain.upper()})
    return f"{column} IN ({', '.join('?' * len(forms))})", [*forms]


def _number(column: str, name: str, value: str) -> tuple[str, list[str | int]]:
    if span := _SPAN.fullmatch(value):
        return f"{column} BETWEEN ? AND ?", [int(span["first"]), int(span["last"])]
    if found := _NUMBER.fullmatch(value):
        return f"{column} {found['sign'] or '='} ?", [int(found["number"])]
    raise Refusal(N_("{value} is no number for {name}; write 10, >=10 or 10..20."), value=value, name=name)
