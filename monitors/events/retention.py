"""Erasing events whose period of keeping is over, by whole segments, once someone has approved it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from accesscontrol.clock import from_text, to_text
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.store import Store
from monitors.events import habits, ledger
from monitors.events.ledger import Segment
from monitors.events.times import instant_of, milliseconds

CONTROL = "MO-LOG-05"


def kept(store: Store) -> list[Segment]:
    """Return every segment that is kept, oldest first.

    The time of a line in quarantine is not known; it can't be later than its import, which stands for it here.
    """
    imports = store.rows("SELECT number, imported_at FROM event_source")
    arrived = {row["number"]: milliseconds(from_text(row["imported_at"])) for row in imports}
    listed = [
        replace(segment, first=arrived[segment.source], last=arrived[segment.source])
        if segment.kind == "quarantine"
        else segment
        for segment in ledger.all_segments(store)
    ]
    return sorted(listed, key=lambda segment: (segment.first, segment.number))


def due(store: Store, before: datetime) -> list[Segment]:
    """Return the segments of which everything lies before ``before`` (aware), oldest first."""
    return [segment for segment in kept(store) if segment.last < milliseconds(before)]


def erase(store: Store, home: Path, names: Sequence[str], *, before: datetime, actor: str, request: str = "") -> int:
    """Erase the named segments and return how many events (or lines in quarantine) are gone.

    ``request`` is the approval that allows it.

    All of them or none: refused when one is not listed or holds an event that must still be kept. The ledger of
    imports stays, so that an erased file is not imported again, and so does the segment's line in the manifest.
    Files go after the commit; what a crash leaves of them goes with the next import.
    """
    with store.transaction() as tx:
        listed = {segment.name: segment for segment in kept(store)}
        chosen = [_erasable(listed.get(name), name, before) for name in dict.fromkeys(names)]
        for segment in chosen:
            tx.execute("UPDATE event_segment SET kind = 'erased' WHERE number = ?", (segment.number,))
        events = sum(segment.events for segment in chosen)
        tx.record(
            "events.erased",
            actor=actor,
            subject=request,
            segments=[segment.name for segment in chosen],
            sha256=[segment.sha256 for segment in chosen],
            events=events,
            before=to_text(before),
        )
    for segment in chosen:
        (ledger.folder(home) / segment.name).unlink(missing_ok=True)
    habits.forget(home)
    return events


def _erasable(segment: Segment | None, name: str, before: datetime) -> Segment:
    if segment is None:
        raise Refusal(N_("Nothing was erased: there is no segment {segment}."), control=CONTROL, segment=name)
    if segment.last >= milliseconds(before):
        raise Refusal(
            N_("Nothing was erased: {segment} holds events up to {last}, which must still be kept."),
            control=CONTROL,
            segment=name,
            last=instant_of(segment.last),
        )
    return segment
