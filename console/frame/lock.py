"""The lock: an opaque screen over everything, which only the same person opens."""

from collections.abc import Iterable
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Button, Input

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from console.frame.lines import KeyLine, PlaceLine
from console.frame.screen import Speaking
from console.translation import _, render
from console.widgets.line_input import LineInput
from console.widgets.plain import Plain
from console.widgets.push_button import PushButton

REASONS = {
    "idle": N_("Nobody touched a key, so the screen was hidden."),
    "asked": N_("The screen is hidden."),
}


class LanguageSwitch(Speaking):
    """A screen on which the language may be switched, because nothing typed there is worth keeping."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "language", N_("Language"), id="language.switch"),
        Binding("f1", "app.help", N_("Help"), id="frame.help"),
        Binding("ctrl+c", "nothing", show=False),
    ]

    async def action_language(self) -> None:
        """Speak the other language from now on."""
        try:
            self.app.switch_language()
        except Refusal as refusal:
            self.query_one("#error", Plain).say(render(refusal))
        else:
            await self.say_all_anew()


class LockScreen(LanguageSwitch):
    """Hides all; opens with the password and the code of the person who is signed in."""

    SCOPED_CSS = False
    DEFAULT_CSS = """
    LockScreen { background: $background; align: center middle; overflow: hidden; }
    LockScreen #box { width: 60; max-width: 100%; height: auto; max-height: 100%; padding: 0 2; }
    LockScreen .label { margin-top: 1; color: $secondary; }
    LockScreen #title { text-style: bold; }
    LockScreen #demo { color: $warning; }
    LockScreen #error { color: $warning; height: auto; min-height: 1; margin: 1 0; }
    LockScreen #buttons { height: auto; }
    LockScreen.-short .label, LockScreen.-short #error { margin: 0; }
    """
    help_title = N_("Locked")
    help_text = N_(
        "The console is locked and shows no data.\n"
        "Enter your password and your code to go on where you were.\n"
        "Another person signs out first: what was typed and not saved is lost."
    )

    def __init__(self, reason: str) -> None:
        super().__init__()
        self._reason = reason

    def compose(self) -> ComposeResult:
        """Ask for both factors."""
        yield PlaceLine()
        with VerticalScroll(id="box", can_focus=False):
            yield from self._questions()
        yield KeyLine()

    def _questions(self) -> Iterable[Plain | LineInput | Horizontal]:
        yield Plain(_("Locked"), id="title")
        yield Plain(_(REASONS[self._reason]))
        if self.app.site.demo:
            yield Plain(_("DEMO: passwords and codes stand on the first screen. Sign out to read them."), id="demo")
        yield Plain(_("Password"), classes="label")
        yield LineInput(password=True, id="password", onward=lambda: self.query_one("#code"))
        yield Plain(_("Code"), classes="label")
        yield LineInput(password=True, id="code", max_length=16)
        yield Plain(id="error")
        yield Horizontal(PushButton(N_("Unlock"), id="unlock"), PushButton(N_("Sign out"), id="leave"), id="buttons")

    def on_mount(self) -> None:
        """Type at once."""
        self.query_one("#password").focus()

    @on(Input.Submitted, "#code")
    @on(Button.Pressed, "#unlock")
    def _try(self) -> None:
        password, code = self.query_one("#password", Input), self.query_one("#code", Input)
        self._unlock(password.value, code.value)
        password.value = code.value = ""

    @work(thread=True, exclusive=True, group="unlock")
    def _unlock(self, password: str, code: str) -> None:
        person = self.app.person
        if person is None:
            return
        try:
            self.app.door.unlock(person, password, code)
        except Refusal as refusal:
            self.app.call_from_thread(self._refused, refusal)
        else:
            self.app.call_from_thread(self._opened)

    def _opened(self) -> None:
        self.app.run_worker(self.app.unlocked())

    def _refused(self, refusal: Refusal) -> None:
        self.query_one("#error", Plain).say(render(refusal, self.app.site.zone))
        self.query_one("#password").focus()

    @on(Button.Pressed, "#leave")
    async def _leave(self) -> None:
        await self.app.sign_out()
