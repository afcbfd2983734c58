from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from monitors.events.times import NotATimeError, TimeReader, fixed_offset, instant_of, local_parts, milliseconds

TOKYO = ZoneInfo("Asia/Tokyo")
LAYOUTS = (
    "%Y/%m/%d %H:%M:%S",
    "%EY年%m月%d日 %H:%M:%S",
    "%EY.%m.%d %H:%M",
    "%Y-%m-%dT%H:%M:%S.%f%z",
    "%d/%b/%Y:%H:%M:%S %z",
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026/11/24 08:31:07", "2026-11-23T23:31:07+00:00"),
        ("令和8年11月24日 08:31:07", "2026-11-23T23:31:07+00:00"),
        ("令和 ８年１１月２４日 ０８:３１:０７", "2026-11-23T23:31:07+00:00"),
        ("R8.11.24 08:31", "2026-11-23T23:31:00+00:00"),
        ("Ｒ８.11.24 08:31", "2026-11-23T23:31:00+00:00"),
        ("令和元年5月1日 00:00:00", "2019-04-30T15:00:00+00:00"),
        ("平成31年4月30日 23:59:59", "2019-04-30T14:59:59+00:00"),
        ("昭和64年1月7日 00:00:00", "1989-01-06T15:00:00+00:00"),
        ("2026-11-24T08:31:07.123456+09:00", "2026-11-23T23:31:07.123000+00:00"),
        ("2026-11-24T08:31:07.5Z", "2026-11-24T08:31:07.500000+00:00"),
        ("24/Nov/2026:08:31:07 +0900", "2026-11-23T23:31:07+00:00"),
    ],
)
def test_a_time_is_read_in_every_layout_an_office_writes(text: str, expected: str) -> None:
    assert instant_of(TimeReader(LAYOUTS, TOKYO)(text)).isoformat() == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026/13/01 00:00:00",
        "2026/02/29 00:00:00",
        "2026/11/24",
        "24:00",
        "1601/01/01 00:00:00",
        "9999/01/01 00:00:00",
        "令和年1月1日 00:00:00",
    ],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(NotATimeError):
        TimeReader(LAYOUTS, TOKYO)(text)


def test_the_sites_day_ends_at_its_own_midnight_not_at_that_of_utc() -> None:
    parts = local_parts(TOKYO)
    before = milliseconds(datetime(2026, 11, 24, 14, 59, 59, tzinfo=UTC))
    assert parts(before) == (20781, 1439)
    assert parts(before + 1000) == (20782, 0)


def test_a_zone_with_summer_time_has_no_fixed_offset() -> None:
    assert fixed_offset(TOKYO) == 9 * 3_600_000
    assert fixed_offset(ZoneInfo("Europe/Berlin")) is None


def test_local_parts_follow_summer_time() -> None:
    parts = local_parts(ZoneInfo("Europe/Berlin"))
    assert parts(milliseconds(datetime(2026, 7, 1, 12, 0, tzinfo=UTC)))[1] == 14 * 60
    assert parts(milliseconds(datetime(2026, 12, 1, 12, 0, tzinfo=UTC)))[1] == 13 * 60
