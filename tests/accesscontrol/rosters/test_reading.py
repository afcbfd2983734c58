"""Reading a roster's file: both encodings, real headings, and every fault told with its line."""

from datetime import date

import pytest

from accesscontrol.accounts.model import DisableReason, PersonKind
from accesscontrol.refusals import Refusal
from accesscontrol.rosters.model import RosterKind
from accesscontrol.rosters.reading import read_roster
from console.dates import parse_date
from tests.accesscontrol.rosters.hall import CONTRACTOR, PERSONNEL, read, staff, workers


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_both_encodings_of_city_halls_are_read(encoding: str) -> None:
    roster = read(f"{PERSONNEL}\n1042,髙橋　花子,,,市民課,正規,,\n", RosterKind.PERSONNEL, encoding)
    assert [line.name for line in roster.lines] == ["髙橋　花子"]


def test_days_are_read_as_people_write_them() -> None:
    text = f"{PERSONNEL}\n1042,架空花子,,,市民課,会計年度任用職員,令和８年４月１日,R9.3.31\n"
    [line] = read_roster(text.encode(), RosterKind.PERSONNEL, "roster.csv", parse_date).lines
    assert (line.kind, line.begin, line.end) == (
        PersonKind.TEMPORARY,
        date(2026, 4, 1),
        (date(2027, 3, 31), DisableReason.EXPIRY),
    )


def test_the_end_of_a_contractors_worker_is_the_earlier_of_roster_and_contract() -> None:
    one, two = workers(
        "K-1,架空一,架空システム,C-7,2026-04-01,2027-03-31,2026-12-28,P-1,2026-04-01",
        "K-2,架空二,架空システム,C-7,2026-04-01,2027-03-31,2028-12-28,P-2,2026-04-01",
    ).lines
    assert one.end == (date(2026, 12, 28), DisableReason.ROSTER)
    assert two.end == (date(2027, 3, 31), DisableReason.EXPIRY)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["1042,架空花子,,,市民課,王様,,"], "2: 王様"),
        (["1042,,,,市民課,正規,,"], "2: 氏名 is empty"),
        (["1042,架空花子,,,市民課,会計年度任用職員,,"], "2: temporary staff need a last day"),
        (["1042,架空花子,,,市民課,正規,2026-04-01,2026-03-31"], "2: the last day lies before"),
        (["1042,架空花子,,,市民課,正規,,", "1042,架空太郎,,,市民課,正規,,"], "3: 1042 ×2"),
        (["10 42,架空花子,,,市民課,正規,,"], "2: .*can't be a name"),
        (["1042,架空\x1b[2J,,,市民課,正規,,"], "2: a cell has control"),
        (["1042,架空花子,,,市民課,正規,,", '1043,"架空太郎,,,市民課,正規,,'], "3: a quotation mark is not closed"),
        (["1042,架空花子 1234 5678 9018,,,市民課,正規,,"], "2: a roster must hold no individual number"),
    ],
)
def test_a_fault_refuses_the_whole_file_and_names_its_line(lines: list[str], told: str) -> None:
    with pytest.raises(Refusal, match=f"Nothing of the roster was taken.*{told}"):
        staff(*lines)


def test_a_worker_of_another_company_needs_the_number_of_the_consent() -> None:
    header = f"{CONTRACTOR},再委託先,再委託承諾番号"
    row = "K-1,架空一,架空システム,C-7,2026-04-01,2027-03-31,,P-1,2026-04-01"
    with pytest.raises(Refusal, match=r"2: 架空下請 is not the contractor.*consent"):
        read(f"{header}\n{row},架空下請,\n", RosterKind.CONTRACTOR)
    [own] = read(f"{header}\n{row},架空システム,\n", RosterKind.CONTRACTOR).lines
    assert own.consent == ""
    [other] = read(f"{header}\n{row},架空下請,市情第45号\n", RosterKind.CONTRACTOR).lines
    assert (other.employer, other.consent) == ("架空下請", "市情第45号")


def test_missing_columns_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Refusal, match="所属"):
        read("職員番号,氏名\n1,x\n", RosterKind.PERSONNEL)
    with pytest.raises(Refusal, match="契約番号"):
        read("従業者番号,氏名,会社名\n1,x,y\n", RosterKind.CONTRACTOR)


def test_what_is_no_roster_is_refused() -> None:
    for content in (b"", b"\n", b"\xff\xfe\x80\x81\xa0\xfd"):
        with pytest.raises(Refusal):
            read_roster(content, RosterKind.PERSONNEL, "roster.csv", date.fromisoformat)


def test_empty_lines_and_further_columns_do_no_harm() -> None:
    roster = read(f"{CONTRACTOR},備考\n\nK-1,架空一,会社,C-7,2026-04-01,2027-03-31,,,,x\n,,,\n", RosterKind.CONTRACTOR)
    assert [(line.staff_number, line.kind) for line in roster.lines] == [("K-1", PersonKind.CONTRACTOR)]
