from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.files.dates import erasure_cutoff, in_era, is_birth_date, is_date

DAYS = st.dates(date(1800, 1, 1), date(2200, 12, 31))


@given(DAYS)
def test_every_day_of_the_calendar_is_a_date(day: date) -> None:
    assert is_date(day.isoformat())
    assert is_birth_date(day.isoformat())


@pytest.mark.parametrize(
    "text", ["2026-02-29", "2026-13-01", "20261124", "2026-W48-2", "2026-1-01", "２０２６-01-01", "", "2026-11-24\n"]
)
def test_what_is_not_in_the_calendar_is_no_date(text: str) -> None:
    assert not is_date(text)
    assert not is_birth_date(text)


@pytest.mark.parametrize("text", ["1931-04-00", "1931-00-00", "0000-00-00"])
def test_a_birth_date_may_be_unknown_in_part_but_other_dates_may_not(text: str) -> None:
    assert is_birth_date(text)
    assert not is_date(text)


@pytest.mark.parametrize("text", ["1931-00-05", "1931-13-00", "0000-00-01", "0000-04-05"])
def test_only_the_agreed_forms_of_unknown_birth_dates_are_taken(text: str) -> None:
    assert not is_birth_date(text)


def erasure_due(base: date) -> date:
    """Return the first day on which a record is past its 150 years: 29 February counts as 1 March."""
    began = date(base.year, 3, 1) if (base.month, base.day) == (2, 29) else base
    return began.replace(year=began.year + 150) + timedelta(days=1)


@given(st.dates(date(2020, 1, 1), date(2060, 12, 31)), st.integers(-3, 3))
def test_the_cutoff_picks_exactly_the_records_that_are_due_on_the_day_after_their_150th_anniversary(
    today: date, around: int
) -> None:
    base = date(today.year - 150, 1, 1) + timedelta(days=today.timetuple().tm_yday - 1 + around)
    assert (base.isoformat() < erasure_cutoff(today)) is (erasure_due(base) <= today)


@pytest.mark.parametrize(
    ("day", "written"),
    [
        (date(2026, 11, 24), "令和8年11月24日"),
        (date(2019, 5, 1), "令和元年5月1日"),
        (date(2019, 4, 30), "平成31年4月30日"),
        (date(1926, 12, 24), "大正15年12月24日"),
        (date(1860, 1, 1), "1860-01-01"),
    ],
)
def test_remarks_write_dates_by_era(day: date, written: str) -> None:
    assert in_era(day) == written
