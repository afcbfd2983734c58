"""Papers that are overdue become a finding of each sort, which ends when the last one is entered."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from accesscontrol.accounts import persons
from accesscontrol.accounts.model import Person, PersonKind
from accesscontrol.accounts.papers import Paper
from accesscontrol.refusals import Refusal
from console import missing_papers, translation
from console.commands.papers import group
from console.finding_words import spoken_explanation
from console.screens.controls.listing import ControlsScreen
from monitors.findings import reading as findings
from monitors.findings.states import State
from tests.console.commands.desk import answer, call, call_as
from tests.console.town import Town, in_one_line, press


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A town with two persons of its roster, who came a year ago."""
    translation.choose("en")
    town = Town.copied_to(tmp_path)
    with town.site.store.transaction() as tx:
        for number in ("1001", "1002"):
            since = town.clock.now() - timedelta(days=365)
            person = Person(
                staff_number=number, name="架空　花子", office="市民課", kind=PersonKind.EMPLOYEE, valid_from=since
            )
            persons.enter_person(tx, person, actor="system")
    yield town
    town.site.store.close()


def test_what_is_overdue_is_one_finding_of_each_sort_until_the_last_is_entered(town: Town) -> None:
    for paper in (Paper.TRACED, Paper.SELF_CHECK):
        missing_papers.enter(town.site, paper, ["1001"], date(2026, 11, 24), "綴1", town.acting("sato"))
    assert missing_papers.find(town.site) == []
    town.clock.advance(timedelta(days=31))
    assert len(missing_papers.find(town.site)) == 1
    assert missing_papers.find(town.site) == []
    (finding,) = [each for each in findings.listed(town.site.store) if each.rule == missing_papers.MISSING]
    assert list(finding.controls) == ["MO-ANM-09"]
    said = "Acknowledgement that use is logged and can be traced: 1 paper is overdue."
    assert said in spoken_explanation(finding)
    missing_papers.enter(town.site, Paper.TRACED, ["1002"], date(2026, 12, 1), "綴2", town.acting("sato"))
    missing_papers.find(town.site)
    (finding,) = [each for each in findings.listed(town.site.store) if each.rule == missing_papers.MISSING]
    assert finding.state is State.MADE_GOOD


def test_only_whoever_keeps_papers_enters_them(town: Town) -> None:
    with pytest.raises(Refusal, match="role") as refused:
        missing_papers.enter(town.site, Paper.TRACED, ["1001"], date(2026, 11, 24), "綴1", town.acting("ito"))
    assert refused.value.control == "MO-ANM-09"


def test_a_list_is_entered_and_who_is_missing_told_at_the_command_line(town: Town, tmp_path: Path) -> None:
    file = tmp_path / "answered.csv"
    file.write_text("1001,架空　花子\n", "utf-8")
    done = call_as(town, "sato", group, "enter", "self-check", "--list", file, "--reference", "綴1")
    assert done.exit_code == 0, done.stderr
    assert answer(call(town, group, "missing", "self-check", "--json")) == [
        {"subject": "1002", "last": None, "due": "2027-03-31T15:00:00+00:00", "overdue": False}
    ]
    assert "架空＊＊" in call(town, group, "missing", "self-check").stdout
    counted = {each["paper"]: each for each in answer(call(town, group, "list", "--json"))}
    assert counted["self-check"] == {"paper": "self-check", "control": "CO-TRN-01", "missing": 1, "overdue": 0}


async def test_the_details_of_a_control_say_of_whom_its_papers_are_missing(town: Town) -> None:
    missing_papers.enter(town.site, Paper.SELF_CHECK, ["1001"], date(2026, 11, 24), "綴1", town.acting("sato"))
    async with town.sitting(ControlsScreen, size=(120, 40)) as pilot:
        await press(pilot, "slash")
        await pilot.press(*"CO-TRN-01")
        shown = in_one_line(await press(pilot, "enter", "enter"))
        assert "missing 1, overdue 0" in shown
