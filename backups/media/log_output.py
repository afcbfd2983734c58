"""Export of a selection of events: asked for by its hash, approved by the security officer, written once.

What leaves is a sealed extract whose manifest says which events it holds: the expression that chose them with their
first and last time, how many they are, and the SHA-256 of what was sealed. The request names all of it, so that what
was approved is what is written.
"""

from collections.abc import Mapping
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

import msgspec

from accesscontrol.messages import N_
from accesscontrol.people.roles import Role
from accesscontrol.refusals import Refusal
from accesscontrol.requests import slots
from accesscontrol.requests.kinds import Kind, Place
from backups.catalogue import Catalogue
from backups.duty import Duty
from backups.ledger import ENDING_TITLES
from backups.manifest import Manifest
from backups.media.destinations import Destinations
from backups.outputs import LABELS, Exit, Hash, Leaving, touches

KIND: Final = "log-export"
EVENTS: Final = "events"
"""The kind of a sealed selection of events, and the part of its manifest that counts them."""

SELECTING: Final = Duty(frozenset({Role.SYSTEM_ADMIN, Role.RESIDENT_OPERATOR, Role.SECURITY_OFFICER}), "MO-LOG-04")
"""Sealing a selection of events, and asking that it may leave."""


class LogExport(Leaving, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which events leave: the expression with their first and last time, their number, the hash of the selection."""

    expression: Annotated[str, msgspec.Meta(min_length=1, max_length=1200)]
    events: Annotated[int, msgspec.Meta(ge=1)]
    content_sha256: Hash
    ending: Literal["return", "destroy"]


def log_export_kind(catalogue: Catalogue, *, zone: ZoneInfo, destinations: Destinations, witness: bool = True) -> Kind:
    """Return the kind of request by which a selection of events leaves the house (MO-LOG-04, BK-MED-05)."""
    way = Exit(KIND, catalogue, zone, destinations)

    def describe(parameters: LogExport) -> Mapping[str, object]:
        return {
            N_("Selection"): parameters.expression,
            N_("Events"): parameters.events,
            N_("Selection, SHA-256"): parameters.content_sha256,
            **way.describe(parameters),
            N_("Ending"): ENDING_TITLES[parameters.ending],
        }

    def artefacts(parameters: LogExport) -> Mapping[str, str]:
        known, hashes = way.hashed(parameters)
        _require_same(known, parameters)
        return hashes

    return Kind(
        name=KIND,
        title=N_("Export of events"),
        controls=("MO-LOG-04", "BK-MED-03", "BK-MED-05", "BK-MED-06"),
        parameters=LogExport,
        requesters=SELECTING.roles,
        executors=frozenset({Role.SYSTEM_ADMIN, Role.RESIDENT_OPERATOR}),
        slots=(slots.SECURITY_OFFICER,),
        execute=lambda execution: way.carry_out(execution, ending=execution.parameters.ending),
        describe=describe,
        artefacts=artefacts,
        labels={
            **LABELS,
            "expression": N_("Selection"),
            "events": N_("Events"),
            "content_sha256": N_("Selection, SHA-256"),
        },
        touches=touches,
        witness=witness,
        place=Place.SERVER_ROOM,
    )


def counted(known: Manifest) -> int:
    """Return how many events the manifest of a selection counts."""
    return sum(part.count for part in known.parts if part.name == EVENTS)


def named(known: Manifest) -> Mapping[str, object]:
    """Return what of the parameters the manifest of a selection says itself."""
    return {"expression": known.head.identity, "events": counted(known), "content_sha256": known.content.sha256}


def _require_same(known: Manifest, parameters: LogExport) -> None:
    """Refuse unless the manifest tells of exactly the selection that is asked for."""
    asked = {name: getattr(parameters, name) for name in ("expression", "events", "content_sha256")}
    if known.head.kind != EVENTS or named(known) != asked:
        raise Refusal(
            N_("{backup} holds another selection of events than is asked for. Choose it anew in the event browser."),
            control="BK-MED-06",
            backup=parameters.backup,
        )
