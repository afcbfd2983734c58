"""Format and logic checks of all records, and the check digits of the numbers alone, as tasks.

Each record that fails one is a line of a report, which is worked off: corrected, explained, or escalated (RG-INT-08).
What is past its period, or a matter of a whole file, is no such case.
"""

from collections.abc import Callable
from datetime import timedelta

from accesscontrol.messages import N_
from registry.checks import Report, check
from registry.tasks import differences, row_counts
from registry.tasks.differences import Line
from registry.tasks.model import Cadence, Run, Step, Task

_KEPT = 1000  # records of each check
_NO_CASES = ("CHK-RET", "CHK-CNT")  # erased by tasks of their own; a matter of a whole file
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
        report = check(run.registry, run.ground.settings, keep=_KEPT, progress=run.progress, only=only)
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

        _open_cases(run, report)

    return run_checks


def _open_cases(run: Run, report: Report) -> None:
    """Open a report with a line for each record at fault; the counts of a check are exact, its lines are the first."""
    counts = {name: count for name, count in report.by_check.items() if count and _is_case(name)}
    if not counts:
        return
    lines = (
        Line(kind=fault.check.id, place={fault.table: fault.record_id}, items=fault.items)
        for fault in report.faults
        if _is_case(fault.check.id)
    )
    person = run.person
    with run.ground.store.transaction() as tx:
        number = differences.keep(tx, run.task, lines, counts, actor=person.staff_number, terminal=person.terminal)
    run.evidence |= {"report": number, "differences": counts}


def _is_case(check_id: str) -> bool:
    return not check_id.startswith(_NO_CASES)


def _rows(run: Run) -> None:
    fallen = row_counts.fallen(run.ground)
    run.evidence["rows_fallen"] = dict(fallen)
    if not fallen:
        row_counts.keep(run.ground.store, run.task, row_counts.counted(run.ground))


ALL = Task(
    name="check-records",
    title=N_("Format and logic checks of all records"),
    purpose=N_(
        "Judges every record of the three files, and whether rows are gone that no erasure accounts for. Each record at"
        " fault is a line of a report."
    ),
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
    purpose=N_(
        "Judges individual numbers, resident codes and municipality codes alone. Each record at fault is a line of a"
        " report."
    ),
    controls=("RG-INT-02", "RG-INT-11"),
    checks=tuple(sorted(_NUMBERS)),
    steps=(Step(N_("Judge the numbers"), _check(_NUMBERS)),),
    expected=timedelta(minutes=1),
    due=Cadence.weekly,
)
