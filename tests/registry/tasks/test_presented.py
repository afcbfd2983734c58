"""What one person presents is compared at the counter: item by item or by code, and no value is kept anywhere."""

import json
from pathlib import Path
from typing import Any

import pytest

from accesscontrol.refusals import Refusal
from registry.files import RESIDENT_REGISTER
from registry.tasks import differences
from registry.tasks.presented import CARD_TASK, MOVE_IN_TASK
from tests.registry.tasks.hall import Hall

NOTICE = {
    "name_kanji": "架空　太郎",
    "birth_date": "1980-05-05",
    "sex_code": "1",
    "resident_code": "12345678903",
    "individual_number": "123456789018",
    "prev_address": "見本県前市１",
}
CERTIFICATE = {
    **{item: value for item, value in NOTICE.items() if item != "prev_address"},
    "current_address": "見本県前市１",
}


def file(path: Path, values: dict[str, Any]) -> str:
    path.write_text(json.dumps(values), encoding="utf-8")
    return str(path)


def papers(folder: Path, **certified: str) -> dict[str, str]:
    return {
        "notice": file(folder / "notice.json", NOTICE),
        "certificate": file(folder / "certificate.json", CERTIFICATE | certified),
    }


def test_a_notice_that_says_what_the_certificate_says_agrees(hall: Hall, tmp_path: Path) -> None:
    done = hall.run(MOVE_IN_TASK, papers(tmp_path))
    assert done["agrees"]
    assert done["by_check"] == {"CHK-REC-05": 0}


def test_each_item_that_differs_is_a_line_of_the_report_without_its_value(sqlite_hall: Hall, tmp_path: Path) -> None:
    done = sqlite_hall.run(MOVE_IN_TASK, papers(tmp_path, birth_date="1981-05-05", current_address="見本県前市２"))
    assert not done["agrees"]
    lines = differences.lines_of(sqlite_hall.store, done["report"])
    wanted = [(RESIDENT_REGISTER.item(column).number,) for column in ("birth_date", "prev_address")]
    assert [line.items for line in lines] == wanted
    kept = "".join(
        str(tuple(row))
        for table in ("difference_report", "difference_line", "trail_entry")
        for row in sqlite_hall.store.rows(f"SELECT * FROM {table}")
    )
    assert not [value for value in (*NOTICE.values(), "1981-05-05") if len(value) > 1 and value in kept]


def test_an_item_that_a_file_leaves_out_is_no_agreement(sqlite_hall: Hall, tmp_path: Path) -> None:
    asked = papers(tmp_path)
    file(tmp_path / "notice.json", {item: value for item, value in NOTICE.items() if item != "sex_code"})
    with pytest.raises(Refusal, match="sex_code"):
        sqlite_hall.run(MOVE_IN_TASK, asked)


def code(hall: Hall, status: str) -> str:
    sql = f"SELECT min(resident_code) FROM identity_info WHERE record_status_flag = '{status}'"
    return str(hall.ask(sql)[0][0])


def test_a_valid_card_of_a_current_resident_agrees(hall: Hall, tmp_path: Path) -> None:
    card = file(tmp_path / "card.json", {"resident_code": code(hall, "1"), "state": "valid"})
    assert hall.run(CARD_TASK, {"card": card})["agrees"]


@pytest.mark.parametrize(("status", "state"), [("1", "stopped"), ("3", "valid"), ("", "valid")])
def test_an_unknown_code_a_deleted_person_and_a_stopped_card_all_say_no(
    hall: Hall, tmp_path: Path, status: str, state: str
) -> None:
    number = code(hall, status) if status else "12345678903"
    done = hall.run(CARD_TASK, {"card": file(tmp_path / "card.json", {"resident_code": number, "state": state})})
    assert not done["agrees"]
    (line,) = differences.lines_of(hall.store, done["report"])
    assert set(line.place) == ({"identity_info"} if status else set())


@pytest.mark.parametrize("content", ["[]", "{", '{"resident_code": [1], "state": "valid"}'])
def test_a_file_of_another_form_is_refused(sqlite_hall: Hall, tmp_path: Path, content: str) -> None:
    (tmp_path / "card.json").write_text(content, encoding="utf-8")
    with pytest.raises(Refusal, match="JSON object"):
        sqlite_hall.run(CARD_TASK, {"card": str(tmp_path / "card.json")})
