"""What scheduled work is due: a daily backup of each source, and verification of old ones (BK-BAK-03).

What is dated later than now, because a clock was wrong, holds up nothing.
"""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from accesscontrol.clock import from_text, local_day, to_text
from backups import records
from backups.records import Backup, Reader


def last_slot(at: datetime, zone: ZoneInfo, slot: time) -> datetime:
    """Return the newest daily ``slot`` (local time in ``zone``) that is not after ``at``, as an aware instant."""
    today = datetime.combine(local_day(at, zone), slot, tzinfo=zone)
    return today if today <= at else datetime.combine(local_day(at, zone) - timedelta(days=1), slot, tzinfo=zone)


def sources_due(reader: Reader, sources: Iterable[str], at: datetime, zone: ZoneInfo, slot: time) -> list[str]:
    """Return the sources that no backup was taken of since the last slot.

    Idempotent: after downtime one backup catches up, and a second run within the day finds nothing due.
    """
    since = last_slot(at, zone, slot)
    newest = {source: records.newest(reader, source, at) for source in sources}
    return sorted(source for source, backup in newest.items() if backup is None or _taken(backup) < since)


def verifications_due(reader: Reader, at: datetime, every: timedelta, *, most: int = 10) -> list[str]:
    """Return up to ``most`` backups on disk that were last looked at longer than ``every`` ago, longest first."""
    rows = reader.rows(
        "SELECT b.number, max(c.at) AS at FROM backup AS b"
        " LEFT JOIN backup_check AS c ON c.backup = b.number AND c.at <= ?"
        " WHERE b.state = 'taken' GROUP BY b.number ORDER BY max(c.at), b.number LIMIT ?",
        (to_text(at), most),
    )
    late = [row for row in rows if row["at"] is None or at - from_text(row["at"]) > every]
    return [records.backup_id(row["number"]) for row in late]


def _taken(backup: Backup) -> datetime:
    return backup.taken_at or backup.planned_at
