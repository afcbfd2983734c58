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
    sentence = ""
    for text, name, _specification, _conversion in parts:
        sentence += safe_text(text)
        if name is not None:
            sentence += shown(finding.facts[name], zone) if name in finding.facts else "{" + name + "}"
    return sentence
