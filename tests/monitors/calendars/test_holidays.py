from datetime import date, timedelta

import holidays as published
import jpholiday
import pytest

from monitors.calendars.holidays import holidays


@pytest.mark.parametrize("year", range(2022, 2031))
def test_our_rules_and_both_published_tables_name_the_same_days(year: int) -> None:
    days = [date(year, 1, 1) + timedelta(days=number) for number in range(366)]
    days = [day for day in days if day.year == year]
    ours = {day for day in days if day in holidays(year)}
    assert ours == {day for day in days if day in published.country_holidays("JP", years=year)}
    assert ours == {day for day in days if jpholiday.is_holiday(day)}


def test_substitute_and_sandwiched_days_carry_their_names() -> None:
    assert holidays(2026)[date(2026, 9, 22)] == "国民の休日"
    assert holidays(2026)[date(2026, 5, 6)] == "振替休日"
    assert holidays(2026)[date(2026, 11, 23)] == "勤労感謝の日"
    assert [len(holidays(year)) for year in range(2024, 2028)] == [21, 19, 18, 17]


def test_the_moved_days_of_the_games_are_known() -> None:
    assert date(2021, 7, 23) in holidays(2021)
    assert date(2021, 10, 11) not in holidays(2021)


def test_years_before_the_rules_are_refused() -> None:
    with pytest.raises(ValueError, match="from 2020"):
        holidays(2019)
