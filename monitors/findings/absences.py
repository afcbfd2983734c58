# ruff: noqa: S608 - every text in these statements is quoted, every name is our own
"""What should have come and did not: acts that an approval was given for, and logs that fell silent (MO-LOG-07)."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from accesscontrol.canonical import JSON
from accesscontrol.messages import N_
from monitors.events import ledger
from monitors.events.engine import listed, parquet, quoted
from monitors.events.fact_tables import covered
from monitors.events.ledger import Segment
from monitors.events.times import instant_of, milliseconds
from monitors.facts import ApprovedRequest, Facts
from monitors.findings.clusters import only
from monitors.findings.matches import Match

Ask = Callable[[str], Sequence[Mapping[str, Any]]]  # answers a query over events, rows by column name
HOUR: Final = 3_600_000
DAY: Final = 24 * HOUR
_MONTH: Final = 31 * DAY
_KNOWN_IMPORTS: Final = 10  # so many must have come before their rhythm is a habit


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """Something that can be missing; all texts are msgids."""

    name: str
    title: str
    severity: str
    controls: tuple[str, ...]
    explanation: str
    version: int = 1


UNUSED: Final = Absence(
    name="approval-unused",
    title=N_("Approval without a matching act"),
    severity="low",
    controls=("MO-LOG-07", "MO-ANM-06"),
    explanation=N_("The approval {objects} of {accounts} held from {first} to {last}. No act in the logs used it."),
)
SILENT: Final = Absence(
    name="silent-log",
    title=N_("Log that fell silent"),
    severity="high",
    controls=("MO-LOG-07", "MO-LOG-01"),
    explanation=N_(
        "The log of {system} tells nothing after {first}: {silent} hours until {last}, and it was never silent for "
        "longer than {habit} hours before."
    ),
)
ABSENCES: Final = (UNUSED, SILENT)


def absent(ask: Ask, home: Path, history: Sequence[Segment], facts: Facts, *, first: int, last: int) -> Iterator[Match]:
    """Yield what is missing as ``history`` tells: approvals that nobody used, and silent logs.

    Told are approvals of which the logs of ``first`` to ``last`` were the first to reach beyond the end.
    """
    reaches, before = _reaches(history), _reaches(each for each in history if each.last < first)
    for request in facts.requests:
        end = milliseconds(request.end)
        if request.actions and not request.used and end <= last:
            who = {each for each in covered(request, facts) if each[0] in reaches}
            told = bool(who) and all(reaches[system] > end for system, _ in who)
            is_new = any(before.get(system, first) <= end for system, _ in who)
            if told and is_new and not _is_used(ask, home, history, request, who):
                yield _unused(request, who)
    for log in sorted({(each.system, each.stream) for each in history}):
        ours = [each for each in history if (each.system, each.stream) == log]
        yield from _silent(ask, home, ours, max(reaches.values()))


def unanswered_since(history: Sequence[Segment], first: int) -> int:
    """Return since when (milliseconds) logs had not told of every system before ``first``: at the most a month."""
    before = _reaches(each for each in history if each.last < first)
    return max(min([*before.values(), first]), first - _MONTH)


def _reaches(history: Iterable[Segment]) -> dict[str, int]:
    """Return how far the logs of each system reach."""
    return {each.system: each.last for each in sorted(history, key=lambda each: each.last)}


def _is_used(
    ask: Ask,
    home: Path,
    history: Sequence[Segment],
    request: ApprovedRequest,
    who: set[tuple[str, str]],
) -> bool:
    start, end = milliseconds(request.start), milliseconds(request.end)
    files = ledger.paths(home, [each for each in history if each.first <= end and each.last >= start])
    acts = listed(sorted(request.actions))
    accounts = ", ".join(f"({quoted(system)}, {quoted(user)})" for system, user in sorted(who))
    return bool(
        ask(
            f"SELECT 1 FROM {parquet(files)} WHERE ts BETWEEN {start} AND {end} "
            f"AND list_contains({acts}, action) AND (system, user_id) IN ({accounts}) LIMIT 1",
        )
    )


def _unused(request: ApprovedRequest, who: set[tuple[str, str]]) -> Match:
    systems, accounts = sorted({system for system, _ in who}), sorted({user for _, user in who})
    return match(
        UNUSED,
        system=only(systems),
        account=only(accounts),
        group=f"request={request.reference}",
        first=milliseconds(request.start),
        last=milliseconds(request.end),
        facts={"objects": request.reference, "accounts": ", ".join(accounts), "owners": [request.staff_number]},
    )


def _silent(ask: Ask, home: Path, ours: Sequence[Segment], latest: int) -> Iterator[Match]:
    """Find a log that is silent for longer than twice its longest time from the end of one export to the next."""
    newest = max(ours, key=lambda each: each.last)
    ends = sorted({each.last for each in ours})
    habit = max((after - before for before, after in pairwise(ends)), default=0)
    silence = latest - newest.last
    if len(ends) <= _KNOWN_IMPORTS or silence <= max(2 * habit, DAY):
        return
    events = ask(
        f"SELECT event_id FROM {parquet(ledger.paths(home, [newest]))} WHERE ts = {newest.last} ORDER BY 1 LIMIT 1",
    )
    yield match(
        SILENT,
        system=newest.system,
        group="; ".join(f"{name}={value}" for name, value in (("system", newest.system), ("stream", newest.stream))),
        first=newest.last,
        last=latest,
        events=[row["event_id"] for row in events],
        segments=[newest.sha256],
        facts={"silent": silence // HOUR, "habit": -(-habit // HOUR), "system": newest.system, "owners": []},
    )


def match(
    what: Absence,
    *,
    system: str,
    group: str,
    first: int,
    last: int,
    facts: Mapping[str, JSON],
    account: str = "",
    events: Sequence[int] = (),
    segments: Sequence[str] = (),
) -> Match:
    """Return ``what`` as it was found from ``first`` to ``last`` (milliseconds); ``events`` stand beside it."""
    return Match(
        rule=what.name,
        rule_version=what.version,
        title=what.title,
        severity=what.severity,
        controls=what.controls,
        explanation=what.explanation,
        system=system,
        account=account,
        source="",
        group=group,
        first=instant_of(first),
        last=instant_of(last),
        count=len(events),
        event_ids=events,
        segments=segments,
        facts=facts,
    )
