"""The permitted provisions and transfers, kept as data: nothing leaves along another pair (RG-PRV-01).

A new installation has those whose recipient the assessment names; its lists of 75 and 36 recipients are not in it.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any, Final

import msgspec

from accesscontrol import rows
from accesscontrol.canonical import digest
from accesscontrol.clock import to_text
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.requests import slots
from accesscontrol.store import Store, Transaction
from registry.files import FILES
from registry.tasks.model import Effect, Ground, Run, Step, Task

_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=300)]


class Way(StrEnum):
    """To another body, or to another office of the city."""

    provision = "provision"
    transfer = "transfer"


# What the assessment states (II-5): entries of each file by way.
DECLARED: Final[Mapping[tuple[int, Way], int]] = {
    (1, Way.provision): 75,
    (1, Way.transfer): 36,
    (2, Way.provision): 2,
    (3, Way.provision): 1,
}


class Pair(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One permitted pair: who gets what of which file, on which ground, for which purpose, how and when.

    ``items`` are item numbers of the file; none means all of them.
    """

    file: Annotated[int, msgspec.Meta(ge=1, le=3)]
    way: Way
    recipient: _Text
    ground: _Text
    purpose: _Text
    method: _Text
    timing: _Text
    items: tuple[int, ...] = ()


class Ending(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The pair that is permitted no longer."""

    number: Annotated[int, msgspec.Meta(ge=1)]


@dataclass(frozen=True, slots=True)
class Entry:
    """A pair in force, by its number."""

    number: int
    pair: Pair


def pairs(store: Store) -> list[Entry]:
    """Return the pairs in force."""
    found = store.rows("SELECT * FROM permitted_pair WHERE ended_at IS NULL ORDER BY file, way, number")
    return rows.values(found, lambda row: Entry(row["number"], _pair(row)), store.note_damage)


_pair: Final = rows.Mapper(Pair, "permitted_pair", "number")


def require_permitted(
    store: Store, *, file: int, way: Way, recipient: str, purpose: str, method: str, items: Iterable[int]
) -> Entry:
    """Return the entry that covers a provision or transfer and every item of it (CHK-PRV-01, CHK-PRV-06)."""
    _require_declared_way(file, way)
    sent = set(items)
    for entry in pairs(store):
        pair = entry.pair
        same = (pair.file, pair.way, pair.recipient, pair.purpose, pair.method) == (
            file,
            way,
            recipient,
            purpose,
            method,
        )
        if same and (not pair.items or sent <= set(pair.items)):
            return entry
    raise Refusal(
        N_("Not a permitted recipient, purpose or method for {file}."),
        control="RG-PRV-01",
        file=FILES[file - 1].name_ja,
    )


def _require_declared_way(file: int, way: Way) -> None:
    if (file, way) not in DECLARED:
        raise Refusal(N_("Transfers of this file are not declared."), control="RG-PRV-01")


def off_declared(store: Store) -> dict[tuple[int, Way], int]:
    """Return the number of entries wherever it is not the one that the assessment states (CHK-CNT-03)."""
    found = pairs(store)
    counts = {key: sum((each.pair.file, each.pair.way) == key for each in found) for key in DECLARED}
    return {key: count for key, count in counts.items() if count != DECLARED[key]}


def _insert(tx: Transaction, pair: Pair, *, actor: str, terminal: str, request: str) -> int:
    values: dict[str, Any] = msgspec.to_builtins(pair)
    cursor = tx.execute(
        "INSERT INTO permitted_pair (file, way, recipient, ground, purpose, method, timing, items, request, since)"
        " VALUES (:file, :way, :recipient, :ground, :purpose, :method, :timing, :items, :request, :since)",
        {**values, "items": json.dumps(values["items"]), "request": request, "since": to_text(tx.at)},
    )
    number = int(cursor.lastrowid or 0)
    tx.record(
        "permitted-pair.added",
        actor=actor,
        subject=str(number),
        terminal=terminal,
        file=pair.file,
        way=pair.way,
        recipient=pair.recipient,
        request=request,
    )
    return number


def _require_new(ground: Ground, pair: Pair) -> Effect:
    _require_declared_way(pair.file, pair.way)
    known = len(FILES[pair.file - 1].items)
    if any(not 1 <= item <= known for item in pair.items):
        raise Refusal(N_("Items are numbers from 1 to {most}."), most=known)
    key = (pair.file, pair.way, pair.recipient, pair.purpose, pair.method)
    for each in (entry.pair for entry in pairs(ground.store)):
        if (each.file, each.way, each.recipient, each.purpose, each.method) == key:
            raise Refusal(N_("This pair is permitted already; end it first."))
    return Effect(counts={"permitted_pair": 1}, sha256=digest(msgspec.to_builtins(pair)))


def _add(run: Run) -> None:
    with run.ground.store.transaction() as tx:
        person = run.person
        run.evidence["number"] = _insert(
            tx, run.parameters, actor=person.staff_number, terminal=person.terminal, request=run.request
        )


def _require_valid(ground: Ground, parameters: Ending) -> Effect:
    found = [entry for entry in pairs(ground.store) if entry.number == parameters.number]
    if not found:
        raise Refusal(N_("There is no permitted pair {number}."), number=parameters.number)
    return Effect(counts={"permitted_pair": 1}, sha256=digest(msgspec.to_builtins(found[0].pair)))


def _end(run: Run) -> None:
    with run.ground.store.transaction() as tx:
        tx.execute(
            "UPDATE permitted_pair SET ended_at = ?, ended_by = ? WHERE number = ?",
            (to_text(tx.at), run.request, run.parameters.number),
        )
        tx.record(
            "permitted-pair.ended",
            actor=run.person.staff_number,
            subject=str(run.parameters.number),
            terminal=run.person.terminal,
            request=run.request,
        )
    run.evidence["number"] = run.parameters.number


def _pair_task(
    name: str,
    title: str,
    purpose: str,
    parameters: type[msgspec.Struct],
    effect: Callable[[Ground, Any], Effect],
    step: Step,
    *,
    undo: str,
    labels: Sequence[tuple[str, str]],
) -> Task:
    return Task(
        name=name,
        title=title,
        purpose=purpose,
        controls=("RG-PRV-01",),
        checks=("CHK-PRV-01", "CHK-PRV-06", "CHK-CNT-03"),
        parameters=parameters,
        labels=dict(labels),
        effect=effect,
        tolerance=0,
        steps=(step,),
        slots=(slots.IDENTINFO_MANAGER,),
        undo=undo,
        expected=timedelta(minutes=1),
    )


ADD: Final = _pair_task(
    "permitted-pair-add",
    N_("New permitted provision or transfer"),
    N_("Enters a recipient with its legal ground, purpose, items, method and timing."),
    Pair,
    _require_new,
    Step(N_("Enter the pair"), _add),
    undo=N_("End the pair; what was given along it stays given."),
    labels=(
        ("file", N_("File")),
        ("way", N_("Provision or transfer")),
        ("recipient", N_("Recipient")),
        ("ground", N_("Legal ground")),
        ("purpose", N_("Purpose")),
        ("method", N_("Means")),
        ("timing", N_("Timing")),
        ("items", N_("Items")),
    ),
)
END: Final = _pair_task(
    "permitted-pair-end",
    N_("End of a permitted provision or transfer"),
    N_("Ends a pair: from then on nothing is given along it."),
    Ending,
    _require_valid,
    Step(N_("End the pair"), _end),
    undo=N_("Enter the pair anew, by another request."),
    labels=(("number", N_("Number of the pair")),),
)
