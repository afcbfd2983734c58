"""Which backups are kept: so many of the newest days, weeks, months and years that have one (BK-BAK-03).

This only computes. Nothing is erased without an approved request.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from accesscontrol.clock import local_day
from backups.records import Backup, Health

_GOOD = {Health.UNPROVEN, Health.PROVEN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Generations:
    """How many of each kind are kept; a day is a day of the site's zone, a week begins on Monday."""

    daily: int = 7
    weekly: int = 5
    monthly: int = 12
    yearly: int = 7

    def periods(self) -> Sequence[tuple[str, int, Callable[[date], Hashable]]]:
        """Return name, number and the period that a day belongs to, for each kind."""
        return (
            ("daily", self.daily, lambda day: day),
            ("weekly", self.weekly, lambda day: day.isocalendar()[:2]),
            ("monthly", self.monthly, lambda day: (day.year, day.month)),
            ("yearly", self.yearly, lambda day: day.year),
        )


def kept(backups: Sequence[Backup], generations: Generations, zone: ZoneInfo) -> dict[int, tuple[str, ...]]:
    """Return the number of each backup to keep, with the reasons: generations it stands for, newest, proven.

    Each source is looked at alone. Only good backups stand for a period; the newest of the period does.
    """
    reasons: dict[int, list[str]] = {}
    for source in sorted({backup.source for backup in backups}):
        good = [backup for backup in backups if backup.source == source and backup.health in _GOOD]
        good.sort(key=lambda backup: (backup.taken_at or backup.planned_at, backup.number), reverse=True)
        for name, count, period_of in generations.periods():
            for backup in _representatives(good, period_of, zone)[:count]:
                reasons.setdefault(backup.number, []).append(name)
        for name, one in (("newest", good[:1]), ("proven", [each for each in good if each.restored_at][:1])):
            for backup in one:
                reasons.setdefault(backup.number, []).append(name)
    return {number: tuple(names) for number, names in reasons.items()}


def due_for_erasure(backups: Sequence[Backup], generations: Generations, zone: ZoneInfo) -> list[Backup]:
    """Return the taken backups that no generation keeps, oldest first.

    Damaged ones are among them only where the same source has a good one.
    """
    keep = kept(backups, generations, zone)
    safe = {backup.source for backup in backups if backup.number in keep}
    due = [
        backup
        for backup in backups
        if backup.health in {*_GOOD, Health.DAMAGED} and backup.number not in keep and backup.source in safe
    ]
    return sorted(due, key=lambda backup: backup.number)


def _representatives(
    newest_first: Sequence[Backup], period_of: Callable[[date], Hashable], zone: ZoneInfo
) -> list[Backup]:
    """Return the newest backup of each period, newest period first."""
    first: dict[Hashable, Backup] = {}
    for backup in newest_first:
        first.setdefault(period_of(local_day(backup.taken_at or backup.planned_at, zone)), backup)
    return list(first.values())
