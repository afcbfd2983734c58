# ruff: noqa: S608 - conditions come from the backend, which quotes; columns are checked names
"""Sigma correlations as one SQL statement each, with windows that slide, trail and include both ends.

A window ends at an event and reaches one span back. The event that completes a window is a ``hit``; every event of
a completed window is evidence. All statements keep to what DuckDB, SQLite and PostgreSQL have in common. They are a
chain of named steps over as few columns as a window needs: groups that can't complete one are left out by counting
first, which is cheaper than sorting, and the whole events are fetched at the end.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from sigma.correlations import (
    SigmaCorrelationCondition,
    SigmaCorrelationConditionOperator,
    SigmaCorrelationRule,
    SigmaCorrelationType,
)

from monitors.events.enrichment import VIEW, VIEW_NAMES
from monitors.rules.backend import column_of

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
    chain = _Chain(rule)
    if rule.type in {SigmaCorrelationType.TEMPORAL, SigmaCorrelationType.TEMPORAL_ORDERED}:
        _temporal(chain, bases)
    elif rule.type == SigmaCorrelationType.EVENT_COUNT:
        chain.matched(bases)
        chain.keep_groups(chain.needs("count(*)"))
        chain.keep_crowded("count(*)")
        _counted(chain, "count(*)")
    elif rule.type == SigmaCorrelationType.VALUE_SUM:
        value = _field(rule)
        chain.matched(bases, value)
        if value in _NEVER_NEGATIVE:
            chain.keep_groups(chain.needs(f"sum({value})"))
            chain.keep_crowded(f"sum({value})")
        _counted(chain, f"sum({value})")
    elif rule.type == SigmaCorrelationType.VALUE_COUNT:
        value = _field(rule)
        chain.matched(bases, value)
        _two_values(chain, value) if _is_at_least_two(rule) else _values(chain, value)
    else:
        raise UnsupportedError(rule.type.name.lower())
    columns = ", ".join(f"seen.{name}" for name in VIEW_NAMES)
    found = f"SELECT event_id, max(hit) AS hit FROM {chain.last} GROUP BY event_id"
    return chain.sql(
        f"SELECT {columns}, found.hit FROM {VIEW} AS seen JOIN ({found}) AS found ON found.event_id = seen.event_id"
    )


def group_of(rule: SigmaCorrelationRule) -> list[str]:
    """Return the columns that ``rule`` groups by. Raises ``UnknownFieldError``."""
    return [column_of(name) for name in rule.group_by or ()]


@dataclass(slots=True)
class _Chain:
    """Named steps, each over those before it. ``last`` is the newest one that holds events."""

    rule: SigmaCorrelationRule
    last: str = ""
    _steps: dict[str, str] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """The columns of the group."""
        return group_of(self.rule)

    @property
    def keys(self) -> str:
        """The columns of the group, with a comma behind each."""
        return "".join(f"{name}, " for name in self.names)

    @property
    def group(self) -> str:
        """How windows are divided."""
        return f"PARTITION BY {', '.join(self.names)} " if self.names else ""

    @property
    def trailing(self) -> str:
        """The window that ends at an event and reaches one span back, both ends inclusive."""
        return f"({self.group}ORDER BY ts RANGE BETWEEN {milliseconds(self.rule)} PRECEDING AND CURRENT ROW)"

    def add(self, name: str, sql: str) -> None:
        """Add a step."""
        self._steps[name] = sql
        self.last = name

    def sql(self, final: str) -> str:
        """Return the whole statement."""
        return f"WITH {', '.join(f'{name} AS ({step})' for name, step in self._steps.items())} {final}"

    def narrow(self, *fields: str) -> str:
        """Return the columns that a window needs."""
        return ", ".join(dict.fromkeys(("event_id", "ts", *self.names, *fields)))

    def matched(self, bases: Sequence[str], *fields: str) -> None:
        """Begin with the events of all bases together."""
        self.add(
            "matched", " UNION ALL ".join(f"SELECT {self.narrow(*fields)} FROM ({base}) AS base" for base in bases)
        )

    def needs(self, measure: str) -> str:
        """Return what a whole group must measure so that a window can; nothing where a window may measure more."""
        condition = _condition(self.rule)
        grows = condition.op in {SigmaCorrelationConditionOperator.GTE, SigmaCorrelationConditionOperator.GT}
        return f"{measure} {_test(self.rule)}" if grows else ""

    def keep_groups(self, having: str) -> None:
        """Keep the events of those groups that have enough."""
        if having and self.names:
            keys = ", ".join(self.names)
            self._keep(f"SELECT {keys} FROM {self.last} GROUP BY {keys} HAVING {having}", "kept")

    def keep_crowded(self, measure: str) -> None:
        """Keep the groups that measure enough in two spans of fixed time side by side: no window is longer.

        It asks for no order, so that it is far cheaper than the windows, which most groups then need no more.
        """
        needs = self.needs("sum(amount)")
        if not needs or not self.names:
            return
        span, keys = milliseconds(self.rule), self.keys
        slot = f"ts - ts % {span}"
        self._steps["slots"] = (
            f"SELECT {keys}{slot} AS slot, {measure} AS amount FROM {self.last} GROUP BY {keys}{slot}"
        )
        pairs = f"SELECT * FROM slots UNION ALL SELECT {keys}slot + {span} AS slot, amount FROM slots"
        crowded = f"SELECT {keys}slot FROM ({pairs}) AS pairs GROUP BY {keys}slot HAVING {needs}"
        self._keep(f"SELECT DISTINCT {', '.join(self.names)} FROM ({crowded}) AS crowded_slots", "crowded")

    def keep_close(self) -> None:
        """Keep the groups in which as many events as a window needs lie within one span: a single sort tells."""
        least = _least(self.rule)
        if least and self.names:
            keys = ", ".join(self.names)
            apart = f"ts - lag(ts, {least - 1}) OVER ({self.group}ORDER BY ts) AS apart"
            measured = f"SELECT {keys}, {apart} FROM {self.last}"
            close = f"SELECT DISTINCT {keys} FROM ({measured}) AS measured WHERE apart <= {milliseconds(self.rule)}"
            self._keep(close, "close_by")

    def with_evidence(self) -> None:
        """Keep the events that lie in a window which one of the flagged events of its group completed."""
        table = self.last
        if self.names:
            self._keep(f"SELECT DISTINCT {', '.join(self.names)} FROM {table} WHERE hit = 1", "hit_groups")
        following = f"({self.group}ORDER BY ts RANGE BETWEEN CURRENT ROW AND {milliseconds(self.rule)} FOLLOWING)"
        self.add("judged", f"SELECT *, max(hit) OVER {following} AS evidence FROM {self.last}")
        self.add("evidence", "SELECT event_id, hit FROM judged WHERE evidence = 1")

    def _keep(self, groups: str, name: str) -> None:
        same = " AND ".join(f"busy.{each} = events.{each}" for each in self.names)
        self.add(name, f"SELECT events.* FROM {self.last} AS events JOIN ({groups}) AS busy ON {same}")


def _least(rule: SigmaCorrelationRule) -> int:
    """Return how many events a window needs at least; 0 where it may have fewer."""
    condition = _condition(rule)
    more = {SigmaCorrelationConditionOperator.GTE: 0, SigmaCorrelationConditionOperator.GT: 1}.get(condition.op)
    return 0 if more is None else max(0, int(condition.count) + more)


def _field(rule: SigmaCorrelationRule) -> str:
    condition = _condition(rule)
    if not isinstance(condition.fieldref, str):
        raise UnsupportedError("field")
    return column_of(condition.fieldref)


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


def _counted(chain: _Chain, measure: str) -> None:
    chain.add("measured", f"SELECT *, {measure} OVER {chain.trailing} AS measure FROM {chain.last}")
    test = f"CASE WHEN measure {_test(chain.rule)} THEN 1 ELSE 0 END"
    chain.add("flagged", f"SELECT *, {test} AS hit FROM measured")
    chain.with_evidence()


def _two_values(chain: _Chain, value: str) -> None:
    """Find the change from one value to another within the span: it needs one sort and no comparison of pairs."""
    chain.keep_groups(f"min({value}) <> max({value})")
    span, window = milliseconds(chain.rule), f"({chain.group}ORDER BY ts, event_id)"
    around = ", ".join(
        f"{step}({column}) OVER {window} AS {name}_{column}"
        for step, name in (("lag", "before"), ("lead", "after"))
        for column in (value, "ts")
    )
    hit = f"before_{value} <> {value} AND ts - before_ts <= {span}"
    hit_next = f"after_{value} <> {value} AND after_ts - ts <= {span}"
    chain.add("neighbours", f"SELECT *, {around} FROM {chain.last}")
    chain.add(
        "evidence",
        f"SELECT event_id, CASE WHEN {hit} THEN 1 ELSE 0 END AS hit FROM neighbours WHERE ({hit}) OR ({hit_next})",
    )


def _values(chain: _Chain, value: str) -> None:
    """Count different values in each window, exactly and with sorts only.

    A value counts from each of its events until the value comes again or the span is over: +1 there, -1 here; the
    running sum at an event is the number of different values in the window that ends at it.
    """
    chain.keep_close()  # first: different values of a great many groups take more memory than sorting them
    chain.keep_groups(chain.needs(f"count(DISTINCT {value})"))
    events, span, keys = chain.last, milliseconds(chain.rule), chain.keys
    chain.add(
        "repeated",
        f"SELECT {keys}ts, lead(ts) OVER (PARTITION BY {keys}{value} ORDER BY ts, event_id) AS again FROM {events}",
    )
    chain.add(
        "steps",
        f"SELECT {keys}ts AS moment, 1 AS step FROM {events} UNION ALL SELECT {keys}CASE WHEN again IS NOT NULL "
        f"AND again <= ts + {span} THEN again ELSE ts + {span + 1} END AS moment, -1 AS step FROM repeated",
    )
    chain.add(
        "running",
        f"SELECT {keys}moment, sum(sum(step)) OVER ({chain.group}ORDER BY moment) AS different "
        f"FROM steps GROUP BY {keys}moment",
    )
    same = "".join(f" AND running.{name} = events.{name}" for name in chain.names)
    test = f"CASE WHEN running.different {_test(chain.rule)} THEN 1 ELSE 0 END"
    chain.add(
        "flagged", f"SELECT events.*, {test} AS hit FROM {events} AS events JOIN running ON moment = events.ts{same}"
    )
    chain.with_evidence()


def _temporal(chain: _Chain, bases: Sequence[str]) -> None:
    """All rules within the span; ``temporal_ordered``: one after the other, events of one instant in any order."""
    span, window = milliseconds(chain.rule), chain.trailing
    parts = (f"SELECT {chain.narrow()}, {number} AS part FROM ({base}) AS base" for number, base in enumerate(bases))
    chain.add("parts", " UNION ALL ".join(parts))
    chain.keep_groups(f"count(DISTINCT part) = {len(bases)}")
    if chain.rule.type == SigmaCorrelationType.TEMPORAL:
        seen = ", ".join(
            f"max(CASE WHEN part = {number} THEN 1 ELSE 0 END) OVER {window} AS seen{number}"
            for number in range(len(bases))
        )
        chain.add("together", f"SELECT *, {seen} FROM {chain.last}")
        test = " AND ".join(f"seen{number} = 1" for number in range(len(bases)))
    else:
        # begun<n>: the latest start of a chain that has reached rule n by this event.
        chain.add("chain0", f"SELECT *, CASE WHEN part = 0 THEN ts END AS begun0 FROM {chain.last}")
        for number in range(1, len(bases)):
            begun = f"CASE WHEN part = {number} THEN max(begun{number - 1}) OVER {window} END AS begun{number}"
            chain.add(f"chain{number}", f"SELECT *, {begun} FROM {chain.last}")
        last = f"begun{len(bases) - 1}"
        test = f"{last} IS NOT NULL AND ts - {last} <= {span}"
    chain.add("flagged", f"SELECT *, CASE WHEN {test} THEN 1 ELSE 0 END AS hit FROM {chain.last}")
    chain.with_evidence()
