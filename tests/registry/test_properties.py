import tempfile
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from registry.checks import Judge, Settings, check
from registry.checks.running import record_checks
from registry.databases.sqlite import SqliteRegistry
from registry.files import FILES, File, Item, ItemType, masked
from registry.synthetic import create_city
from registry.tasks.reconciliation import reconcile
from tests.registry.conftest import TODAY

TEXT = (
    st.none()
    | st.text(max_size=20)
    | st.sampled_from(["", "0", "02", "1", "2026-02-30", "2020-01-01", "\ue000", "999357637098"])
)
SETTINGS = Settings(today=TODAY)
NUMBER = st.none() | st.integers(-(2**63), 2**63 - 1)


def values(item: Item) -> st.SearchStrategy[Any]:
    if item.type in {ItemType.number, ItemType.flag}:
        return NUMBER
    return st.none() | st.binary(max_size=8) if item.type is ItemType.blob else TEXT


@st.composite
def rows(draw: st.DrawFn) -> tuple[File, tuple[Any, ...]]:
    file = draw(st.sampled_from(FILES))
    return file, (1, *(draw(values(item)) for item in file.items))


@given(rows())
@settings(max_examples=60, deadline=None)
def test_whatever_a_record_holds_it_is_judged_without_an_exception(row: tuple[File, tuple[Any, ...]]) -> None:
    file, record = row
    for fault in Judge(file, Settings(today=TODAY)).faults([record]):
        assert fault.items
        assert "{" not in fault.check.message.format(**fault.fields())


@cache
def sound_rows() -> dict[str, list[tuple[Any, ...]]]:
    """The records of a small city, by table."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "registry.sqlite3"
        create_city(path, residents=60, seed=4, today=TODAY)
        with SqliteRegistry.open(path, read_only=True) as city:
            return {file.table: list(city.scan(file.table)) for file in FILES}


@st.composite
def batches(draw: st.DrawFn) -> tuple[File, list[tuple[Any, ...]]]:
    """Records of a sound city, a few of whose items hold something else."""
    file = draw(st.sampled_from(FILES))
    found = [list(row) for row in sound_rows()[file.table]]
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(found) - 1))
        item = draw(st.sampled_from(file.items))
        found[at][item.number] = draw(values(item))
    return file, [tuple(row) for row in found]


@given(batches())
@settings(max_examples=60, deadline=None)
def test_records_judged_together_have_the_faults_that_each_has_by_itself(
    batch: tuple[File, list[tuple[Any, ...]]],
) -> None:
    file, records = batch
    together = [(each.check.id, each.record_id, each.items) for each in Judge(file, SETTINGS).faults(records)]
    place = {item.column: item.number for item in file.items}
    closely = [
        (each.check.id, record[0], (place[column],))
        for each in record_checks(SETTINGS)
        if each.file is file
        for record in records
        for column in dict.fromkeys(each.test(tuple(record[place[column]] for column in each.columns)))
    ]
    assert sorted(together) == sorted(closely)


@given(st.sampled_from([item for file in FILES for item in file.items if item.mask]), st.text(), st.integers(0, 2))
def test_a_masked_item_has_one_width_and_shows_two_characters_at_most(item: Item, value: str, last: int) -> None:
    shown = masked(value, item, last=last)
    assert len(shown) == 8
    assert len(shown.lstrip("＊")) <= 2


@given(
    residents=st.integers(1, 120),
    seed=st.integers(0, 2**32),
    today=st.dates(date(2020, 1, 1), date(2060, 12, 31))
    | st.sampled_from([date(2028, 2, 29), date(2026, 3, 1), date(2027, 1, 1)]),
)
@settings(max_examples=15, deadline=None)
def test_every_city_of_every_seed_and_day_is_sound_and_agrees_with_its_municipal_cs(
    residents: int, seed: int, today: date
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "registry.sqlite3"
        create_city(path, residents=residents, seed=seed, today=today)
        with SqliteRegistry.open(path, read_only=True) as city:
            report = check(city, Settings(today=today))
            result = reconcile(city, Settings(today=today))
    assert {check_id: n for check_id, n in report.by_check.items() if n} == {"CHK-RET-01": 3}
    assert result.agrees
