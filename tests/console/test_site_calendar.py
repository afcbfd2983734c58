"""The site's opening hours come from its own file; without one the usual office hours hold."""

from datetime import date
from pathlib import Path

import pytest

from accesscontrol.refusals import Refusal
from console import site_calendar

TUESDAY = date(2026, 11, 24)
SATURDAY = date(2026, 11, 28)
HOLIDAY = date(2026, 11, 23)


def test_without_a_file_offices_open_on_weekdays_that_are_no_holidays(tmp_path: Path) -> None:
    calendar = site_calendar.read(tmp_path)
    assert calendar.hours("", TUESDAY)
    assert not calendar.hours("", SATURDAY)
    assert not calendar.hours("", HOLIDAY)


def test_an_office_may_open_on_a_weekend_and_a_day_may_be_special(tmp_path: Path) -> None:
    week = ", ".join(['"10:00-19:00"'] * 7)
    (tmp_path / site_calendar.FILE).write_text(
        f'[[office]]\nname = "駅"\nweek = [{week}]\non_holidays = true\n'
        f'[[special-day]]\nday = {TUESDAY}\nreason = "system renewal"\n',
        "utf-8",
    )
    calendar = site_calendar.read(tmp_path)
    assert calendar.hours("駅", SATURDAY) == ((600, 1140),)
    assert calendar.hours("駅", HOLIDAY) == ((600, 1140),)
    assert not calendar.hours("", TUESDAY)


@pytest.mark.parametrize(
    "text",
    [
        "[[office]]\nname = 'x'\nweek = ['']\n",
        "[[special-day]]\nday = 'soon'\n",
        "[[special-day]]\nday = 2026-11-24\nhours = 'always'\n",
        "office = 1\n",
        "[[",
    ],
)
def test_a_wrong_file_is_refused_and_named(tmp_path: Path, text: str) -> None:
    (tmp_path / site_calendar.FILE).write_text(text, "utf-8")
    with pytest.raises(Refusal):
        site_calendar.read(tmp_path)
