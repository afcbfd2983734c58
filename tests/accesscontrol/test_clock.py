"""The only source of now: instants as text, ends of days, and a wall clock that was set."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accesscontrol.clock import FixedClock, SystemClock, end_of_day, from_text, local_day, start_of_day, to_text

TOKYO = ZoneInfo("Asia/Tokyo")
NOON = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
INSTANTS = st.datetimes(timezones=st.sampled_from([UTC, TOKYO, ZoneInfo("America/New_York")]))


@settings(max_examples=60, deadline=None)
@given(INSTANTS)
def test_an_instant_comes_back_from_its_text(instant: datetime) -> None:
    assert from_text(to_text(instant)) == instant.astimezone(UTC)


@settings(max_examples=60, deadline=None)
@given(INSTANTS, INSTANTS)
def test_the_order_of_texts_is_the_order_of_instants(one: datetime, other: datetime) -> None:
    assert (to_text(one) < to_text(other)) == (one.astimezone(UTC) < other.astimezone(UTC))


def test_a_whole_second_is_written_with_its_microseconds() -> None:
    assert to_text(NOON) == "2026-11-24T03:00:00.000000+00:00"


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        to_text(datetime(2026, 11, 24, 3, 0))  # noqa: DTZ001 - the very thing that is refused


def test_the_last_day_in_tokyo_is_valid_to_its_end_and_not_to_the_end_of_the_day_in_greenwich() -> None:
    end = end_of_day(date(2026, 11, 24), TOKYO)
    assert end == datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
    assert local_day(end - timedelta(microseconds=1), TOKYO) == date(2026, 11, 24)
    assert local_day(end, TOKYO) == date(2026, 11, 25)


def test_the_last_day_of_all_by_which_many_systems_say_no_end_ends_too() -> None:
    end = end_of_day(date.max, TOKYO)
    assert (end.tzinfo, local_day(end, TOKYO)) == (UTC, date.max)
    assert end > end_of_day(date(9999, 12, 30), TOKYO)
    assert from_text(to_text(end)) == end


def test_the_first_day_of_all_begins_too() -> None:
    start = start_of_day(date.min, TOKYO)
    assert from_text(to_text(start)) == start < start_of_day(date(1, 1, 2), TOKYO)
    assert local_day(start, TOKYO) == date.min


@settings(max_examples=60, deadline=None)
@given(st.dates(date(1950, 1, 1), date(2100, 1, 1)), st.sampled_from(["Asia/Tokyo", "America/New_York", "UTC"]))
def test_days_follow_each_other_without_a_gap_whatever_their_length(day: date, name: str) -> None:
    zone = ZoneInfo(name)
    assert end_of_day(day, zone) == start_of_day(day + timedelta(days=1), zone)
    assert local_day(start_of_day(day, zone), zone) == day


def test_the_hosts_clock_tells_utc_and_an_uptime_that_only_grows() -> None:
    clock = SystemClock()
    first, second = clock.uptime(), clock.uptime()
    assert clock.now().utcoffset() == timedelta()
    assert first.boot == second.boot
    assert first.seconds <= second.seconds


def test_a_fixed_clock_lets_time_pass_or_is_set_wrong_as_the_test_wants() -> None:
    clock = FixedClock(NOON)
    before = clock.uptime().seconds
    clock.advance(timedelta(minutes=1))
    clock.leap(timedelta(hours=5))
    assert clock.now() == NOON + timedelta(hours=5, minutes=1)
    assert clock.uptime().seconds - before == pytest.approx(60)
