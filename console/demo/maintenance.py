"""Maintenance in the demo city: one task that was done in a recorded session, and one statement that waits."""

from datetime import datetime, timedelta

from console.demo.requests import Cast
from console.demo.texts import texts
from registry.tasks import adhoc, care
from registry.tasks.kind import kind_name

_SQL = "SELECT change_reason, COUNT(*) AS persons FROM identity_info GROUP BY change_reason"


def play_closed(cast: Cast, now: datetime) -> None:
    """Rebuild the indexes, as approved, in a session that can be replayed."""
    cast.clock.set(max(cast.clock.now(), now - timedelta(hours=5)))
    request = cast.submit("yamada", kind_name(care.REINDEX), {}, texts()["reindex"])
    cast.approve("sato", request)
    cast.execute("takahashi", request)


def play_open(cast: Cast, now: datetime) -> None:
    """Ask for one statement, which waits for its two approvals."""
    cast.clock.set(max(cast.clock.now(), now - timedelta(hours=3)))
    cast.submit("takahashi", adhoc.READING, {"sql": _SQL}, texts()["count-reasons"])
