"""What a rule hands over when it has matched: the evidence of one anomaly, before it is a finding."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from accesscontrol.canonical import JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One rule's match over one group of events.

    ``group`` names what the rule counts by (``account=k.tanaka``); ``first`` and ``last`` are instants of events
    (UTC); ``event_ids`` name the events; ``segments`` the SHA-256 of the files that hold them. ``facts`` fill the
    placeholders of the rule's explanation (a msgid).
    """

    rule: str
    rule_version: int
    title: str
    severity: str
    controls: Sequence[str]
    explanation: str
    system: str
    account: str
    source: str
    group: str
    first: datetime
    last: datetime
    count: int
    event_ids: Sequence[int]
    segments: Sequence[str]
    timespan_seconds: int = 0
    facts: Mapping[str, JSON] = field(default_factory=dict)
