"""Exports from the other side are compared item by item, on the declared key and for the declared purpose only."""

import csv
from pathlib import Path

import pytest

from accesscontrol.refusals import Refusal
from registry.files import DESTINATION_INFO, IDENTITY_INFO, RESIDENT_REGISTER
from registry.tasks import differences
from registry.tasks.matching import COPY, DESTINATION, NUMBERS, require_declared
from tests.registry.tasks.hall import Hall

COLUMNS = ("resident_code", "name_kanji", "birth_date", "current_address", "individual_number")


def export(hall: Hall, path: Path, columns: tuple[str, ...] = COLUMNS, *, where: str = "1 = 1") -> Path:
    sql = f"SELECT {', '.join(columns)} FROM resident_register WHERE deleted_record_class = '0' AND {where}"
    with path.open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines).writerows([columns, *hall.ask(sql)])
    return path


def test_a_true_copy_agrees_with_its_original(hall: Hall, tmp_path: Path) -> None:
    done = hall.run(COPY, {"source": str(export(hall, tmp_path / "copy.csv"))})
    assert done["agrees"]
    assert done["ours"] == done["theirs"] == 500


def test_every_prepared_difference_is_found_by_place_and_item(hall: Hall, tmp_path: Path) -> None:
    source = export(hall, tmp_path / "copy.csv", where="record_id <> 7")  # 7 is missing there
    hall.change(
        "UPDATE resident_register SET name_kanji = 'OTHER', current_address = 'OTHER' WHERE record_id = 3",
        "UPDATE resident_register SET deleted_record_class = '1' WHERE record_id = 9",  # missing here
    )
    done = hall.run(COPY, {"source": str(source)})
    assert done["differences"] == {"missing_there": 1, "missing_here": 1, "differing": 1}
    there, here, differing = differences.lines_of(hall.store, done["report"])
    assert there.place == {"resident_register": 7}
    assert here.place == {"line": 8}
    assert differing.place == {"resident_register": 3, "line": 3}
    assert set(differing.items) == {
        RESIDENT_REGISTER.item("name_kanji").number,
        RESIDENT_REGISTER.item("current_address").number,
    }


def test_neither_report_nor_trail_holds_what_a_record_holds(sqlite_hall: Hall, tmp_path: Path) -> None:
    source = export(sqlite_hall, tmp_path / "copy.csv")
    (name, number), *_ = sqlite_hall.ask(
        "SELECT name_kanji, individual_number FROM resident_register WHERE record_id = 3"
    )
    sqlite_hall.change("UPDATE resident_register SET name_kanji = 'SECRET-NAME' WHERE record_id = 3")
    sqlite_hall.run(COPY, {"source": str(source)})
    kept = "".join(str(tuple(row)) for table in ("difference_report", "difference_line", "trail_entry")
                   for row in sqlite_hall.store.rows(f"SELECT * FROM {table}"))  # fmt: skip
    for value in (name, number, "SECRET-NAME"):
        assert value not in kept


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("name_kanji,resident_code\nA,12345678903\n", 1),  # another key
        ("resident_code,unknown\n12345678903,A\n", 1),
        ("resident_code,name_kanji\n12345678903,A\n1,2,3\n", 3),
        ("resident_code,name_kanji\n,A\n", 2),
        ("", 1),
    ],
)
def test_a_badly_formed_file_is_refused_whole(sqlite_hall: Hall, tmp_path: Path, content: str, line: int) -> None:
    source = tmp_path / "copy.csv"
    source.write_text(content, encoding="utf-8")
    with pytest.raises(Refusal, match=f"line {line}") as refused:
        sqlite_hall.run(COPY, {"source": str(source)})
    assert refused.value.control == "RG-PRV-07"
    assert differences.reports(sqlite_hall.store) == []


def test_one_person_twice_and_a_file_that_is_not_there_are_refused(sqlite_hall: Hall, tmp_path: Path) -> None:
    source = tmp_path / "copy.csv"
    source.write_text("resident_code,name_kanji\n12345678903,A\n12345678903,B\n", encoding="utf-8")
    with pytest.raises(Refusal, match="stands twice"):
        sqlite_hall.run(COPY, {"source": str(source)})
    with pytest.raises(Refusal, match="can't be read"):
        sqlite_hall.run(COPY, {"source": str(tmp_path / "absent.csv")})


def test_destination_information_needs_all_four_attributes(sqlite_hall: Hall, tmp_path: Path) -> None:
    columns = ("resident_code", "name_kanji", "address", "sex", "birth_date")
    rows = sqlite_hall.ask(f"SELECT {', '.join(columns)} FROM destination_info")
    source = tmp_path / "reply.csv"
    with source.open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines).writerows([columns, *rows])
    assert sqlite_hall.run(DESTINATION, {"source": str(source)})["agrees"]
    sqlite_hall.change("UPDATE destination_info SET address = 'moved' WHERE record_id = 1")
    done = sqlite_hall.run(DESTINATION, {"source": str(source)})
    (line,) = differences.lines_of(sqlite_hall.store, done["report"])
    assert line.items == (DESTINATION_INFO.item("address").number,)
    source.write_text("resident_code,name_kanji\n", encoding="utf-8")
    with pytest.raises(Refusal, match="lacks items"):
        sqlite_hall.run(DESTINATION, {"source": str(source)})


def test_numbers_are_compared_with_those_of_the_national_body(sqlite_hall: Hall, tmp_path: Path) -> None:
    columns = ("resident_code", "individual_number")
    source = export(sqlite_hall, tmp_path / "numbers.csv", columns)
    sqlite_hall.change("UPDATE resident_register SET individual_number = '123456789018' WHERE record_id = 5")
    done = sqlite_hall.run(NUMBERS, {"source": str(source)})
    (line,) = differences.lines_of(sqlite_hall.store, done["report"])
    assert line.items == (81,)


def test_another_purpose_key_or_file_is_no_declared_matching() -> None:
    assert require_declared("MT-6", "resident_code", DESTINATION_INFO).id == "MT-6"
    for purpose, key, file in (
        ("MT-7", "resident_code", IDENTITY_INFO),
        ("MT-4", "name_kanji", IDENTITY_INFO),
        ("MT-4", "resident_code", RESIDENT_REGISTER),
    ):
        with pytest.raises(Refusal) as refused:
            require_declared(purpose, key, file)
        assert refused.value.control == "RG-INT-14"
