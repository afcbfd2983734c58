"""Format and logic checks of all records, and the check digits of the numbers alone, as tasks."""

from collections.abc import Callable
from datetime import timedelta

from accesscontrol.messages import N_
from registry.checks import check
from registry.tasks import row_counts
from registry.tasks.model import Cadence, Run, Step, Task

_NUMBERS = frozenset({"CHK-ID-01", "CHK-ID-02", "CHK-ID-03"})
_CHECKS = tuple(
    f"CHK-{group}-{number:02}"
    for group, numbers in {
        "CNT": (1, 2),
        "FMT": range(1, 7),
        "ID": range(1, 7),
        "LOG": (4, 5, 7, 8, 9, 12, 13),
        "RET": (1, 3, 5, 7, 9),
    }.items()
    for number in numbers
)


def _check(only: frozenset[str] | None) -> Callable[[Run], None]:
    def run_checks(run: Run) -> None:
        report = check(run.registry, run.ground.settings, progress=run.progress, only=only)
        run.evidence |= {
            "sound": report.sound,
            "records": report.records,
            "by_severity": dict(report.by_severity),
            "by_check": {name: count for name, count in report.by_check.items() if count},
        }
        run.output["faults"] = [
            {"check": fault.check.id, "table": fault.table, "record": fault.record_id, "items": list(fault.items)}
            for fault in report.faults
        ]

    return run_checks


def _rows(run: Run) -> None:
    fallen = row_counts.fallen(run.ground)
    run.evidence["rows_fallen"] = dict(fallen)
    if not fallen:
        row_counts.keep(run.ground.store, run.task, row_counts.counted(run.ground))


ALL = Task(
    name="check-records",
    title=N_("Format and logic checks of all records"),
    purpose=N_("Judges every record of the three files, and whether rows are gone that no erasure accounts for."),
    controls=("RG-INT-02", "RG-INT-08", "RG-RET-05"),
    checks=_CHECKS,
    steps=(
        Step(N_("Judge every record"), _check(None)),
        Step(N_("Compare the numbers of rows with those kept"), _rows),
    ),
    expected=timedelta(minutes=3),
    due=Cadence.monthly,
)
NUMBERS = Task(
    name="check-numbers",
    title=N_("Check digits of numbers and codes"),
    purpose=N_("Judges individual numbers, resident codes and municipality codes alone."),
    controls=("RG-INT-02", "RG-INT-11"),
    checks=tuple(sorted(_NUMBERS)),
    steps=(Step(N_("Judge the numbers"), _check(_NUMBERS)),),
    expected=timedelta(minutes=1),
    due=Cadence.weekly,
)
