# ruff: noqa: S608 - every name in these statements is our own
"""The linkage logs of a period, way by way: sent, acknowledged, failed, missing (MO-LNK-01)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from accesscontrol.store import Store
from monitors.events import ledger, segments
from monitors.events.engine import fetch
from monitors.events.enrichment import VIEW, enrich
from monitors.events.schema import Action, Outcome
from monitors.events.times import milliseconds
from monitors.facts import Facts
from monitors.linkage.declared import Declaration

_READS: Final = frozenset({"action", "outcome", "dest_system", "link", "link_source", "receipt", "session"})
_SHOWN: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """What went one way between two systems.

    ``link`` is permitted, forbidden or undeclared; ``waits`` says whether transfers are acknowledged at all. ``open``
    are the numbers of transfers that nobody acknowledged, the first ones. Of a way over which data was only received,
    because the log of the sender tells nothing of it, nothing is counted as sent.
    """

    source: str
    target: str
    link: str
    waits: bool
    sent: int = 0
    persons: int = 0
    acknowledged: int = 0
    late: int = 0
    failed: int = 0
    refused: int = 0
    edited: int = 0
    missing: int = 0
    pending: int = 0
    open: Sequence[str] = ()

    @property
    def is_in_order(self) -> bool:
        """Tell whether nothing of it needs anybody."""
        return self.link == "permitted" and not (self.failed or self.refused or self.edited or self.missing)


def flows(
    store: Store, home: Path, links: Declaration, *, first: datetime, last: datetime, systems: Collection[str] = ()
) -> list[Flow]:
    """Return every declared way and every way that data went from ``first`` to ``last`` (aware, inclusive), in order.

    A declared way without a transfer stands there with zeros: silence is something to look at, too. With ``systems``
    only ways from or to one of them. Transfers are judged by what logs tell up to the end of the archive.
    """
    start, end = milliseconds(first), milliseconds(last)
    found = {
        (source, target): Flow(source=source, target=target, link="permitted", waits=bool(pair.wait))
        for source, target, pair in links.pairs()
    }
    files = ledger.paths(home, ledger.segments(store, first=start, last=1 << 62))
    if files:
        with segments.reading(home) as engine:
            enrich(engine, files, Facts(links=links), first=start, last=1 << 62, reads=_READS | {"target_count"})
            rows = fetch(engine, _SQL, [end])
        for row in rows:
            key = row["source"], row["target"]
            known = found.get(key)
            found[key] = Flow(waits=known is not None and known.waits, **row)
    chosen = (flow for flow in found.values() if not systems or {flow.source, flow.target} & {*systems})
    return sorted(chosen, key=lambda flow: (flow.link == "permitted", flow.source, flow.target))


def _count(receipt: str) -> str:
    return f"count(*) FILTER (receipt = '{receipt}') AS {receipt}"


_SENT: Final = f"action = '{Action.TRANSFER}'"
_SQL: Final = f"""
SELECT link_source AS source, dest_system AS target, max(link) AS link, count(*) FILTER ({_SENT}) AS sent,
    coalesce(sum(target_count) FILTER ({_SENT}), 0)::BIGINT AS persons,
    {_count("acknowledged")}, {_count("late")}, {_count("refused")}, {_count("edited")},
    {_count("missing")}, {_count("pending")},
    count(*) FILTER ({_SENT} AND outcome IN ('{Outcome.FAILURE}', '{Outcome.ERROR}')) AS failed,
    coalesce((list(session ORDER BY ts) FILTER (receipt IN ('missing', 'refused', 'edited')))[1:{_SHOWN}], []) AS open
FROM {VIEW} WHERE link <> '' AND ts <= ? GROUP BY ALL
"""
