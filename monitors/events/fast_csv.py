# ruff: noqa: S608 - every text in these statements is quoted, every name is our own
"""The fast road for delimited files: DuckDB parses, one SELECT normalises. Parsing is the cost, not our SELECT.

It is taken only where it is exact: one line is one record (the probe saw it), and the layout's times are plain.
Afterwards every line must be accounted for, or the file is read again by Python's reader. A row whose time can't
be read here is left to Python's reader too, by its line number.
"""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from monitors.events.engine import listed, quoted
from monitors.events.normalise import EVENTS_PER_FILE
from monitors.events.readers.mapping import Mapping
from monitors.events.schema import COLUMNS, Action, Key, Outcome
from monitors.events.times import NotATimeError, TimeReader, fixed_offset

_PLAIN_LAYOUT: Final = re.compile(r"(?:%[YmdHMS]|[-/ :.T])+")
_CONSTANT: Final = re.compile(r"'(?:[^']|'')*'")
_LATEST: Final = 7_258_118_400_000  # the year 2200
_DAY: Final = 86_400_000


@dataclass(frozen=True, slots=True)
class _Fixed:
    """The words that a column may hold, and the one for what the log does not tell."""

    members: tuple[str, ...]
    unknown: str


_FIXED: Final = {
    "action": _Fixed(tuple(Action), Action.OTHER),
    "outcome": _Fixed(tuple(Outcome), Outcome.UNKNOWN),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FastFile:
    """A delimited file in UTF-8, without header, that DuckDB may read; its first record is line ``first_line``."""

    path: Path
    first_line: int
    system: str
    names: tuple[str, ...]
    mapping: Mapping
    zone: ZoneInfo
    source_id: int


def can_read(mapping: Mapping, zone: ZoneInfo, first_record: Sequence[str], names: Sequence[str]) -> bool:
    """Tell whether times like that of the first record can be read in SQL exactly as Python's reader reads them."""
    plain = _plain_layouts(mapping)
    if not plain or fixed_offset(zone) is None or fixed_offset(mapping.zone) is None:
        return False
    if len(first_record) != len(names):
        return False
    try:
        TimeReader(plain, mapping.zone)(" ".join(first_record[names.index(each)] for each in mapping.time.columns))
    except NotATimeError:
        return False
    return True


def _plain_layouts(mapping: Mapping) -> tuple[str, ...]:
    return tuple(layout for layout in mapping.time.layouts if _PLAIN_LAYOUT.fullmatch(layout))


def select(file: FastFile) -> str:
    """Return the SELECT that reads ``file`` into the event schema; ``ts`` is NULL where Python must read the line."""
    columns = _columns(file)
    made = ", ".join(f"{_as(column.type, columns[column.name])} AS {column.name}" for column in COLUMNS)
    # Every line is one row.
    numbered = f"*, {_timestamp(file)} AS moment, {file.first_line - 1} + row_number() OVER () AS n"
    shared = {
        "instant": f"CASE WHEN moment BETWEEN 0 AND {_LATEST - 1} THEN moment END",
        "done": _told(file, "action"),
        **{f"{name}_folded": f"lower(trim({told}))" for name, told in _identifiers(file).items()},
        **({"keys": _key_bits(file, file.mapping.keys.column)} if file.mapping.keys else {}),
    }
    inner = ", ".join(f"{value} AS {name}" for name, value in shared.items())
    return f"SELECT {made} FROM (SELECT *, {inner} FROM (SELECT {numbered} FROM {_csv(file)}))"


def _as(kind: str, value: str) -> str:
    """Return ``value`` as ``kind``; a constant text as the only member of a type, which is written without looking."""
    if kind != "VARCHAR":
        return f"({value})::{kind}"
    return f"{value}::ENUM({value})" if _CONSTANT.fullmatch(value) else value


def _csv(file: FastFile) -> str:
    shape = "{" + ", ".join(f"'c{place}': 'VARCHAR'" for place in range(len(file.names))) + "}"
    # No text of the file is taken for NULL: the null word is one that nobody can have written.
    return (
        f"read_csv({quoted(str(file.path))}, header=false, auto_detect=false, "
        f"columns={shape}, delim={quoted(file.mapping.delimiter)}, quote='\"', escape='\"', "
        f"nullstr='{secrets.token_hex(16)}', strict_mode=true, store_rejects=true, "
        f"rejects_table='rejected', rejects_scan='rejected_scan')"
    )


def _cell(file: FastFile, column: str) -> str:
    return f"c{file.names.index(column)}"


def _time_text(file: FastFile) -> str:
    return " || ' ' || ".join(_cell(file, column) for column in file.mapping.time.columns)


def _timestamp(file: FastFile) -> str:
    """Return the local time as milliseconds, NULL if the text is no time."""
    return f"epoch_ms(try_strptime({_time_text(file)}, {listed(_plain_layouts(file.mapping))}))"


def _columns(file: FastFile) -> dict[str, str]:
    mapping = file.mapping
    there = fixed_offset(mapping.zone) or 0
    here = fixed_offset(file.zone) or 0
    local = f"(instant + {here - there})"
    made = {column.name: _told(file, column.name) for column in COLUMNS}
    made |= {
        "event_id": f"{file.source_id * EVENTS_PER_FILE} + n",
        "ts": f"instant - {there}",
        "ts_raw": _time_text(file),
        "zone": quoted(mapping.time.zone),
        "day": f"{local} // {_DAY}",
        "minute": f"{local} // 60000 % 1440",
        "system": quoted(file.system),
        "source_id": str(file.source_id),
        "line_no": "n",
        "action": "done" if "action" in mapping.fields else made["action"],
        "target_count": _count(made["target_count"]),
        "factors": _running_number(made["factors"], 1),
        "sequence": _running_number(made["sequence"], 18),
    }
    if "detail" not in mapping.fields and "action" in mapping.fields:
        made["detail"] = _cell(file, mapping.fields["action"])
    for name, told in _identifiers(file).items():
        # Folding letters beyond ASCII is Python's: see ``segments``.
        made[name] = f"{name}_folded"
        made[f"{name.removesuffix('_id')}_raw"] = f"CASE WHEN {name}_folded <> {told} THEN {told} ELSE '' END"
    if mapping.keys:
        counted = f"bit_count(keys & {int(Key.NAME | Key.BIRTH | Key.ADDRESS)})"  # sex does not count
        made |= {"key_set": "keys", "search_keys": f"CASE WHEN done = '{Action.SEARCH}' THEN {counted} ELSE -1 END"}
    return made


def _told(file: FastFile, name: str) -> str:
    """Return what the file tells for a column of the schema, as text."""
    for field, column in file.mapping.fields.items():
        if field == name:
            return _translated(file, field, column)
    constants = {str(field): text for field, text in file.mapping.constants.items()}
    empty = next(str(column.empty) for column in COLUMNS if column.name == name)
    return quoted(constants.get(name, empty))


def _translated(file: FastFile, field: str, column: str) -> str:
    cell = _cell(file, column)
    fixed = _FIXED.get(field)
    words = dict(file.mapping.values.get(field, {}))
    if fixed and field not in file.mapping.values:
        words = {str(word): str(word) for word in fixed.members}
    if not words:
        return cell
    kind, other = (f"::{_kind(fixed)}", quoted(fixed.unknown)) if fixed else ("", cell)
    meanings = {word: quoted(meaning or (fixed.unknown if fixed else "")) for word, meaning in words.items()}
    cases = " ".join(f"WHEN {quoted(word)} THEN {meaning}{kind}" for word, meaning in meanings.items())
    return f"CASE {cell} {cases} ELSE {other}{kind} END"


def _kind(fixed: _Fixed) -> str:
    """Return the type of a column that holds few words: it is computed and written as the number of the word."""
    return f"ENUM({', '.join(quoted(word) for word in fixed.members)})"


def _count(cell: str) -> str:
    digits = f"trim(replace({cell}, ',', ''))"
    other = f"CASE WHEN regexp_full_match({digits}, '[0-9]{{1,9}}') THEN {digits}::INTEGER ELSE 0 END"
    return f"CASE {cell} WHEN '' THEN 0 WHEN '0' THEN 0 WHEN '1' THEN 1 ELSE {other} END"


def _running_number(cell: str, digits: int) -> str:
    told = f"trim({cell})"
    return f"CASE WHEN regexp_full_match({told}, '[0-9]{{1,{digits}}}') THEN {told}::BIGINT ELSE 0 END"


def _identifiers(file: FastFile) -> dict[str, str]:
    """Return the user and terminal as the file tells them."""
    told = {}
    for name in ("user_id", "terminal"):
        column = file.mapping.fields.get(name)
        constant = file.mapping.constants.get(name, "")
        told[name] = _translated(file, name, column) if column else quoted(constant)
    return told


def _key_bits(file: FastFile, column: str) -> str:
    cell = _cell(file, column)
    bits: dict[int, list[str]] = {}
    for word, bit in file.mapping.bits:
        bits.setdefault(bit, []).append(f"contains({cell}, {quoted(word)})")
    found = " + ".join(f"CASE WHEN {' OR '.join(tests)} THEN {bit} ELSE 0 END" for bit, tests in bits.items())
    return f"CASE {cell} WHEN '' THEN 0 ELSE {found or 0} END"
