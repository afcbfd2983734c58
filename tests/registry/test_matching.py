import pytest

from registry.checks.matching import judge_card, judge_move_in
from registry.databases.sqlite import SqliteRegistry

CERTIFICATE = {
    "name_kanji": "架空 花子",
    "birth_date": "1980-05-05",
    "sex_code": "2",
    "resident_code": "12345678903",
    "individual_number": "123456789018",
    "current_address": "架空県別市１番",
}
NOTICE = {key: value for key, value in CERTIFICATE.items() if key != "current_address"} | {
    "prev_address": "架空県別市１番",
    "current_address": "架空県見本市２番",
}


def test_a_notice_that_agrees_with_its_certificate_has_no_fault() -> None:
    assert judge_move_in(NOTICE, CERTIFICATE) == []


@pytest.mark.parametrize(
    ("column", "item"),
    [
        ("name_kanji", 21), ("birth_date", 23), ("sex_code", 22),
        ("resident_code", 30), ("individual_number", 81), ("prev_address", 33),
    ],
)  # fmt: skip
def test_each_item_that_the_certificate_says_otherwise_is_named_and_not_shown(column: str, item: int) -> None:
    (fault,) = judge_move_in(NOTICE | {column: "SECRET"}, CERTIFICATE)
    assert (fault.check.id, fault.items) == ("CHK-REC-05", (item,))
    assert "SECRET" not in fault.check.message.format(**fault.fields())
    assert judge_move_in(NOTICE | {column: None}, CERTIFICATE) != []


def test_a_card_is_matched_by_resident_code_against_current_records_alone(city: SqliteRegistry) -> None:
    def code(status: str) -> str:
        sql = "SELECT resident_code FROM identity_info WHERE record_status_flag = ? LIMIT 1"
        found: str = next(iter(city.rows(sql, (status,))))[0]
        return found

    assert judge_card(city, code("1"), state="valid") == []
    for presented, state in ((code("3"), "valid"), ("99999999999", "valid"), (code("1"), "suspended")):
        (fault,) = judge_card(city, presented, state=state)
        assert fault.check.id == "CHK-REC-06"
