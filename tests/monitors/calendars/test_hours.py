from datetime import date

import pytest

from accesscontrol.refusals import Refusal
from monitors.calendars.hours import Calendar, OfficeHours, SpecialDay, intervals

TUESDAY = date(2026, 11, 24)
HOLIDAY = date(2026, 11, 23)
WEDNESDAY = date(2026, 11, 25)
SUNDAY = date(2026, 11, 22)
USUAL = intervals("08:30-17:15")


def test_an_office_is_open_from_its_first_minute_and_closed_at_its_last() -> None:
    calendar = Calendar()
    told = [calendar.is_open("counter", TUESDAY, minute) for minute in (509, 510, 1034, 1035)]
    assert told == [False, True, True, False]


@pytest.mark.parametrize("day", [HOLIDAY, SUNDAY, date(2026, 12, 29), date(2027, 1, 3), date(2026, 12, 31)])
def test_holidays_weekends_and_the_year_end_are_closed(day: date) -> None:
    assert Calendar().hours("counter", day) == ()


def test_a_weekend_office_is_open_when_others_are_not() -> None:
    station = OfficeHours(week=(USUAL,) * 7, on_holidays=True)
    calendar = Calendar(offices={"station": station})
    assert calendar.hours("station", HOLIDAY) == USUAL
    assert calendar.hours("station", SUNDAY) == USUAL
    assert calendar.hours("counter", SUNDAY) == ()


def test_a_special_day_wins_and_that_of_the_office_wins_over_that_of_all() -> None:
    calendar = Calendar(
        special_days=(
            SpecialDay(day=TUESDAY, reason="flood"),
            SpecialDay(day=TUESDAY, office="hall", hours=intervals("00:00-24:00")),
        )
    )
    assert calendar.hours("counter", TUESDAY) == ()
    assert calendar.is_open("hall", TUESDAY, 1439)


def test_a_span_past_midnight_belongs_to_both_days() -> None:
    night = OfficeHours(week=(intervals("22:00-02:00"),) * 7)
    calendar = Calendar(offices={"night": night})
    assert list(calendar.open_spans("night", WEDNESDAY, WEDNESDAY)) == [(WEDNESDAY, 0, 120), (WEDNESDAY, 1320, 1440)]
    assert calendar.is_open("night", WEDNESDAY, 119)
    assert not calendar.is_open("night", WEDNESDAY, 120)


def test_an_evening_before_a_closed_day_still_runs_past_midnight() -> None:
    calendar = Calendar(usual=OfficeHours(week=(intervals("20:00-25:00"),) * 5 + ((), ())))
    assert calendar.is_open("counter", date(2026, 11, 21), 59)
    assert not calendar.is_open("counter", date(2026, 11, 21), 60)


@pytest.mark.parametrize("text", ["8-17", "25:00-26:00", "08:30", "08:30-50:00"])
def test_what_are_no_hours_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match="no opening hours"):
        intervals(text)


def test_hours_are_read_as_minutes() -> None:
    assert intervals("08:30-12:00 13:00-17:15") == ((510, 720), (780, 1035))
    assert intervals("") == ()
