"""Corrections: of identity information with permission and second confirmation, of the register by official duty.

The content is a small JSON file, {item: new value}, whose hash the approvals bind; the request itself, the trail
and the evidence name items and hashes, never values (RG-INT-05, RG-INT-06, RG-INT-08). That the manager permits and
another person confirms it before it runs (CHK-LOG-10, CHK-LOG-11) is the work of the gate: both are approval slots.
"""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec

from accesscontrol.canonical import digest
from accesscontrol.clock import to_text
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.requests import slots
from registry.checks import Fault, Severity, judge_update
from registry.checks.running import record_faults
from registry.files import IDENTITY_INFO, RESIDENT_REGISTER, File, Item, masked
from registry.files.codes import ChangeReason, Deleted, RecordStatus
from registry.files.items import ItemType
from registry.files.tables import HISTORY_TABLE
from registry.tasks.comparing import file_sha256
from registry.tasks.content import values_in
from registry.tasks.model import ERASERS, Effect, Ground, Run, Step, Task

_KEPT_BY_THE_SYSTEM: Final = frozenset(
    {
        "change_reason", "change_date", "change_reason_detail", "operator_id", "operator_terminal_id", "timestamp",
        "update_sequence_no", "change_event_update_sequence_no", "request_control_no", "record_status_flag",
        "deleted_record_class",
    }
)  # fmt: skip
_NUMBER_LENGTH: Final = 11  # resident codes, individual numbers, card numbers
_BLOCKING: Final = frozenset({Severity.error, Severity.block})


class IdentityCorrection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which current record of file 2, by surrogate key, and the file with what is right."""

    record: Annotated[int, msgspec.Meta(ge=1)]
    content: Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]


class OfficialCorrection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An official correction of file 1: the procedure followed, its ground and its day belong to it."""

    record: Annotated[int, msgspec.Meta(ge=1)]
    content: Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]
    procedure: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    ground: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    day: date


def before_and_after(
    file: File, ground: Ground, parameters: Any, *, show: Callable[[object, Item], str] = masked
) -> dict[str, str]:
    """Return each item that would change with its value before and after; :func:`in_full` shows more than a list may.

    What is shown in full is for the eyes of those who decide (RG-INT-05), and kept nowhere.
    """
    before = _record(ground, file, parameters.record)
    wanted = _wanted(file, Path(parameters.content), before)
    shown = {item: [show(values[item.column], item) for values in (before, wanted)] for item in map(file.item, wanted)}
    return {f"{item.number} {item.name_ja}": " → ".join(values) for item, values in shown.items()}


def in_full(value: object, item: Item) -> str:
    """Return a value as it stands; of a person's number the last two characters alone."""
    if item.mask and item.type is ItemType.code and len(str(value)) >= _NUMBER_LENGTH:
        return masked(value, item, last=2)
    return "-" if value in (None, "") else str(value)


def _content(file: File) -> Callable[[Ground, Any], Mapping[str, str]]:
    return lambda ground, parameters: before_and_after(file, ground, parameters)


def _record(ground: Ground, file: File, record: int) -> dict[str, Any]:
    columns = ", ".join(file.columns)
    sql = f"SELECT {columns} FROM {file.table} WHERE record_id = ?"  # noqa: S608 - our own schema
    found = next(iter(ground.registry.rows(sql, (record,))), None)
    if found is None:
        raise Refusal(N_("{file} has no record {record}."), file=file.name_ja, record=record)
    return dict(zip(file.columns, found, strict=True))


def _wanted(file: File, source: Path, before: Mapping[str, Any]) -> dict[str, Any]:
    wanted = values_in(source)
    strange = sorted(column for column in wanted if column not in before or column in _KEPT_BY_THE_SYSTEM)
    if strange:
        raise Refusal(N_("These items can't be corrected: {items}."), control="RG-INT-06", items=strange)
    changed = {column: value for column, value in wanted.items() if value != before[column]}
    if not changed:
        raise Refusal(N_("The record holds this already; there is nothing to correct."))
    return {column: changed[column] for column in file.columns if column in changed}


def _effect(file: File, current: Callable[[Mapping[str, Any]], bool]) -> Callable[[Ground, Any], Effect]:
    def effect(ground: Ground, parameters: Any) -> Effect:
        before = _record(ground, file, parameters.record)
        if not current(before):
            raise Refusal(N_("Only a current record is corrected; a history stays as it was."), control="RG-INT-06")
        changed = _wanted(file, Path(parameters.content), before)
        items = [f"{file.item(column).number} {file.item(column).name_ja}" for column in changed]
        return Effect(
            counts={file.table: 1},
            sha256=digest({"before": _fingerprint(before), "file": file_sha256(Path(parameters.content))}),
            listed=(f"{file.table} {parameters.record}",),
            facts={"items": items},
        )

    return effect


def _fingerprint(record: Mapping[str, Any]) -> str:
    return digest({column: "" if value is None else str(value) for column, value in record.items()})


def _demand_sound(faults: list[Fault]) -> None:
    for fault in faults:
        if fault.check.severity in _BLOCKING:
            raise Refusal(
                N_("The corrected record fails {check} in item {item}; nothing was changed."),
                control=fault.check.controls[0],
                check=fault.check.id,
                item=fault.fields()["item"],
            )


