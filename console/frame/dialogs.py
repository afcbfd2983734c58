"""Dialogs: a question in a box, the safe answer focused, Esc always the safe answer.

Await one from a worker: ``answer = await self.app.ask(ConfirmDialog(...))``. A lock answers every open
dialog with its safe answer, except those with ``survives_lock``.
"""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Input

from accesscontrol.messages import N_
from console.frame.lines import KeyLine
from console.frame.screen import Speaking
from console.translation import _, ngettext
from console.widgets.choices import Choice, ChoiceList
from console.widgets.line_input import LineInput
from console.widgets.plain import Plain
from console.widgets.push_button import PushButton


class Dialog(Speaking):
    """A box over a screen. Override ``title``, ``contents()`` and ``buttons()``."""

    survives_lock = False
    SAFE_ANSWER: Any = None
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "safe", N_("Back"), id="dialog.back"),
        Binding("question_mark,f1", "app.help", N_("Help"), id="frame.help"),
        Binding("ctrl+l", "app.lock", N_("Lock"), id="frame.lock"),
        Binding("ctrl+c", "nothing", show=False),
        Binding("down", "roll(1)", N_("Scroll"), key_display="↑↓", id="dialog.scroll"),
        Binding("up", "roll(-1)", show=False),
        Binding("pagedown", "turn_page(1)", show=False),
        Binding("pageup", "turn_page(-1)", show=False),
        Binding("left", "app.focus_previous", show=False),
        Binding("right", "app.focus_next", show=False),
    ]
    SCOPED_CSS = False
    DEFAULT_CSS = """
    Dialog { align: center middle; background: $background 60%; color: $foreground; overflow: hidden; }
    Dialog > #box { width: 76; max-width: 100%; height: auto; max-height: 100%; border: solid $accent;
        background: $surface; padding: 0 2; }
    Dialog > #box > #title { text-style: bold; margin-bottom: 1; }
    Dialog > #box > #contents { height: auto; max-height: 58vh; scrollbar-size-vertical: 1; }
    Dialog > #box > #buttons { height: auto; margin-top: 1; align-horizontal: center; }
    Dialog > KeyLine { background: $background; }
    Dialog.-short > #box { padding: 0 1; border: none; }
    Dialog.-short > #box > #title, Dialog.-short > #box > #buttons { margin: 0; }
    """

    def __init__(self, title: str = "") -> None:
        super().__init__()
        self._modal = True
        self._late: tuple[Any] | None = None  # an answer that came while another screen was on top
        self.title_text = title

    def compose(self) -> ComposeResult:
        """Draw the box."""
        with Vertical(id="box"):
            yield Plain(self.title_text, id="title")
            with VerticalScroll(id="contents", can_focus=False):
                yield from self.contents()
            yield from self.notice()
            with Horizontal(id="buttons"):
                yield from self.buttons()
        yield KeyLine()

    def contents(self) -> Iterable[Widget]:
        """Yield what stands in the box."""
        return ()

    def notice(self) -> Iterable[Widget]:
        """Yield what stays in sight between the contents, which may scroll, and the answers."""
        return ()

    def buttons(self) -> Iterable[PushButton]:
        """Yield the answers, the safe one first: it takes the focus when nothing above it can."""
        yield PushButton(N_("Back"), id="safe")

    def on_mount(self) -> None:
        """See that the line which takes the focus is in sight, however long the text above it is."""
        self.call_after_refresh(self._show_focused)

    def _show_focused(self) -> None:
        focused = self.focused
        if focused is not None and not self.can_view_entire(focused):
            self.scroll_to_center(focused, animate=False, origin_visible=True)

    def dismiss(self, result: Any = None) -> AwaitComplete:
        """Answer ``result``; behind the lock or another dialog the answer waits until this one is on top again."""
        if self.is_active:
            answered: AwaitComplete = super().dismiss(result)
            return answered
        self._late = (result,)
        return AwaitComplete()

    def on_screen_resume(self) -> None:
        """Give the answer that came too early."""
        late, self._late = self._late, None
        if late is not None:
            self.dismiss(*late)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Scroll only where something is out of sight."""
        if action in {"roll", "turn_page"}:
            return any(each.max_scroll_y > 0 for each in self.query("#contents"))
        return super().check_action(action, parameters)

    def action_roll(self, lines: int) -> None:
        """Scroll what does not fit by some lines."""
        self.query_one("#contents").scroll_relative(y=lines, animate=False, force=True)

    def action_turn_page(self, direction: int) -> None:
        """Scroll what does not fit by a page."""
        contents = self.query_one("#contents")
        contents.scroll_relative(y=direction * max(1, contents.size.height - 1), animate=False, force=True)

    def action_safe(self) -> None:
        """Give the safe answer."""
        self.dismiss(self.SAFE_ANSWER)

    @on(Button.Pressed, "#safe")
    def _back(self) -> None:
        self.action_safe()


class MessageDialog(Dialog):
    """Says something that must be read; answers None."""

    def __init__(self, title: str, text: str | Content | Sequence[str | Content]) -> None:
        super().__init__(title)
        self._text = text

    def contents(self) -> Iterable[Widget]:
        """Show the text."""
        yield Plain(self._text)


class ConfirmDialog(Dialog):
    """Asks before an act; answers True only when the act's own button is pressed."""

    SAFE_ANSWER = False

    def __init__(self, title: str, text: str | Content | Sequence[str | Content], *, act: str = N_("Go on")) -> None:
        """``act`` is the msgid on the button that does it."""
        super().__init__(title)
        self._text, self._act = text, act

    def contents(self) -> Iterable[Widget]:
        """Show what is about to happen."""
        yield Plain(self._text)

    def buttons(self) -> Iterable[PushButton]:
        """Offer the way back first."""
        yield PushButton(N_("Back"), id="safe")
        yield PushButton(self._act, id="act")

    @on(Button.Pressed, "#act")
    def _go_on(self) -> None:
        self.dismiss(True)


