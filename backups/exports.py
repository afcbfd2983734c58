"""Taking a backup out of the house: asked for by hash, approved by the security officer, written once (BK-BAK-02)."""

from typing import Final, Literal
from zoneinfo import ZoneInfo

from accesscontrol.messages import N_
from accesscontrol.people.roles import Role
from accesscontrol.requests import slots
from accesscontrol.requests.kinds import Kind, Place
from backups.catalogue import Catalogue
from backups.ledger import ENDING_TITLES
from backups.media.destinations import Destinations, FolderDestinations
from backups.outputs import LABELS, Exit, Leaving, touches

KIND: Final = "backup-export"


class BackupExport(Leaving, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What leaves, on what, in whose hands, where to, why, and what happens to it by the last day."""

    ending: Literal["return", "destroy"]


def backup_export_kind(
    catalogue: Catalogue, *, zone: ZoneInfo, destinations: Destinations | None = None, witness: bool = True
) -> Kind:
    """Return the kind of request by which a backup of ``catalogue`` leaves the house (BK-BAK-02, BK-MED-05)."""
    way = Exit(KIND, catalogue, zone, destinations or FolderDestinations())
    able = frozenset({Role.SYSTEM_ADMIN, Role.RESIDENT_OPERATOR})
    return Kind(
        name=KIND,
        title=N_("Backup export"),
        controls=("BK-BAK-01", "BK-BAK-02", "BK-MED-05", "BK-MED-06"),
        parameters=BackupExport,
        requesters=able,
        executors=able,
        slots=(slots.SECURITY_OFFICER,),
        execute=lambda execution: way.carry_out(execution, ending=execution.parameters.ending),
        describe=lambda parameters: way.describe(parameters) | {N_("Ending"): ENDING_TITLES[parameters.ending]},
        artefacts=lambda parameters: way.hashed(parameters)[1],
        labels=LABELS,
        touches=touches,
        witness=witness,
        place=Place.SERVER_ROOM,
    )
