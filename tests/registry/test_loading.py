import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from accesscontrol.refusals import Refusal
from registry.checks import Settings, check
from registry.databases.sqlite import SqliteRegistry, building
from registry.files import DESTINATION_INFO, FILES, IDENTITY_INFO, RESIDENT_REGISTER, File
from registry.loading import load
from tests.registry.conftest import TODAY

SETTINGS = Settings(today=TODAY)


def fields(row: tuple[Any, ...]) -> list[str]:
    return ["" if v is None else v.hex() if isinstance(v, bytes) else str(v) for v in row]


def exported(
    city: SqliteRegistry, file: File, path: Path, *, encoding: str = "utf-8", names: bool = False
) -> list[list[str]]:
    rows = [fields(row[1:]) for row in city.scan(file.table)]
    header = [item.name_ja for item in file.items] if names else list(file.columns)
    written(path, [header, *rows], encoding)
    return [header, *rows]


def written(path: Path, rows: list[list[str]], encoding: str = "utf-8") -> None:
    with path.open("w", encoding=encoding, newline="") as lines:
        csv.writer(lines).writerows(rows)


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[SqliteRegistry]:
    with building(tmp_path / "empty.sqlite3", {}):
        pass
    with SqliteRegistry.open(tmp_path / "empty.sqlite3") as registry:
        yield registry


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.table)
@pytest.mark.parametrize("names", [False, True], ids=["columns", "printed-names"])
def test_a_file_comes_back_as_it_went_out(
    city: SqliteRegistry, empty: SqliteRegistry, tmp_path: Path, file: File, *, names: bool
) -> None:
    exported(city, file, tmp_path / "file.csv", names=names)
    loaded = load(empty, file, tmp_path / "file.csv", SETTINGS)
    assert loaded.records == city.counts()[file.table]
    assert [row[1:] for row in empty.scan(file.table)] == [row[1:] for row in city.scan(file.table)]


def test_a_byte_order_mark_is_no_part_of_the_first_name(
    city: SqliteRegistry, empty: SqliteRegistry, tmp_path: Path
) -> None:
    exported(city, IDENTITY_INFO, tmp_path / "file.csv", encoding="utf-8-sig")
    assert load(empty, IDENTITY_INFO, tmp_path / "file.csv", SETTINGS).records > 2000


def test_the_encoding_of_the_register_system_is_read_when_it_is_named(
    empty: SqliteRegistry, city: SqliteRegistry, tmp_path: Path
) -> None:
    plain = "name_kanji NOT GLOB '*[\ue000-\uf8ff]*' AND name_kanji LIKE '霧嶺%' OR name_kanji LIKE '%﨑%'"
    rows = [fields(row[1:]) for row in city.rows(f"SELECT * FROM identity_info WHERE {plain}")]
    rows = [row for row in rows if "".join(row).encode("cp932", "ignore").decode("cp932") == "".join(row)]
    assert rows
    written(tmp_path / "file.csv", [list(IDENTITY_INFO.columns), *rows], "cp932")
    assert load(empty, IDENTITY_INFO, tmp_path / "file.csv", SETTINGS, encoding="cp932").records == len(rows)


def refused(registry: SqliteRegistry, file: File, path: Path) -> Refusal:
    before = registry.counts()
    with pytest.raises(Refusal) as refusal:
        load(registry, file, path, SETTINGS)
    assert registry.counts() == before
    return refusal.value


@pytest.mark.parametrize(
    ("at", "spoil"),
    [
        (1, lambda row: [*row[1:], row[0]]),
        (2, lambda row: row[:-1]),
        (700, lambda row: [*row, "more"]),
        (900, lambda row: [*row[:2], "x", *row[3:]]),
        (900, lambda row: [*row[:2], "３", *row[3:]]),
        (900, lambda row: [*row[:2], "-1", *row[3:]]),
        (3, lambda _: []),
    ],
    ids=["header", "short", "long", "text-for-number", "wide-digit", "negative", "empty-line"],
)
def test_one_bad_line_refuses_the_whole_file_and_is_named(
    city: SqliteRegistry, empty: SqliteRegistry, tmp_path: Path, at: int, spoil: Any
) -> None:
    rows = exported(city, IDENTITY_INFO, tmp_path / "file.csv")
    rows[at - 1] = spoil(rows[at - 1])
    written(tmp_path / "file.csv", rows)
    refusal = refused(empty, IDENTITY_INFO, tmp_path / "file.csv")
    assert refusal.control == "RG-PRV-07"
    assert refusal.fields == {"line": at}


@pytest.mark.parametrize(
    "content", [b"", b"\x00\xff\xfe" * 50, b'"never closed', b"\x1b[2J\n", "住民票コード\n".encode("cp932")]
)
def test_what_is_no_csv_of_the_file_is_refused(empty: SqliteRegistry, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file.csv").write_bytes(content)
    assert "nothing was registered" in str(refused(empty, IDENTITY_INFO, tmp_path / "file.csv"))


def test_bytes_of_another_encoding_in_the_middle_refuse_the_file(
    city: SqliteRegistry, empty: SqliteRegistry, tmp_path: Path
) -> None:
    exported(city, RESIDENT_REGISTER, tmp_path / "file.csv")
    content = (tmp_path / "file.csv").read_bytes()
    (tmp_path / "file.csv").write_bytes(content[:200_000] + b"\x94\xff" + content[200_000:])
    assert refused(empty, RESIDENT_REGISTER, tmp_path / "file.csv").fields["line"] > 1


def test_a_record_with_an_error_refuses_the_file_and_the_message_holds_no_value(
    city: SqliteRegistry, empty: SqliteRegistry, tmp_path: Path
) -> None:
    rows = exported(city, IDENTITY_INFO, tmp_path / "file.csv")
    rows[50][12] = "999123456789"
    written(tmp_path / "file.csv", rows)
    refusal = refused(empty, IDENTITY_INFO, tmp_path / "file.csv")
    assert str(refusal) == "Record 50 fails CHK-ID-01 in item 13 個人番号; nothing was registered."


def test_a_warning_does_not_refuse_the_file_but_is_counted(
    city: SqliteRegistry, empty: SqliteRegistry, tmp_path: Path
) -> None:
    rows = exported(city, IDENTITY_INFO, tmp_path / "file.csv")
    rows[50][7] = "99201"
    written(tmp_path / "file.csv", rows)
    assert load(empty, IDENTITY_INFO, tmp_path / "file.csv", SETTINGS).warnings == {"CHK-ID-03": 1}


def test_loading_the_same_file_again_is_refused_since_every_number_would_be_held_twice(
    own_city: SqliteRegistry, tmp_path: Path
) -> None:
    exported(own_city, IDENTITY_INFO, tmp_path / "file.csv")
    assert refused(own_city, IDENTITY_INFO, tmp_path / "file.csv").fields["check"] == "CHK-ID-04"
    assert check(own_city, SETTINGS).sound


def test_an_empty_list_of_records_is_a_file_too(empty: SqliteRegistry, tmp_path: Path) -> None:
    written(tmp_path / "file.csv", [list(DESTINATION_INFO.columns)])
    assert load(empty, DESTINATION_INFO, tmp_path / "file.csv", SETTINGS).records == 0
