"""File 3 is erased in whole batches one business day after its linkage, by itself; the repair needs an approval.

Due is the first business day after the day of linkage; what is there after that day has ended is late (RG-RET-03).
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

import msgspec

from accesscontrol.clock import from_text, local_day
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.requests import slots
from registry.files import DESTINATION_INFO
from registry.files.codes import Deleted
from registry.tasks.erasure import batches, erase
from registry.tasks.model import (
    CANNOT_BE_UNDONE,
    ERASERS,
    Cadence,
    Condition,
    Effect,
    Ground,
    Run,
    Step,
    Task,
    effect_of,
)

_TABLE, _LINKAGE = DESTINATION_INFO.table, "destination_linkage"


@dataclass(frozen=True, slots=True)
class Batch:
    """A linkage batch that is due: its records that are still there, its linkage rows, and whether it is late."""

    name: str
    records: tuple[int, ...]
    linkages: tuple[int, ...]
    late: bool


def due_batches(ground: Ground) -> list[Batch]:
    """Return every batch that is due today or earlier; a batch counts from its latest linkage, so it goes whole."""
    sql = (
        f"SELECT l.batch, l.record_id, l.linked_at, d.record_id FROM {_LINKAGE} AS l "  # noqa: S608 - our own schema
        f"LEFT JOIN {_TABLE} AS d ON d.record_id = l.record_id ORDER BY l.batch, l.record_id"
    )
    linked: dict[str, list[tuple[int, str, int | None]]] = {}
    for batch, key, linked_at, record in ground.registry.rows(sql):
        linked.setdefault(batch, []).append((key, linked_at, record))
    found = []
    for name, rows in linked.items():
        last = max(local_day(from_text(linked_at), ground.settings.zone) for _, linked_at, _ in rows)
        due = ground.settings.next_business_day(last)
        if due <= ground.settings.today:
            records = tuple(record for _, _, record in rows if record is not None)
            late = bool(records) and due < ground.settings.today
            found.append(Batch(name, records, tuple(key for key, _, _ in rows), late))
    return found


def late_records(ground: Ground) -> list[int]:
    """Return the records that are still there after their due day has ended (CHK-RET-05)."""
    return [record for batch in due_batches(ground) if batch.late for record in batch.records]


def _effect_of(found: list[Batch]) -> Effect:
    return effect_of(
        {
            _TABLE: [record for batch in found for record in batch.records],
            _LINKAGE: [key for batch in found for key in batch.linkages],
        },
        batches=[batch.name for batch in found],
        late=sum(len(batch.records) for batch in found if batch.late),
    )


def _effect(ground: Ground, _parameters: Any) -> Effect:
    return _effect_of(due_batches(ground))


def _purge(run: Run) -> None:
    _erase(run, due_batches(run.ground))


def _erase(run: Run, found: list[Batch]) -> None:
    for batch in found:
        erase(run, _TABLE, batch.records)
        for keys, marks in batches(batch.linkages):
            run.execute(f"DELETE FROM {_LINKAGE} WHERE record_id IN ({marks})", keys)  # noqa: S608 - our own schema
    run.evidence |= {
        "batches": [batch.name for batch in found],
        "erased": sum(len(batch.records) for batch in found),
        "late": sum(len(batch.records) for batch in found if batch.late),
    }


def _nothing_due(run: Run) -> bool:
    return not due_batches(run.ground)


PURGE = Task(
    name="purge-destination",
    title=N_("Erasure of linked destination information"),
    purpose=N_("Erases file 3 in whole batches on the first business day after their linkage."),
    controls=("RG-RET-03", "RG-RET-05"),
    checks=("CHK-RET-05", "CHK-RET-06"),
    labels={"batches": N_("Batches"), "late": N_("Past the due day")},
    effect=_effect,
    tolerance=0,
    steps=(Step(N_("Erase the batches that are due"), _purge),),
    after=(Condition(N_("No batch that is due is left."), _nothing_due),),
    undo=CANNOT_BE_UNDONE,
    changes=True,
    automatic=True,
    expected=timedelta(minutes=2),
    due=Cadence.daily,
)


class Repair(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The batch whose purge failed; ``deceased`` instead takes out the records of people who have died."""

    batch: Annotated[str, msgspec.Meta(max_length=40)] = ""
    deceased: bool = False


def _to_repair(ground: Ground, parameters: Repair) -> list[Batch]:
    if parameters.deceased == bool(parameters.batch):
        raise Refusal(N_("Name the batch to repair, or ask for the records of deceased persons."))
    if parameters.deceased:
        sql = (
            f"SELECT DISTINCT d.record_id FROM {_TABLE} AS d "  # noqa: S608 - our own schema
            "JOIN resident_register AS r ON r.resident_code = d.resident_code "
            "WHERE r.deleted_record_class = ? ORDER BY d.record_id"
        )
        keys = tuple(key for (key,) in ground.registry.rows(sql, (Deleted.death,)))
        return [Batch("", keys, keys, late=False)] if keys else []
    found = [batch for batch in due_batches(ground) if batch.name == parameters.batch]
    if not found and _known(ground, parameters.batch):
        raise Refusal(N_("Batch has not been linked; it cannot be erased yet."), control="RG-RET-03")
    return found


def _known(ground: Ground, batch: str) -> bool:
    sql = f"SELECT 1 FROM {_LINKAGE} WHERE batch = ? LIMIT 1"  # noqa: S608 - our own schema
    return next(iter(ground.registry.rows(sql, (batch,))), None) is not None


def _repair_effect(ground: Ground, parameters: Repair) -> Effect:
    found = _to_repair(ground, parameters)
    if not found:
        raise Refusal(N_("There is nothing to repair."))
    return _effect_of(found)


def _repair(run: Run) -> None:
    _erase(run, _to_repair(run.ground, run.parameters))


def _repaired(run: Run) -> bool:
    return (
        not _to_repair(run.ground, run.parameters)
        if run.parameters.deceased
        else not _known(run.ground, run.parameters.batch)
    )


REPAIR = Task(
    name="repair-purge",
    title=N_("Repair of a failed erasure of destination information"),
    purpose=N_("Erases what the automatic run left of one batch, or the records of persons who have died."),
    controls=("RG-RET-03", "RG-RET-05", "RG-RET-06"),
    checks=("CHK-RET-05", "CHK-RET-06", "CHK-RET-07"),
    parameters=Repair,
    labels={
        "batch": N_("Batch"),
        "deceased": N_("Records of deceased persons"),
        "batches": N_("Batches"),
        "late": N_("Past the due day"),
    },
    effect=_repair_effect,
    tolerance=0,
    steps=(Step(N_("Erase what was left"), _repair),),
    after=(Condition(N_("Nothing of it is left."), _repaired),),
    slots=(slots.BUSINESS_OWNER,),
    requesters=ERASERS,
    executors=ERASERS,
    undo=CANNOT_BE_UNDONE,
    changes=True,
    expected=timedelta(minutes=2),
)
