"""Events in the reader's words: their codes as titles, and the words that an expression may be typed in."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from console.archive import spoken_time
from console.translation import _, ngettext
from monitors.events.expressions import FIELDS, Vocabulary
from monitors.events.folding import fold
from monitors.events.imports import Preview
from monitors.events.schema import COLUMNS
from monitors.events.words import (
    ACTION_TITLES,
    COLUMN_TITLES,
    OUTCOME_TITLES,
    action_title,
    field_titles,
    outcome_title,
)

_EMPTY = {column.name: column.empty for column in COLUMNS}


def vocabulary() -> Vocabulary:
    """Return the words of the language in use, besides the English names, which always hold."""
    titles = {name: _(title) for name, title in field_titles().items()}
    return Vocabulary(
        names=[title if title.isalpha() else name for name, title in titles.items()],
        fields={fold(title): name for name, title in titles.items()} | {name: name for name in FIELDS},
        values={
            "act": {fold(_(title)): str(code) for code, title in ACTION_TITLES.items()},
            "outcome": {fold(_(title)): str(code) for code, title in OUTCOME_TITLES.items()},
        },
    )


def shown_value(event: Mapping[str, Any], column: str, zone: ZoneInfo) -> str:
    """Return one column of ``event`` in words, an empty text where nothing was told."""
    value = event[column]
    if column == "ts":
        return spoken_time(value, zone)
    if column == "action":
        return _(action_title(value))
    if column == "outcome":
        return _(outcome_title(value))
    return "" if value == _EMPTY[column] else str(value)


def read_as(found: Preview) -> str:
    """Return how a file would be read, in one sentence."""
    words = ngettext(
        "Read as {format}, {encoding}, mapping {mapping}, {lines} line.",
        "Read as {format}, {encoding}, mapping {mapping}, {lines} lines.",
        found.lines,
    )
    mapping = found.mapping or "-"
    return words.format(format=found.format, encoding=found.encoding, mapping=mapping, lines=f"{found.lines:,}")


def told(event: Mapping[str, Any], zone: ZoneInfo) -> list[tuple[str, str]]:
    """Return the title and the value of every column that tells something."""
    shown = [(_(title), shown_value(event, column, zone)) for column, title in COLUMN_TITLES.items()]
    return [(title, value) for title, value in shown if value]
