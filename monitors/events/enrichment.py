# ruff: noqa: S608 - every text in these statements is quoted or a parameter, every name is our own
"""The view that rules run over: events with the facts that are joins, so that a rule is a plain comparison."""

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from monitors.events.engine import fetch, fill, parquet, quoted
from monitors.events.normalise import fold
from monitors.events.schema import COLUMNS, Action, Column, Key
from monitors.events.times import milliseconds
from monitors.facts import AccountKind, AccountState, ApprovedRequest, Facts

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

VIEW: Final = "access"
_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
_FOREVER: Final = 1 << 62
_USUAL_DAYS: Final = 30
_KNOWN_DAYS: Final = 10
_FEW: Final = 5  # so that two look-ups instead of none are nothing
_OUT_OF_HOURS: Final = "out-of-hours"

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
)
VIEW_COLUMNS: Final = COLUMNS + ADDED
VIEW_NAMES: Final = tuple(column.name for column in VIEW_COLUMNS)

_TABLES: Final = {
    "fact_account": "system VARCHAR, user_id VARCHAR, since BIGINT, until BIGINT, state VARCHAR, kind VARCHAR, "
    "staff VARCHAR, office VARCHAR",
    "fact_ledger": "system VARCHAR",
    "fact_terminal": "terminal VARCHAR, office VARCHAR, reserved TINYINT",
    "fact_pair": "terminal VARCHAR, user_id VARCHAR",
    "fact_span": "office VARCHAR, day INTEGER, since SMALLINT, until SMALLINT",
    "fact_office": "office VARCHAR",
    "fact_request": "system VARCHAR, user_id VARCHAR, act VARCHAR, since BIGINT, until BIGINT, reference VARCHAR",
}


def enrich(
    connection: "DuckDBPyConnection",
    files: Sequence[Path],
    facts: Facts,
    *,
    first: int,
    last: int,
    history: Sequence[Path] = (),
) -> None:
    """Make the view ``access`` over the events of ``files`` from ``first`` to ``last`` (milliseconds, inclusive).

    ``history`` are the files that tell what was usual before, ``files`` among them; without it only ``files`` tell.
    """
    days = fetch(
        connection,
        f"SELECT DISTINCT day FROM {parquet(files)} WHERE ts BETWEEN {first} AND {last} ORDER BY day",
    )
    terminals = {fold(each.terminal): each for each in facts.terminals}
    rows = {
        "fact_account": _accounts(facts),
        "fact_ledger": [(system,) for system in sorted(facts.ledgers)],
        "fact_terminal": [(name, each.office, int(bool(each.users))) for name, each in terminals.items()],
        "fact_pair": [(name, user) for name, each in terminals.items() for user in {fold(user) for user in each.users}],
        "fact_span": _spans(facts, [day_of(row["day"]) for row in days]),
        "fact_office": [(office,) for office in sorted(_offices(facts))],
        "fact_request": _requests(facts),
    }
    for name, columns in _TABLES.items():
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} ({columns})")
        fill(connection, name, rows[name])
    connection.execute(f"CREATE OR REPLACE TEMP TABLE habit AS {_habits(parquet(history or files), first, last)}")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {VIEW} AS {_select(parquet(files), first, last, facts)}")


def _habits(events: str, first: int, last: int) -> str:
    """Return, for each account and day of ``first`` to ``last``, how it compares with the account's days before.

    Usual is the mean of up to thirty days of use before, of which at least ten must be known (MO-ANM-10).
    """
    before = f"PARTITION BY system, user_id ORDER BY day ROWS BETWEEN {_USUAL_DAYS} PRECEDING AND 1 PRECEDING"
    return f"""
    WITH used AS (
        SELECT system, user_id, day, max(ts) AS latest,
            count(*) FILTER (action IN ('{Action.SEARCH}', '{Action.VIEW}') AND outcome = 'success') AS looked
        FROM {events} WHERE user_id <> '' AND ts <= {last} GROUP BY ALL
    ), compared AS (
        SELECT *, day - lag(day) OVER (PARTITION BY system, user_id ORDER BY day) AS idle,
            count(*) OVER ({before}) AS known, avg(looked) OVER ({before}) AS usual
        FROM used
    )
    SELECT system, user_id, day, looked, coalesce(idle, -1) AS idle,
        CASE WHEN known >= {_KNOWN_DAYS} THEN looked // greatest(usual, {_FEW}) ELSE -1 END AS times
    FROM compared WHERE latest >= {first}
    """


