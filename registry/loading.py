"""Loading records of one file from CSV: the whole file as it should be, or nothing (CHK-FMT-07, RG-INT-02)."""

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from registry.checks import Fault, Judge, Settings, Severity
from registry.checks.identifiers import file_checks
from registry.databases.interface import Registry
from registry.files import File, ItemType

_REFUSED = N_("Import data does not follow the layout (line {line}); nothing was registered.")
_CONTROL = "RG-PRV-07"
_NUMBERS = {ItemType.number, ItemType.flag}


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did: records registered, and what waits for a decision, by check id."""

    records: int
    warnings: dict[str, int]


def _value(text: str, kind: ItemType) -> Any:
    """Return the value of a field; ValueError when it is not one of its type. An empty field is an empty item."""
    if text == "":
        return None
    if kind in _NUMBERS:
        if not (text.isascii() and text.isdigit()):
            raise ValueError("a number is needed")
        return int(text)
    return bytes.fromhex(text) if kind is ItemType.blob else text


class _Reader:
    """Reads the rows of a CSV file strictly and keeps the faults it saw on the way."""

    def __init__(self, source: Path, encoding: str, file: File, first_key: int, settings: Settings) -> None:
        self._source, self._encoding, self._file = source, encoding, file
        self._next = first_key
        self._judge = Judge(file, settings)
        self.records = 0
        self.counts: Counter[str] = Counter()
        self.first_error: Fault | None = None

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Yield the rows; :class:`Refusal` names the line that does not follow the layout."""
        with self._source.open(encoding=self._encoding, newline="") as lines:
            reader = csv.reader(lines, strict=True)
            try:
                self._require_header(next(reader, []))
                for fields in reader:
                    yield self._row(fields)
            except (ValueError, csv.Error):  # UnicodeDecodeError is a ValueError
                raise Refusal(_REFUSED, control=_CONTROL, line=max(1, reader.line_num)) from None

    def _require_header(self, header: list[str]) -> None:
        printed = [item.name_ja for item in self._file.items]
        if header not in (list(self._file.columns), printed):
            raise ValueError("the first line must name all items in printed order")

    def _row(self, fields: list[str]) -> tuple[Any, ...]:
        values = [_value(text, item.type) for text, item in zip(fields, self._file.items, strict=True)]
        row = (self._next, *values)
        self._next += 1
        self.records += 1
        for fault in self._judge.faults([row]):
            self.counts[fault.check.id] += 1
            if fault.check.severity in {Severity.error, Severity.block}:
                self.first_error = self.first_error or fault
        return row


def _require_sound(error: Fault | None, first_key: int) -> None:
    if error is not None:
        raise Refusal(
            N_("Record {record} fails {check} in item {item}; nothing was registered."),
            control="RG-INT-02",
            record=error.record_id - first_key + 1,
            check=error.check.id,
            item=error.fields()["item"],
        )


def load(registry: Registry, file: File, source: Path, settings: Settings, *, encoding: str = "utf-8-sig") -> Loaded:
    """Add the records of a CSV file to ``file``; the first line names all items, by column or as printed.

    Fields are text; numbers are digits, glyph patterns hexadecimal. :class:`Refusal`, and nothing registered,
    when a line does not follow the layout, a record has an error, or a number would be held twice.
    """
    # names of ours
    (first_key,) = next(registry.rows(f"SELECT coalesce(max(record_id), 0) + 1 FROM {file.table}"))  # noqa: S608
    reader = _Reader(source, encoding, file, first_key, settings)
    with registry.writing():
        registry.fill(file.table, ("record_id", *file.columns), reader.rows())
        _require_sound(reader.first_error, first_key)
        for check in file_checks():
            for found in check.find(registry, settings):
                fault = Fault(check.check, *found)
                if fault.table == file.table and fault.record_id >= first_key:
                    _require_sound(fault, first_key)
    return Loaded(reader.records, dict(reader.counts))
