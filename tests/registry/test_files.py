import sqlite3

import pytest

from registry.files import (
    DESTINATION_INFO,
    FILES,
    IDENTITY_INFO,
    PLACEHOLDER,
    RESIDENT_REGISTER,
    Dialect,
    File,
    create_statements,
    masked,
    masked_record,
)
from registry.files.items import PREFECTURE_ITEMS, SHARED_KEYS
from registry.files.tables import create_statement, index_statements


@pytest.mark.parametrize(
    ("file", "number", "name", "count"),
    [
        (RESIDENT_REGISTER, 1, "住民基本台帳ファイル", 93),
        (IDENTITY_INFO, 2, "本人確認情報ファイル", 40),
        (DESTINATION_INFO, 3, "送付先情報ファイル", 67),
    ],
    ids=["file-1", "file-2", "file-3"],
)
def test_each_file_has_exactly_its_printed_items_in_order(file: File, number: int, name: str, count: int) -> None:
    assert (file.number, file.name_ja) == (number, name)
    assert [item.number for item in file.items] == list(range(1, count + 1))
    assert len(set(file.columns)) == count


def test_what_identifies_a_person_is_masked_in_every_file() -> None:
    identifying = {"individual_number", "resident_code", "old_resident_code", "name_kanji", "birth_date"}
    identifying |= {"address", "current_address", "name_kana", "name_furigana", "nationality_code"}
    items = [item for file in FILES for item in file.items if item.column in identifying]
    assert len(items) > 15
    assert all(item.mask for item in items)


def test_shared_keys_point_at_items_of_the_same_meaning() -> None:
    columns = {key.meaning: {number: item.column for number, item in key.items.items()} for key in SHARED_KEYS}
    assert columns["住民票コード"] == dict.fromkeys((1, 2, 3), "resident_code")
    assert columns["個人番号"] == dict.fromkeys((1, 2, 3), "individual_number")
    assert columns["異動事由"] == {1: "change_reason", 2: "change_reason"}


def test_the_prefecture_gets_eight_items_of_file_two() -> None:
    assert [item.number for item in PREFECTURE_ITEMS] == [1, 2, 6, 7, 11, 13, 21, 22]


def test_sqlite_takes_the_tables_as_strict_with_the_items_in_printed_order() -> None:
    database = sqlite3.connect(":memory:")
    for statement in [*create_statements(), *index_statements()]:
        database.execute(statement)
    for file in FILES:
        columns = tuple(row[1] for row in database.execute(f"PRAGMA table_info({file.table})"))
        assert columns == ("record_id", *file.columns)
    with pytest.raises(sqlite3.IntegrityError, match="cannot store TEXT value in INTEGER column"):
        database.execute("INSERT INTO identity_info (gaiji_count_name) VALUES ('two')")
    database.close()


def test_the_same_tables_are_spoken_for_postgresql_without_strict() -> None:
    statement = create_statement(DESTINATION_INFO, Dialect.postgresql)
    assert "STRICT" not in statement
    assert "gaiji_pattern bytea" in statement
    assert "target_person_count bigint" in statement


def test_a_masked_item_shows_a_placeholder_of_one_width_whatever_it_holds() -> None:
    name = RESIDENT_REGISTER.item("name_kanji")
    assert masked("見本　花子", name) == masked("王", name) == masked(None, name) == PLACEHOLDER
    assert masked("100012", RESIDENT_REGISTER.item("household_no")) == "100012"
    assert masked(None, RESIDENT_REGISTER.item("household_no")) == ""


def test_of_a_long_code_at_most_the_last_two_characters_are_shown() -> None:
    number = RESIDENT_REGISTER.item("individual_number")
    assert masked("123456789018", number) == PLACEHOLDER
    assert masked("123456789018", number, last=2) == "＊＊＊＊＊＊18"
    with pytest.raises(ValueError, match="at most the last 2"):
        masked("123456789018", number, last=3)


def test_a_short_code_or_a_text_shows_no_part_of_itself() -> None:
    assert masked("1", RESIDENT_REGISTER.item("sex_code"), last=2) == PLACEHOLDER
    assert masked("見本市青葉町一丁目二番", RESIDENT_REGISTER.item("current_address"), last=2) == PLACEHOLDER


def test_a_masked_record_keeps_only_items_of_its_file() -> None:
    shown = masked_record({"resident_code": "12345678903", "change_reason": "01", "linked_at": "x"}, IDENTITY_INFO)
    assert shown == {"resident_code": PLACEHOLDER, "change_reason": "01"}