def _correct_identity(run: Run) -> None:
    """Make the wrong record history and put the right one in its place, as the next update of that person."""
    key, file = run.parameters.record, IDENTITY_INFO
    before = _record(run.ground, file, key)
    today = run.ground.settings.today.isoformat()
    after = {
        **before,
        **_wanted(file, Path(run.parameters.content), before),
        "change_reason": ChangeReason.official_correction,
        "change_date": today,
        "operator_id": run.person.staff_number,
        "operator_terminal_id": run.person.terminal,
        "request_control_no": run.request,
        "change_event_update_sequence_no": 1,
        "update_sequence_no": before["update_sequence_no"] + 1,
        "timestamp": to_text(run.ground.store.clock.now()),
    }
    _demand_sound(judge_update(run.registry, after, run.ground.settings))
    _demand_own_number(run, after["individual_number"])
    # names of ours
    (place,) = next(iter(run.rows(f"SELECT coalesce(max(record_id), 0) + 1 FROM {HISTORY_TABLE}")))  # noqa: S608
    past = {**before, "record_status_flag": RecordStatus.history}
    columns = ("record_id", "current_record_id", "superseded_on", *file.columns)
    marks = ", ".join("?" * len(columns))
    run.execute(
        f"INSERT INTO {HISTORY_TABLE} ({', '.join(columns)}) VALUES ({marks})",  # noqa: S608 - our own schema
        (place, key, today, *past.values()),
    )
    _update(run, file, key, before, after)
    run.evidence["history_record"] = place


def _demand_own_number(run: Run, number: str | None) -> None:
    """Refuse a number that another current record of file 2 holds (CHK-ID-04)."""
    sql = (
        f"SELECT count(*) FROM {IDENTITY_INFO.table} "  # noqa: S608 - our own schema
        "WHERE individual_number = ? AND record_status_flag = ? AND record_id <> ?"
    )
    ((others,),) = run.rows(sql, (number, RecordStatus.current, run.parameters.record))
    if others:
        raise Refusal(
            N_("The same individual number is held by more than one current record of {file}."),
            control="RG-INT-11",
            file=IDENTITY_INFO.name_ja,
        )


def _correct_register(run: Run) -> None:
    key, file = run.parameters.record, RESIDENT_REGISTER
    before = _record(run.ground, file, key)
    after = {
        **before,
        **_wanted(file, Path(run.parameters.content), before),
        "change_reason": ChangeReason.official_correction,
    }
    row = (key, *(after[column] for column in file.columns))
    _demand_sound(record_faults(file, row, run.ground.settings))
    _update(run, file, key, before, after)
    run.evidence |= {"procedure": run.parameters.procedure, "ground": run.parameters.ground}
    run.evidence["day"] = run.parameters.day.isoformat()


def _update(run: Run, file: File, key: int, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    changed = [column for column in file.columns if before[column] != after[column]]
    sets = ", ".join(f"{column} = ?" for column in changed)
    sql = f"UPDATE {file.table} SET {sets} WHERE record_id = ?"  # noqa: S608 - our own schema
    if run.execute(sql, (*(after[column] for column in changed), key)) != 1:
        raise Refusal(N_("{file} has no record {record}."), file=file.name_ja, record=key)
    run.evidence |= {
        "record": key,
        "items": [file.item(column).number for column in changed],
        "before_sha256": _fingerprint(before),
        "after_sha256": _fingerprint(_record(run.ground, file, key)),
    }


def _content_hash(parameters: Any) -> dict[str, str]:
    return {"content": file_sha256(Path(parameters.content))}


_LABELS: Final = {
    "record": N_("Record"),
    "content": N_("File with the right values"),
    "procedure": N_("Procedure"),
    "ground": N_("Ground"),
    "day": N_("Day of the decision"),
    "items": N_("Items"),
}
IDENTITY: Final = Task(
    name="correct-identity",
    title=N_("Correction of identity information"),
    purpose=N_("Makes a wrong record of file 2 history and puts the right one in its place."),
    controls=("RG-INT-06", "RG-INT-05", "RG-INT-02"),
    checks=("CHK-LOG-10", "CHK-LOG-11", "CHK-LOG-02", "CHK-LOG-06"),
    parameters=IdentityCorrection,
    labels=_LABELS,
    content=_content(IDENTITY_INFO),
    effect=_effect(IDENTITY_INFO, lambda record: record["record_status_flag"] == RecordStatus.current),
    tolerance=0,
    artefacts=_content_hash,
    steps=(Step(N_("Correct the record"), _correct_identity),),
    slots=(slots.IDENTINFO_MANAGER, slots.SECOND_CHECKER),
    requesters=ERASERS,
    executors=ERASERS,
    undo=N_("Another correction; the history keeps the record as it was."),
    changes=True,
    expected=timedelta(minutes=1),
)
REGISTER: Final = Task(
    name="correct-register",
    title=N_("Official correction of the resident register"),
    purpose=N_("Corrects a living record of file 1 by official duty, under a named procedure."),
    controls=("RG-INT-08",),
    checks=("CHK-LOG-04", "CHK-LOG-05"),
    parameters=OfficialCorrection,
    labels=_LABELS,
    content=_content(RESIDENT_REGISTER),
    effect=_effect(RESIDENT_REGISTER, lambda record: record["deleted_record_class"] == Deleted.living),
    tolerance=0,
    artefacts=_content_hash,
    steps=(Step(N_("Correct the record"), _correct_register),),
    slots=(slots.WORK_LEAD, slots.SECOND_CHECKER),
    requesters=ERASERS,
    executors=ERASERS,
    undo=N_("Another official correction; keep the file with the former values until it is confirmed."),
    changes=True,
    expected=timedelta(minutes=1),
)
CORRECTED: Final[Mapping[str, File]] = {IDENTITY.name: IDENTITY_INFO, REGISTER.name: RESIDENT_REGISTER}
