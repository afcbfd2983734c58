"""Rosters as commands and screens take them: read from a file, taken at once, prepared, or handed in for approval."""

from datetime import date
from pathlib import Path

from accesscontrol.clock import start_of_day
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.requests import submission
from accesscontrol.requests.desk import Acting
from accesscontrol.rosters import batches, identity
from accesscontrol.rosters.batches import Batch
from accesscontrol.rosters.comparing import Comparison, compare
from accesscontrol.rosters.kinds import NAME
from accesscontrol.rosters.model import Roster, RosterKind
from accesscontrol.rosters.reading import read_roster
from console.custody import require_custodian
from console.dates import parse_date
from console.wiring import Installation


def read(file: Path, kind: RosterKind) -> Roster:
    """Return the roster in ``file``; one that can't be read is refused with every fault."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise Refusal(N_("{path} can't be read: {reason}."), path=str(file), reason=error.strerror) from None
    return read_roster(content, kind, file.name, parse_date)


def compared(site: Installation, roster: Roster, day: date | None) -> Comparison:
    """Return what a roster would change from 00:00 of ``day`` on, or from now."""
    effective = start_of_day(day, site.zone) if day else site.clock.now()
    return compare(site.store, roster, effective, site.zone)


def settle_name(site: Installation, staff_number: str, name: str, actor: Acting) -> None:
    """Decide that ``name`` is another name of the person with this number (AC-USR-01)."""
    require_custodian(site, actor)
    with site.store.transaction() as tx:
        identity.settle_name(tx, staff_number, name, actor=actor.staff_number, terminal=actor.terminal)


def settle_namesakes(site: Installation, staff_number: str, other: str, actor: Acting) -> None:
    """Decide that the new ``staff_number`` is not the person ``other`` of the same name."""
    require_custodian(site, actor)
    with site.store.transaction() as tx:
        identity.settle_namesakes(tx, staff_number, other, actor=actor.staff_number, terminal=actor.terminal)


def take(site: Installation, roster: Roster, day: date | None, actor: Acting) -> Batch:
    """Take a roster at once, or prepare it for 00:00 of ``day``; it comes back held when it takes from too many."""
    batch = prepare(site, roster, day, actor)
    return apply(site, batch, actor) if batch.effective <= site.clock.now() else batch


def prepare(site: Installation, roster: Roster, day: date | None, actor: Acting) -> Batch:
    """Keep a roster that holds from 00:00 of ``day`` on, or from now; nothing changes yet."""
    require_custodian(site, actor)
    effective = start_of_day(day, site.zone) if day else None
    return batches.prepare(site.store, roster, effective, actor=actor.staff_number, terminal=actor.terminal)


def apply(site: Installation, batch: Batch, actor: Acting) -> Batch:
    """Carry out a batch whose instant has come."""
    require_custodian(site, actor)
    return batches.apply(
        site.store, batch.number, site.zone, site.brake, actor=actor.staff_number, terminal=actor.terminal
    )


def hand_in(site: Installation, batch: Batch, actor: Acting, *, reason: str) -> str:
    """Ask for the approval of a batch with everybody concerned listed, and return the request's number."""
    return submission.submit(site.desk, NAME, {"batch": batch.number}, actor, reason=reason).id


def cancel(site: Installation, number: int, actor: Acting, *, reason: str) -> None:
    """Take a batch back before it is applied."""
    require_custodian(site, actor)
    with site.store.transaction() as tx:
        batches.cancel(tx, number, reason=reason, actor=actor.staff_number, terminal=actor.terminal)
