"""JSON lines (one object a line), read with a mapping whose columns are dotted paths (``user.name``)."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from monitors.events.readers.mapping import Mapping
from monitors.events.readers.readings import Decoded, Line, Outcome, Quarantined, Reading
from monitors.events.times import NotATimeError


def read(lines: Iterable[Decoded], mapping: Mapping) -> Iterator[Outcome]:
    """Read the lines of a JSON lines file; a path that is not there tells nothing."""
    mapping = mapping.for_columns(mapping.optional.values())  # a path that is not there tells nothing
    paths = {column: column.split(".") for column in mapping.columns}
    read_time = mapping.time_reader()
    for each in objects(lines):
        if isinstance(each, Quarantined):
            yield each
            continue
        line, told = each
        row = {column: _text(told, path) for column, path in paths.items()}
        ts_raw = " ".join(row[column] for column in mapping.time.columns)
        try:
            ts = read_time(ts_raw)
        except NotATimeError:
            yield Quarantined(line, "time")
            continue
        yield Reading(line.number, ts, ts_raw, mapping.time.zone, mapping.fields_of(row))


def objects(lines: Iterable[Decoded]) -> Iterator[tuple[Line, dict[str, Any]] | Quarantined]:
    """Yield each line with the object that it holds; a line that holds none is quarantined."""
    for each in lines:
        if isinstance(each, Quarantined):
            yield each
            continue
        line, text = each
        try:
            told = msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError):
            told = None
        yield (line, told) if isinstance(told, dict) else Quarantined(line, "json")


def _text(told: Any, path: list[str]) -> str:
    for name in path:
        told = told.get(name) if isinstance(told, dict) else None
    if told is None:
        return ""
    return told if isinstance(told, str) else msgspec.json.encode(told).decode()
