# ruff: noqa: S608 - every text in these statements is quoted, every name is our own
"""What can be noted of an event only by looking at others: links, receipts, missing numbers, sign-ins left open.

Few events have a note, so that they are a small table of their own, by the number of the event.
"""

from typing import Final

from monitors.events.engine import Connection, fetch, quoted
from monitors.events.schema import Action, Outcome
from monitors.facts import Facts

TABLE: Final = "note"
DAY: Final = 86_400_000
SKEW: Final = 300_000  # by which the clock of the system that receives may be slow
_MOVED: Final = f"action IN ('{Action.TRANSFER}', '{Action.ACKNOWLEDGE}')"
_IN_TIME: Final = "m.ts >= s.since AND m.ts < coalesce(s.until, m.ts + 1)"


def _source(facts: Facts) -> str:
    """Return the system that sent: that of the log, or the one that a log of other systems names."""
    named = " ".join(
        f"WHEN {quoted(system)} THEN coalesce(nullif({column}, ''), system)"
        for system, column in sorted(facts.links.logs.items())
    )
    return f"CASE system {named} ELSE system END" if named else "system"


def ways(connection: Connection, events: str, within: str, facts: Facts) -> list[tuple[str, str]]:
    """Return the different ways, system to system, that data went in the events; none if no link is declared."""
    if not facts.links.pair:
        return []
    rows = fetch(
        connection,
        f"SELECT DISTINCT {_source(facts)} AS source, dest_system AS target FROM {events} "
        f"WHERE {within} AND {_MOVED} AND dest_system <> ''",
    )
    return [(row["source"], row["target"]) for row in rows]


