# ruff: noqa: S608 - every text in these statements is quoted or a parameter, every name is our own
"""The view that rules run over: events with the facts that are joins, so that a rule is a plain comparison."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from monitors.events import fact_tables, habits, notes
from monitors.events.engine import Connection, fetch, fill, listed, parquet, quoted
from monitors.events.fact_tables import OUT_OF_HOURS
from monitors.events.schema import COLUMNS, Action, Column, Key
from monitors.facts import AccountKind, AccountState, Facts

VIEW: Final = "access"
_KEPT: Final = "kept_access"

ADDED: Final = (
    Column("hour", "SMALLINT", 0, "the site's hour, 0 to 23"),
    Column("weekday", "SMALLINT", 1, "1 Monday to 7 Sunday, at the site"),
    Column("place", "VARCHAR", "", "the office whose hours count: of the terminal, else of the account, else told"),
    Column("off_hours", "TINYINT", 0, "1 on an open day outside the office's hours"),
    Column("closed_day", "TINYINT", 0, "1 on a day on which the office does not open"),
    Column("account_state", "VARCHAR", AccountState.UNLISTED, "what the account was at that instant"),
    Column("account_kind", "VARCHAR", AccountKind.UNKNOWN, "whose account it is"),
    Column("staff_number", "VARCHAR", "", "the person behind the account"),
    Column("terminal_known", "TINYINT", 1, "0 for a terminal that is not registered"),
    Column("pair_permitted", "TINYINT", 1, "0 for an account on a terminal that is meant for others"),
    Column("exact_key", "TINYINT", 0, "1 for a search by a complete number"),
    Column("matching_request", "VARCHAR", "", "the approved request that covers the act"),
    Column("overtime_request", "VARCHAR", "", "the approved request for work at that time"),
    Column("idle_days", "INTEGER", -1, "days since the account was used before; -1: never before"),
    Column("looked_today", "INTEGER", 0, "searches and views of the account on that day"),
    Column("times_usual", "INTEGER", -1, "how many times its usual day that is; -1: too little is known"),
    Column("put_out_today", "INTEGER", 0, "persons that the account printed, exported or put on media on that day"),
    Column("output_times_usual", "INTEGER", -1, "how many times its usual day that is; -1: too little is known"),
    Column("own_office", "TINYINT", 1, "0 for an account at a terminal of another office than its own"),
    Column("address_known", "TINYINT", 1, "0 for an address outside the networks that the site expects"),
    Column("tie", "VARCHAR", "", "whose record it is to the person: self, household or colleague"),
    Column("link", "VARCHAR", "", "of a transfer between systems: permitted, undeclared or forbidden"),
    Column("link_source", "VARCHAR", "", "the system that sent it"),
    Column("receipt", "VARCHAR", "", "acknowledged, late, refused, edited, missing, or pending; empty: not asked for"),
    Column("route_known", "TINYINT", 1, "0 for a transfer of a host that is no registered server of the data centre"),
    Column("missing_before", "BIGINT", 0, "how many running numbers of the log are missing before it"),
    Column("own_affair", "TINYINT", 1, "0 for a query of the addressee function outside the affairs of the office"),
    Column("left_open", "TINYINT", 0, "1 for a sign-in that no sign-out followed"),
)
VIEW_COLUMNS: Final = COLUMNS + ADDED
_BY_NAME: Final = {column.name: column for column in VIEW_COLUMNS}
VIEW_NAMES: Final = tuple(column.name for column in VIEW_COLUMNS)


# Where the few words come from that stand in a column.
_WORDS: Final = {
    **{name: f"SELECT {name} FROM {{events}}" for name in ("system", "user_id", "terminal", "action", "outcome")},
    "account_state": f"SELECT unnest({listed(AccountState)})",
    "account_kind": f"SELECT unnest({listed(AccountKind)})",
    "place": "SELECT office FROM {events} UNION SELECT office FROM fact_account UNION SELECT office FROM fact_terminal",
}


@dataclass(frozen=True, slots=True)
class _Optional:
    """Facts that may be none: how they are joined to an event ``e``, and the columns that they fill."""

    table: str
    join: str
    columns: Mapping[str, str]


def _request(alias: str, act: str) -> str:
    return (
        f"LEFT JOIN fact_request AS {alias} ON {alias}.system = e.system AND {alias}.user_id = e.user_id "
        f"AND {alias}.act = {act} AND e.ts >= {alias}.since AND e.ts <= {alias}.until"
    )


# The log of the addressee function tells the code of the affair as the detail (MO-LOG-06).
_ASKED: Final = f"e.system = 'addressee' AND e.action IN ('{Action.SEARCH}', '{Action.VIEW}') AND e.detail <> ''"
_OPTIONAL: Final = (
    _Optional("fact_request", _request("r", "e.action"), {"matching_request": "r.reference"}),
    _Optional("fact_request", _request("w", quoted(OUT_OF_HOURS)), {"overtime_request": "w.reference"}),
    _Optional(
        "fact_pair",
        "LEFT JOIN fact_terminal AS v ON v.terminal = e.terminal "
        "LEFT JOIN fact_pair AS p ON p.terminal = e.terminal AND p.user_id = e.user_id",
        {"pair_permitted": "CASE WHEN v.reserved = 1 AND p.terminal IS NULL THEN 0 END"},
    ),
    _Optional("fact_address", "LEFT JOIN fact_address AS i ON i.address = e.src_ip", {"address_known": "i.known"}),
    _Optional(
        "fact_tie", "LEFT JOIN fact_tie AS k ON k.staff = e.staff_number AND k.object = e.object", {"tie": "k.tie"}
    ),
    _Optional(
        "fact_affair",
        "LEFT JOIN (SELECT DISTINCT office FROM fact_affair) AS q ON q.office = e.place "
        "LEFT JOIN fact_affair AS f ON f.office = e.place AND f.affair = e.detail",
        {"own_affair": f"CASE WHEN {_ASKED} AND q.office IS NOT NULL AND f.affair IS NULL THEN 0 END"},
    ),
    _Optional(
        "habit",
        "LEFT JOIN habit AS h ON h.system = e.system AND h.user_id = e.user_id AND h.day = e.day",
        {
            "idle_days": "h.idle",
            "looked_today": "h.looked",
            "times_usual": "h.times",
            "put_out_today": "h.put_out",
            "output_times_usual": "h.put_out_times",
        },
    ),
    _Optional(
        notes.TABLE,
        f"LEFT JOIN {notes.TABLE} AS n ON n.event_id = e.event_id",
        {
            "link": "n.link",
            "link_source": "n.link_source",
            "receipt": "n.receipt",
            "route_known": "n.route_known",
            "missing_before": "n.missing",
            "left_open": "n.left_open",
        },
    ),
)


def enrich(
    connection: Connection,
    files: Sequence[Path],
    facts: Facts,
    *,
    first: int,
    last: int,
    sums: str = "",
    reads: Collection[str] = VIEW_NAMES,
) -> None:
    """Make the view ``access`` over the events of ``files`` from ``first`` to ``last`` (milliseconds, inclusive).

    ``sums`` selects the daily sums that tell what was usual before (``habits``); without it only ``files`` tell.
    Only the columns of ``reads`` are filled, the others stay empty: what no rule reads need not be carried.
    """
    events = parquet(files)
    within = f"ts BETWEEN {first} AND {last}"
    days = fetch(connection, f"SELECT DISTINCT day FROM {events} WHERE {within} ORDER BY day")
    told = f"SELECT DISTINCT src_ip FROM {events} WHERE {within} AND src_ip <> ''"
    addresses = fetch(connection, told) if facts.networks else []
    ways = notes.ways(connection, events, within, facts)
    rows = fact_tables.rows(facts, [row["day"] for row in days], [row["src_ip"] for row in addresses], ways)
    for name, columns in fact_tables.TABLES.items():
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} ({columns})")
        fill(connection, name, rows[name])
    known = habits.compared(sums or habits.daily(events, f"ts <= {last}"), first)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE habit AS {known}")
    notes.take(connection, events, within, last, facts)
    there, absent = _there(connection)
    wanted = {"event_id", "ts", *reads} - absent
    wanted -= _untold(connection, events, within, wanted)
    kept = [name for name in VIEW_NAMES if name in wanted]
    optional = [each for each in there if not each.columns.keys().isdisjoint(kept)]
    carried = ", ".join(_carried(connection, f"{events} WHERE {within}", kept))
    select = _select(events, first, last, facts, optional)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {_KEPT} AS SELECT {carried} FROM ({select})")
    shown = ", ".join(_shown(column, column.name in kept) for column in VIEW_COLUMNS)
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {VIEW} AS SELECT {shown} FROM {_KEPT}")


def _there(connection: Connection) -> tuple[list[_Optional], frozenset[str]]:
    """Return the optional facts that there are, and the columns of those that there are not."""
    there = [each for each in _OPTIONAL if fetch(connection, f"SELECT 1 FROM {each.table} LIMIT 1")]
    filled = {name for each in there for name in each.columns}
    return there, frozenset(name for each in _OPTIONAL for name in each.columns) - filled


def _carried(connection: Connection, events: str, kept: Sequence[str]) -> Sequence[str]:
    """Return what to carry of ``kept``: of columns with few words numbers of the words, which sort and compare fast."""
    connection.execute(f"DROP VIEW IF EXISTS {VIEW}")
    connection.execute(f"DROP TABLE IF EXISTS {_KEPT}")
    carried = []
    for name in kept:
        if name in _WORDS:
            words = _WORDS[name].format(events=events)
            connection.execute(f"CREATE OR REPLACE TYPE word_{name} AS ENUM (SELECT '' UNION {words})")
            carried.append(f"{name}::word_{name} AS {name}")
        else:
            carried.append(name)
    return carried


def _untold(connection: Connection, events: str, within: str, wanted: Collection[str]) -> set[str]:
    """Return which of the wanted columns of the log no event tells: looking is cheaper than carrying them."""
    asked = [column for column in COLUMNS if column.name in wanted and column.name not in {"event_id", "ts"}]
    told = ", ".join(f"coalesce(bool_or({each.name} <> {_empty(each.name)}), false) AS {each.name}" for each in asked)
    (row,) = fetch(connection, f"SELECT {told or 1} FROM {events} WHERE {within}")
    return {name for name, is_told in row.items() if not is_told}


def _shown(column: Column, is_kept: bool) -> str:  # noqa: FBT001 - one of two forms
    return column.name if is_kept else f"{quoted(str(column.empty))}::{column.type} AS {column.name}"


def _select(events: str, first: int, last: int, facts: Facts, optional: Sequence[_Optional]) -> str:
    kept = ", ".join(f"e.{column.name}" for column in COLUMNS)
    systems = ", ".join(quoted(system) for system in sorted(facts.terminal_systems)) or "NULL"
    filled = "".join(
        f", coalesce({value}, {_empty(name)})::{_BY_NAME[name].type} AS {name}"
        for each in optional
        for name, value in each.columns.items()
    )
    return f"""
    WITH placed AS (
        SELECT e.*, coalesce(nullif(t.office, ''), nullif(a.office, ''), e.office) AS place,
            CASE WHEN a.state IS NOT NULL THEN a.state
                WHEN l.system IS NOT NULL AND e.user_id <> '' THEN '{AccountState.UNKNOWN}'
                ELSE '{AccountState.UNLISTED}' END AS account_state,
            coalesce(a.kind, '{AccountKind.UNKNOWN}') AS account_kind,
            coalesce(a.staff, '') AS staff_number,
            CASE WHEN t.terminal IS NULL AND e.terminal <> '' AND e.system IN ({systems})
                THEN 0 ELSE 1 END AS terminal_known,
            CASE WHEN a.office <> '' AND t.office <> '' AND a.office <> t.office THEN 0 ELSE 1 END AS own_office
        FROM {events} AS e
        LEFT JOIN fact_account AS a
            ON a.system = e.system AND a.user_id = e.user_id AND e.ts >= a.since AND e.ts < a.until
        LEFT JOIN fact_ledger AS l ON l.system = e.system
        LEFT JOIN fact_terminal AS t ON t.terminal = e.terminal
        WHERE e.ts BETWEEN {first} AND {last}
    ), named AS (
        SELECT e.*, coalesce(o.office, '') AS calendar
        FROM placed AS e LEFT JOIN fact_office AS o ON o.office = e.place
    ), opened AS (
        SELECT DISTINCT office, day FROM fact_span
    )
    SELECT {kept}, (e.minute // 60)::SMALLINT AS hour, ((e.day + 3) % 7 + 1)::SMALLINT AS weekday, e.place,
        (s.office IS NULL AND d.office IS NOT NULL)::TINYINT AS off_hours,
        (s.office IS NULL AND d.office IS NULL)::TINYINT AS closed_day,
        e.account_state, e.account_kind, e.staff_number, e.terminal_known::TINYINT AS terminal_known,
        (e.key_set >= {int(Key.NUMBER)})::TINYINT AS exact_key, e.own_office::TINYINT AS own_office{filled}
    FROM named AS e
    LEFT JOIN fact_span AS s
        ON s.office = e.calendar AND s.day = e.day AND e.minute >= s.since AND e.minute < s.until
    LEFT JOIN opened AS d ON d.office = e.calendar AND d.day = e.day
    {" ".join(each.join for each in optional)}
    """


def _empty(name: str) -> str:
    return quoted(str(_BY_NAME[name].empty))
