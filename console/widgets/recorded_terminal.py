"""The screen of a recorded or running session, cell by cell inside ours; larger ones scroll."""

import asyncio
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import ClassVar, Final

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from accesscontrol.messages import N_
from accesscontrol.sessions.replaying import OUTPUT, RESIZE, Event, size_of
from console.text.emulated import EmulatedScreen, Look, Row

PIECE: Final = 512  # characters that are drawn before keys are answered again


class RecordedTerminal(ScrollView, can_focus=True, inherit_bindings=False):
    """Draws events of a recording."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "scroll_up", show=False),
        Binding("down", "scroll_down", show=False),
        Binding("pageup", "page_up", show=False),
        Binding("pagedown", "page_down", show=False),
        Binding("less_than_sign", "scroll_left", show=False),
        Binding("greater_than_sign", "scroll_right", show=False),
    ]
    help_title = N_("Recorded screen")
    help_text = N_("↑ ↓ PgUp PgDn and < > move over a screen that is larger than the room for it.")
    DEFAULT_CSS = """
    RecordedTerminal { height: 1fr; background: $background; color: $foreground; scrollbar-size: 0 0; }
    """

    def __init__(self, columns: int = 80, rows: int = 24) -> None:
        super().__init__()
        self._emulated = EmulatedScreen(columns, rows)
        self._ground = Style.null()
        self.virtual_size = Size(columns, rows)

    def begin(self, columns: int, rows: int) -> None:
        """Begin anew with an empty screen of this size."""
        self._emulated = EmulatedScreen(columns, rows)
        self.show()

    async def draw(self, events: Iterable[Event], *, most: int = 0) -> None:
        """Draw ``events``, at most ``most`` characters of them if given, and show the screen.

        It is drawn in small pieces, so that a key never waits for a long output.
        """
        drawn = since = 0
        for piece in self._pieces(events):
            drawn, since = drawn + piece, since + piece
            if since >= PIECE:
                since = 0
                await asyncio.sleep(0)
            if most and drawn >= most:
                break
        self.show()

    def _pieces(self, events: Iterable[Event]) -> Iterator[int]:
        for event in events:
            if event.code == OUTPUT:
                for start in range(0, len(event.data), PIECE):
                    self._emulated.feed(event.data[start : start + PIECE])
                    yield min(PIECE, len(event.data) - start)
            elif event.code == RESIZE and (size := size_of(event)):
                self._emulated.resize(*size)

    def on_resize(self) -> None:
        """Show as much above the cursor as there is room for now, as after it was hidden."""
        self._scroll_to_cursor()
        self.show()

    def show(self) -> None:
        """Show what was drawn, with the cursor in view."""
        self.virtual_size = Size(*self._emulated.size)
        top = self.scroll_offset.y
        if not top <= self._emulated.cursor[1] < top + self.size.height:
            self._scroll_to_cursor()
        self.refresh()

    def _scroll_to_cursor(self) -> None:
        if 0 < self.size.height < self._emulated.size[1]:
            self.scroll_to(y=max(0, self._emulated.cursor[1] - self.size.height + 1), animate=False)

    @property
    def text(self) -> str:
        """The rows as plain text."""
        return self._emulated.text()

    def conceal(self) -> None:
        """Forget what was drawn."""
        self.begin(*self._emulated.size)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw the rows of a region; what is the same for all of them is found out once."""
        self._ground = self.rich_style
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """Draw one row."""
        left, top = self.scroll_offset
        ground = self._ground
        if y + top >= self._emulated.size[1]:
            return Strip.blank(self.size.width, ground)
        strip = Strip(_segments(self._emulated.row(y + top), ground), self._emulated.size[0])
        return strip.crop_extend(left, left + self.size.width, ground)


def _segments(row: Row, ground: Style) -> list[Segment]:
    return [Segment(text, ground + _style(look)) for text, look in row]


@lru_cache(maxsize=256)
def _style(look: Look) -> Style:
    return Style(
        color=_colour(look.front),
        bgcolor=_colour(look.back),
        bold=look.bold or None,
        underline=look.underlined or None,
        reverse=look.reverse or None,
    )


def _colour(name: str) -> Color | None:
    if not name:
        return None
    if name.startswith("bright"):
        return Color.parse(f"bright_{name.removeprefix('bright')}")
    return Color.parse(f"#{name}" if len(name) == 6 and _is_hexadecimal(name) else name)  # noqa: PLR2004 - as #rrggbb


def _is_hexadecimal(name: str) -> bool:
    return all(each in "0123456789abcdef" for each in name)
