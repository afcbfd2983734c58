"""Erasure of file 1 past its 150 years: the list that the business owner approved, or nothing (RG-RET-01, RG-RET-04).

What is due is judged for a day that the request names, so that the list doesn't grow while it waits for approval.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import msgspec

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.requests import slots
from registry.databases.interface import Registry
from registry.files import RESIDENT_REGISTER
from registry.files.codes import Deleted
from registry.files.dates import erasure_cutoff
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

_AT_ONCE = 500
_TABLE = RESIDENT_REGISTER.table


class ErasureDay(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The day for which the list is made: what is past its period on it, and nothing else."""

    day: date


def register_past(registry: Registry, day: date) -> list[int]:
    """Return the deleted records whose base date, the later of items 54 and 55, is past its 150 years on ``day``."""
    cutoff = erasure_cutoff(day)
    sql = (
        f"SELECT record_id FROM {_TABLE} WHERE deleted_record_class <> ? "  # noqa: S608 - our own schema
        "AND deletion_change_date < ? AND deletion_notify_date < ? ORDER BY record_id"
    )
    return [key for (key,) in registry.rows(sql, (Deleted.living, cutoff, cutoff))]


def require_past(ground: Ground, day: date) -> None:
    """Refuse a day to come: nothing is erased before the end of its period (CHK-RET-02)."""
    if day > ground.settings.today:
        raise Refusal(N_("Erase list holds records that must still be kept."), control="RG-RET-01", day=day.isoformat())


def _effect(ground: Ground, parameters: ErasureDay) -> Effect:
    require_past(ground, parameters.day)
    found = register_past(ground.registry, parameters.day)
    if not found:
        raise Refusal(N_("No record is past its period on {day}."), day=parameters.day.isoformat())
    return effect_of({_TABLE: found}, day=parameters.day.isoformat())


def batches(keys: Sequence[int]) -> Iterator[tuple[Sequence[int], str]]:
    """Yield the keys in batches, each with as many placeholders."""
    for at in range(0, len(keys), _AT_ONCE):
        batch = keys[at : at + _AT_ONCE]
        yield batch, ", ".join("?" * len(batch))


def erase(run: Run, table: str, keys: Sequence[int]) -> None:
    """Erase exactly the records of ``keys``; :class:`Refusal` when another number of rows went."""
    gone = 0
    for batch, marks in batches(keys):
        gone += run.execute(f"DELETE FROM {table} WHERE record_id IN ({marks})", batch)  # noqa: S608 - our own schema
        run.progress(gone, len(keys))
    if gone != len(keys):
        raise Refusal(
            N_("{gone} records of {listed} would have been erased, so none was."), gone=gone, listed=len(keys)
        )


def _erase(run: Run) -> None:
    parameters: ErasureDay = run.parameters
    before = run.registry.counts()[_TABLE]
    keys = register_past(run.registry, parameters.day)
    if effect_of({_TABLE: keys}, day=parameters.day.isoformat()).sha256 != run.effect.sha256:
        raise Refusal(N_("Erasure needs the approval of the business owner for this very list."), control="RG-RET-04")
    for batch, marks in batches(keys):  # what hangs on a record by its surrogate key goes with it
        # only question marks
        run.execute(f"DELETE FROM number_request WHERE record_id IN ({marks})", batch)  # noqa: S608
    erase(run, _TABLE, keys)
    run.evidence |= {"erased": len(keys), "rows_before": before, "rows_after": run.registry.counts()[_TABLE]}


def _gone(run: Run) -> bool:
    return not register_past(run.registry, run.parameters.day)


def _kept(run: Run) -> bool:
    figures: Any = run.evidence
    return bool(figures["rows_before"] - figures["rows_after"] == figures["erased"])


TASK = Task(
    name="erase-register",
    title=N_("Erasure of resident records past 150 years"),
    purpose=N_("Erases from file 1 the deleted records whose 150 years are over, by the approved list only."),
    controls=("RG-RET-01", "RG-RET-04", "RG-RET-05"),
    checks=("CHK-RET-01", "CHK-RET-02", "CHK-RET-08", "CHK-RET-09"),
    parameters=ErasureDay,
    labels={"day": N_("Past their period on")},
    effect=_effect,
    tolerance=0,
    steps=(Step(N_("Erase the approved list"), _erase),),
    after=(
        Condition(N_("No record past its period is left."), _gone),
        Condition(N_("Exactly the approved records went."), _kept),
    ),
    slots=(slots.BUSINESS_OWNER,),
    requesters=ERASERS,
    executors=ERASERS,
    undo=CANNOT_BE_UNDONE,
    changes=True,
    moderated=True,
    expected=timedelta(minutes=5),
    due=Cadence.monthly,
)
