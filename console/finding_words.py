"""A finding's title and explanation in the reader's language; both are msgids of the rules."""

from datetime import UTC, tzinfo
from string import Formatter

from console.text import safe_text
from console.translation import _, shown
from monitors.findings.reading import Finding


def title_of(finding: Finding) -> str:
    """Return what was found, in a few words."""
    return _(finding.title)


def spoken_explanation(finding: Finding, zone: tzinfo = UTC) -> str:
    """Return the sentence that says who did what, when, and why it is unusual; instants in ``zone``.

    A placeholder that the facts don't fill stays as it is written: a stranger's rule must not break a screen.
    """
    words = _(finding.explanation)
    try:
        parts = list(Formatter().parse(words))
    except ValueError:
        return safe_text(words)
    facts = {**finding.facts, **_within_a_minute(finding, zone)}
    sentence = ""
    for text, name, _specification, _conversion in parts:
        sentence += safe_text(text)
        if name is not None:
            sentence += shown(facts[name], zone) if name in facts else "{" + name + "}"
    return sentence


def _within_a_minute(finding: Finding, zone: tzinfo) -> dict[str, str]:
    """Return both ends to the second where they are ends of less than a minute, which else would read alike."""
    first, last = finding.first.astimezone(zone), finding.last.astimezone(zone)
    if first == last or first.replace(second=0, microsecond=0) != last.replace(second=0, microsecond=0):
        return {}
    return {"first": f"{first:%Y-%m-%d %H:%M:%S}", "last": f"{last:%Y-%m-%d %H:%M:%S}"}
