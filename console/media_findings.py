"""What is wrong with media becomes a finding: unregistered ones, returns that are overdue, gaps of a stocktaking."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from accesscontrol.canonical import JSON
from accesscontrol.clock import local_day
from accesscontrol.messages import N_
from backups import ledger
from backups.media import movements, sightings, stocktaking
from backups.media.register import medium_id
from console.own_findings import ONCE_A_DAY, raise_own
from console.wiring import Installation

UNREGISTERED: Final = "medium-unregistered"
NOT_BACK: Final = "medium-not-back"
NOT_SEEN: Final = "medium-not-seen"
_BY_RETURN: Final = ("return", "destroy")  # what is handed over has a finding of its own (BK-MED-10)


def find(site: Installation) -> list[str]:
    """Raise what is wrong with media and return the names of the new findings (BK-MED-03, BK-MED-08)."""
    return [*_unregistered(site), *_not_back(site), *_not_seen(site)]


def not_back(site: Installation) -> Mapping[str, date]:
    """Return the last day of each medium that should be back, or destroyed, and is not, by number or folder."""
    now = site.clock.now()
    late = {medium_id(each.medium): each.due for each in movements.overdue(site.store, now, site.zone) if each.due}
    lines = (each for each in ledger.overdue(site.store, now, site.zone) if each.ending in _BY_RETURN)
    return late | {each.medium or each.folder: each.due for each in lines}


def _unregistered(site: Installation) -> Iterator[str]:
    words = N_("An unregistered medium was attached to {node} (serial {serial}). Find out whose it was.")
    for each in sightings.waiting(site.store):
        facts = {"node": each.node, "serial": each.serial or "-"}
        yield from _raised(site, UNREGISTERED, f"sighting={each.number}", each.number, facts, words)


def _not_back(site: Installation) -> Iterator[str]:
    words = N_("The medium {medium} should have been back or destroyed by {day}.")
    today = local_day(site.clock.now(), site.zone).toordinal()
    for medium, day in sorted(not_back(site).items()):
        yield from _raised(
            site, NOT_BACK, f"medium={medium}", today, {"medium": medium, "day": day.isoformat()}, words, ONCE_A_DAY
        )


def _not_seen(site: Installation) -> Iterator[str]:
    words = N_("The medium {medium} was not seen at {place} in stocktaking No. {number}.")
    number = stocktaking.newest_closed(site.store)
    for line in stocktaking.sheet(site.store, number) if number else ():
        if line.gap:
            facts = {"medium": line.medium, "place": line.expected, "number": number}
            yield from _raised(site, NOT_SEEN, f"stocktaking={number} medium={line.medium}", number or 0, facts, words)


_TITLES: Final[Mapping[str, tuple[str, str]]] = {
    UNREGISTERED: (N_("Unregistered medium"), "BK-MED-03"),
    NOT_BACK: (N_("Medium not back in time"), "BK-MED-08"),
    NOT_SEEN: (N_("Medium missing at the stocktaking"), "BK-MED-08"),
}


def _raised(
    site: Installation,
    rule: str,
    group: str,
    evidence: int,
    facts: Mapping[str, JSON],
    words: str,
    goes_on: int = 0,
) -> list[str]:
    title, control = _TITLES[rule]
    return raise_own(
        site,
        rule=rule,
        title=title,
        explanation=words,
        severity="high",
        control=control,
        system="media",
        source="media",
        group=group,
        evidence=[evidence],
        facts=facts,
        goes_on=goes_on,
    )
