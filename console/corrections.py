"""A correction as those who decide on it see it: before and after in full, once the trail says to whom (RG-INT-05)."""

from collections.abc import Mapping
from typing import Final

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.requests.desk import Acting
from accesscontrol.requests.reading import Request
from console import queues
from console.wiring import Installation
from registry.files import File
from registry.tasks.correction import CORRECTED, before_and_after, in_full
from registry.tasks.kind import MAINTENANCE

SHOWN: Final = "correction.shown"
_KINDS: Final[Mapping[str, File]] = {f"{MAINTENANCE}:{name}": file for name, file in CORRECTED.items()}


def is_correction(request: Request) -> bool:
    """Tell whether a request is one for the correction of a record."""
    return request.kind in _KINDS


def reveal(site: Installation, request: Request, actor: Acting) -> dict[str, str]:
    """Write down that ``actor`` sees the values of a correction, and return them by item, before and after.

    Only those whose yes or no it waits for see them, and only as long as the file is the one that was handed in.
    """
    if not queues.waits_for_approval(site, request, actor):
        raise Refusal(N_("Only those who may decide on {id} see its values."), control="RG-INT-05", id=request.id)
    kind = site.desk.kind(request.kind)
    parameters = kind.read(request.parameters)
    if kind.artefacts(parameters) != request.artefacts:
        raise Refusal(N_("The file with the right values is not the one that was handed in."), control="RG-INT-05")
    with site.maintenance.ground() as ground:
        values = before_and_after(_KINDS[request.kind], ground, parameters, show=in_full)
    with site.store.transaction() as tx:
        tx.record(SHOWN, actor=actor.staff_number, subject=request.id, terminal=actor.terminal, items=list(values))
    return values
