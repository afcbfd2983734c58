"""The facts of one thing: sections of labelled values and sentences, laid out for the width at hand."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from textual.containers import VerticalScroll
from textual.content import Content

from accesscontrol.messages import N_
from console.text import cells, fit, safe_text, wrap
from console.widgets.plain import Plain, joined, lines, styled

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


class Details(VerticalScroll, can_focus=True):
    """Shows sections; scrolls where they do not fit; forgets them when the console locks."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    Details { height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; }
    """
    help_title = N_("Details")
    help_text = N_("The arrows, PgUp and PgDn scroll. Esc goes back.")

    def __init__(self, sections: Sequence[Section] = (), **attributes: Any) -> None:
        super().__init__(**attributes)
        self._sections = tuple(sections)
        self._text = Plain()

    def compose(self) -> Iterator[Plain]:
        """Hold one text."""
        yield self._text

    def show(self, sections: Sequence[Section], *, from_top: bool = True) -> None:
        """Show ``sections`` instead."""
        self._sections = tuple(sections)
        self._lay_out()
        if from_top:
            self.scroll_home(animate=False)

    def conceal(self) -> None:
        """Forget what was shown."""
        self.show(())

    def on_resize(self) -> None:
        """Lay the text out for the new width."""
        self._lay_out()

    def _lay_out(self) -> None:
        width = self.scrollable_content_region.width
        if width > 0:
            self._text.say(list(laid_out(self._sections, width)))


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
                yield from wrap(safe_text(sentence), width)


def _fact(fact: Fact, indent: int, width: int) -> Iterator[Content]:
    label = fit(safe_text(fact.label), indent - 2) + "  "
    for line in wrap(safe_text(fact.value), width - indent):
        yield joined(styled(label, "$secondary"), styled(line, fact.style))
        label = " " * indent


def as_content(sections: Sequence[Section], width: int) -> Content:
    """Return ``sections`` as one text, for a dialog."""
    return lines(list(laid_out(sections, width)))