class ReasonDialog(Dialog):
    """Asks for a reason in words; answers the reason, or None."""

    DEFAULT_CSS = "ReasonDialog .label { margin-top: 1; color: $secondary; }"

    def __init__(
        self,
        title: str,
        text: str | Content | Sequence[str | Content],
        *,
        act: str = N_("Go on"),
        label: str = N_("Reason"),
        least: int = 4,
    ) -> None:
        """``label`` is the msgid of what is written; ``least`` is how many characters it needs."""
        super().__init__(title)
        self._text, self._act, self._label, self._least = text, act, label, least

    def contents(self) -> Iterable[Widget]:
        """Show the question and the line for the answer."""
        yield Plain(self._text)
        yield Plain(_(self._label), classes="label")
        yield LineInput(id="reason", onward=lambda: self.query_one("#act"))
        yield Plain(id="error", classes="error")

    def buttons(self) -> Iterable[PushButton]:
        """Offer the way back first."""
        yield PushButton(N_("Back"), id="safe")
        yield PushButton(self._act, id="act")

    @on(Button.Pressed, "#act")
    def _go_on(self) -> None:
        reason = self.query_one("#reason", Input).value.strip()
        if len(reason) >= self._least:
            self.dismiss(reason)
            return
        few = ngettext("Write at least {number} character.", "Write at least {number} characters.", self._least)
        self.query_one("#error", Plain).say(few.format(number=self._least))
        self.query_one("#reason").focus()


class ChoiceDialog(Dialog):
    """Lets a person pick one of several; answers its value, or None."""

    DEFAULT_CSS = "ChoiceDialog ChoiceList { height: auto; max-height: 13; }"

    def __init__(self, title: str, choices: Sequence[Choice], *, chosen: object = None) -> None:
        super().__init__(title)
        self._choices, self._chosen = choices, chosen

    def contents(self) -> Iterable[Widget]:
        """Show the choices."""
        yield ChoiceList(self._choices, chosen=self._chosen)

    def buttons(self) -> Iterable[PushButton]:
        """Need none: Enter chooses and Esc goes back."""
        return ()

    @on(ChoiceList.Chosen)
    def _picked(self, event: ChoiceList.Chosen) -> None:
        self.dismiss(event.choice.value)

    def on_key(self, event: events.Key) -> None:
        """Let the arrows move in the list and nowhere else."""
        if event.key in {"left", "right"}:
            event.stop()
