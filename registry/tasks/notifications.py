"""Whether each change of identity information was notified to the prefecture, exactly once (CHK-REC-07).

The municipal CS sends the notifications and keeps their log; an export of it is compared with the changes that file 2
holds. A notification belongs to a change by resident code and update sequence number.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from registry.checks.model import Check, Severity
from registry.files import IDENTITY_INFO
from registry.files.tables import HISTORY_TABLE
from registry.tasks import differences
from registry.tasks.comparing import file_sha256, records_of
from registry.tasks.differences import Line, LineState
from registry.tasks.model import Cadence, Effect, Ground, Run, Step, Task
from registry.tasks.reconciliation import transfer_began

NOTIFIED: Final = Check(
    id="CHK-REC-07",
    title=N_("Each change notified to the prefecture"),
    message=N_("{count} changes have no acknowledged notification to the prefectural server."),
    severity=Severity.error,
    files=(2,),
    controls=("MO-LNK-01",),
)
_COLUMNS: Final = ("resident_code", "update_sequence_no", "acknowledged_at")
_KINDS: Final = ("not_notified", "notified_twice", "notified_unknown")
_Change = tuple[str, str]  # resident code and update sequence number, as the log writes them


class Log(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The log: CSV with resident code, update sequence number, and the time of the acknowledgement or nothing.

    ``since`` is the first day whose changes it covers.
    """

    source: Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]
    since: date


@dataclass(slots=True)
class _Acknowledged:
    """The lines of the log that were acknowledged, by the change they are about; what was asked for is taken out."""

    lines: defaultdict[_Change, list[int]] = field(default_factory=lambda: defaultdict(list), repr=False)

    def read(self, source: Path) -> int:
        """Take the log in; return how many notifications it has, acknowledged or not."""
        count = 0
        with records_of(source, IDENTITY_INFO, _COLUMNS[0], beside=_COLUMNS[2:]) as (columns, rows):
            if columns != _COLUMNS:
                raise Refusal(
                    N_("The first line of the log must name: {columns}."), control="MO-LNK-01", columns=list(_COLUMNS)
                )
            for count, (code, number, at) in enumerate(rows, start=1):
                if at:
                    self.lines[code, number].append(count)
        return count


def _changes(run: Run, columns: str, comparison: str) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Yield table and row of each state in file 2 whose change lies on the side of ``since`` that is asked for."""
    for table in (IDENTITY_INFO.table, HISTORY_TABLE):
        # names of ours
        sql = f"SELECT {columns} FROM {table} WHERE change_date {comparison} ? ORDER BY record_id"  # noqa: S608
        for row in run.rows(sql, (run.parameters.since.isoformat(),)):
            yield table, row


def _compared(run: Run, log: _Acknowledged) -> Iterator[Line]:
    began = transfer_began(run.ground.settings)
    columns = "record_id, change_date, resident_code, update_sequence_no"
    changes = 0
    for table, (key, changed, code, number) in _changes(run, columns, ">="):
        changes += 1
        sent = log.lines.pop((code, str(number)), [])
        if not sent:
            state = LineState.pending if changed >= began else LineState.open
            yield Line(kind="not_notified", place={table: key}, state=state)
        elif len(sent) > 1:
            yield Line(kind="notified_twice", place={table: key, "line": sent[1]})
    run.evidence["changes"] = changes
    for _table, (code, number) in _changes(run, "resident_code, update_sequence_no", "<"):
        log.lines.pop((code, str(number)), None)
    for at in sorted(line for lines in log.lines.values() for line in lines):
        yield Line(kind="notified_unknown", place={"line": at})


def _compare(run: Run) -> None:
    log = _Acknowledged()
    run.evidence["notifications"] = log.read(Path(run.parameters.source))
    lines = list(_compared(run, log))
    counts = {kind: sum(line.kind == kind for line in lines) for kind in _KINDS}
    wrong = [line for line in lines if line.state is not LineState.pending]
    with run.ground.store.transaction() as tx:
        run.evidence["report"] = differences.keep(
            tx, run.task, lines, counts, actor=run.person.staff_number, terminal=run.person.terminal
        )
    run.evidence |= {"differences": dict(counts), "by_check": {NOTIFIED.id: len(wrong)}, "agrees": not wrong}


def _effect(ground: Ground, parameters: Log) -> Effect:
    return Effect(counts=ground.registry.counts(), sha256=file_sha256(Path(parameters.source)))


TASK: Final = Task(
    name="match-notifications",
    title=N_("Changes of identity information against the notifications to the prefecture"),
    purpose=N_("Compares the log of the municipal CS with every change of file 2 since a day, each notified once."),
    controls=("MO-LNK-01",),
    checks=(NOTIFIED.id, "CHK-FMT-07"),
    parameters=Log,
    labels={"source": N_("Log of notifications"), "since": N_("First day of the log")},
    effect=_effect,
    steps=(Step(N_("Compare changes and notifications"), _compare),),
    expected=timedelta(minutes=5),
    due=Cadence.weekly,
)
