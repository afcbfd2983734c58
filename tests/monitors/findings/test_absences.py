"""What should have come and did not is found: approvals that nobody used, and logs that fell silent."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from accesscontrol.clock import FixedClock
from accesscontrol.store import Store
from monitors.events import ledger
from monitors.events.imports import import_file
from monitors.events.plans import Wish
from monitors.events.schema import Action
from monitors.facts import Account, AccountState, ApprovedRequest, Facts
from monitors.findings import detection, reading
from monitors.findings.absences import SILENT, UNUSED
from monitors.findings.migrations import migrations
from tests.monitors.conftest import TOKYO

HEAD = "処理日時,所属,利用者ID,利用者名,端末ID,処理区分,処理名,結果,対象件数,検索条件,対象者,出力先,申請番号"
START, END = datetime(2026, 11, 2, tzinfo=UTC), datetime(2026, 11, 3, tzinfo=UTC)
LONG_AGO = datetime(2020, 4, 1, tzinfo=UTC)


class Place:
    """An archive, what is known about it, and what was found in it."""

    def __init__(self, home: Path, store: Store) -> None:
        self.home, self.store, self.facts = home, store, Facts()

    def day(self, day: datetime, *, act: str = "照会", system: str = "register", user: str = "S1") -> None:
        path = self.home / f"{system}-{day:%m%d}.csv"
        path.write_text(f"{HEAD}\n{day:%Y/%m/%d} 12:00:00,市民課,{user},,{system}-01,{act},,正常,1,,K1,,\n", "utf-8")
        import_file(self.store, self.home, path, Wish(system=system), actor="1", zone=TOKYO)

    def found(self, rule: str) -> list[reading.Finding]:
        detection.detect(self.store, self.home, (), lambda *_: self.facts, actor="system", everything=True)
        return [each for each in reading.listed(self.store) if each.rule == rule]

    def approve(self, **more: object) -> None:
        told = {"reference": "R-7", "staff_number": "S1", "start": START, "end": END, "actions": {Action.MEDIA}} | more
        account = Account(system="register", user_id="S1", staff_number="S1", changes=[(LONG_AGO, AccountState.ACTIVE)])
        self.facts = Facts(accounts=[account], requests=[ApprovedRequest(**told)])  # type: ignore[arg-type]  # of any type in a test

    def within(self, first: datetime, last: datetime) -> Facts:
        """Return what is known of a time, as a site tells it."""
        requests = [each for each in self.facts.requests if each.start <= last and each.end >= first]
        return replace(self.facts, requests=requests)


@pytest.fixture
def place(tmp_path: Path) -> Iterable[Place]:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    store = Store(home / "sekisho.sqlite3", FixedClock(datetime(2026, 12, 1, tzinfo=UTC)), seal=b"test")
    store.migrate(ledger.migrations, migrations)
    yield Place(home, store)
    store.close()


def test_an_approval_that_no_act_used_is_found_once_the_log_reaches_beyond_it(place: Place) -> None:
    place.approve()
    place.day(datetime(2026, 11, 1, tzinfo=UTC))
    place.day(datetime(2026, 11, 2, tzinfo=UTC))
    assert place.found(UNUSED.name) == []
    place.day(datetime(2026, 11, 4, tzinfo=UTC))
    for _again in range(2):
        (found,) = place.found(UNUSED.name)
        assert (found.system, found.account, found.facts["objects"]) == ("register", "s1", "R-7")
        assert (found.first, found.last) == (START, END)
    assert place.store.rows("SELECT 1 FROM finding_event") == []


def test_a_log_that_comes_in_day_by_day_tells_of_an_approval_that_ended_in_the_night_before(place: Place) -> None:
    place.approve()
    for day in (1, 2, 6):
        place.day(datetime(2026, 11, day, tzinfo=UTC))
        detection.detect(place.store, place.home, (), place.within, actor="system")
    assert [each.rule for each in reading.listed(place.store)] == [UNUSED.name]


def test_an_approval_that_was_used_is_not_found(place: Place) -> None:
    place.approve()
    place.day(datetime(2026, 11, 1, tzinfo=UTC))
    place.day(datetime(2026, 11, 2, tzinfo=UTC), act="媒体出力")
    place.day(datetime(2026, 11, 4, tzinfo=UTC))
    assert place.found(UNUSED.name) == []


def test_an_approval_whose_act_the_console_did_itself_or_that_no_log_can_tell_of_is_not_found(place: Place) -> None:
    for day in (1, 2, 4):
        place.day(datetime(2026, 11, day, tzinfo=UTC))
    for more in ({"used": True}, {"staff_number": "S9"}, {"actions": frozenset(), "out_of_hours": True}):
        place.approve(**more)
        assert place.found(UNUSED.name) == []


def test_the_same_act_of_somebody_else_does_not_use_an_approval(place: Place) -> None:
    place.approve()
    place.day(datetime(2026, 11, 1, tzinfo=UTC))
    place.day(datetime(2026, 11, 2, tzinfo=UTC), act="媒体出力", user="S2")
    place.day(datetime(2026, 11, 4, tzinfo=UTC))
    assert len(place.found(UNUSED.name)) == 1


def test_a_log_that_is_silent_for_longer_than_twice_its_habit_is_found_with_its_last_event(place: Place) -> None:
    for number in range(12):
        place.day(START + timedelta(days=number))
    for number in range(15):
        place.day(START + timedelta(days=number), system="addressee")
    (found,) = place.found(SILENT.name)
    assert (found.system, found.facts["silent"], found.facts["habit"], found.count) == ("register", 72, 24, 1)
    assert len(place.found(SILENT.name)) == 1


def test_a_log_within_its_habit_and_one_of_which_no_habit_is_known_are_not_found(place: Place) -> None:
    for number in range(12):
        place.day(START + timedelta(days=2 * number))
    for number in range(3):
        place.day(START + timedelta(days=number), system="addressee")
    place.day(START + timedelta(days=26), system="tax")
    assert place.found(SILENT.name) == []
