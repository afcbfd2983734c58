"""A log that does not go on where its last export ended is found, and so is an open day that never came."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from accesscontrol.clock import FixedClock
from accesscontrol.store import Store
from monitors.events import ledger
from monitors.events.imports import import_file
from monitors.events.ledger import Numbered
from monitors.events.plans import Wish
from monitors.facts import Facts
from monitors.findings import detection, reading
from monitors.findings.log_breaks import JUMP, MISSING_DAY, jumps
from monitors.findings.migrations import migrations
from monitors.findings.reading import Finding
from tests.monitors.conftest import TOKYO

MONDAY = date(2026, 11, 9)
HOLIDAY = date(2026, 11, 23)


class Place:
    """An archive of the addressee function's log, and what was found in it."""

    def __init__(self, home: Path, store: Store) -> None:
        self.home, self.store = home, store

    def bring(self, days: Sequence[date], numbers: Iterable[int] = (), *, name: str = "", stream: str = "") -> None:
        """Import a file with a line for each number, or one without a number for each day, spread over the days."""
        told = [*numbers] or [0] * len(days)
        path = self.home / (name or f"{days[0]:%m%d}-{told[0]}.csv")
        path.write_text(
            "\n".join([HEADER, *(line(days[n * len(days) // len(told)], n, each) for n, each in enumerate(told)), ""]),
            "utf-8",
        )
        import_file(self.store, self.home, path, Wish(system="register", stream=stream), actor="1", zone=TOKYO)

    def found(self, rule: str) -> list[Finding]:
        detection.detect(self.store, self.home, (), lambda *_: Facts(), actor="system")
        return [each for each in reading.listed(self.store) if each.rule == rule]


HEADER = "処理日時,所属,利用者ID,利用者名,端末ID,処理区分,処理名,結果,対象件数,検索条件,対象者,出力先,申請番号,通番"


def line(day: date, minute: int, number: int) -> str:
    at = datetime(day.year, day.month, day.day, 9, tzinfo=UTC) + timedelta(seconds=minute)
    return f"{at:%Y/%m/%d %H:%M:%S},市民課,S1,,SM-01,照会,,正常,1,,K1,,,{number or ''}"


@pytest.fixture
def place(tmp_path: Path) -> Iterable[Place]:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    store = Store(home / "sekisho.sqlite3", FixedClock(datetime(2026, 12, 20, tzinfo=UTC)), seal=b"test")
    store.migrate(ledger.migrations, migrations)
    yield Place(home, store)
    store.close()


def weekdays(number: int, since: date = MONDAY) -> list[date]:
    """Return the first open days from ``since`` on."""
    days = (since + timedelta(days=each) for each in range(3 * number))
    return [each for each in days if each.weekday() < 5 and each != HOLIDAY][:number]


def test_numbers_that_never_came_between_two_days_are_found_with_both_ends(place: Place) -> None:
    place.bring([MONDAY], range(1, 11), name="monday.csv")
    assert place.found(JUMP.name) == []
    place.bring([MONDAY + timedelta(days=1)], range(15, 20), name="tuesday.csv")
    for _again in range(2):
        (found,) = place.found(JUMP.name)
        told = {name: found.facts[name] for name in ("before", "after", "missing", "file_before", "file_after")}
        assert told == {
            "before": 10, "after": 15, "missing": 4, "file_before": "monday.csv", "file_after": "tuesday.csv",
        }  # fmt: skip
        assert (found.system, found.count, found.severity) == ("register", 1, "high")


@pytest.mark.parametrize(
    "numbers", [range(11, 20), range(5, 20), range(1, 11)], ids=["goes on", "overlaps", "begins anew each day"]
)
def test_a_file_that_goes_on_overlaps_or_begins_anew_is_no_break(place: Place, numbers: range) -> None:
    place.bring([MONDAY], range(1, 11))
    place.bring([MONDAY + timedelta(days=1)], numbers)
    assert place.found(JUMP.name) == []


def numbered(*files: tuple[int, int, int]) -> list[Numbered]:
    """Return files of one log, each of one day, with its lowest and highest number."""
    return [
        Numbered(
            number=place, name="", system="cs", stream="", first=day * 10, last=day * 10 + 9, lowest=low, highest=high
        )
        for place, (day, low, high) in enumerate(files)
    ]


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        ([(1, 1, 9), (2, 10, 19), (4, 30, 39)], [(19, 30)]),
        ([(4, 30, 39), (1, 1, 9), (2, 10, 19), (3, 20, 29)], []),
        ([(1, 1, 9), (1, 500, 509), (2, 10, 19), (2, 510, 519)], []),  # two hosts write into one log
        ([(1, 1, 9), (1, 500, 509), (2, 12, 19), (2, 510, 519)], [(9, 12)]),
        ([(1, 100, 109), (2, 1, 9), (3, 10, 19)], []),  # it was cleared in between
        ([(1, 100, 109), (2, 1, 9), (3, 12, 19)], [(9, 12)]),
        ([(1, 1, 99), (1, 5, 9), (2, 100, 109)], []),
    ],
)
def test_each_numbering_is_followed_by_itself(files: list[tuple[int, int, int]], wanted: list[tuple[int, int]]) -> None:
    assert [(before.highest, after.lowest) for before, after in jumps(numbered(*files))] == wanted


def test_two_streams_of_one_system_are_two_logs(place: Place) -> None:
    place.bring([MONDAY], range(1, 11), stream="one")
    place.bring([MONDAY + timedelta(days=1)], range(50, 60), stream="two")
    assert place.found(JUMP.name) == []


def test_an_open_day_that_never_came_is_found_once_the_log_goes_on(place: Place) -> None:
    days = weekdays(14)
    for day in days[:11]:
        place.bring([day])
        place.found(MISSING_DAY.name)
    assert place.found(MISSING_DAY.name) == []
    place.bring([days[13]])
    for _again in range(2):
        (found,) = place.found(MISSING_DAY.name)
        assert found.facts["days"] == f"{days[11]}, {days[12]}"
        zone_days = [each.astimezone(TOKYO).date() for each in (found.first, found.last)]
        assert zone_days == [days[10], days[13]]


def test_an_open_day_that_is_missing_within_one_file_is_found_too(place: Place) -> None:
    days = weekdays(14)
    place.bring([*days[:11], *days[12:]])
    (found,) = place.found(MISSING_DAY.name)
    assert found.facts["days"] == str(days[11])


def test_closed_days_and_a_log_that_is_often_silent_are_no_break(place: Place) -> None:
    place.bring(weekdays(14))  # over two weekends and a holiday
    place.bring(weekdays(30)[::2], stream="sometimes")
    assert place.found(MISSING_DAY.name) == []
