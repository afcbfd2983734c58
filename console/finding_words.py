"""A finding's title and explanation in the reader's language; both are msgids of the rules."""

from collections.abc import Callable, Mapping
from datetime import UTC, tzinfo
from string import Formatter
from typing import Final

from accesscontrol.accounts.papers import PAPER_TITLES
from console.text import safe_text
from console.translation import _, agreed, shown
from monitors.findings.reading import Finding

_TITLES: Final[Mapping[str, Mapping[str, str]]] = {"paper": {str(name): title for name, title in PAPER_TITLES.items()}}
"""The titles of what a fact of this name says."""


def title_of(finding: Finding) -> str:
    """Return what was found, in a few words."""
    return _(finding.title)


def spoken_explanation(finding: Finding, zone: tzinfo = UTC, *, title: Callable[[str], str] = str) -> str:
    """Return the sentence that says who did what, when, and why it is unusual; instants in ``zone``.

    ``title`` tells what a system is called there.

    A placeholder that the facts don't fill stays as it is written: a stranger's rule must not break a screen.
    """
    facts = {name: _fact(name, value, zone, title) for name, value in finding.facts.items()} | _within_a_minute(
        finding, zone
    )
    words = agreed(finding.explanation, facts)
    try:
        parts = list(Formatter().parse(words))
    except ValueError:
        return safe_text(words)
    sentence = ""
    for text, name, _specification, _conversion in parts:
        sentence += safe_text(text)
        if name is not None:
            sentence += facts.get(name, "{" + name + "}")
    return sentence


def _fact(name: str, value: object, zone: tzinfo, called: Callable[[str], str]) -> str:
    """Return one fact in words; a name out of a vocabulary of the console's own by its title."""
    if name == "system" and isinstance(value, str):
        return safe_text(called(value))
    title = _TITLES.get(name, {}).get(str(value))
    return _(title) if title else shown(value, zone)


def _within_a_minute(finding: Finding, zone: tzinfo) -> dict[str, str]:
    """Return both ends to the second where they are ends of less than a minute, which else would read alike."""
    first, last = finding.first.astimezone(zone), finding.last.astimezone(zone)
    if first == last or first.replace(second=0, microsecond=0) != last.replace(second=0, microsecond=0):
        return {}
    return {"first": f"{first:%Y-%m-%d %H:%M:%S}", "last": f"{last:%Y-%m-%d %H:%M:%S}"}
