"""A short list from which one thing is chosen: the palette, menus, the values of a field."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from accesscontrol.messages import N_
from console.text import cells, fit, safe_text


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry. ``title``, ``help`` and ``key`` are shown; ``value`` is handed back.

    ``also`` are other names by which it is found: for a keyboard that can't type the language, and its readings.
    """

    title: str
    value: object
    help: str = ""
    key: str = ""
    also: str = ""


class ChoiceList(ScrollView, can_focus=True):
    """Shows choices, one a line, with a cursor; Enter chooses."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"choice--cursor", "choice--help"}
    DEFAULT_CSS = """
    ChoiceList { height: 1fr; scrollbar-size-vertical: 1; }
    ChoiceList > .choice--cursor { background: $row-cursor; color: $foreground; text-style: bold; }
    ChoiceList > .choice--help { color: $secondary; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", N_("Choose"), id="choice.choose"),
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("home", "move(-100000)", show=False),
        Binding("end", "move(100000)", show=False),
    ]
    cursor = reactive(0)

    class Chosen(Message):
        """Someone chose."""

        def __init__(self, choice: Choice) -> None:
            super().__init__()
            self.choice = choice

    def __init__(self, choices: Sequence[Choice] = (), *, chosen: object = None) -> None:
        super().__init__()
        self._choices: list[Choice] = list(choices)
        self._first = next((at for at, choice in enumerate(self._choices) if choice.value == chosen), 0)

    def on_mount(self) -> None:
        """Stand on what is chosen already."""
        self.offer(self._choices)
        self.cursor = self._first

    def offer(self, choices: Sequence[Choice]) -> None:
        """Show ``choices`` instead, the first one under the cursor."""
        self._choices = list(choices)
        self.virtual_size = Size(0, len(self._choices))
        self.cursor = 0
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return one line a choice, so that ``height: auto`` works."""
        del container, viewport, width
        return max(1, len(self._choices))

    def render_line(self, y: int) -> Strip:
        """Draw one choice."""
        row = y + self.scroll_offset.y
        width = self.size.width
        base = self.rich_style
        if row >= len(self._choices):
            return Strip.blank(width, base)
        choice = self._choices[row]
        at_cursor = row == self.cursor
        style = self.get_component_rich_style("choice--cursor") if at_cursor else base
        faint = style if at_cursor else self.get_component_rich_style("choice--help")
        key = safe_text(choice.key)
        title = f" {'▸' if at_cursor else ' '} {safe_text(choice.title)}"
        room = max(0, width - cells(key) - 1)
        taken = min(cells(title), room)
        rest = f"  {safe_text(choice.help)}" if choice.help else ""
        return Strip(
            [
                Segment(fit(title, taken), style),
                Segment(fit(rest, room - taken), faint),
                Segment(f"{key} "[: width - room] if width > room else "", faint),
            ]
        ).adjust_cell_length(width, style)

    def watch_cursor(self) -> None:
        """Keep the cursor in sight."""
        self.scroll_to_region(Region(0, self.cursor, 1, 1), animate=False, force=True)
        self.refresh()

    def validate_cursor(self, cursor: int) -> int:
        """Keep the cursor on a choice."""
        return max(0, min(cursor, len(self._choices) - 1))

    def action_move(self, step: int) -> None:
        """Move the cursor by ``step`` lines."""
        self.cursor += step

    def action_page(self, direction: int) -> None:
        """Move the cursor by one page."""
        self.cursor += direction * max(1, self.size.height)

    def action_choose(self) -> None:
        """Choose what is under the cursor."""
        if self._choices:
            self.post_message(self.Chosen(self._choices[self.cursor]))
