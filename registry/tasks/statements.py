"""Reading one SQL statement before anybody approves it: what it is, what it names, and that it stays inside.

What runs later is the parser's own writing of the statement, without comments, so that nothing runs that was not read.
"""

import logging
import re
from dataclasses import dataclass
from typing import Any, Final

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from registry.databases.interface import TABLES
from registry.files import FILES
from registry.files.tables import Dialect

_DIALECTS: Final = {Dialect.sqlite: "sqlite", Dialect.postgresql: "postgres"}
_REGISTER: Final = frozenset({*TABLES, "registry_meta"})
# Columns whose values may be shown; any other name, a whole row's among them, hides all values of a statement.
_OPEN: Final = frozenset(
    {
        *(item.column for file in FILES for item in file.items),
        *("record_id", "current_record_id", "superseded_on", "batch", "linked_at", "requested_on"),
        *("login", "staff_number", "office", "profile", "enabled", "valid_until", "created_at", "last_sign_in_at"),
    }
) - {item.column for file in FILES for item in file.items if item.mask}
# What a statement may change, and how: erasing, correcting and linking have their own tasks.
_CHANGEABLE: Final = {
    "resident_register": frozenset({"UPDATE"}),
    "number_request": frozenset({"INSERT", "UPDATE", "DELETE"}),
    "destination_linkage": frozenset({"INSERT", "UPDATE", "DELETE"}),
    "registry_account": frozenset({"INSERT", "UPDATE", "DELETE"}),
}
_NUMBER: Final = re.compile(r"[0-9]{11,12}")
# Functions that the parser has no name of its own for, and that still only compute.
_HARMLESS: Final = frozenset({"octet_length", "typeof", "total", "printf", "btrim"})


@dataclass(frozen=True, slots=True)
class Statement:
    """What the parser understood. ``shown`` tells of each output column whether its values may be shown.

    ``counting`` is the query that says how many rows a change would touch.
    """

    verb: str
    tables: tuple[str, ...]
    sql: str
    outputs: tuple[str, ...] = ()
    shown: tuple[bool, ...] = ()
    counting: str = ""


def read_statement(sql: str, dialect: Dialect) -> Statement:
    """Parse exactly one statement that reads or changes rows of the register; :class:`Refusal` for anything else."""
    from sqlglot import exp

    tree = _parsed(sql, dialect)
    verbs: dict[type[Any], str] = {
        exp.Query: "SELECT",
        exp.Insert: "INSERT",
        exp.Update: "UPDATE",
        exp.Delete: "DELETE",
    }
    verb = next((name for kind, name in verbs.items() if isinstance(tree, kind)), "")
    if not verb or any(isinstance(each, exp.Command | exp.Into | exp.Lock) for each in tree.walk()):
        raise Refusal(N_("Only SELECT, INSERT, UPDATE and DELETE are run here."), control="MO-SYS-06")
    changes = sum(isinstance(each, exp.Insert | exp.Update | exp.Delete) for each in tree.walk())
    if changes != (verb != "SELECT") or tree.args.get("returning"):
        raise Refusal(N_("A change hidden inside another statement is not run."), control="MO-SYS-06")
    _require_inside(tree)
    _require_no_number(tree)
    written = tree.sql(dialect=_DIALECTS[dialect], comments=False)
    tables = _tables(tree)
    if verb != "SELECT":
        _require_changeable(tree, verb)
        return Statement(verb, tables, written, counting=_counting(tree, dialect))
    hides = any(column.name.lower() not in _OPEN for column in tree.find_all(exp.Column))
    joined = isinstance(tree, exp.SetOperation)
    shown = tuple(not hides or (not joined and _counts(each)) for each in tree.selects)
    return Statement(verb, tables, written, tuple(tree.named_selects), shown)


def _parsed(sql: str, dialect: Dialect) -> Any:
    import sqlglot

    logging.getLogger("sqlglot").disabled = True  # it would write the statement to the terminal
    try:
        found = [each for each in sqlglot.parse(sql, read=_DIALECTS[dialect]) if each is not None]
    except sqlglot.errors.SqlglotError as error:
        (details, *_more) = getattr(error, "errors", None) or [{}]
        raise Refusal(
            N_("The statement can't be parsed (line {line}, column {column})."),
            line=details.get("line", 1),
            column=details.get("col", 1),
        ) from None
    if len(found) != 1:
        raise Refusal(N_("Exactly one statement is needed; there are {count}."), count=len(found))
    return found[0]


def _require_inside(tree: Any) -> None:
    """Refuse functions that may reach beyond the register, and a star, which hides what is named."""
    from sqlglot import exp

    for each in tree.find_all(exp.Anonymous):
        if each.name.lower() not in _HARMLESS:
            raise Refusal(
                N_("The function {name} is not known to stay inside the register."), control="MO-SYS-06", name=each.name
            )
    for star in tree.find_all(exp.Star):
        if not isinstance(star.parent, exp.Count):
            raise Refusal(N_("Name the columns; a star is not run."), control="MO-SYS-06")


def _require_no_number(tree: Any) -> None:
    from sqlglot import exp

    if any(_NUMBER.search(each.name) for each in tree.find_all(exp.Literal)):
        raise Refusal(N_("A statement holds no number of a person. Name the record by record_id."), control="MO-LOG-01")


def _tables(tree: Any) -> tuple[str, ...]:
    from sqlglot import exp

    common = {each.alias_or_name for each in tree.find_all(exp.CTE)}
    named = list(tree.find_all(exp.Table))
    strange = [each.sql() for each in named if each.args.get("db") or each.name not in _REGISTER | common]
    if strange or not named:
        raise Refusal(N_("The statement names what is no table of the register: {tables}."), tables=strange)
    return tuple(sorted({each.name for each in named} - common))


def _require_changeable(tree: Any, verb: str) -> None:
    from sqlglot import exp

    target = tree.this.this if isinstance(tree.this, exp.Schema) else tree.this
    table = target.name
    if verb not in _CHANGEABLE.get(table, frozenset()):
        raise Refusal(
            N_(
                "{verb} on {table} is not run as a statement of one's own; erasure and correction have their own tasks."
            ),
            control="RG-RET-04",
            verb=verb,
            table=table,
        )
    if tree.args.get("conflict") or tree.args.get("alternative"):
        raise Refusal(N_("A change that replaces what is there already is not run; say UPDATE."), control="MO-SYS-06")


def _counts(expression: Any) -> bool:
    from sqlglot import exp

    return isinstance(expression.unalias(), exp.Count)


def _counting(tree: Any, dialect: Dialect) -> str:
    """Return the query for the number of rows that a change would touch."""
    from sqlglot import exp

    if isinstance(tree, exp.Insert):
        inner = tree.expression.sql(dialect=_DIALECTS[dialect], comments=False)
        return f"SELECT count(*) FROM ({inner}) AS added"  # noqa: S608 - the parser's own writing
    if tree.args.get("with_") or tree.args.get("from_") or tree.args.get("using") or tree.args.get("joins"):
        raise Refusal(N_("A change names one table and its own WHERE; use a subquery for others."))
    where = tree.args.get("where")
    if where is None:
        raise Refusal(N_("A change of every row is not run; say which with WHERE."), control="MO-SYS-06")
    table = tree.this.sql(dialect=_DIALECTS[dialect])
    # our own conditions
    return f"SELECT count(*) FROM {table} {where.sql(dialect=_DIALECTS[dialect], comments=False)}"  # noqa: S608
