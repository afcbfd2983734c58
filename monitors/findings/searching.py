"""Looking for findings by words: those that stand in them, and those that a reader says for a state or a title."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from accesscontrol.clock import to_text
from accesscontrol.people.reading import Reader
from monitors.findings.reading import PROPOSED
from monitors.findings.states import SEVERITIES, State

_BATCH: Final = 5000
_FIRST_BATCH: Final = 200
_RANKS: Final = " ".join(f"WHEN '{name}' THEN {rank}" for rank, name in enumerate(SEVERITIES))
_ORDERS: Final = {
    "": (f"CASE severity {_RANKS} END", "last", "id"),
    "last": ("last", "id"),
    "severity": (f"CASE severity {_RANKS} END", "last"),
    "account": ("account", "last"),
    "state": ("state", "last"),
}
_TEXT: Final = (
    "lower('F-' || printf('%05d', id) || ' ' || rule || ' ' || title || ' ' || severity || ' ' || state || ' ' ||"
    " system || ' ' || account || ' ' || source || ' ' || application || ' ' || assignee)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One typed word, and what it means in the reader's language: states, severities and titles (msgids)."""

    text: str
    states: Sequence[State] = ()
    severities: Sequence[str] = ()
    titles: Sequence[str] = ()


def titles(reader: Reader) -> list[str]:
    """Return the different titles (msgids) of all findings."""
    return [row["title"] for row in reader.rows("SELECT DISTINCT title FROM finding ORDER BY title")]


def index(
    reader: Reader,
    words: Sequence[Word] = (),
    *,
    states: Sequence[State] = (),
    proposed: tuple[datetime, str] | None = None,
    order: str = "",
    descending: bool = True,
) -> Iterator[list[int]]:
    """Yield the numbers of the findings that hold every one of ``words``, in batches, the first one small.

    Only those in ``states``, if any are given, and with ``proposed`` (an instant and a staff number) those whose
    suppression that person could confirm then.
    ``order`` is one of ``last``, ``severity``, ``account``, ``state``; without one the gravest stand
    first, of these the newest.
    """
    conditions, parameters = ["1"], list[str]()
    if states:
        conditions.append(f"({_in('state', states)}{f' OR id IN ({PROPOSED})' if proposed else ''})")
        parameters += [*states, *([to_text(proposed[0]), proposed[1]] if proposed else [])]
    for word in words:
        meanings = (("state", word.states), ("severity", word.severities), ("title", word.titles))
        either = [f"instr({_TEXT}, ?)", *(_in(column, values) for column, values in meanings if values)]
        conditions.append(f"({' OR '.join(either)})")
        parameters += [word.text.lower(), *word.states, *word.severities, *word.titles]
    direction = "DESC" if descending or not order else "ASC"
    by = ", ".join(f"{each} {direction}" for each in _ORDERS[order])
    where = " AND ".join(conditions)
    rows = reader.rows(f"SELECT id FROM finding WHERE {where} ORDER BY {by}", parameters)  # noqa: S608 - only marks
    numbers = [row["id"] for row in rows]
    yield numbers[:_FIRST_BATCH]
    for start in range(_FIRST_BATCH, len(numbers), _BATCH):
        yield numbers[start : start + _BATCH]


def _in(column: str, values: Sequence[str]) -> str:
    return f"{column} IN ({', '.join('?' * len(values))})"
