# ruff: noqa: S608 - conditions come from the backend, which quotes; columns are checked names
"""Sigma correlations as one SQL statement each, with windows that slide, trail and include both ends.

A window ends at an event and reaches one span back. The event that completes a window is a ``hit``; every event of
a completed window is evidence. All statements keep to what DuckDB, SQLite and PostgreSQL have in common.
"""

from collections.abc import Sequence
from typing import Final

from sigma.correlations import (
    SigmaCorrelationCondition,
    SigmaCorrelationConditionOperator,
    SigmaCorrelationRule,
    SigmaCorrelationType,
)

from monitors.events.enrichment import VIEW, VIEW_NAMES

_OPERATORS: Final = {
    SigmaCorrelationConditionOperator.GTE: ">=",
    SigmaCorrelationConditionOperator.GT: ">",
    SigmaCorrelationConditionOperator.EQ: "=",
    SigmaCorrelationConditionOperator.LTE: "<=",
    SigmaCorrelationConditionOperator.LT: "<",
}
_NEVER_NEGATIVE: Final = frozenset({"target_count"})


class UnsupportedError(ValueError):
    """A correlation that this product can't compile; the text says which part."""


def milliseconds(rule: SigmaCorrelationRule) -> int:
    """Return the span of the rule's window."""
    return rule.timespan.seconds * 1000


def statement(rule: SigmaCorrelationRule, bases: Sequence[str]) -> str:
    """Return the SQL of ``rule`` over ``bases``, the statements of the rules that it refers to, in their order.

    It yields the evidence with all columns of the view, and ``hit`` = 1 on events that complete a window.
    """
    if rule.aliases.aliases:
        raise UnsupportedError("aliases")
    columns = ", ".join(f"seen.{name}" for name in VIEW_NAMES)
    return (
        f"SELECT {columns}, found.hit FROM {VIEW} AS seen JOIN (SELECT event_id, max(hit) AS hit "
        f"FROM ({_evidence(rule, bases)}) AS told GROUP BY event_id) AS found ON found.event_id = seen.event_id"
    )


def _evidence(rule: SigmaCorrelationRule, bases: Sequence[str]) -> str:
    """Return the SQL of the evidence: ``event_id`` and ``hit``. It sorts no more columns than the windows need."""
    group = _group(rule)
    if rule.type in {SigmaCorrelationType.TEMPORAL, SigmaCorrelationType.TEMPORAL_ORDERED}:
        return _temporal(rule, bases)
    if rule.type == SigmaCorrelationType.EVENT_COUNT:
        base = _together(rule, bases)
        return _counted(rule, _kept(rule, base, _needs(rule, "count(*)")), group, "count(*)")
    field = _field(rule)
    base = _together(rule, bases, field)
    if rule.type == SigmaCorrelationType.VALUE_SUM:
        needs = _needs(rule, f"sum({field})") if field in _NEVER_NEGATIVE else ""
        return _counted(rule, _kept(rule, base, needs, field), group, f"sum({field})")
    if rule.type == SigmaCorrelationType.VALUE_COUNT:
        if _is_at_least_two(rule):
            return _two_values(rule, _kept(rule, base, f"min({field}) <> max({field})", field), group)
        kept = _kept(rule, base, _needs(rule, f"count(DISTINCT {field})"), field)
        return _values(rule, _crowded(rule, kept, field), group)
    raise UnsupportedError(rule.type.name.lower())


def _together(rule: SigmaCorrelationRule, bases: Sequence[str], *fields: str) -> str:
    return " UNION ALL ".join(f"SELECT {_narrow(rule, *fields)} FROM ({base}) AS one" for base in bases)


def _narrow(rule: SigmaCorrelationRule, *fields: str) -> str:
    """Return the columns that a window needs."""
    return ", ".join(dict.fromkeys(("event_id", "ts", *(rule.group_by or ()), *fields)))


def _group(rule: SigmaCorrelationRule) -> str:
    for name in rule.group_by or ():
        if name not in VIEW_NAMES:
            raise UnsupportedError(f"group-by {name}")
    return f"PARTITION BY {', '.join(rule.group_by)} " if rule.group_by else ""


def _field(rule: SigmaCorrelationRule) -> str:
    condition = _condition(rule)
    if not isinstance(condition.fieldref, str) or condition.fieldref not in VIEW_NAMES:
        raise UnsupportedError("field")
    return condition.fieldref


