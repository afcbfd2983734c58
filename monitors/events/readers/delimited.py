"""CSV and TSV lines, read with a mapping. Each line is one record, so a stray quote can't eat its neighbours."""

import csv
from collections.abc import Iterable, Iterator

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from monitors.events.readers.mapping import Mapping
from monitors.events.readers.readings import Decoded, Outcome, Quarantined, Reading
from monitors.events.times import NotATimeError


def split(text: str, delimiter: str) -> list[str] | None:
    """Return the fields of one line (RFC 4180), or None if its quotation marks don't fit."""
    if '"' not in text:
        return text.split(delimiter)
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True))
    except csv.Error:
        return None


def header(text: str, mapping: Mapping) -> list[str]:
    """Return the column names in the first line. Raises ``Refusal`` if the mapping's columns are not all there."""
    names = [name.strip() for name in split(text, mapping.delimiter) or []]
    missing = [column for column in mapping.columns if column not in names]
    if missing:
        raise Refusal(
            N_(
                "The first line of the file lacks these columns of the mapping {mapping}: {missing}. "
                "It has: {found}. Choose another mapping, or write one for this layout."
            ),
            mapping=mapping.name,
            missing=", ".join(missing),
            found=", ".join(names)[:300],
        )
    return names


def read(lines: Iterable[Decoded], mapping: Mapping) -> Iterator[Outcome]:
    """Read the lines of a delimited file, whose first line is the header."""
    stream = iter(lines)
    first = next(stream, None)
    if first is None:
        return
    names = header("" if isinstance(first, Quarantined) else first[1], mapping)
    mapping = mapping.for_columns(names)
    places = {column: names.index(column) for column in mapping.columns}
    time_at = [places[column] for column in mapping.time.columns]
    read_time = mapping.time_reader()
    for each in stream:
        if isinstance(each, Quarantined):
            yield each
            continue
        line, text = each
        cells = split(text, mapping.delimiter)
        if cells is None or len(cells) != len(names):
            yield Quarantined(line, "quote" if cells is None else "columns")
            continue
        ts_raw = " ".join([cells[place] for place in time_at])
        try:
            ts = read_time(ts_raw)
        except NotATimeError:
            yield Quarantined(line, "time")
            continue
        row = {column: cells[place] for column, place in places.items()}
        yield Reading(line.number, ts, ts_raw, mapping.time.zone, mapping.fields_of(row))
