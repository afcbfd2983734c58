"""The request by which a roster that takes from many is let through (AC-USR-06): its whole effect listed and bound."""

import hashlib
from collections.abc import Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from accesscontrol.canonical import JSON
from accesscontrol.messages import N_, Phrase
from accesscontrol.people.roles import Role
from accesscontrol.refusals import Refusal
from accesscontrol.requests import slots
from accesscontrol.requests.kinds import Execution, Kind
from accesscontrol.rosters import batches
from accesscontrol.rosters.brake import Brake
from accesscontrol.rosters.comparing import CONSEQUENCE_TITLES, Consequence
from accesscontrol.rosters.model import ROSTER_KIND_TITLES
from accesscontrol.store import Store

NAME: Final = "roster-import"
_CUSTODIANS: Final = frozenset({Role.SYSTEM_ADMIN, Role.IDPW_CUSTODIAN})


class ImportRoster(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The number of a prepared batch."""

    batch: int


def roster_kind(store: Store, zone: ZoneInfo, brake: Brake) -> Kind:
    """Return the kind that lets a prepared roster take effect in the extent that was shown."""

    def effect(parameters: Any) -> JSON:
        batch = _open(store, parameters.batch)
        return [change.to_json() for change in batches.consequences(store, batch, zone).changes]

    def artefacts(parameters: Any) -> Mapping[str, str]:
        batch = _open(store, parameters.batch)
        return {batch.roster.source: hashlib.sha256(batches.digest_of(batch)).hexdigest()}

    def describe(parameters: Any) -> Mapping[str, object]:
        batch = batches.get(store, parameters.batch)
        return {
            N_("Roster"): Phrase(ROSTER_KIND_TITLES[batch.roster.kind]),
            N_("File"): batch.roster.source,
            N_("Persons"): len(batch.roster.lines),
            N_("In force from"): batch.effective,
        }

    def concerns(parameters: Any) -> frozenset[str]:
        batch = batches.get(store, parameters.batch)
        return frozenset(change.staff_number for change in batches.consequences(store, batch, zone).changes)

    def execute(execution: Execution) -> Mapping[str, JSON]:
        number = execution.parameters.batch
        with execution.store.transaction() as tx:
            batch = batches.get(tx, number)
            taking = [change.staff_number for change in batches.consequences(tx, batch, zone).taking]
            batches.allow(
                tx,
                number,
                taking,
                request=execution.request_id,
                actor=execution.staff_number,
                terminal=execution.terminal,
            )
            due = batch.effective <= tx.at
        if due:
            batches.apply(
                execution.store, number, zone, brake, actor=execution.staff_number, terminal=execution.terminal
            )
        return {"batch": number, "persons": sorted(taking), "applied": due}

    return Kind(
        name=NAME,
        title=N_("Roster that changes many user IDs"),
        controls=("AC-USR-06", "AC-CTR-01"),
        parameters=ImportRoster,
        requesters=_CUSTODIANS,
        executors=_CUSTODIANS,
        slots=(slots.SECURITY_OFFICER,),
        execute=execute,
        describe=describe,
        artefacts=artefacts,
        labels={"batch": N_("Batch")},
        concerns=concerns,
        dry_run=effect,
        shows=_listed,
    )


def _listed(effect: Any) -> Mapping[str, object]:
    """Return everybody concerned, by consequence, with number, family name and the user IDs that end.

    The whole names stand in the effect that is signed; whoever reads the request needs no more than these.
    """
    lists: dict[str, list[str]] = {}
    for each in effect:
        family, *given = each["name"].split() or [""]
        words = f"{each['staff_number']} {family if given else family[:1]}"
        ending = ", ".join((*each["user_ids"], *each["doubts"]))
        title = CONSEQUENCE_TITLES[Consequence(each["consequence"])]
        lists.setdefault(title, []).append(f"{words} ({ending})" if ending else words)
    return {title: "; ".join(names) for title, names in lists.items()}


def _open(store: Store, number: int) -> batches.Batch:
    batch = batches.get(store, number)
    if not batch.open:
        raise Refusal(N_("Batch {number} was applied or cancelled already."), number=number)
    return batch
