"""Days by era and by site, in both languages."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accesscontrol.refusals import Refusal
from console import dates, translation

TOKYO = ZoneInfo("Asia/Tokyo")
BOUNDS = [
    ("明治", "M", date(1873, 1, 1), 6, date(1912, 7, 29), 45),
    ("大正", "T", date(1912, 7, 30), 1, date(1926, 12, 24), 15),
    ("昭和", "S", date(1926, 12, 25), 1, date(1989, 1, 7), 64),
    ("平成", "H", date(1989, 1, 8), 1, date(2019, 4, 30), 31),
    ("令和", "R", date(2019, 5, 1), 1, date(2026, 11, 24), 8),
]


@pytest.mark.parametrize(("name", "letter", "first", "first_year", "last", "last_year"), BOUNDS)
def test_each_era_names_its_first_and_last_day(
    name: str, letter: str, first: date, first_year: int, last: date, last_year: int
) -> None:
    year = "元" if first_year == 1 else str(first_year)
    assert dates.era_date(first) == f"{name}{year}年{first.month}月{first.day}日"
    assert dates.era_date(last) == f"{name}{last_year}年{last.month}月{last.day}日"
    assert dates.short_era_date(last) == f"{letter}{last_year}.{last.month}.{last.day}"
    assert dates.parse_date(dates.era_date(first)) == first
    assert dates.parse_date(dates.short_era_date(last)) == last


@given(st.dates(date(1873, 1, 1), date(2110, 1, 1)))
def test_every_day_is_read_back_as_it_was_written(day: date) -> None:
    assert dates.parse_date(dates.era_date(day)) == day
    assert dates.parse_date(day.isoformat()) == day


def test_days_before_the_solar_calendar_have_no_era() -> None:
    assert dates.era_date(date(1872, 12, 31)) == "1872-12-31"
    assert dates.short_era_date(date(1872, 12, 31)) == "1872-12-31"


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("令和８年１１月２４日", date(2026, 11, 24)),
        ("令和元年5月1日", date(2019, 5, 1)),
        ("r8.11.24", date(2026, 11, 24)),
        ("Reiwa 8-11-24", date(2026, 11, 24)),
        ("㋿8年1月2日", date(2026, 1, 2)),
        ("2026/1/2", date(2026, 1, 2)),
        (" 2026-01-02 ", date(2026, 1, 2)),
    ],
)
def test_a_day_is_understood_in_the_forms_people_type(typed: str, day: date) -> None:
    assert dates.parse_date(typed) == day


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("平成31年5月1日", "元号の期間"),
        ("昭和64年1月8日", "元号の期間"),
        ("令和0年1月1日", "元号の期間"),
        ("2026-02-30", "という日はありません"),
        ("明日", "読めません"),
        ("", "読めません"),
        ("慶応3年1月1日", "読めません"),
    ],
)
def test_a_day_that_cannot_be_is_refused_with_the_reason(typed: str, why: str) -> None:
    with pytest.raises(Refusal) as refused:
        dates.parse_date(typed)
    assert why in translation.render(refused.value)


def test_instants_are_shown_on_the_sites_clock() -> None:
    instant = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
    assert dates.clock_time(instant, TOKYO) == "00:30"
    assert dates.date_and_time(instant, TOKYO) == "2026-11-24 00:30"


def test_a_list_shows_no_more_of_an_instant_than_is_needed() -> None:
    now = datetime(2026, 11, 24, 3, tzinfo=UTC)
    assert dates.brief_instant(now, TOKYO, now) == "12:00"
    assert dates.brief_instant(now - timedelta(days=1), TOKYO, now) == "11/23 12:00"
    assert dates.brief_instant(now - timedelta(days=400), TOKYO, now) == "2025-10-20"


def test_weekdays_and_ages_are_said_in_the_readers_language() -> None:
    now = datetime(2026, 11, 24, 3, tzinfo=UTC)
    assert dates.long_date(date(2026, 11, 24)) == "11月24日（火）"
    assert dates.age(now - timedelta(hours=7), now) == "7時間前"
    assert dates.age(now + timedelta(days=6), now) == "あと6日"
    translation.choose("en")
    assert dates.long_date(date(2026, 11, 24)) == "24 November (Tue)"
    assert dates.age(now - timedelta(minutes=1), now) == "1 minute ago"
    assert dates.era_date(date(2026, 11, 24)) == "Reiwa 8-11-24"
    assert dates.short_date(date(2026, 11, 4)) == "11/04"
