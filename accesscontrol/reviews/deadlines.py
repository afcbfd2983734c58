"""When the next review of a kind is due, and what happens when a deadline passes (AC-PRM-01, AC-USR-02: monthly)."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from accesscontrol.clock import from_text, local_day, start_of_day, to_text
from accesscontrol.people.operators import SYSTEM
from accesscontrol.people.reading import Reader
from accesscontrol.reviews import reading
from accesscontrol.reviews.model import ReviewKind, State
from accesscontrol.store import Store


def next_due(reader: Reader, kind: ReviewKind, at: datetime, zone: ZoneInfo) -> datetime | None:
    """Return the instant (UTC) before which the next review of ``kind`` must be ordered; None while one is open.

    One belongs into every calendar month of the site's zone, from the month on in which the book begins: after a
    review of this month the next one is due by the end of the next month, and when a month was missed its end stays
    the due date, so that it shows as overdue.
    """
    last = reading.newest(reader, kind)
    if last is None:
        first = reader.row("SELECT at FROM trail_entry ORDER BY seq LIMIT 1")
        return _end_of_month(local_day(from_text(first["at"]) if first else at, zone), zone)
    if last.state is not State.CLOSED:
        return None
    return _end_of_month(_next_month(local_day(last.ordered_at, zone)), zone)


def escalate_due(store: Store) -> list[str]:
    """Write down each review whose deadline passed with answers missing (act ``review.escalated``); return their names.

    From then on it is loud on Today for those who ordered it and for the security officer, too.
    """
    at = store.clock.now()
    late = [each for each in reading.unfinished(store) if each.overdue(at) and each.escalated_at is None]
    for review in late:
        with store.transaction() as tx:
            tx.execute("UPDATE review SET escalated_at = ? WHERE number = ?", (to_text(tx.at), review.number))
            tx.record(
                "review.escalated",
                actor=SYSTEM,
                subject=review.name,
                due=to_text(review.due),
                unanswered=review.items - review.answered,
            )
    return [each.name for each in late]


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _end_of_month(day: date, zone: ZoneInfo) -> datetime:
    return start_of_day(_next_month(day), zone)