def _condition(rule: SigmaCorrelationRule) -> SigmaCorrelationCondition:
    if not isinstance(rule.condition, SigmaCorrelationCondition) or rule.condition.op not in _OPERATORS:
        raise UnsupportedError("condition")
    return rule.condition


def _test(rule: SigmaCorrelationRule) -> str:
    condition = _condition(rule)
    return f"{_OPERATORS[condition.op]} {condition.count:g}"


def _is_at_least_two(rule: SigmaCorrelationRule) -> bool:
    condition = _condition(rule)
    return (_OPERATORS[condition.op], condition.count) in {(">=", 2), (">", 1)}


def _kept(rule: SigmaCorrelationRule, base: str, having: str, *fields: str) -> str:
    """Return the events of ``base`` whose group can complete a window at all: counting is cheaper than sorting."""
    keys = ", ".join(rule.group_by or ())
    if not keys or not having:
        return base
    return _of_groups(rule, base, f"SELECT {keys} FROM ({base}) AS counted GROUP BY {keys} HAVING {having}", *fields)


def _of_groups(rule: SigmaCorrelationRule, base: str, groups: str, *fields: str) -> str:
    """Return the events of ``base`` in those groups that the statement ``groups`` yields."""
    same = " AND ".join(f"busy.{name} = each_one.{name}" for name in rule.group_by or ())
    columns = ", ".join(f"each_one.{name}" for name in _narrow(rule, *fields).split(", "))
    return f"SELECT {columns} FROM ({base}) AS each_one JOIN ({groups}) AS busy ON {same}"


def _crowded(rule: SigmaCorrelationRule, base: str, field: str) -> str:
    """Return the events of those groups in which some window holds as many events as it needs different values."""
    keys, needs = ", ".join(rule.group_by or ()), _needs(rule, "near")
    if not keys or not needs:
        return base
    window = f"({_group(rule)}ORDER BY ts RANGE BETWEEN {milliseconds(rule)} PRECEDING AND CURRENT ROW)"
    near = f"SELECT {keys}, count(*) OVER {window} AS near FROM ({base}) AS close"
    return _of_groups(rule, base, f"SELECT DISTINCT {keys} FROM ({near}) AS counted_near WHERE {needs}", field)


def _needs(rule: SigmaCorrelationRule, measure: str) -> str:
    """Return what a whole group must measure so that a window of it can; nothing where a window may measure more."""
    condition = _condition(rule)
    grows = condition.op in {SigmaCorrelationConditionOperator.GTE, SigmaCorrelationConditionOperator.GT}
    return f"{measure} {_test(rule)}" if grows else ""


def _with_evidence(rule: SigmaCorrelationRule, flagged: str) -> str:
    """Keep the events that lie in a window which one of the ``flagged`` events completed."""
    keys = ", ".join(rule.group_by or ())
    table = "flagged"
    if keys:
        hits = f"SELECT DISTINCT {keys} FROM flagged WHERE hit = 1"
        table = f"({_of_groups(rule, 'SELECT * FROM flagged', hits, 'hit')})"
    return (
        f"WITH flagged AS ({flagged}) SELECT event_id, hit FROM (SELECT *, max(hit) OVER ({_group(rule)}ORDER BY ts "
        f"RANGE BETWEEN CURRENT ROW AND {milliseconds(rule)} FOLLOWING) AS evidence FROM {table} AS of_hits) AS judged "
        "WHERE evidence = 1"
    )


def _counted(rule: SigmaCorrelationRule, base: str, group: str, measure: str) -> str:
    span = milliseconds(rule)
    window = f"({group}ORDER BY ts RANGE BETWEEN {span} PRECEDING AND CURRENT ROW)"
    flagged = (
        f"SELECT *, CASE WHEN measured {_test(rule)} THEN 1 ELSE 0 END AS hit "
        f"FROM (SELECT *, {measure} OVER {window} AS measured FROM ({base}) AS matched) AS counted"
    )
    return _with_evidence(rule, flagged)


