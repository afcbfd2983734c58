"""Reading a roster's CSV file: UTF-8 or CP932, columns by their headings, every fault named with its line."""

import csv
import hashlib
import io
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Final

from accesscontrol.accounts.lines import require_name
from accesscontrol.accounts.model import PersonKind
from accesscontrol.individual_numbers import mask_individual_numbers
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.rosters.model import Line, Roster, RosterKind

ReadDay = Callable[[str], date]
"""Reads a day as people write it, eras too; raises ``Refusal``."""

_DAYS: Final = ("first_day", "last_day", "contract_first_day", "contract_last_day", "pledge_day")
_FAULTS_SHOWN: Final = 10
_LONGEST_NAME: Final = 100


def read_roster(content: bytes, kind: RosterKind, source: str, read_day: ReadDay) -> Roster:
    """Return the roster in ``content``; raises ``Refusal`` that names every fault, and then nothing of it counts.

    Refused as a whole: an unknown encoding, a missing column, a staff number that stands there twice, a day that is
    none, an individual number anywhere.
    """
    rows = _rows(_decoded(content))
    if not rows:
        raise Refusal(N_("The roster is empty. Choose the file that the personnel office or the contractor sent."))
    columns = _columns(rows[0], kind)
    lines: list[Line] = []
    faults: list[Refusal] = []
    for number, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        try:
            lines.append(_line(number, row, columns, kind, read_day))
        except Refusal as refusal:
            faults.append(_at(number, refusal))
    faults += _twice(lines)
    if faults:
        raise _refused(faults)
    return Roster(kind=kind, source=source, sha256=hashlib.sha256(content).hexdigest(), lines=tuple(lines))


def _rows(text: str) -> list[list[str]]:
    reader = csv.reader(io.StringIO(text), strict=True)
    try:
        return list(reader) if text.strip() else []
    except csv.Error:
        fault = Refusal(N_("a quotation mark is not closed, or stands inside a cell"))
        raise _refused([_at(reader.line_num, fault)]) from None


def _at(number: int, fault: Refusal) -> Refusal:
    return Refusal(N_("{line}: {fault}"), line=number, fault=fault)


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refusal(N_("The roster is neither UTF-8 nor CP932 (Shift_JIS). Save it again as CSV in one of the two."))


@cache
def _words() -> Mapping[str, Any]:
    return tomllib.loads(files("accesscontrol.rosters").joinpath("headings.toml").read_text("utf-8"))


def _columns(header: Sequence[str], kind: RosterKind) -> Mapping[str, int]:
    """Return the place of each column that is there; refuses a header without the ones that this roster needs."""
    told = [unicodedata.normalize("NFKC", cell).strip() for cell in header]
    names: Mapping[str, Sequence[str]] = _words()["columns"]
    found = {
        name: next((index for index, cell in enumerate(told) if cell in titles), -1) for name, titles in names.items()
    }
    missing = [names[name][0] for name in _words()["required"][kind.value] if found[name] < 0]
    if missing:
        raise Refusal(
            N_("The roster lacks the columns {missing}. Its first line must name them."),
            control="AC-CTR-01",
            missing=missing,
        )
    return {name: index for name, index in found.items() if index >= 0}


def _line(number: int, row: Sequence[str], columns: Mapping[str, int], kind: RosterKind, read_day: ReadDay) -> Line:
    cells: dict[str, Any] = {name: _cell(row[index]) if index < len(row) else "" for name, index in columns.items()}
    for name in _words()["required"][kind.value]:
        if not cells[name]:
            raise Refusal(N_("{column} is empty"), column=_words()["columns"][name][0])
    require_name(cells["staff_number"])
    for name in _DAYS:
        text = cells.pop(name, "")
        if text:
            cells[name] = read_day(text)
    cells["kind"] = PersonKind.CONTRACTOR if kind is RosterKind.CONTRACTOR else _kind(cells.get("kind", ""))
    line = Line(number=number, **cells)
    if line.begin and line.end and line.end[0] < line.begin:
        raise Refusal(N_("the last day lies before the first"), control="AC-USR-03")
    if line.employer not in {"", line.company} and not line.consent:
        raise Refusal(
            N_("{employer} is not the contractor: the reference of the consent to sub-contracting is missing"),
            control="AC-CTR-04",
            employer=line.employer,
        )
    if line.kind is PersonKind.TEMPORARY and line.end is None:
        raise Refusal(N_("temporary staff need a last day"), control="AC-USR-03")
    return line


def _cell(text: str) -> Any:
    """Return a cell without the spaces around it; control characters and individual numbers are refused."""
    plain = text.strip()
    if len(plain) > _LONGEST_NAME or not plain.replace("\u3000", " ").isprintable():
        raise Refusal(N_("a cell has control characters, or more than {most} characters"), most=_LONGEST_NAME)
    if mask_individual_numbers(plain) != plain:
        raise Refusal(N_("a roster must hold no individual number"))
    return plain


def _kind(word: str) -> PersonKind:
    for name, words in _words()["kinds"].items():
        if unicodedata.normalize("NFKC", word) in words:
            return PersonKind(name)
    raise Refusal(N_("{word} is no kind of staff"), word=word)


def _twice(lines: Sequence[Line]) -> list[Refusal]:
    counts = Counter(line.staff_number for line in lines)
    words = N_("{staff_number} ×{times}")
    return [
        _at(line.number, Refusal(words, staff_number=line.staff_number, times=n))
        for line in lines
        if (n := counts[line.staff_number]) > 1
    ]


def _refused(faults: Sequence[Refusal]) -> Refusal:
    return Refusal(
        N_("Nothing of the roster was taken: {count} of its lines are faulty ({faults}). Mend the file first."),
        control="AC-CTR-01",
        count=len(faults),
        faults=list(faults[:_FAULTS_SHOWN]),
    )
