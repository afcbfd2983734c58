"""The ledger of one fiscal year: from 1 April to the end of 31 March, in the zone of the site."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from accesscontrol.accounts import ledger
from accesscontrol.accounts.fiscal_year import bounds, fiscal_year_of, ledger_of
from accesscontrol.accounts.model import DisableReason
from accesscontrol.clock import end_of_day, start_of_day
from tests.accesscontrol.accounts.office import ADMIN, Office

JAPAN = ZoneInfo("Asia/Tokyo")
INSTANT = timedelta(microseconds=1)


def ids(office: Office, year: int) -> set[str]:
    found = ledger_of(office.store, year, JAPAN, office.clock.now())
    return {each.account.user_id for each in found}


def test_a_year_begins_at_midnight_of_1_april_in_japan_and_not_in_greenwich() -> None:
    first, after = bounds(2026, JAPAN)
    assert (first, after) == (datetime(2026, 3, 31, 15, tzinfo=UTC), datetime(2027, 3, 31, 15, tzinfo=UTC))
    assert fiscal_year_of(first, JAPAN) == 2026
    assert fiscal_year_of(first - INSTANT, JAPAN) == 2025


def test_what_ends_with_31_march_belongs_to_the_old_year_alone(office: Office) -> None:
    office.person("S7")
    year = fiscal_year_of(office.clock.now(), JAPAN)
    office.issue("register", "hana", "S7", until=end_of_day(date(year + 1, 3, 31), JAPAN))
    office.issue("register", "next", "S7", since=start_of_day(date(year + 1, 4, 1), JAPAN))
    office.issue("register", "open", "S7")
    assert ids(office, year) == {"hana", "open"}
    assert ids(office, year + 1) == {"next", "open"}
    assert ids(office, year - 1) == set()


@pytest.mark.parametrize(("days", "begun", "ended"), [(10, True, True), (4000, True, False)])
def test_a_line_tells_what_began_and_ended_in_the_year(office: Office, days: int, begun: bool, ended: bool) -> None:  # noqa: FBT001 - a case of a table
    office.person("S7")
    now = office.clock.now()
    office.issue("register", "hana", "S7", until=now + timedelta(days=days))
    office.clock.advance(timedelta(days=20))
    [line] = ledger_of(office.store, fiscal_year_of(now, JAPAN), JAPAN, office.clock.now())
    assert (line.begun, line.ended) == (begun, ended)
    assert line.over == now + timedelta(days=days)


def test_what_was_taken_back_before_its_first_day_is_there_too(office: Office) -> None:
    office.person("S7")
    office.issue("register", "hana", "S7", since=office.clock.now() + timedelta(days=3))
    with office.store.transaction() as tx:
        ledger.revoke(tx, "register", "hana", DisableReason.INCIDENT, actor=ADMIN, request="R-1", terminal="")
    assert ids(office, fiscal_year_of(office.clock.now(), JAPAN)) == {"hana"}


def test_the_end_of_the_person_ends_the_line(office: Office) -> None:
    now = office.clock.now()
    office.person("S7", until=now + timedelta(days=5))
    office.issue("register", "hana", "S7")
    [line] = ledger_of(office.store, fiscal_year_of(now, JAPAN), JAPAN, now)
    assert line.over == now + timedelta(days=5)
