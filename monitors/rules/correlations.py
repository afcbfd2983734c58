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

from monitors.events.enrichment import VIEW_NAMES

_OPERATORS: Final = {
    SigmaCorrelationConditionOperator.GTE: ">=",
    SigmaCorrelationConditionOperator.GT: ">",
    SigmaCorrelationConditionOperator.EQ: "=",
    SigmaCorrelationConditionOperator.LTE: "<=",
    SigmaCorrelationConditionOperator.LT: "<",
}
_COLUMNS: Final = ", ".join(VIEW_NAMES)


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
    if rule.type in {SigmaCorrelationType.TEMPORAL, SigmaCorrelationType.TEMPORAL_ORDERED}:
        return _temporal(rule, bases)
    if len(bases) != 1:
        bases = [" UNION ALL ".join(f"SELECT {_COLUMNS} FROM ({base})" for base in bases)]
    group = _group(rule)
    if rule.type == SigmaCorrelationType.EVENT_COUNT:
        return _counted(rule, bases[0], group, "count(*)")
    if rule.type == SigmaCorrelationType.VALUE_SUM:
        return _counted(rule, bases[0], group, f"sum({_field(rule)})")
    if rule.type == SigmaCorrelationType.VALUE_COUNT:
        return _two_values(rule, bases[0], group) if _is_at_least_two(rule) else _values(rule, bases[0], group)
    raise UnsupportedError(rule.type.name.lower())


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


def _with_evidence(flagged: str, group: str, span: int) -> str:
    """Keep the events that lie in a window which one of the ``flagged`` events completed."""
    return (
        f"SELECT {_COLUMNS}, hit FROM (SELECT *, max(hit) OVER ({group}ORDER BY ts "
        f"RANGE BETWEEN CURRENT ROW AND {span} FOLLOWING) AS evidence FROM ({flagged}) AS flagged) AS judged "
        "WHERE evidence = 1"
    )


def _counted(rule: SigmaCorrelationRule, base: str, group: str, measure: str) -> str:
    span = milliseconds(rule)
    window = f"({group}ORDER BY ts RANGE BETWEEN {span} PRECEDING AND CURRENT ROW)"
    flagged = (
        f"SELECT {_COLUMNS}, CASE WHEN measured {_test(rule)} THEN 1 ELSE 0 END AS hit "
        f"FROM (SELECT *, {measure} OVER {window} AS measured FROM ({base}) AS matched) AS counted"
    )
    return _with_evidence(flagged, group, span)


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
        f"SELECT {_COLUMNS}, CASE WHEN {hit} THEN 1 ELSE 0 END AS hit "
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
    columns = ", ".join(f"matched.{name}" for name in VIEW_NAMES)
    flagged = (
        f"WITH matched AS ({base}), steps AS ({steps}), running AS ({running}) "
        f"SELECT {columns}, CASE WHEN running.different {_test(rule)} THEN 1 ELSE 0 END AS hit "
        f"FROM matched JOIN running ON running.moment = matched.ts{same}"
    )
    return _with_evidence(flagged, group, span)


def _temporal(rule: SigmaCorrelationRule, bases: Sequence[str]) -> str:
    """All rules within the span; ``temporal_ordered``: one after the other, events of one instant in any order."""
    span, group = milliseconds(rule), _group(rule)
    window = f"({group}ORDER BY ts RANGE BETWEEN {span} PRECEDING AND CURRENT ROW)"
    parts = [f"SELECT {_COLUMNS}, {number} AS part FROM ({base}) AS matched" for number, base in enumerate(bases)]
    current = " UNION ALL ".join(parts)
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
    return _with_evidence(flagged, group, span)
