"""What a task came to, and where a difference lies, in words. Records go by key and items by number and name."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Final

from accesscontrol.messages import N_
from console import evidence_words
from console.evidence_words import PLACE_TITLES, label, told
from console.text import cells, fit, mask, safe_text
from console.translation import _
from console.widgets.details import Fact, Section
from console.widgets.plain import content
from registry.checks import Check, Settings, declared
from registry.files import FILES
from registry.tasks.differences import KIND_TITLES, Line
from registry.tasks.yearly import Server

SERVER_TITLES: Final[Mapping[Server, str]] = {
    Server.prefecture: N_("prefecture"),
    Server.national: N_("national body"),
}
_TABLES: Final[Mapping[str, str]] = {
    "accounts": N_("Accounts"),
    "faults": N_("Places of faults"),
    "damage": N_("Damage"),
    "rows": N_("Counts"),
    "space": N_("Space used"),
    "locks": N_("Waits for locks"),
    "long_statements": N_("Long statements"),
    "replication": N_("Replication"),
    "settings": N_("Settings against the baseline"),
}
_HIDDEN: Final = frozenset({"task", "effect", "sha256", "staff_number", "created_at", "by_severity"})
_WIDEST: Final = 24


@dataclass(frozen=True, slots=True)
class Table:
    """One part of what a run gives out: its title, its headings and its rows, all words already translated."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]

    def lines(self) -> Iterator[str]:
        """Yield the table as lines of text, each column as wide as what it holds."""
        safe = [[safe_text(value) for value in row] for row in (self.headings, *self.rows)]
        widths = [min(_WIDEST, max(map(cells, column))) for column in zip(*safe, strict=True)]
        for row in safe:
            yield "  ".join(fit(value, width) for value, width in zip(row, widths, strict=True)).rstrip()


def kind_title(kind: str) -> str:
    """Return what sort of difference ``kind`` is; of records at fault, which check they fail."""
    if check := _checks().get(kind):
        return f"{check.id} {_(check.title)}"
    return _(KIND_TITLES.get(kind, kind))


def kind_of(line: Line) -> str:
    """Return what sort of difference a line is."""
    return kind_title(line.kind)


@cache
def _checks() -> Mapping[str, Check]:
    return declared(Settings(today=date.min))  # their titles don't hang on the day


def place(line: Line) -> str:
    """Return where a difference lies: records by file and key, items by number."""
    where = ", ".join(f"{_(PLACE_TITLES.get(table, table))} #{key:,}" for table, key in line.place.items())
    return f"{where} [{', '.join(map(str, line.items))}]".strip() if line.items else where


def item_names(line: Line) -> list[str]:
    """Return number and printed name of each item of a difference, where its file is known."""
    tables = [each for each in line.place if each in PLACE_TITLES and each != "line"]
    file = next((each for each in FILES if tables and tables[-1].startswith(each.table)), None)
    return [f"{number} {file.items[number - 1].name_ja}" if file else str(number) for number in line.items]


def facts(evidence: Mapping[str, Any]) -> list[Fact]:
    """Return what is kept of a run, without what only machines compare."""
    return evidence_words.facts(evidence, without=_HIDDEN)


def tables(output: Mapping[str, Any]) -> list[Table]:
    """Return what a run gave out for whoever asked, without the parts that are empty."""
    parts = {**output, **output.get("looks", {})}
    groups = parts.get("groups", ())
    found = []
    for name, title in _TABLES.items():
        rows = list(parts.get(name, ()))
        if rows and isinstance(rows[0], Mapping):
            found.append(_table(_(title), rows))
        elif rows and isinstance(rows[0], list):
            found.append(Table(_(title), [*map(label, groups), _("Records")], [list(map(told, row)) for row in rows]))
        elif rows:
            found.append(Table(_(title), [""], [[told(row)] for row in rows]))
    return found


def _table(title: str, rows: Sequence[Mapping[str, Any]]) -> Table:
    names = [name for name in rows[0] if name not in _HIDDEN]
    return Table(title, list(map(label, names)), [[_cell(name, row.get(name)) for name in names] for row in rows])


def _cell(name: str, value: object) -> str:
    if name == "display_name":
        return mask(str(value))
    if name == "table":
        return _(PLACE_TITLES.get(str(value), str(value)))
    return str(value)[:10] if name == "last_sign_in_at" and value else told(value)


def sections(title: str, evidence: Mapping[str, Any], output: Mapping[str, Any]) -> list[Section]:
    """Return everything that a run came to, for a screen."""
    given = [Section(each.title, sentences=[content(line) for line in each.lines()]) for each in tables(output)]
    return [Section(title, facts(evidence)), *given]


def lines(evidence: Mapping[str, Any], output: Mapping[str, Any]) -> Iterable[str]:
    """Yield everything that a run came to, for a command."""
    yield from (f"  {each.label}: {each.value}" for each in facts(evidence))
    for table in tables(output):
        yield f"  {table.title}"
        yield from (f"    {line}" for line in table.lines())
