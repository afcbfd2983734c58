"""Scheduled backups: once a day, caught up after downtime, never twice."""

from datetime import UTC, datetime, time, timedelta

import pytest

from accesscontrol.clock import FixedClock
from backups.catalogue import Catalogue, Order
from backups.schedule import last_slot, sources_due, verifications_due
from backups.verification import verify
from tests.backups.office import ZONE

SLOT = time(2, 0)


@pytest.mark.parametrize(
    ("at", "slot"),
    [
        (datetime(2026, 11, 23, 16, 59, tzinfo=UTC), datetime(2026, 11, 22, 17, 0, tzinfo=UTC)),
        (datetime(2026, 11, 23, 17, 0, tzinfo=UTC), datetime(2026, 11, 23, 17, 0, tzinfo=UTC)),
        (datetime(2026, 11, 24, 1, 0, tzinfo=UTC), datetime(2026, 11, 23, 17, 0, tzinfo=UTC)),
    ],
)
def test_the_slot_is_a_time_of_the_sites_day(at: datetime, slot: datetime) -> None:
    assert last_slot(at, ZONE, SLOT) == slot


def test_a_source_is_due_once_a_day_and_once_after_downtime(
    catalogue: Catalogue, order: Order, clock: FixedClock
) -> None:
    def due() -> list[str]:
        return sources_due(catalogue.store, ["registry", "sekisho"], clock.now(), ZONE, SLOT)

    assert due() == ["registry", "sekisho"]
    catalogue.take(order)
    assert due() == ["sekisho"]
    clock.advance(timedelta(days=4))
    assert due() == ["registry", "sekisho"]
    catalogue.take(order)
    assert due() == ["sekisho"]


def test_a_failed_backup_stays_due(catalogue: Catalogue, order: Order, clock: FixedClock) -> None:
    def cancel(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        catalogue.take(order, cancel)
    assert sources_due(catalogue.store, ["registry"], clock.now(), ZONE, SLOT) == ["registry"]


def test_backups_that_nobody_looked_at_for_long_are_verified_again(
    catalogue: Catalogue, order: Order, clock: FixedClock
) -> None:
    for _ in range(3):
        catalogue.take(order)
        clock.advance(timedelta(days=1))
    week = timedelta(days=7)
    assert verifications_due(catalogue.store, clock.now(), week) == []
    clock.advance(timedelta(days=6))
    assert verifications_due(catalogue.store, clock.now(), week) == ["B-00001", "B-00002"]
    assert verifications_due(catalogue.store, clock.now(), week, most=1) == ["B-00001"]
    verify(catalogue, "B-00001", actor="system")
    assert verifications_due(catalogue.store, clock.now(), week) == ["B-00002"]


def test_a_backup_and_a_check_that_are_dated_later_than_now_hold_up_nothing(
    catalogue: Catalogue, order: Order, clock: FixedClock
) -> None:
    clock.advance(timedelta(days=365))
    wrong = catalogue.take(order)
    clock.advance(timedelta(days=-365))
    assert sources_due(catalogue.store, ["registry"], clock.now(), ZONE, SLOT) == ["registry"]
    assert verifications_due(catalogue.store, clock.now(), timedelta(days=7)) == [wrong.id]
    catalogue.take(order)
    verify(catalogue, wrong.id, actor="system")
    assert sources_due(catalogue.store, ["registry"], clock.now(), ZONE, SLOT) == []
    assert verifications_due(catalogue.store, clock.now(), timedelta(days=7)) == []
