"""One approved SQL statement, its own kinds of request with two approvals: reading, or changing counted rows.

A change runs inside a transaction; whoever executes sees how many rows it touched and says yes before it is
committed. It touches exactly as many rows as were approved, or none.
"""

from datetime import timedelta
from typing import Annotated, Any, Final

import msgspec

from accesscontrol.canonical import JSON, digest
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.requests import slots
from accesscontrol.requests.kinds import Kind
from registry.files import PLACEHOLDER
from registry.tasks.kind import Site, maintenance_kind
from registry.tasks.model import CHANGES_NOTHING, Condition, Effect, Ground, Run, Step, Task
from registry.tasks.statements import Statement, read_statement

READING: Final = "adhoc-sql"
CHANGING: Final = "adhoc-sql-change"
_LONGEST: Final = 10_000
_ROWS_SHOWN: Final = 200


class Adhoc(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One statement, in the SQL of the register's database."""

    sql: Annotated[str, msgspec.Meta(min_length=1, max_length=_LONGEST)]


def _statement(ground: Ground, parameters: Adhoc, *, changes: bool) -> Statement:
    statement = read_statement(parameters.sql, ground.registry.dialect)
    if changes != (statement.verb != "SELECT"):
        raise Refusal(
            N_("This kind of request only reads.") if not changes else N_("This kind of request only changes.")
        )
    return statement


def _facts(statement: Statement) -> dict[str, JSON]:
    return {"verb": statement.verb, "tables": list(statement.tables), "parsed": statement.sql}


def _reading_effect(ground: Ground, parameters: Adhoc) -> Effect:
    statement = _statement(ground, parameters, changes=False)
    return Effect(counts={}, sha256=digest(statement.sql), facts=_facts(statement))


def _changing_effect(ground: Ground, parameters: Adhoc) -> Effect:
    statement = _statement(ground, parameters, changes=True)
    ((rows,),) = ground.registry.rows(statement.counting)
    if not rows:
        raise Refusal(N_("The statement would change no row."))
    facts = _facts(statement)
    return Effect(counts={"rows": rows}, sha256=digest(facts), facts=facts)


def _read(run: Run) -> None:
    statement = _statement(run.ground, run.parameters, changes=False)
    shown = []
    count = 0
    for count, row in enumerate(run.rows(statement.sql), start=1):
        if count <= _ROWS_SHOWN:
            shown.append(_shown(statement, row))
    run.evidence |= {"rows": count, "columns": list(statement.outputs), "shown": shown}


def _shown(statement: Statement, row: tuple[Any, ...]) -> list[JSON]:
    """Return a row as it may be kept: where the statement names a masked item anywhere, only counts are shown."""
    return [
        (value if isinstance(value, int) or value is None else str(value)) if open_ else PLACEHOLDER
        for value, open_ in zip(row, statement.shown, strict=True)
    ]


def _change(run: Run) -> None:
    statement = _statement(run.ground, run.parameters, changes=True)
    run.evidence["rows"] = run.execute(statement.sql)


def _as_approved(run: Run) -> bool:
    return bool(run.evidence["rows"] == run.effect.counts["rows"])


def _confirmed(run: Run) -> bool:
    rows: Any = run.evidence["rows"]
    return run.confirm(run.parameters.sql, rows)


_LABELS: Final = {
    "sql": N_("SQL statement"),
    "verb": N_("What it does"),
    "tables": N_("Tables"),
    "parsed": N_("As it was understood"),
}
READ: Final = Task(
    name=READING,
    title=N_("One approved SQL statement that reads"),
    purpose=N_("Runs one parsed SELECT on the register; values of masked items are not shown."),
    controls=("MO-SYS-06", "RG-INT-13"),
    parameters=Adhoc,
    labels=_LABELS,
    effect=_reading_effect,
    tolerance=0,
    steps=(Step(N_("Run the statement"), _read),),
    slots=(slots.SECURITY_OFFICER, slots.BUSINESS_OWNER),
    undo=CHANGES_NOTHING,
    expected=timedelta(minutes=5),
)
CHANGE: Final = Task(
    name=CHANGING,
    title=N_("One approved SQL statement that changes rows"),
    purpose=N_("Runs one parsed INSERT, UPDATE or DELETE that touches exactly the approved number of rows."),
    controls=("MO-SYS-06", "RG-INT-08"),
    parameters=Adhoc,
    labels=_LABELS,
    effect=_changing_effect,
    tolerance=0,
    steps=(Step(N_("Run the statement"), _change),),
    after=(
        Condition(N_("It touched exactly the approved number of rows."), _as_approved),
        Condition(N_("Whoever executes has seen the number of rows and agreed."), _confirmed),
    ),
    slots=(slots.SECURITY_OFFICER, slots.BUSINESS_OWNER),
    undo=N_("Another statement, if the former values are known; otherwise from a backup."),
    changes=True,
    moderated=True,
    expected=timedelta(minutes=5),
)


def adhoc_kinds(site: Site) -> tuple[Kind, ...]:
    """Return the two kinds of request for a statement of one's own."""
    return (maintenance_kind(READ, site, name=READING), maintenance_kind(CHANGE, site, name=CHANGING))
