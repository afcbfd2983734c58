"""The line in which a list's filter is typed: ``/`` opens it, Enter asks, Esc gives the keys back."""

from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input

from accesscontrol.messages import N_
from console.translation import _
from console.widgets.line_input import LineInput
from console.widgets.plain import Plain


class FilterLine(Horizontal):
    """Asks for a filter; hidden while there is none."""

    DEFAULT_CSS = """
    FilterLine { height: 1; display: none; padding: 0 1; }
    FilterLine > Plain { width: auto; color: $secondary; margin-right: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", N_("Close"), id="filter.close")]
    help_title = N_("Filter")
    help_text = N_("Type what the rows must contain and press Enter. An empty filter shows all. Esc closes it.")

    class Asked(Message):
        """Someone asked for a filter; ``text`` is empty for all."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Closed(Message):
        """The keys belong to the list again."""

    def __init__(self, text: str = "", **attributes: Any) -> None:
        super().__init__(**attributes)
        self._text = text

    def compose(self) -> ComposeResult:
        """Show a word and the line."""
        yield Plain(_("Filter"))
        yield LineInput(value=self._text)

    def open(self) -> None:
        """Show the line and type in it, from the very next key on."""
        self.display = True
        self.screen.set_focus(self.query_one(LineInput))

    @on(Input.Submitted)
    def _asked(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Asked(event.value.strip()))
        self._done()

    def action_close(self) -> None:
        """Give the keys back; a filter that is in force stays in sight."""
        self._done()

    def _done(self) -> None:
        if not self.query_one(LineInput).value.strip():
            self.display = False
        self.post_message(self.Closed())
