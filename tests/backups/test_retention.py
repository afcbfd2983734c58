"""Generations: what is kept and why, and that erasure is only ever computed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from backups.records import Backup, Health
from backups.retention import Generations, due_for_erasure, kept
from tests.backups.office import ZONE

START = datetime(2026, 1, 1, 17, 0, tzinfo=UTC)  # 02:00 on 2 January in Tokyo


def backup(number: int, at: datetime, health: Health = Health.UNPROVEN, source: str = "registry") -> Backup:
    return Backup(
        number=number,
        source=source,
        kind="sqlite",
        folder=Path("/backups"),
        health=health,
        planned_at=at,
        taken_at=at,
        actor="system",
        terminal="",
        plain_size=1,
        plain_sha256="",
        sealed_size=1,
        sealed_sha256="",
        manifest_sha256="",
        signer="",
        signer_key=b"",
        recipients=(),
        failure="",
        checked_at=at,
        verified_at=at,
        restored_at=at if health is Health.PROVEN else None,
        faults=(),
    )


def daily(days: int) -> list[Backup]:
    return [backup(day + 1, START + timedelta(days=day)) for day in range(days)]


def test_a_year_of_daily_backups_keeps_days_weeks_months_and_years() -> None:
    keep = kept(daily(365), Generations(daily=7, weekly=5, monthly=12, yearly=7), ZONE)
    counts = {name: sum(name in reasons for reasons in keep.values()) for name in ("daily", "weekly", "monthly")}
    assert counts == {"daily": 7, "weekly": 5, "monthly": 12}
    assert "newest" in keep[365]
    assert "yearly" in keep[365]  # taken on 1 January 2027 in Tokyo
    assert "yearly" in keep[364]
    assert len(keep) < 25


def test_a_day_is_a_day_of_the_sites_zone() -> None:
    late = backup(1, datetime(2026, 11, 23, 14, 59, tzinfo=UTC))  # 23:59 on the 23rd
    early = backup(2, datetime(2026, 11, 23, 15, 1, tzinfo=UTC))  # 00:01 on the 24th
    keep = kept([late, early], Generations(daily=2, weekly=0, monthly=0, yearly=0), ZONE)
    assert set(keep) == {1, 2}


def test_a_damaged_backup_stands_for_no_day() -> None:
    good, damaged = backup(1, START), backup(2, START + timedelta(hours=1), Health.DAMAGED)
    assert set(kept([good, damaged], Generations(), ZONE)) == {1}
    assert [each.number for each in due_for_erasure([good, damaged], Generations(), ZONE)] == [2]


def test_a_damaged_backup_without_a_good_one_is_not_offered_for_erasure() -> None:
    assert due_for_erasure([backup(1, START, Health.DAMAGED)], Generations(), ZONE) == []


def test_the_last_proven_backup_is_kept_beyond_its_time() -> None:
    backups = [backup(1, START, Health.PROVEN), *(backup(n, START + timedelta(days=n)) for n in range(2, 40))]
    keep = kept(backups, Generations(daily=1, weekly=0, monthly=0, yearly=0), ZONE)
    assert keep == {1: ("proven",), 39: ("daily", "newest")}


def test_each_source_is_looked_at_alone() -> None:
    backups = [backup(1, START), backup(2, START, source="sekisho")]
    assert set(kept(backups, Generations(daily=1, weekly=0, monthly=0, yearly=0), ZONE)) == {1, 2}


def test_what_failed_is_being_taken_or_was_erased_is_not_offered() -> None:
    backups = daily(1) + [
        backup(n, START - timedelta(days=9000), health)
        for n, health in enumerate((Health.FAILED, Health.PLANNED, Health.ERASED), start=2)
    ]
    assert due_for_erasure(backups, Generations(), ZONE) == []


@given(st.lists(st.integers(0, 4000), max_size=60, unique=True), st.integers(0, 5), st.integers(0, 5))
def test_keeping_more_generations_never_loses_a_backup(hours: list[int], days: int, weeks: int) -> None:
    backups = [backup(n, START + timedelta(hours=6 * hour)) for n, hour in enumerate(hours, start=1)]
    few = kept(backups, Generations(daily=days, weekly=weeks, monthly=1, yearly=0), ZONE)
    more = kept(backups, Generations(daily=days + 1, weekly=weeks + 1, monthly=2, yearly=1), ZONE)
    assert set(few) <= set(more)
    assert bool(few) == bool(backups)
