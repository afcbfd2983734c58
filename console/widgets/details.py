"""The facts of one thing: sections of labelled values and sentences, laid out for the width at hand."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.strip import Strip
from textual.style import Style
from textual.visual import Visual

from accesscontrol.messages import N_
from console.text import cells, fit, safe_text, wrap
from console.widgets.line_view import LineView
from console.widgets.plain import joined, lines, styled

_LABEL_AT_MOST = 18


@dataclass(frozen=True, slots=True)
class Fact:
    """One labelled value; ``label`` is already translated. ``style`` only adds to the words."""

    label: str
    value: str
    style: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading (may be empty), facts, and sentences below them; all words are already translated."""

    title: str = ""
    facts: Sequence[Fact] = ()
    sentences: Sequence[str | Content] = ()


class Details(LineView, can_focus=True):
    """Shows sections; scrolls where they do not fit; forgets them when the console locks.

    It draws its own lines, so that following a cursor costs no layout of the screen.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    Details { height: 1fr; padding: 0 0 0 1; scrollbar-size-vertical: 1;
        scrollbar-gutter: stable; overflow-x: hidden; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "scroll_up", show=False),
        Binding("down", "scroll_down", show=False),
        Binding("pageup", "page_up", show=False),
        Binding("pagedown", "page_down", show=False),
        Binding("home", "scroll_home", show=False),
        Binding("end", "scroll_end", show=False),
    ]
    help_title = N_("Details")
    help_text = N_("The arrows, PgUp and PgDn scroll. Esc goes back.")

    def __init__(self, sections: Sequence[Section] = (), **attributes: Any) -> None:
        super().__init__(**attributes)
        self._sections = tuple(sections)
        self._strips: list[Strip] = []
        self._strips_for: tuple[int, Style] | None = None  # the width and style for which they are drawn

    def show(self, sections: Sequence[Section], *, from_top: bool = True) -> None:
        """Show ``sections`` instead."""
        self._sections = tuple(sections)
        self._strips_for = None
        self._lay_out()
        if from_top:
            self.scroll_to(y=0, animate=False, force=True, immediate=True)
        self.refresh()

    def conceal(self) -> None:
        """Forget what was shown."""
        self.show(())

    def on_resize(self) -> None:
        """Lay the text out for the new width."""
        self._lay_out()

    def notify_style_update(self) -> None:
        """Draw anew in another theme's colours."""
        super().notify_style_update()
        self._strips_for = None

    def _lay_out(self) -> None:
        """Draw the lines for the present width, and let the scroll bar follow their number."""
        width, style = self.scrollable_content_region.width, self.visual_style
        if width <= 0 or self._strips_for == (width, style):
            return
        self._strips_for = width, style
        text = as_content(self._sections, width)
        self._strips = Visual.to_strips(self, text, width, None, style) if self._sections else []
        self.virtual_size = Size(0, len(self._strips))

    def render_line(self, y: int) -> Strip:
        """Draw one line."""
        self._lay_out()
        row = y + self.scroll_offset.y
        width = self.scrollable_content_region.width
        if row >= len(self._strips):
            return Strip.blank(width, self.rich_style)
        return self._strips[row].adjust_cell_length(width, self.rich_style)


def laid_out(sections: Sequence[Section], width: int) -> Iterator[str | Content]:
    """Yield the lines of ``sections`` at ``width`` cells: values stand in one column, long ones wrap in it."""
    labels = [cells(safe_text(fact.label)) for section in sections for fact in section.facts]
    indent = min(max(labels, default=0), _LABEL_AT_MOST, max(0, width // 2 - 2)) + 2
    for number, section in enumerate(sections):
        if number:
            yield ""
        if section.title:
            yield styled(section.title, "bold $accent")
        for fact in section.facts:
            yield from _fact(fact, indent, width)
        if section.facts and section.sentences:
            yield ""
        for sentence in section.sentences:
            if isinstance(sentence, Content):
                yield sentence
            else:
                yield from _sentence(safe_text(sentence), width)


def _sentence(words: str, width: int) -> Iterator[str]:
    """Yield a sentence's lines; those after the first stand where its own words begin, behind blanks and a dash."""
    indent = min(len(words) - len(words.lstrip(" -")), width // 2)
    for number, line in enumerate(wrap(words[indent:], width - indent)):
        yield (words[:indent] if not number else " " * indent) + line


def _fact(fact: Fact, indent: int, width: int) -> Iterator[Content]:
    """Yield a fact's lines: its label and its value wrap side by side, and neither is cut."""
    labels = wrap(safe_text(fact.label), indent - 2)
    for label, line in zip_longest(labels, wrap(safe_text(fact.value), width - indent), fillvalue=""):
        yield joined(styled(fit(label, indent - 2) + "  ", "$secondary"), styled(line, fact.style))


def as_content(sections: Sequence[Section], width: int) -> Content:
    """Return ``sections`` as one text at ``width`` cells."""
    return lines(list(laid_out(sections, width)))
