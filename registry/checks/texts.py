"""Checks of names and addresses as texts: characters, external characters, lengths (CHK-FMT-04 to 06)."""

import re
from collections.abc import Iterator
from itertools import chain
from typing import Any

from accesscontrol.messages import N_
from registry.checks.model import Check, Columns, FileCheck, Found, RecordCheck, Settings, Severity, located
from registry.databases.interface import Registry
from registry.files import DESTINATION_INFO, FILES, IDENTITY_INFO, File
from registry.files.characters import (
    count_external,
    kana_without_voiced_marks,
    may_hold_external,
    without_voiced_marks,
)

CHARACTERS = Check(
    id="CHK-FMT-04",
    title=N_("Readings in the right characters"),
    message=N_("Item {item} holds characters that are not allowed."),
    severity=Severity.error,
    files=(1, 2, 3),
    controls=("RG-INT-02",),
)
EXTERNAL = Check(
    id="CHK-FMT-05",
    title=N_("External character counts"),
    message=N_("External character count in item {item} does not agree with its text."),
    severity=Severity.error,
    files=(2, 3),
    controls=("RG-INT-02",),
)
LENGTHS = Check(
    id="CHK-FMT-06",
    title=N_("Item lengths of the destination record"),
    message=N_("Length in item {item} does not agree with its text."),
    severity=Severity.error,
    files=(3,),
    controls=("RG-INT-02",),
)

# Hiragana and katakana with their marks, middle dot, prolonged mark, spaces and hyphens.
_KANA = re.compile("[\u3041-\u3096\u3099\u309a\u309d\u309e\u30a1-\u30fe\u3000 \u2010\u2212\uff0d-]*")
_CAPITALS = re.compile("[A-Z -]*")
_COUNTED = {
    IDENTITY_INFO.table: {
        "gaiji_count_name": "name_kanji",
        "gaiji_count_address": "address",
        "gaiji_count_prev_address": "prev_address",
        "gaiji_count_former_surname": "former_surname_kanji",
    },
    DESTINATION_INFO.table: {
        column: column.removesuffix("_gaiji_count")
        for column in DESTINATION_INFO.columns
        if column.endswith("_gaiji_count")
    }
    | {"former_surname_gaiji_count": "former_surname_kanji"},
}


def _readings(file: File) -> tuple[str, ...]:
    return tuple(
        column
        for column in file.columns
        if column.endswith(("_kana", "_furigana", "_kana_normalized")) and not column.endswith("_len")
    )


def _together(columns: Columns) -> str:
    return "".join(filter(None, chain.from_iterable(columns)))


def _kana_check(file: File) -> RecordCheck:
    columns = _readings(file)

    def passes(values: Columns) -> bool:
        return _KANA.fullmatch(_together(values)) is not None

    def test(values: tuple[Any, ...]) -> list[str]:
        named = zip(columns, values, strict=True)
        return [column for column, value in named if value and not _KANA.fullmatch(value)]

    return RecordCheck(CHARACTERS, file, columns, test, passes)


def _unvoiced(values: tuple[Any, ...]) -> tuple[str, ...]:
    reading, unvoiced = values
    agree = reading is None or unvoiced is None or without_voiced_marks(reading) == unvoiced
    return () if agree else ("name_kana_normalized",)


def _all_unvoiced(columns: Columns) -> bool:
    readings, unvoiced = columns
    if None in readings or None in unvoiced or not _KANA.fullmatch("".join(unvoiced)):
        return False
    return kana_without_voiced_marks("\n".join(readings)).split("\n") == list(unvoiced)


def _capitals(values: tuple[Any, ...]) -> list[str]:
    columns = ("romaji_name", "romaji_former_surname")
    return [column for column, value in zip(columns, values, strict=True) if value and not _CAPITALS.fullmatch(value)]


def _external_check(file: File) -> RecordCheck:
    counted = _COUNTED[file.table]
    size = len(counted)

    def passes(values: Columns) -> bool:
        return not any(map(any, values[size:])) and not may_hold_external(_together(values[:size]))

    def test(values: tuple[Any, ...]) -> list[str]:
        texts, counts, flag = values[:size], values[size:-1], values[-1]
        faulty = [
            column
            for column, text, count in zip(counted, texts, counts, strict=True)
            if (count or 0) != count_external(text)
        ]
        if bool(flag) != any(counts):
            faulty.append("gaiji_flag")
        return faulty

    return RecordCheck(EXTERNAL, file, (*counted.values(), *counted, "gaiji_flag"), test, passes)


def _lengths_check() -> RecordCheck:
    lengths = tuple(column for column in DESTINATION_INFO.columns if column.endswith("_len"))
    texts = tuple(column.removesuffix("_len") for column in lengths)
    size = len(lengths)

    def test(values: tuple[Any, ...]) -> list[str]:
        return [
            column
            for column, length, text in zip(lengths, values[:size], values[size:], strict=True)
            if (length or 0) != len(text or "")
        ]

    return RecordCheck(LENGTHS, DESTINATION_INFO, (*lengths, *texts), test)


def record_checks() -> list[RecordCheck]:
    """Return the checks of one record's texts. A length counts characters as Unicode does."""
    return [
        *(_kana_check(file) for file in FILES),
        RecordCheck(CHARACTERS, IDENTITY_INFO, ("name_furigana", "name_kana_normalized"), _unvoiced, _all_unvoiced),
        RecordCheck(CHARACTERS, DESTINATION_INFO, ("romaji_name", "romaji_former_surname"), _capitals),
        _external_check(IDENTITY_INFO),
        _external_check(DESTINATION_INFO),
        _lengths_check(),
    ]


def _persons(registry: Registry, _settings: Settings) -> Iterator[Found]:
    """Find destination records whose number of persons is not that of the records under their control number."""
    sql = (
        "SELECT min(record_id) FROM destination_info GROUP BY destination_control_no "
        "HAVING min(target_person_count) <> count(*) OR max(target_person_count) <> count(*)"
    )
    items = (DESTINATION_INFO.item("target_person_count").number,)
    yield from located(registry, DESTINATION_INFO.table, items, sql)


def file_checks() -> list[FileCheck]:
    """Return the check of the number of persons in a destination record."""
    return [FileCheck(LENGTHS, _persons)]
