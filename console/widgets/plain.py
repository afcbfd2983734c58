"""Text on the screen: never markup, always safe.

``Plain`` is the only text widget of the console. A ``str`` may come from anywhere: it is made safe and
stands on one line. Several lines are a list. Style comes as ``Content``, built with :func:`styled` and
:func:`joined` from safe pieces.
"""

from collections.abc import Sequence
from typing import Any

from textual.content import Content
from textual.visual import Visual
from textual.widgets import Static

from console.text import safe_text
from console.widgets.prose import Prose


def styled(text: object, style: str = "") -> Content:
    """Return ``text`` made safe, in ``style`` (a Textual style such as ``bold $warning``)."""
    return Content.styled(safe_text(text), style) if style else Content(safe_text(text))


def content(text: "str | Content") -> Content:
    """Return ``text`` as content; a ``str`` is made safe."""
    return text if isinstance(text, Content) else Content(safe_text(text))


def joined(*pieces: "str | Content", between: str = "") -> Content:
    """Return ``pieces`` as one line, with ``between`` between them."""
    return Content(between).join(content(piece) for piece in pieces)


def lines(rows: "Sequence[str | Content]") -> Content:
    """Return ``rows`` one below the other."""
    return Content("\n").join(content(row) for row in rows)


class Plain(Static):
    """Shows one line, or a list of lines."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "Plain { height: auto; }"

    def __init__(self, text: "str | Content | Sequence[str | Content]" = "", **attributes: Any) -> None:
        super().__init__(_whole(text), markup=False, **attributes)

    def render(self) -> Visual:
        """Draw the lines, broken as Japanese is."""
        shown = self.content
        return Prose(shown) if isinstance(shown, Content) else self.visual

    def say(self, text: "str | Content | Sequence[str | Content]") -> None:
        """Show ``text`` instead; what shows already is not drawn again, however often it is said."""
        new, shown = _whole(text), self.content
        if not (isinstance(shown, Content) and shown.is_same(new)):
            self.update(new)


def _whole(text: "str | Content | Sequence[str | Content]") -> Content:
    return content(text) if isinstance(text, str | Content) else lines(text)
