"""CSV whose quoted fields may hold line ends: lines are joined to records, and none is lost when a quote stays open."""

import csv
from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

from monitors.events.readers.readings import Decoded, Line, Quarantined

MOST_LINES: Final = 1000
MOST_LETTERS: Final = 1 << 20
Record: TypeAlias = tuple[Line, list[str]] | Quarantined


def records(lines: Iterable[Decoded], delimiter: str = ",") -> Iterator[Record]:
    """Yield each record with the line that it begins on.

    A record that does not end within its measure, at a line that can't be decoded, or at the end of the file is
    quarantined line by line: what was guessed to be one record is then not evidence of anything.
    """
    held: list[tuple[Line, str]] = []
    is_open, letters = False, 0
    for each in lines:
        if isinstance(each, Quarantined):
            yield from _given_up(held)
            yield each
            held, is_open, letters = [], False, 0
            continue
        held.append(each)
        letters += len(each[1])
        is_open ^= each[1].count('"') % 2 == 1
        if not is_open:
            yield _parsed(held, delimiter)
        elif len(held) >= MOST_LINES or letters >= MOST_LETTERS:
            yield from _given_up(held)
        else:
            continue
        held, is_open, letters = [], False, 0
    yield from _given_up(held)


def _given_up(held: list[tuple[Line, str]]) -> Iterator[Quarantined]:
    return (Quarantined(line, "record") for line, _text in held)


def _parsed(held: list[tuple[Line, str]], delimiter: str) -> Record:
    line, text = held[0][0], "\n".join(text for _line, text in held)
    try:
        cells = list(csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True))
    except csv.Error:
        cells = []
    return (line, cells[0]) if len(cells) == 1 else Quarantined(line, "quote")
