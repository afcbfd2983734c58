"""How grave something is: a mark, a word and a colour, so that each alone is enough."""

from typing import Literal

from textual.content import Content

from accesscontrol.messages import N_
from console.translation import _
from console.widgets.plain import styled
from console.widgets.rows import Cell

_WORDS = {
    "critical": N_("critical"),
    "high": N_("high"),
    "medium": N_("medium"),
    "low": N_("low"),
    "informational": N_("info"),
}
_MARKS = {"critical": "[!!]", "high": "[!!]", "medium": "[! ]", "low": "[  ]", "informational": "[  ]"}
_TONES: dict[str, Literal["high", "medium", "low", "faint"]] = {
    "critical": "high",
    "high": "high",
    "medium": "medium",
    "low": "low",
    "informational": "faint",
}
_STYLES = {"high": "bold $error", "medium": "$warning", "low": "$accent", "faint": "$secondary"}


def severity_cell(level: str) -> Cell:
    """Return ``level`` (a Sigma level) as a cell: ``[!!] high``. An unknown level shows as it is."""
    return Cell(f"{_MARKS.get(level, '[? ]')} {_(_WORDS.get(level, level))}", _TONES.get(level, "high"))


def severity_words(level: str) -> Content:
    """Return ``level`` as words for a line of text."""
    cell = severity_cell(level)
    return styled(cell.text, _STYLES[cell.tone])
