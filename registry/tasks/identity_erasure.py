"""Automatic erasure of file 2: history and deleted persons past 150 years, never a current record (RG-RET-02).

The dry run is the preview, a lock on the task its stop switch.
"""

from datetime import timedelta
from typing import Any

from accesscontrol.messages import N_
from registry.files import IDENTITY_INFO
from registry.files.codes import RecordStatus
from registry.files.dates import erasure_cutoff
from registry.files.tables import HISTORY_TABLE
from registry.tasks.erasure import erase
from registry.tasks.model import CANNOT_BE_UNDONE, Cadence, Condition, Effect, Ground, Run, Step, Task, effect_of


def identity_past(ground: Ground) -> dict[str, list[int]]:
    """Return what is past its period: history since its supersession, deleted persons since their deletion."""
    cutoff = erasure_cutoff(ground.settings.today)
    # names of ours
    history = f"SELECT record_id FROM {HISTORY_TABLE} WHERE superseded_on < ? ORDER BY record_id"  # noqa: S608
    deleted = (
        f"SELECT record_id FROM {IDENTITY_INFO.table} "  # noqa: S608 - our own schema
        "WHERE record_status_flag = ? AND change_date < ? ORDER BY record_id"
    )
    return {
        HISTORY_TABLE: [key for (key,) in ground.registry.rows(history, (cutoff,))],
        IDENTITY_INFO.table: [key for (key,) in ground.registry.rows(deleted, (RecordStatus.deleted, cutoff))],
    }


def _effect(ground: Ground, _parameters: Any) -> Effect:
    return effect_of(identity_past(ground))


def _current(run: Run) -> int:
    sql = f"SELECT count(*) FROM {IDENTITY_INFO.table} WHERE record_status_flag = ?"  # noqa: S608 - our own schema
    count: int = next(run.registry.rows(sql, (RecordStatus.current,)))[0]
    return count


def _erase(run: Run) -> None:
    run.evidence["current_before"] = _current(run)
    found = identity_past(run.ground)
    for table, keys in found.items():
        erase(run, table, keys)
    run.evidence["erased"] = {table: len(keys) for table, keys in found.items()}


def _current_stayed(run: Run) -> bool:
    return _current(run) == run.evidence["current_before"]


def _none_left(run: Run) -> bool:
    return not any(identity_past(run.ground).values())


TASK = Task(
    name="erase-identity",
    title=N_("Automatic erasure of identity information past 150 years"),
    purpose=N_("Erases superseded records and records of deleted persons of file 2 whose 150 years are over."),
    controls=("RG-RET-02", "RG-RET-05"),
    checks=("CHK-RET-02", "CHK-RET-03", "CHK-RET-04"),
    effect=_effect,
    tolerance=0,
    steps=(Step(N_("Erase what is past its period"), _erase),),
    after=(
        Condition(N_("Every current record is still there."), _current_stayed),
        Condition(N_("No record past its period is left."), _none_left),
    ),
    undo=CANNOT_BE_UNDONE,
    changes=True,
    automatic=True,
    expected=timedelta(minutes=5),
    due=Cadence.monthly,
)
