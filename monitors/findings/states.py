"""Where a finding stands, and the only steps between."""

from enum import StrEnum
from types import MappingProxyType
from typing import Final

from accesscontrol.messages import N_


class State(StrEnum):
    """Where a finding stands."""

    NEW = "new"
    ASSIGNED = "assigned"
    LEGITIMATE = "legitimate"
    INCIDENT = "incident"
    FALSE_ALARM = "false-alarm"
    SUPPRESSED = "suppressed"
    MADE_GOOD = "made-good"  # what was missing came after all; nobody judged it


TITLES: Final = MappingProxyType(
    {
        State.NEW: N_("not judged"),
        State.ASSIGNED: N_("in hand"),
        State.LEGITIMATE: N_("legitimate"),
        State.INCIDENT: N_("incident"),
        State.FALSE_ALARM: N_("false alarm"),
        State.SUPPRESSED: N_("suppressed"),
        State.MADE_GOOD: N_("made good"),
    }
)
OPEN: Final = frozenset({State.NEW, State.ASSIGNED})
JUDGED: Final = frozenset({State.LEGITIMATE, State.INCIDENT, State.FALSE_ALARM})
SEVERITIES: Final = ("informational", "low", "medium", "high", "critical")