def _two_values(rule: SigmaCorrelationRule, base: str, group: str) -> str:
    """Find the change from one value to another within the span: it needs one sort and no comparison of pairs."""
    field, span = _field(rule), milliseconds(rule)
    window = f"({group}ORDER BY ts, event_id)"
    around = ", ".join(
        f"{step}({column}) OVER {window} AS {name}_{column}"
        for step, name in (("lag", "before"), ("lead", "after"))
        for column in (field, "ts")
    )
    hit = f"before_{field} <> {field} AND ts - before_ts <= {span}"
    hit_next = f"after_{field} <> {field} AND after_ts - ts <= {span}"
    return (
        f"SELECT event_id, CASE WHEN {hit} THEN 1 ELSE 0 END AS hit "
        f"FROM (SELECT *, {around} FROM ({base}) AS matched) AS judged WHERE ({hit}) OR ({hit_next})"
    )


def _values(rule: SigmaCorrelationRule, base: str, group: str) -> str:
    """Count different values in each window, exactly and with sorts only.

    A value counts from each of its events until the value comes again or the span is over: +1 there, -1 here; the
    running sum at an event is the number of different values in the window that ends at it.
    """
    field, span = _field(rule), milliseconds(rule)
    names = list(rule.group_by or ())
    keys = "".join(f"{name}, " for name in names)
    per_value = f"(PARTITION BY {keys}{field} ORDER BY ts, event_id)"
    steps = (
        f"SELECT {keys}ts AS moment, 1 AS step FROM matched UNION ALL SELECT {keys}CASE WHEN again IS NOT NULL "
        f"AND again <= ts + {span} THEN again ELSE ts + {span + 1} END AS moment, -1 AS step "
        f"FROM (SELECT *, lead(ts) OVER {per_value} AS again FROM matched) AS repeated"
    )
    running = (
        f"SELECT {keys}moment, sum(sum(step)) OVER ({group}ORDER BY moment) AS different "
        f"FROM steps GROUP BY {keys}moment"
    )
    same = "".join(f" AND running.{name} = matched.{name}" for name in names)
    columns = ", ".join(f"matched.{name}" for name in _narrow(rule).split(", "))
    flagged = (
        f"WITH matched AS ({base}), steps AS ({steps}), running AS ({running}) "
        f"SELECT {columns}, CASE WHEN running.different {_test(rule)} THEN 1 ELSE 0 END AS hit "
        f"FROM matched JOIN running ON running.moment = matched.ts{same}"
    )
    return _with_evidence(rule, flagged)


def _with_all_parts(rule: SigmaCorrelationRule, parts: str, number: int) -> str:
    """Return the events of those groups in which every one of the rules matched."""
    return _kept(rule, parts, f"count(DISTINCT part) = {number}", "part")


def _temporal(rule: SigmaCorrelationRule, bases: Sequence[str]) -> str:
    """All rules within the span; ``temporal_ordered``: one after the other, events of one instant in any order."""
    span, group = milliseconds(rule), _group(rule)
    window = f"({group}ORDER BY ts RANGE BETWEEN {span} PRECEDING AND CURRENT ROW)"
    columns = _narrow(rule)
    parts = [f"SELECT {columns}, {number} AS part FROM ({base}) AS matched" for number, base in enumerate(bases)]
    current = _with_all_parts(rule, " UNION ALL ".join(parts), len(bases))
    if rule.type == SigmaCorrelationType.TEMPORAL:
        seen = ", ".join(
            f"max(CASE WHEN part = {number} THEN 1 ELSE 0 END) OVER {window} AS seen{number}"
            for number in range(len(bases))
        )
        table = f"SELECT *, {seen} FROM ({current}) AS parts"
        test = " AND ".join(f"seen{number} = 1" for number in range(len(bases)))
    else:
        # begun<n>: the latest start of a chain that has reached rule n by this event.
        table = f"SELECT *, CASE WHEN part = 0 THEN ts END AS begun0 FROM ({current}) AS parts"
        for number in range(1, len(bases)):
            table = (
                f"SELECT *, CASE WHEN part = {number} THEN max(begun{number - 1}) OVER {window} END AS begun{number} "
                f"FROM ({table}) AS chain{number}"
            )
        begun = f"begun{len(bases) - 1}"
        test = f"{begun} IS NOT NULL AND ts - {begun} <= {span}"
    flagged = f"SELECT *, CASE WHEN {test} THEN 1 ELSE 0 END AS hit FROM ({table}) AS judged_parts"
    return _with_evidence(rule, flagged)
