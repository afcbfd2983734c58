"""Small pictures in text, for what people would rather see than read. Each also says its numbers in words.

Every function is pure and returns ``Content`` of known width; the numbers are never negative.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from textual.content import Content

from console.text import cells, fit, safe_text
from console.widgets.plain import joined, styled

_STEPS = "▁▂▃▄▅▆▇█"
_NOTHING = "·"
_SHADES = (" · ", " ░ ", " ▒ ", " ▓ ", " █ ")


def sparkline(values: Sequence[float], width: int) -> str:
    """Return ``values`` as ``width`` bars; neighbours that share a bar show their greatest, zero shows a dot."""
    if not values or width <= 0:
        return ""
    width = min(width, len(values))
    bars = [max(values[at * len(values) // width : (at + 1) * len(values) // width]) for at in range(width)]
    return "".join(_step(value, max(bars)) for value in bars)


def _step(value: float, greatest: float) -> str:
    if value <= 0:
        return _NOTHING
    return _STEPS[min(len(_STEPS) - 1, int(value / greatest * len(_STEPS)))]


def heat_map(rows: Sequence[str], columns: Sequence[str], values: Sequence[Sequence[int]]) -> list[Content]:
    """Return a map with one line a row: ``values[row][column]``, shaded against the greatest of all.

    Labels are already translated; a column is three cells, or as wide as its label. Marks deepen as colours
    do, so that the map reads without colour.
    """
    side = max((cells(safe_text(label)) for label in rows), default=0)
    wide = max(3, *(cells(safe_text(label)) + 1 for label in columns)) if columns else 3
    greatest = max((value for row in values for value in row), default=0)
    head = " " * side + "".join(fit(safe_text(label), wide, "right") for label in columns)
    result = [styled(head, "$secondary")]
    for label, numbers in zip(rows, values, strict=True):
        squares = [_square(number, greatest, wide) for number in numbers]
        result.append(joined(styled(fit(safe_text(label), side), "$secondary"), *squares))
    return result


def _square(number: int, greatest: int, wide: int) -> Content:
    if number <= 0 or greatest <= 0:
        return styled(_NOTHING.rjust(wide), "$foreground 30%")
    level = -(-4 * number // greatest)  # in quarters of the greatest, upwards: one event alone is the greatest, too
    # the upper shades
    return styled(_SHADES[level].strip().rjust(wide), "$warning" if level >= 3 else "$accent")  # noqa: PLR2004


@dataclass(frozen=True, slots=True)
class Age:
    """How old something is against how old it may be, in the same unit."""

    label: str  # already translated
    value: float
    limit: float
    words: str  # the age in words, already translated


def ages_bar(ages: Sequence[Age], width: int) -> list[Content]:
    """Return one bar an age; the bar's end is the limit, and one that passed it is marked ``!``."""
    side = max((cells(safe_text(age.label)) for age in ages), default=0)
    room = max(4, width - side - 4 - max((cells(safe_text(age.words)) for age in ages), default=0))
    result = []
    for age in ages:
        over = age.value > age.limit
        filled = room if over else int(room * age.value / age.limit) if age.limit > 0 else room
        result.append(
            joined(
                styled(fit(safe_text(age.label), side), "$secondary"),
                " ",
                styled("█" * filled, "$error" if over else "$accent"),
                styled("░" * (room - filled), "$border"),
                styled(" ! " if over else "   ", "bold $error"),
                styled(age.words),
            )
        )
    return result
