"""From the evidence of a rule to cases: events of one group whose gaps are not longer than the rule allows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from accesscontrol.canonical import JSON

SHOWN: Final = 5
KEPT: Final = 50
SETS: Final = {
    "accounts": "user_id",
    "terminals": "terminal",
    "addresses": "src_ip",
    "offices": "place",
    "objects": "object",
    "applications": "application",
    "states": "account_state",
    "systems": "system",
    "owners": "staff_number",
    "senders": "link_source",
    "targets": "dest_system",
    "sessions": "session",
}
COLUMNS: Final = ("event_id", "ts", "target_count", "hit", *SETS.values())


class Evidence(NamedTuple):
    """One event of a case: its id, its instant (milliseconds), and how many persons it concerned."""

    event_id: int
    ts: int
    subjects: int


Seen = dict[str, list[str]]


@dataclass(slots=True)
class Cluster:
    """One case: its group, its events in order of time, and what they have in common."""

    group: tuple[str, ...]
    events: list[Evidence] = field(default_factory=list)
    hits: list[int] = field(default_factory=list)  # instants at which a window was completed
    sets: dict[str, dict[str, None]] = field(default_factory=lambda: {name: {} for name in SETS})

    def add(self, row: Sequence[Any]) -> None:
        """Take in an event: a row of ``COLUMNS``."""
        event_id, ts, subjects, hit, *rest = row
        self.events.append(Evidence(event_id, ts, subjects))
        if hit:
            self.hits.append(ts)
        for values, value in zip(self.sets.values(), rest, strict=True):
            if value and (len(values) < KEPT or values is self.sets["owners"]):
                values[value] = None

    @property
    def first(self) -> int:
        """The instant of the first event."""
        return self.events[0].ts

    @property
    def last(self) -> int:
        """The instant of the last event."""
        return self.events[-1].ts

    @property
    def seen(self) -> Seen:
        """The different values of each set, as they came."""
        return {name: list(values) for name, values in self.sets.items()}


def only(values: Sequence[str]) -> str:
    """Return the single value, or nothing if there are several or none."""
    return values[0] if len(values) == 1 else ""


def shown(values: Sequence[str]) -> str:
    """Return values for people, at most five of them; a dash for none."""
    return ", ".join(values[:SHOWN]) + (" …" if len(values) > SHOWN else "") if values else "-"


def source(seen: Mapping[str, Sequence[str]]) -> str:
    """Return where events came from: addresses, or else terminals, or nothing."""
    values = seen["addresses"] or seen["terminals"]
    return shown(values) if values else ""


def fields(seen: Mapping[str, Sequence[str]], *, count: int, subjects: int) -> dict[str, JSON]:
    """Return what an explanation may name besides the finding's own ``first`` and ``last``, and whom it is about."""
    return {
        "account": shown(seen["accounts"]),
        "accounts": shown(seen["accounts"]),
        "account_count": len(seen["accounts"]),
        "system": shown(seen["systems"]),
        "office": shown(seen["offices"]),
        "terminals": shown(seen["terminals"]),
        "sources": source(seen) or "-",
        "objects": shown(seen["objects"]),
        "applications": shown(seen["applications"]),
        "state": shown(seen["states"]),
        "owners": sorted(seen["owners"]),
        "senders": shown(seen["senders"]),
        "targets": shown(seen["targets"]),
        "sessions": shown(seen["sessions"]),
        "count": count,
        "subjects": subjects,
    }


def clusters(rows: Iterable[Sequence[Any]], group_size: int, gap: int) -> Iterator[Cluster]:
    """Cut rows, sorted by group and time, into clusters; the first ``group_size`` cells of a row are its group.

    ``gap`` is in milliseconds; a gap as long as it still belongs to the case.
    """
    current: Cluster | None = None
    for row in rows:
        group = tuple(str(cell) for cell in row[:group_size])
        ts = row[group_size + 1]
        if current is None or current.group != group or ts - current.last > gap:
            if current is not None:
                yield current
            current = Cluster(group)
        current.add(row[group_size:])
    if current is not None:
        yield current