def _select(events: str, first: int, last: int, facts: Facts) -> str:
    kept = ", ".join(f"e.{column.name}" for column in COLUMNS)
    systems = ", ".join(quoted(system) for system in sorted(facts.terminal_systems)) or "NULL"
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
            CASE WHEN t.reserved = 1 AND p.terminal IS NULL THEN 0 ELSE 1 END AS pair_permitted
        FROM {events} AS e
        LEFT JOIN fact_account AS a
            ON a.system = e.system AND a.user_id = e.user_id AND e.ts >= a.since AND e.ts < a.until
        LEFT JOIN fact_ledger AS l ON l.system = e.system
        LEFT JOIN fact_terminal AS t ON t.terminal = e.terminal
        LEFT JOIN fact_pair AS p ON p.terminal = e.terminal AND p.user_id = e.user_id
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
        e.pair_permitted::TINYINT AS pair_permitted,
        (e.key_set >= {int(Key.NUMBER)})::TINYINT AS exact_key,
        coalesce(r.reference, '') AS matching_request, coalesce(w.reference, '') AS overtime_request,
        coalesce(h.idle, -1)::INTEGER AS idle_days, coalesce(h.looked, 0)::INTEGER AS looked_today,
        coalesce(h.times, -1)::INTEGER AS times_usual
    FROM named AS e
    LEFT JOIN fact_span AS s
        ON s.office = e.calendar AND s.day = e.day AND e.minute >= s.since AND e.minute < s.until
    LEFT JOIN opened AS d ON d.office = e.calendar AND d.day = e.day
    LEFT JOIN fact_request AS r
        ON r.system = e.system AND r.user_id = e.user_id AND r.act = e.action AND e.ts >= r.since AND e.ts <= r.until
    LEFT JOIN fact_request AS w
        ON w.system = e.system AND w.user_id = e.user_id AND w.act = '{_OUT_OF_HOURS}'
        AND e.ts >= w.since AND e.ts <= w.until
    LEFT JOIN habit AS h ON h.system = e.system AND h.user_id = e.user_id AND h.day = e.day
    """


def _accounts(facts: Facts) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    seen: set[tuple[str, str]] = set()
    for account in facts.accounts:
        key = account.system, fold(account.user_id)
        if key in seen:
            continue  # two IDs that differ in case or width only: the first one counts
        seen.add(key)
        rest = (account.kind.value, account.staff_number, account.office)
        changes = sorted((milliseconds(instant), state.value) for instant, state in account.changes)
        begins = [(-_FOREVER, AccountState.EARLY.value if changes else AccountState.ACTIVE.value), *changes]
        ends = [*(since for since, _ in changes), _FOREVER]
        rows += [
            (*key, since, until, state, *rest)
            for (since, state), until in zip(begins, ends, strict=True)
            if since < until
        ]
    return rows


def _offices(facts: Facts) -> set[str]:
    told = {account.office for account in facts.accounts} | {terminal.office for terminal in facts.terminals}
    special = {special.office for special in facts.calendar.special_days}
    return told | special | set(facts.calendar.offices) | {""}


def _spans(facts: Facts, days: Sequence[date]) -> list[tuple[Any, ...]]:
    """Return the open spans of all offices on ``days``: those on which there are events, however far apart."""
    return [
        (office, day_number(day), since, until)
        for office in sorted(_offices(facts))
        for each in days
        for day, since, until in _merged(facts.calendar.open_spans(office, each, each))
    ]


def _merged(spans: Iterable[tuple[date, int, int]]) -> list[tuple[date, int, int]]:
    """Join spans that touch, so that an event lies in at most one of them."""
    merged: list[tuple[date, int, int]] = []
    for day, since, until in sorted(spans):
        if merged and merged[-1][0] == day and since <= merged[-1][2]:
            merged[-1] = (day, merged[-1][1], max(until, merged[-1][2]))
        else:
            merged.append((day, since, until))
    return merged


def _requests(facts: Facts) -> list[tuple[Any, ...]]:
    told: dict[tuple[str, str, str], list[tuple[int, int, str]]] = {}
    for request in facts.requests:
        span = milliseconds(request.start), milliseconds(request.end), request.reference
        acts = [action.value for action in request.actions] + ([_OUT_OF_HOURS] if request.out_of_hours else [])
        for system, user in _covered(request, facts):
            for act in acts:
                told.setdefault((system, user, act), []).append(span)
    return [(*key, *span) for key, spans in told.items() for span in _disjoint(spans)]


def _covered(request: ApprovedRequest, facts: Facts) -> set[tuple[str, str]]:
    found = {
        (account.system, fold(account.user_id))
        for account in facts.accounts
        if request.system in {"", account.system}
        and (
            (request.staff_number and account.staff_number == request.staff_number)
            or (request.user_id and fold(account.user_id) == fold(request.user_id))
        )
    }
    if request.user_id and request.system:
        found.add((request.system, fold(request.user_id)))
    return found


def _disjoint(spans: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Cut overlapping approvals so that an event matches at most one: the earlier one stays whole."""
    cut: list[tuple[int, int, str]] = []
    for since, until, reference in sorted(spans):
        begin = max(since, cut[-1][1] + 1) if cut else since
        if begin <= until:
            cut.append((begin, until, reference))
    return cut


def day_number(day: date) -> int:
    """Return ``day`` as the number that events carry."""
    return day.toordinal() - _EPOCH_DAY


def day_of(number: int) -> date:
    """Return the day that an event's number means."""
    return date.fromordinal(number + _EPOCH_DAY)
