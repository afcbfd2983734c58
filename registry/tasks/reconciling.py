"""The daily reconciliation as a task: its differences become a report that is worked off line by line (RG-INT-09)."""

from datetime import timedelta

from accesscontrol.messages import N_
from registry.files import IDENTITY_INFO, RESIDENT_REGISTER
from registry.tasks import differences
from registry.tasks.differences import Line, LineState
from registry.tasks.model import Cadence, Run, Step, Task
from registry.tasks.reconciliation import Difference, reconcile

_KEPT = 10_000


def _line(difference: Difference) -> Line:
    places = {RESIDENT_REGISTER.table: difference.register_id, IDENTITY_INFO.table: difference.identity_id}
    return Line(
        kind=difference.kind.value,
        place={table: key for table, key in places.items() if key is not None},
        items=difference.items,
        state=LineState.pending if difference.pending else LineState.open,
    )


def _reconcile(run: Run) -> None:
    result = reconcile(run.registry, run.ground.settings, keep=_KEPT)
    counts = {kind.value: count for kind, count in result.counts.items()}
    with run.ground.store.transaction() as tx:
        number = differences.keep(
            tx,
            run.task,
            map(_line, result.differences),
            counts,
            actor=run.person.staff_number,
            terminal=run.person.terminal,
        )
    run.evidence |= {
        "report": number,
        "agrees": result.agrees,
        "register_records": result.register_records,
        "identity_records": result.identity_records,
        "differences": dict(counts),
        "pending": {kind.value: count for kind, count in result.pending.items()},
        "register_digest": result.register_digest,
        "identity_digest": result.identity_digest,
    }


TASK = Task(
    name="reconcile",
    title=N_("Reconciliation of the register with the municipal CS"),
    purpose=N_("Compares file 1 with file 2 both ways by resident code and opens a report of the differences."),
    controls=("RG-INT-09", "RG-INT-07"),
    checks=("CHK-REC-01",),
    steps=(Step(N_("Compare both ways"), _reconcile),),
    expected=timedelta(minutes=5),
    due=Cadence.daily,
)
