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

from monitors.events.engine import quoted
from monitors.events.normalise import EVENTS_PER_FILE
from monitors.events.readers.mapping import Mapping
from monitors.events.schema import COLUMNS, Action, Key, Outcome
from monitors.events.times import NotATimeError, TimeReader, fixed_offset

_PLAIN_LAYOUT: Final = re.compile(r"(?:%[YmdHMS]|[-/ :.T])+")
_CONSTANT: Final = re.compile(r"'(?:[^']|'')*'")
_LATEST: Final = 7_258_118_400_000  # the year 2200
_DAY: Final = 86_400_000
_SEARCH: Final = (Key.NAME, Key.BIRTH, Key.ADDRESS)


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
    folded = ", ".join(f"lower(trim({told})) AS {name}_folded" for name, told in _identifiers(file).items())
    inner = f"SELECT *, CASE WHEN moment BETWEEN 0 AND {_LATEST - 1} THEN moment END AS instant, {folded} "
    return f"SELECT {made} FROM ({inner} FROM (SELECT {numbered} FROM {_csv(file)}))"


def _as(kind: str, value: str) -> str:
    """Return ``value`` as ``kind``; a constant text as the only member of a type, which is written without looking."""
    return f"{value}::ENUM({value})" if kind == "VARCHAR" and _CONSTANT.fullmatch(value) else f"{value}::{kind}"


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
    text = _time_text(file)
    tried = [f"try_strptime({text}, {quoted(layout)})" for layout in _plain_layouts(file.mapping)]
    return f"epoch_ms(coalesce({', '.join(tried)}))" if len(tried) > 1 else f"epoch_ms({tried[0]})"


def _columns(file: FastFile) -> dict[str, str]:
    mapping = file.mapping
    there = fixed_offset(mapping.zone) or 0
    here = fixed_offset(file.zone) or 0
    local = f"(instant + {here - there})"
    made = {column.name: quoted(str(column.empty)) for column in COLUMNS}
    made |= {str(field): quoted(text) for field, text in mapping.constants.items()}
    made |= {str(field): _translated(file, field, column) for field, column in mapping.fields.items()}
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
        made |= _keys(file, mapping.keys.column, made["action"])
    return made


def _translated(file: FastFile, field: str, column: str) -> str:
    cell = _cell(file, column)
    unknown = {"action": Action.OTHER, "outcome": Outcome.UNKNOWN}.get(field)
    words = dict(file.mapping.values.get(field, {}))
    if field in {"action", "outcome"} and field not in file.mapping.values:
        words = {str(word): str(word) for word in (Action if field == "action" else Outcome)}
    if not words:
        return cell
    cases = " ".join(f"WHEN {quoted(word)} THEN {quoted(meaning or unknown or '')}" for word, meaning in words.items())
    return f"CASE {cell} {cases} ELSE {quoted(unknown) if unknown else cell} END"


def _count(cell: str) -> str:
    digits = f"trim(replace({cell}, ',', ''))"
    usual = f"WHEN {cell} = '0' OR {cell} = '' THEN 0 WHEN {cell} = '1' THEN 1"
    return f"CASE {usual} WHEN regexp_full_match({digits}, '[0-9]{{1,9}}') THEN {digits}::INTEGER ELSE 0 END"


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


def _keys(file: FastFile, column: str, action: str) -> dict[str, str]:
    cell = _cell(file, column)
    bits: dict[int, list[str]] = {}
    for word, bit in file.mapping.bits:
        bits.setdefault(bit, []).append(f"contains({cell}, {quoted(word)})")
    found = {bit: f"({' OR '.join(tests)})" for bit, tests in bits.items()}
    key_set = " + ".join(f"CASE WHEN {test} THEN {bit} ELSE 0 END" for bit, test in found.items()) or "0"
    counted = " + ".join(f"({found[bit]})::INTEGER" for bit in _SEARCH if bit in found) or "0"
    return {
        "key_set": key_set,
        "search_keys": f"CASE WHEN ({action}) = '{Action.SEARCH}' THEN {counted} ELSE -1 END",
    }
