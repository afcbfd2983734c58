"""What is done by hand comes due, is stated by whoever is responsible, and is missed out loud."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from accesscontrol.people.roles import Role
from console import queues, translation
from console.evidence import controls, duties
from console.evidence.duties import Duty
from console.evidence.guards.model import Period, Standing
from console.finding_words import spoken_explanation
from monitors.findings import reading as findings
from monitors.findings.reading import Finding
from monitors.findings.states import State
from tests.console.evidence.test_statements import enter
from tests.console.town import Town

MONTHLY, QUARTERLY, YEARLY = "MO-SYS-04", "MO-SYS-09", "CO-PHY-01"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A town on 24 November, ten days old."""
    translation.choose("en")
    town = Town.copied_to(tmp_path)
    yield town
    town.site.store.close()


def duty(town: Town, control: str) -> Duty:
    return next(each for each in duties.every(town.site.store, town.site.zone) if each.control.id == control)


def day(month: int, number: int, year: int = 2026) -> datetime:
    """Return the first instant of a day in Japan."""
    return datetime(year, month, number, tzinfo=ZoneInfo("Asia/Tokyo"))


def missed(town: Town) -> dict[str, Finding]:
    return {each.group: each for each in findings.listed(town.site.store) if each.rule == duties.MISSED}


def test_every_control_that_is_kept_by_hand_or_attested_comes_due() -> None:
    for control in controls.every():
        if control.standing is Standing.NOT_YET or control.kind is controls.Kind.ATTESTED:
            assert control.guard.every is not None, control.id


def test_whatever_comes_due_has_a_role_that_may_state_it(town: Town) -> None:
    for each in duties.every(town.site.store, town.site.zone):
        assert each.roles, each.control.id


def test_a_new_site_has_a_month_and_then_until_the_end_of_the_period(town: Town) -> None:
    assert [duty(town, each).due for each in (MONTHLY, QUARTERLY, YEARLY)] == [
        day(1, 1, 2027),
        day(1, 1, 2027),
        day(4, 1, 2027),
    ]


def test_what_was_stated_is_due_again_by_the_end_of_the_following_period(town: Town) -> None:
    for control in (MONTHLY, QUARTERLY):
        enter(town, control, login="yamada")
    enter(town, YEARLY)
    assert [duty(town, each).due for each in (MONTHLY, QUARTERLY, YEARLY)] == [
        day(1, 1, 2027),
        day(4, 1, 2027),
        day(4, 1, 2028),
    ]
    last = duty(town, YEARLY).last
    assert last is not None
    assert last.staff_number == "S0101"


def test_the_last_evening_still_belongs_to_the_period(town: Town) -> None:
    town.clock.set(datetime(2026, 12, 31, 14, 59, tzinfo=UTC))  # 23:59 in Japan
    assert not duty(town, MONTHLY).overdue(town.clock.now())
    town.clock.set(day(1, 1, 2027))
    assert duty(town, MONTHLY).overdue(town.clock.now())
    enter(town, MONTHLY, login="yamada")
    assert duty(town, MONTHLY).due == day(3, 1, 2027)


def test_it_waits_for_whoever_is_responsible_and_is_loud_when_overdue(town: Town) -> None:
    def waiting(login: str) -> dict[str, queues.Queue]:
        return {each.name: each for each in queues.queues(town.site, town.acting(login)) if each.place == "controls"}

    assert waiting("yamada") == {}
    town.clock.set(day(12, 28))
    assert set(waiting("yamada")) == {"statements"}
    assert waiting("suzuki") == {}  # a key custodian answers for none of the monthly ones
    town.clock.set(day(1, 2, 2027))
    found = waiting("yamada")["statements-overdue"]
    assert (found.loud, found.due) == (True, day(1, 1, 2027))
    assert found.count == len(
        [
            each
            for each in duties.every(town.site.store, town.site.zone)
            if each.roles & {Role.SYSTEM_ADMIN, Role.IDPW_CUSTODIAN} and each.due == day(1, 1, 2027)
        ]
    )


def test_a_month_that_was_missed_is_one_finding_until_it_is_stated(town: Town) -> None:
    assert duties.find(town.site) == []
    town.clock.set(day(1, 2, 2027))
    names = duties.find(town.site)
    assert len(names) == len(
        {each.control.id for each in duties.every(town.site.store, town.site.zone) if each.period is not Period.YEAR}
    )
    assert duties.find(town.site) == []
    found = missed(town)[f"control={MONTHLY}"]
    assert list(found.controls) == [MONTHLY]
    assert MONTHLY in spoken_explanation(found)
    enter(town, MONTHLY, login="yamada")
    town.clock.set(day(2, 2, 2027))
    duties.find(town.site)
    assert missed(town)[f"control={MONTHLY}"].state is State.MADE_GOOD
    assert missed(town)["control=MO-SYS-03"].state is State.NEW


def test_a_year_that_was_missed_is_no_finding_but_loud(town: Town) -> None:
    town.clock.set(day(4, 2, 2027))
    duties.find(town.site)
    assert f"control={YEARLY}" not in missed(town)
    assert duty(town, YEARLY).overdue(town.clock.now())
