"""How old the last good backup and the last drill of each source are, against the site's targets (BK-BAK-03).

What is dated later than now was made while a clock was wrong. Its age is unknown: it counts for nothing, and is named.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from accesscontrol.canonical import JSON
from accesscontrol.clock import from_text, to_text
from backups.media.log_output import EVENTS
from backups.media.output import EXTRACT
from backups.records import Reader, backup_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """How old a good backup (RPO), a drill and a copy on a medium may be, and how long a restore may take (RTO)."""

    backup: timedelta = timedelta(days=1, hours=2)
    drill: timedelta = timedelta(days=31)
    medium: timedelta = timedelta(days=8)
    restore: timedelta = timedelta(hours=4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where one source stands. Ages are None when there is none at all, which is worse than any age.

    ``ahead`` is the newest backup that is dated later than now, or empty.
    """

    source: str
    newest: str
    backup_age: timedelta | None
    drill_age: timedelta | None
    drill_took: timedelta | None
    medium_age: timedelta | None
    ahead: str
    targets: Targets

    @property
    def backup_late(self) -> bool:
        """Say whether no good backup lies within the target."""
        return self.backup_age is None or self.backup_age > self.targets.backup

    @property
    def drill_late(self) -> bool:
        """Say whether no good drill lies within the target, or the last one took too long."""
        slow = self.drill_took is not None and self.drill_took > self.targets.restore
        return slow or self.drill_age is None or self.drill_age > self.targets.drill

    @property
    def medium_late(self) -> bool:
        """Say whether no backup was written to a medium within the target."""
        return self.medium_age is None or self.medium_age > self.targets.medium

    def to_json(self) -> dict[str, JSON]:
        """Return the standing as plain values; ages in seconds."""
        return {
            "source": self.source,
            "newest": self.newest,
            "backup_age": _seconds(self.backup_age),
            "backup_late": self.backup_late,
            "drill_age": _seconds(self.drill_age),
            "drill_took": _seconds(self.drill_took),
            "drill_late": self.drill_late,
            "medium_age": _seconds(self.medium_age),
            "medium_late": self.medium_late,
            "ahead": self.ahead or None,
            "targets": {name: getattr(self.targets, name).total_seconds() for name in Targets.__slots__},
        }


_GOOD = """
    SELECT b.number, b.taken_at FROM backup AS b
    WHERE b.source = ? AND b.taken_at <= ? AND b.state = 'taken'
        AND (SELECT good FROM backup_check WHERE backup = b.number ORDER BY number DESC LIMIT 1)
    ORDER BY b.taken_at DESC, b.number DESC LIMIT 1
"""
_DRILL = """
    SELECT c.at, c.seconds FROM backup_check AS c JOIN backup AS b ON b.number = c.backup
    WHERE b.source = ? AND c.at <= ? AND c.good AND c.kind <> 'verify' ORDER BY c.number DESC LIMIT 1
"""
_MEDIUM = """
    SELECT o.written_at FROM output AS o JOIN backup AS b ON b.sealed_sha256 = o.sha256
    WHERE b.source = ? AND o.written_at <= ? AND o.kind = 'backup-export' ORDER BY o.number DESC LIMIT 1
"""
_AHEAD = """
    SELECT number FROM backup WHERE source = ? AND taken_at > ? AND state = 'taken' ORDER BY number DESC LIMIT 1
"""


def standing(reader: Reader, source: str, at: datetime, targets: Targets) -> Standing:
    """Return where ``source`` stands at ``at``; a backup whose last check was bad does not count."""
    asked = (source, to_text(at))
    good, drill, medium, ahead = (reader.row(query, asked) for query in (_GOOD, _DRILL, _MEDIUM, _AHEAD))
    return Standing(
        source=source,
        newest=backup_id(good["number"]) if good else "",
        backup_age=at - from_text(good["taken_at"]) if good else None,
        drill_age=at - from_text(drill["at"]) if drill else None,
        drill_took=timedelta(seconds=drill["seconds"]) if drill else None,
        medium_age=at - from_text(medium["written_at"]) if medium else None,
        ahead=backup_id(ahead["number"]) if ahead else "",
        targets=targets,
    )


def standings(reader: Reader, expected: Iterable[str], at: datetime, targets: Targets) -> list[Standing]:
    """Return where every expected source, and every other one that has a backup, stands."""
    known = set(_sources(reader))
    return [standing(reader, source, at, targets) for source in sorted(known.union(expected))]


def _sources(reader: Reader) -> list[str]:
    """Return what was ever backed up; an extract for media output is no backup of anything."""
    kinds = (EXTRACT, EVENTS)
    rows = reader.rows("SELECT DISTINCT source FROM backup WHERE kind NOT IN (?, ?) ORDER BY source", kinds)
    return [row["source"] for row in rows]


def _seconds(age: timedelta | None) -> float | None:
    return age.total_seconds() if age is not None else None