def take(connection: Connection, events: str, within: str, last: int, facts: Facts) -> None:
    """Make the table of notes over the events ``within`` a time that ends at ``last`` (milliseconds)."""
    (row,) = fetch(connection, f"SELECT coalesce(max(ts), 0) AS latest FROM {events} WHERE ts <= {last}")
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE {TABLE} AS
        WITH moved AS (
            SELECT event_id, ts, day, action, outcome, session, object, target_count, terminal, src_ip, system,
                {_source(facts)} AS source, dest_system AS target,
                least(source, target) AS one, greatest(source, target) AS other
            FROM {events} WHERE {within} AND {_MOVED}
        ), {_receipts(row["latest"])}, {_gaps(events)}, {_open(events, within, row["latest"])}
        SELECT event_id, max(link) AS link, max(link_source) AS link_source, max(receipt) AS receipt,
            min(route_known) AS route_known, max(missing) AS missing, max(left_open) AS left_open
        FROM (FROM receipt UNION ALL BY NAME FROM received UNION ALL BY NAME FROM gap UNION ALL BY NAME FROM unended)
        GROUP BY event_id
        """
    )


def _receipts(latest: int) -> str:
    """Say of each transfer what its link is, and whether it came in as it was sent (CHK-LNK-*, RG-PRV-02).

    A transfer and its acknowledgement have the same session (the number of the transfer) and the same two systems;
    the object is the digest of what was handed over, where logs tell it. Numbers may begin anew: an acknowledgement
    belongs to the last day on which its number was sent. What was received and never sent tells its link itself.
    """
    return f"""
    sending AS (
        SELECT session, one, other, day, min(ts) - {SKEW} AS since,
            lead(min(ts)) OVER (PARTITION BY session, one, other ORDER BY day) - {SKEW} AS until
        FROM moved WHERE action = '{Action.TRANSFER}' GROUP BY session, one, other, day
    ), answer AS (
        SELECT s.session, s.one, s.other, s.day, min(m.ts) AS at, max(m.object) AS object,
            max(m.target_count) AS persons, bool_or(m.outcome = '{Outcome.SUCCESS}') AS accepted
        FROM sending AS s JOIN moved AS m ON m.session = s.session AND m.one = s.one AND m.other = s.other
            AND {_IN_TIME}
        WHERE m.action = '{Action.ACKNOWLEDGE}' AND s.session <> '' GROUP BY ALL
    ), receipt AS (
        SELECT m.event_id, l.link, m.source AS link_source,
            CASE WHEN m.outcome <> '{Outcome.SUCCESS}' THEN ''
                WHEN a.at IS NOT NULL AND NOT a.accepted THEN 'refused'
                WHEN a.at IS NOT NULL AND ((a.object <> '' AND m.object <> '' AND a.object <> m.object)
                    OR (a.persons > 0 AND m.target_count > 0 AND a.persons <> m.target_count)) THEN 'edited'
                WHEN a.at IS NOT NULL AND l.wait > 0 AND a.at > m.ts + l.wait THEN 'late'
                WHEN a.at IS NOT NULL THEN 'acknowledged'
                WHEN coalesce(l.wait, 0) = 0 THEN ''
                WHEN m.ts + l.wait < {latest} THEN 'missing' ELSE 'pending' END AS receipt,
            CASE WHEN l.link IS NULL THEN 1 ELSE {_placed("m.source, m.system")} END AS route_known
        FROM moved AS m
        LEFT JOIN fact_link AS l ON l.source = m.source AND l.target = m.target
        LEFT JOIN answer AS a ON a.session = m.session AND a.one = m.one AND a.other = m.other AND a.day = m.day
        WHERE m.action = '{Action.TRANSFER}'
    ), received AS (
        SELECT m.event_id, CASE WHEN s.session IS NULL THEN nullif(l.link, 'permitted') END AS link,
            m.source AS link_source, {_placed("m.source, m.target, m.system")} AS route_known
        FROM moved AS m JOIN fact_link AS l ON l.source = m.source AND l.target = m.target
        LEFT JOIN sending AS s ON s.session = m.session AND s.one = m.one AND s.other = m.other AND {_IN_TIME}
        WHERE m.action = '{Action.ACKNOWLEDGE}' AND (s.session IS NULL AND l.link <> 'permitted' OR route_known = 0)
    )"""


def _placed(systems: str) -> str:
    """Say (1 or 0) whether the host of an event, if one is told, is a registered server of ``systems`` (CHK-LNK-04)."""
    return f"""(m.terminal = '' AND m.src_ip = '' OR NOT EXISTS (SELECT 1 FROM fact_server) OR EXISTS (
            SELECT 1 FROM fact_server AS h WHERE h.name IN (m.terminal, m.src_ip) AND h.system IN ({systems})
        ))::TINYINT"""


def _gaps(events: str) -> str:
    """Find running numbers that are missing in a file, whatever the order of its lines (MO-LOG-07)."""
    return f"""
    gap AS (
        SELECT event_id, missing FROM (
            SELECT event_id, sequence - 1 - lag(sequence) OVER (PARTITION BY source_id ORDER BY sequence, event_id)
                AS missing
            FROM {events} WHERE sequence > 0
        ) WHERE missing > 0
    )"""


def _open(events: str, within: str, latest: int) -> str:
    """Find sign-ins that no sign-out followed before the next one, or within a day, where logs tell sign-outs."""
    return f"""
    unended AS (
        SELECT event_id, 1 AS left_open FROM (
            SELECT event_id, ts, action,
                lead(action) OVER (PARTITION BY system, user_id ORDER BY ts, event_id) AS following,
                bool_or(action = '{Action.LOGOUT}') OVER (PARTITION BY system) AS tells
            FROM {events} WHERE {within} AND action IN ('{Action.LOGIN}', '{Action.LOGOUT}')
                AND outcome = '{Outcome.SUCCESS}' AND user_id <> ''
        ) WHERE action = '{Action.LOGIN}' AND tells
            AND (following = '{Action.LOGIN}' OR (following IS NULL AND ts + {DAY} < {latest}))
    )"""
