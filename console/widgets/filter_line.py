"""The line in which a list's filter is typed: ``/`` opens it, Enter asks, Esc gives the keys back.

Where the list follows (``follows``), it asks as soon as the typing rests, and Esc brings back what stood before.
"""

from collections.abc import Callable
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input

from accesscontrol.messages import N_
from console.translation import _
from console.widgets.line_input import LineInput
from console.widgets.plain import Plain

REST = 0.3  # seconds without a key after which what was typed is asked for


class FilterLine(Horizontal):
    """Asks for a filter; hidden while there is none."""

    DEFAULT_CSS = """
    FilterLine { height: 1; display: none; padding: 0 1; }
    FilterLine > Plain { width: auto; color: $secondary; margin-right: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", N_("Close"), id="filter.close")]
    help_title = N_("Filter")
    help_text = N_(
        "Type what the rows must contain and press Enter. An empty filter shows all. Esc closes it.\n"
        "Where the line says so, the list follows as you type; Esc then brings back what stood before."
    )

    class Asked(Message):
        """Someone asked for a filter; ``text`` is empty for all."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Closed(Message):
        """The keys belong to the list again."""

    class Unclear(Message):
        """What was typed means nothing yet; ``reason`` says why. The list stays as it is."""

        def __init__(self, reason: str) -> None:
            super().__init__()
            self.reason = reason

    def __init__(
        self, text: str = "", *, follows: bool = False, check: Callable[[str], str] | None = None, **attributes: Any
    ) -> None:
        """``check`` returns what is wrong with a text, or an empty string; what is wrong is not asked for."""
        super().__init__(**attributes)
        self._text = self._before = text
        self._follows, self._check = follows, check
        self._rest: Timer | None = None

    def compose(self) -> ComposeResult:
        """Show a word and the line."""
        yield Plain(_("Filter"))
        hint = _("the list follows as you type") if self._follows else _("Enter applies it")
        yield LineInput(value=self._text, placeholder=hint)

    def open(self) -> None:
        """Show the line and type in it, from the very next key on."""
        self._before = self._text
        self.display = True
        self.screen.set_focus(self.query_one(LineInput))

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._keep_still()
        if self._follows and event.value.strip() != self._text:
            self._rest = self.set_timer(REST, lambda: self._ask(event.value))

    @on(Input.Submitted)
    def _asked(self, event: Input.Submitted) -> None:
        event.stop()
        self._keep_still()
        if (self._follows and event.value.strip() == self._text) or self._ask(event.value):
            self._done()

    def _ask(self, typed: str) -> bool:
        """Ask for what was typed, and tell whether it means something."""
        text = typed.strip()
        wrong = self._check(text) if self._check else ""
        if wrong:
            self.post_message(self.Unclear(wrong))
            return False
        self._text = text
        self.post_message(self.Asked(text))
        return True

    def action_close(self) -> None:
        """Give the keys back; a filter that is in force stays in sight."""
        self._keep_still()
        if self._follows and self._text != self._before:
            self._ask(self._before)
        if self._follows:
            self.query_one(LineInput).value = self._text
        self._done()

    def _keep_still(self) -> None:
        if self._rest is not None:
            self._rest.stop()
            self._rest = None

    def _done(self) -> None:
        if not self.query_one(LineInput).value.strip():
            self.display = False
        self.post_message(self.Closed())
