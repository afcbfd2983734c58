"""Text whose lines break as the console breaks them everywhere: between kanji too, by the rules of Japanese.

Textual's own text breaks at spaces alone, so that a line ends early before a long run of kanji, and a full stop may
begin the next one.
"""

from typing import Any

from textual.content import Content
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions, Visual

from console.text import cells, spans


def broken(text: Content, width: int) -> Content:
    """Return ``text`` with each of its lines broken at ``width`` cells; what fits stays as it is."""
    lines: list[Content] = []
    for line in text.split(allow_blank=True):
        if cells(line.plain) <= width:
            lines.append(line)
        else:
            lines += [line[begin:end] for begin, end in spans(line.plain, width)]
    return Content("\n").join(lines)


class Prose(Visual):
    """Draws a text, its lines broken for the width at hand unless its style forbids that."""

    def __init__(self, text: Content) -> None:
        self._text = text
        self._broken: tuple[int, Content] = (0, text)  # the width, and the text for it

    def __str__(self) -> str:
        """Return the text alone."""
        return self._text.plain

    def _at(self, rules: Any, width: int) -> Content:
        if rules.get("text_wrap") == "nowrap":
            return self._text
        if self._broken[0] != width:
            self._broken = width, broken(self._text, width)
        return self._broken[1]

    def render_strips(self, width: int, height: int | None, style: Style, options: RenderOptions) -> list[Strip]:
        """Draw the lines."""
        return self._at(options.rules, width).render_strips(width, height, style, options)

    def get_optimal_width(self, rules: Any, container_width: int) -> int:
        """Return the cells of the longest line, unbroken."""
        return self._text.get_optimal_width(rules, container_width)

    def get_height(self, rules: Any, width: int) -> int:
        """Return how many lines there are at ``width``."""
        return self._at(rules, width).get_height(rules, width)
