"""One person against what they present: a move-out certificate, or a card (MT-1, MT-5; CHK-REC-05, CHK-REC-06).

What is presented comes in small files. Evidence and report name items and records, never a value.
"""

from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec

from accesscontrol.messages import N_
from accesscontrol.people.roles import Role
from accesscontrol.refusals import Refusal
from registry.checks.matching import CARD, CERTIFIED, MOVE_IN, judge_card, judge_move_in
from registry.checks.model import Check, Fault
from registry.files import IDENTITY_INFO, RESIDENT_REGISTER, File
from registry.tasks import differences
from registry.tasks.comparing import counted, file_sha256
from registry.tasks.content import Values, values_in
from registry.tasks.differences import Line
from registry.tasks.matching import require_declared
from registry.tasks.model import Effect, Ground, Run, Step, Task

_PATH = Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]
_CARD: Final = ("resident_code", "state")
_AT_THE_COUNTER: Final = frozenset({Role.SYSTEM_ADMIN, Role.RESIDENT_OPERATOR, Role.WORK_LEAD, Role.OPERATOR})


class MoveIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Two files by items of file 1: what the notice says, and what the certificate of the former municipality says."""

    notice: _PATH
    certificate: _PATH


class Card(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file of a card: its resident code, and its state as card management says it (``valid`` or another)."""

    card: _PATH


def _presented(path: str, needed: Iterable[str]) -> Values:
    """Return what was presented; an item that is left out would agree with anything, so each must be named."""
    values = values_in(Path(path))
    lacking = [item for item in needed if item not in values]
    if lacking:
        raise Refusal(N_("The file {path} lacks items: {items}."), path=path, items=lacking)
    return values


def _effect(file: File) -> Callable[[Ground, Any], Effect]:
    def effect(_ground: Ground, parameters: Any) -> Effect:
        hashes = {name: file_sha256(Path(getattr(parameters, name))) for name in parameters.__struct_fields__}
        return Effect(counts={file.table: 1}, facts={"files": list(hashes.values())})

    return effect


def _report(run: Run, check: Check, faults: list[Fault]) -> None:
    """Open a report with a line for each fault, by its items and, where there is one, its record."""
    lines = [
        Line(kind="differing", place={each.table: each.record_id} if each.record_id else {}, items=each.items)
        for each in faults
    ]
    counts = counted(lines)
    with run.ground.store.transaction() as tx:
        run.evidence["report"] = differences.keep(
            tx, run.task, lines, counts, actor=run.person.staff_number, terminal=run.person.terminal
        )
    run.evidence |= {"agrees": not faults, "differences": dict(counts), "by_check": {check.id: len(faults)}}


def _move_in(run: Run) -> None:
    require_declared("MT-1", _CARD[0], RESIDENT_REGISTER)
    notice = _presented(run.parameters.notice, CERTIFIED)
    certificate = _presented(run.parameters.certificate, CERTIFIED.values())
    _report(run, MOVE_IN, judge_move_in(notice, certificate))


def _card(run: Run) -> None:
    require_declared("MT-5", _CARD[0], IDENTITY_INFO)
    card = _presented(run.parameters.card, _CARD)
    code, state = (str(card[item]) for item in _CARD)
    _report(run, CARD, judge_card(run.registry, code, state=state))


MOVE_IN_TASK: Final = Task(
    name="match-move-in",
    title=N_("Move-in notice against the move-out certificate"),
    purpose=N_("Compares name, birth date, sex, code, number and former address of one person, before the entry."),
    controls=MOVE_IN.controls,
    checks=(MOVE_IN.id, "CHK-SCP-03"),
    parameters=MoveIn,
    labels={
        "notice": N_("File of the notice"),
        "certificate": N_("File of the certificate"),
        "files": N_("SHA-256 of the files"),
    },
    effect=_effect(RESIDENT_REGISTER),
    steps=(Step(N_("Compare item by item"), _move_in),),
    executors=_AT_THE_COUNTER,
    expected=timedelta(minutes=1),
)
CARD_TASK: Final = Task(
    name="match-card",
    title=N_("Presented card against identity information"),
    purpose=N_("Looks the card's resident code up in file 2; not found, deleted and not valid all say no."),
    controls=CARD.controls,
    checks=(CARD.id, "CHK-SCP-03"),
    parameters=Card,
    labels={"card": N_("File of the card"), "files": N_("SHA-256 of the files")},
    effect=_effect(IDENTITY_INFO),
    steps=(Step(N_("Look the code up"), _card),),
    executors=_AT_THE_COUNTER,
    expected=timedelta(minutes=1),
)
