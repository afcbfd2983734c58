"""The yearly check with the prefecture and the national body: the set that goes out, and the results that come back.

The set holds exactly the eight items of the interface (CHK-PRV-02); each reported difference is handled (RG-INT-10).
"""

import csv
import os
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import msgspec

from accesscontrol.canonical import digest
from accesscontrol.clock import local_day
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.requests import slots
from accesscontrol.store import Store
from accesscontrol.trail import entries
from registry.checks.model import Check, Settings, Severity
from registry.files import IDENTITY_INFO
from registry.files.codes import RecordStatus
from registry.files.items import PREFECTURE_ITEMS
from registry.tasks import differences
from registry.tasks.comparing import file_sha256, records_of
from registry.tasks.differences import Line
from registry.tasks.model import Cadence, Condition, Effect, Ground, Run, Step, Task

OVERDUE: Final = Check(
    id="CHK-REC-02",
    title=N_("Municipal CS against prefectural and national servers"),
    message=N_("Reconciliation with {server} is overdue or has unhandled differences."),
    severity=Severity.warning,
    files=(2,),
    controls=("RG-INT-10",),
)
_MAY_HAVE_MOVED: Final = 2000  # records; residents come and go between approval and run
_MONTHS: Final = 13


class Server(StrEnum):
    """The two sides that hold the same identity information."""

    prefecture = "prefecture"
    national = "national"


class SetOut(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the set is written: a new file, readable by the console's account only."""

    target: Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]


class Result(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one server reported: CSV with the resident code first, then the items that differ there."""

    server: Server
    source: Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]


def _effect(ground: Ground, parameters: SetOut) -> Effect:
    target = Path(parameters.target)
    if target.exists() or not target.parent.is_dir():
        raise Refusal(N_("{path} must be a new file in a folder that is there."), path=parameters.target)
    sql = f"SELECT count(*) FROM {IDENTITY_INFO.table} WHERE record_status_flag = ?"  # noqa: S608 - our own schema
    count: int = next(iter(ground.registry.rows(sql, (RecordStatus.current,))))[0]
    items = [item.number for item in PREFECTURE_ITEMS]
    return Effect(counts={IDENTITY_INFO.table: count}, sha256=digest(items), facts={"items": items})


def _write(run: Run) -> None:
    """Write the set in the order of resident codes, flushed to the medium, and keep its count and hash."""
    columns = [item.column for item in PREFECTURE_ITEMS]
    sql = (
        f"SELECT {', '.join(columns)} FROM {IDENTITY_INFO.table} "  # noqa: S608 - our own schema
        "WHERE record_status_flag = ? ORDER BY resident_code"
    )
    target = Path(run.parameters.target)
    count = 0
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            # the last ones are needed
            for count, row in enumerate(run.rows(sql, (RecordStatus.current,)), start=1):  # noqa: B007
                writer.writerow(row)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        target.unlink(missing_ok=True)
        raise Refusal(
            N_("The file {path} can't be written: {reason}."), path=str(target), reason=error.strerror or "?"
        ) from None
    run.evidence |= {"records": count, "items": [item.number for item in PREFECTURE_ITEMS]}
    run.evidence["file_sha256"] = file_sha256(target)


def _whole(run: Run) -> bool:
    return bool(run.evidence["records"] == run.effect.counts[IDENTITY_INFO.table])


SET = Task(
    name="yearly-set",
    title=N_("Set for the yearly check with the prefecture and the national body"),
    purpose=N_("Writes the eight items of every current record of file 2, in the order of resident codes, to a file."),
    controls=("RG-INT-10", "RG-LNK-01", "BK-MED-07"),
    checks=("CHK-REC-02", "CHK-PRV-02"),
    parameters=SetOut,
    labels={"target": N_("New file"), "items": N_("Items")},
    effect=_effect,
    tolerance=_MAY_HAVE_MOVED,
    steps=(Step(N_("Write the set"), _write),),
    after=(Condition(N_("The set holds every current record."), _whole),),
    slots=(slots.OUTPUT_MANAGER,),
    undo=N_("Delete the file; once it was handed over it cannot be called back."),
    expected=timedelta(minutes=5),
    due=Cadence.yearly,
)


def _result_effect(ground: Ground, parameters: Result) -> Effect:
    return Effect(counts=ground.registry.counts(), sha256=file_sha256(Path(parameters.source)))


def _take_in(run: Run) -> None:
    """Open a report with one line for each person that the server named; one who is not here has a line number only."""
    parameters: Result = run.parameters
    with records_of(Path(parameters.source), IDENTITY_INFO, "resident_code") as (columns, rows):
        numbers = [IDENTITY_INFO.item(column).number for column in columns[1:]]
        reported = list(rows)
    named = {code for code, *_ in reported}
    # names of ours
    sql = f"SELECT record_id, resident_code FROM {IDENTITY_INFO.table} WHERE record_status_flag = ?"  # noqa: S608
    here = {code: key for key, code in run.rows(sql, (RecordStatus.current,)) if code in named}
    lines = []
    for at, (code, *marks) in enumerate(reported, start=1):
        items = [number for number, mark in zip(numbers, marks, strict=True) if mark]
        kind = "missing_here" if code not in here else "differing" if items else "missing_there"
        place = {IDENTITY_INFO.table: here[code]} if code in here else {}
        lines.append(Line(kind=kind, place={**place, "line": at}, items=tuple(items)))
    counts = {kind: sum(line.kind == kind for line in lines) for kind in ("missing_there", "missing_here", "differing")}
    name = report_name(parameters.server)
    with run.ground.store.transaction() as tx:
        number = differences.keep(tx, name, lines, counts, actor=run.person.staff_number, terminal=run.person.terminal)
    run.evidence |= {"server": parameters.server.value, "report": number, "differences": counts}


def report_name(server: Server) -> str:
    """Return under which name the results of ``server`` are reported."""
    return f"yearly-{server}"


RESULT = Task(
    name="yearly-result",
    title=N_("Result of the yearly check"),
    purpose=N_("Takes in what a server reported, and opens a report in which each difference is handled."),
    controls=("RG-INT-10",),
    checks=("CHK-REC-02",),
    parameters=Result,
    labels={"server": N_("Server"), "source": N_("File from the other side")},
    effect=_result_effect,
    steps=(Step(N_("Take in the result"), _take_in),),
    expected=timedelta(minutes=5),
    due=Cadence.yearly,
)


def overdue(store: Store, settings: Settings) -> list[Server]:
    """Return the servers whose last result is older than 13 months or has unsettled lines (CHK-REC-02).

    Where no result was ever taken in, the months count from the first entry of the trail.
    """
    oldest = _months_before(settings.today, _MONTHS)
    found = []
    for server in Server:
        (last,) = differences.reports(store, report_name(server), limit=1) or (None,)
        since = last.made_at if last else _beginning(store)
        late = since is not None and local_day(since, settings.zone) < oldest
        if late or (last is not None and last.unsettled):
            found.append(server)
    return found


def _beginning(store: Store) -> datetime | None:
    first = entries.entry(store, 1)
    return first.at if first else None


def _months_before(day: date, months: int) -> date:
    month = day.year * 12 + day.month - 1 - months
    return date(month // 12, month % 12 + 1, min(day.day, 28))
