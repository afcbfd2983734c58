"""Sizes, hashes and states of backups as people read them; each state has a mark and a word."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import Final, Literal

from accesscontrol.messages import N_
from backups.ledger import STATE_TITLES
from backups.records import Health
from backups.sources import Fault
from console.text.sizes import size_words
from console.translation import _, filled

__all__ = [
    "ENDING_TITLES",
    "SOURCE_TITLES",
    "STYLES",
    "Tone",
    "brief_age",
    "fault_words",
    "health_words",
    "in_groups",
    "size_words",
    "state_words",
]

Tone = Literal["", "high", "medium", "low", "good", "faint"]

SOURCE_TITLES: Final = MappingProxyType(
    {"registry": N_("resident register"), "sekisho": N_("this console's own records")}
)
ENDING_TITLES: Final = MappingProxyType(
    {"return": N_("comes back"), "destroy": N_("is destroyed"), "hand-over": N_("is handed over")}
)
STYLES: Final = MappingProxyType(
    {"high": "bold $error", "medium": "$warning", "good": "$success", "faint": "$secondary", "low": "", "": ""}
)
_HEALTH: Final[Mapping[Health, tuple[str, str, Tone]]] = MappingProxyType(
    {
        Health.PLANNED: ("[..]", N_("being taken"), "low"),
        Health.FAILED: ("[! ]", N_("failed"), "medium"),
        Health.ERASED: ("[  ]", N_("erased"), "faint"),
        Health.DAMAGED: ("[!!]", N_("damaged"), "high"),
        Health.UNPROVEN: ("[  ]", N_("not proven"), ""),
        Health.PROVEN: ("[ok]", N_("proven"), "good"),
    }
)
_GROUP = 4
_DAYS_FROM = 2  # below that, limits such as 26 hours are told in hours


def health_words(health: Health) -> tuple[str, Tone]:
    """Return the mark and the word of ``health``, and the tone that only adds to them."""
    mark, word, tone = _HEALTH[health]
    return f"{mark} {_(word)}", tone


def state_words(state: str, *, overdue: bool, broken_off: bool) -> tuple[str, Tone]:
    """Return the mark and the word of an output's ``state``; late and broken off are louder than the state itself."""
    if overdue:
        return "[!!] " + _("overdue"), "high"
    if broken_off:
        return "[!!] " + _("broken off"), "high"
    # each is a Tone
    tone: Tone = {"out": "medium", "failed": "faint", "writing": "low"}.get(state, "good")  # type: ignore[assignment]
    mark = {"out": "[->]", "failed": "[  ]", "writing": "[..]"}.get(state, "[ok]")
    return f"{mark} {_(STATE_TITLES[state])}", tone


def in_groups(sha256: str) -> str:
    """Return a hash in groups of four, as people read it to each other."""
    return " ".join(sha256[at : at + _GROUP] for at in range(0, len(sha256), _GROUP))


def brief_age(span: timedelta) -> str:
    """Return ``span`` in its largest whole unit, in six cells at most, for a narrow column.

    What is dated later than now, because a clock was wrong, has no age.
    """
    if span < timedelta():
        return _("ahead")
    seconds = int(span.total_seconds())
    days, hours, minutes = seconds // 86400, seconds // 3600, seconds // 60
    if days >= _DAYS_FROM:
        return _("{number} d").format(number=days)
    if hours:
        return _("{number} h").format(number=hours)
    return _("{number} min").format(number=minutes)


def fault_words(faults: Sequence[Fault]) -> list[str]:
    """Return each fault as a sentence in the reader's language."""
    return [filled(fault.message, fault.fields) for fault in faults]
