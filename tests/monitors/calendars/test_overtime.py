"""Work outside the hours of an office is approved beforehand, for named people, from when until when."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from accesscontrol.accounts.migrations import migrations as accounts_migrations
from accesscontrol.accounts.model import Person, PersonKind
from accesscontrol.accounts.persons import enter_person
from accesscontrol.clock import FixedClock
from accesscontrol.people.migrations import migrations as people_migrations
from accesscontrol.refusals import Refusal
from accesscontrol.store import Store
from monitors.calendars.overtime import Overtime, covered, overtime_kind, span
from tests.monitors.conftest import TOKYO

MONDAY = date(2026, 11, 30)


def work(**changed: Any) -> Overtime:
    told = {"staff": ["S0015"], "day": "2026-11-30", "since": "17:15", "until": "21:00", "work": "月末処理"}
    return msgspec.convert({**told, **changed}, Overtime)


@pytest.mark.parametrize(
    ("since", "until", "wanted"),
    [
        ("17:15", "21:00", ("2026-11-30T17:15:00+09:00", "2026-11-30T21:00:00+09:00")),
        ("22:00", "2:30", ("2026-11-30T22:00:00+09:00", "2026-12-01T02:30:00+09:00")),
        ("8:30", "8:30", ("2026-11-30T08:30:00+09:00", "2026-12-01T08:30:00+09:00")),
    ],
)
def test_an_end_that_is_not_later_lies_on_the_next_day(since: str, until: str, wanted: tuple[str, str]) -> None:
    assert tuple(each.isoformat() for each in span(work(since=since, until=until), TOKYO)) == wanted


def test_the_night_after_the_last_day_of_all_is_refused_in_words() -> None:
    assert span(work(day="9999-12-31"), TOKYO)[1].date() == date.max
    with pytest.raises(Refusal, match="no day after"):
        span(work(day="9999-12-31", since="22:00", until="2:30"), TOKYO)


def test_an_approval_counts_from_its_own_moment_on() -> None:
    late = datetime(2026, 11, 30, 10, 0, tzinfo=UTC)  # 19:00 there
    parameters = msgspec.to_builtins(work())
    assert covered(parameters, [late], TOKYO)[1:] == (late, span(work(), TOKYO)[1])
    assert covered(parameters, [late - timedelta(days=3)], TOKYO)[1] == span(work(), TOKYO)[0]


@pytest.mark.parametrize("changed", [{"since": "24:00"}, {"until": "5pm"}, {"staff": []}, {"work": ""}])
def test_what_is_no_time_and_names_nobody_is_refused(changed: dict[str, Any]) -> None:
    parameters = {**msgspec.to_builtins(work()), **changed}
    with pytest.raises(Refusal):
        overtime_kind(TOKYO).read(parameters)


@pytest.fixture
def office(store: Store, clock: FixedClock) -> Store:
    """S0015 stands in a roster, nobody else in any; it is Monday noon."""
    store.migrate(people_migrations, accounts_migrations)
    clock.set(datetime(2026, 11, 30, 3, 0, tzinfo=UTC))
    with store.transaction() as tx:
        enter_person(
            tx,
            Person(
                staff_number="S0015",
                name="佐藤　花",
                name_kana="サトウ　ハナ",
                office="市民課",
                kind=PersonKind.EMPLOYEE,
                valid_from=clock.now(),
                valid_until=None,
            ),
            actor="S1",
        )
    return store


def admit(store: Store, overtime: Overtime) -> None:
    with store.transaction() as tx:
        tx.record("overtime.asked", actor="S1")
        overtime_kind(TOKYO).admits(tx, SimpleNamespace(parameters=msgspec.to_builtins(overtime)))


def test_what_is_over_can_not_be_approved_any_more(office: Store, clock: FixedClock) -> None:
    clock.set(datetime(2026, 11, 30, 11, 59, tzinfo=UTC))
    admit(office, work())
    clock.set(datetime(2026, 11, 30, 12, 0, tzinfo=UTC))
    with pytest.raises(Refusal, match="is over"):
        admit(office, work())


def test_staff_numbers_that_nobody_has_are_named_at_once(office: Store) -> None:
    with pytest.raises(Refusal, match="the staff number S0051, nobody"):
        admit(office, work(staff=["S0051", "S0015", "nobody"]))
