"""Findings that the console raises by itself, where no event tells what is wrong."""

from collections.abc import Mapping, Sequence
from typing import Final

from accesscontrol.canonical import JSON
from console.opened import OpenedSite
from monitors.findings.matches import Match
from monitors.findings.raising import finding_name, raise_findings

ONCE_A_DAY: Final = 2 * 86_400
"""Seconds of ``goes_on`` where days are the evidence: what is wrong on the next day too is the same finding."""


def raise_own(
    site: OpenedSite,
    *,
    rule: str,
    title: str,
    explanation: str,
    severity: str,
    control: str,
    system: str,
    source: str,
    group: str,
    evidence: Sequence[int],
    facts: Mapping[str, JSON],
    goes_on: int = 0,
) -> list[str]:
    """Raise a finding of now and return its name, or nothing where the same ``evidence`` raised it already.

    ``evidence`` are numbers of what was seen, days or records; ``goes_on`` is the span in seconds within which new
    evidence belongs to the finding that stands. ``facts`` fill the explanation (a msgid).
    """
    now = site.clock.now()
    match = Match(
        rule=rule,
        rule_version=1,
        title=title,
        severity=severity,
        controls=(control,),
        explanation=explanation,
        system=system,
        account="",
        source=source,
        group=group,
        first=now,
        last=now,
        count=len(evidence),
        event_ids=[-each for each in evidence],  # no events: numbers of their own below zero
        segments=(),
        facts=facts,
        timespan_seconds=goes_on,
    )
    return [finding_name(number) for number in raise_findings(site.store, [match]).new]
