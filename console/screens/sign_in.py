"""The first screen: login, password and code; in the demo city also who there is, with their present codes."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Input

from accesscontrol.messages import N_
from accesscontrol.people.session import MustChange
from accesscontrol.refusals import Refusal
from console.frame.forms import Field, FormDialog
from console.frame.lines import KeyLine, PlaceLine
from console.frame.lock import LanguageSwitch
from console.seat import Seat, person_of
from console.text import fit
from console.translation import _, render
from console.widgets.line_input import LineInput
from console.widgets.plain import Plain, joined, styled
from console.widgets.push_button import PushButton

_WHY_CHANGE = {
    MustChange.TEMPORARY: N_("This password was temporary and is used up. Choose one of your own."),
    MustChange.EXPIRED: N_("Your password's period has ended. Choose a new one."),
    MustChange.POLICY: N_("Your password no longer meets the rules. Choose a new one."),
}
_CODES_EVERY = 1.0  # seconds


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """One person of the demo city, with what they sign in with; none of it is secret."""

    login: str
    role_title: str  # msgid
    password: str
    code: Callable[[], str]


class SignInScreen(LanguageSwitch):
    """Lets a person in by two factors (AC-AUT-01)."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,f1", "app.help", N_("Help"), id="frame.help"),
        Binding("f10", "app.quit", N_("Quit"), id="frame.quit"),
        Binding("f3", "fill", N_("Fill in"), id="sign-in.fill"),
    ]
    DEFAULT_CSS = """
    SignInScreen { background: $background; align: center middle; }
    SignInScreen #box { width: 76; max-width: 100%; height: auto; padding: 0 2; }
    SignInScreen #title { text-style: bold; margin-bottom: 1; }
    SignInScreen .row { height: 1; }
    SignInScreen .label { width: 14; color: $secondary; }
    SignInScreen LineInput { width: 30; }
    SignInScreen #error { color: $warning; height: auto; min-height: 1; margin-top: 1; }
    SignInScreen #buttons { height: 1; margin-top: 1; }
    SignInScreen #people { margin-top: 1; }
    .-short #title, .-short #error, .-short #buttons, .-short #people { margin: 0; }
    """
    help_title = N_("Sign in")
    help_text = N_(
        "Enter your login, your password and the present code of your authenticator.\n"
        "F2 switches the language. After several failures the login is locked and a colleague must open it.\n"
        "In the demo city F3 fills in the next person of the list."
    )

    def __init__(self, seat: Seat, people: Sequence[DemoPerson] = (), *, notice: str = "") -> None:
        super().__init__()
        self._seat, self._people, self._notice = seat, people, notice
        self._filled = -1

    def compose(self) -> ComposeResult:
        """Ask for the three, and show the demo people where there are any."""
        yield PlaceLine()
        with Vertical(id="box"):
            yield Plain(_("Sign in"), id="title")
            yield from self._row(_("Login"), LineInput(id="login", max_length=64))
            yield from self._row(_("Password"), LineInput(password=True, id="password"))
            yield from self._row(_("Code"), LineInput(password=True, id="code", max_length=16))
            yield Plain(_(self._notice), id="error")
            yield Horizontal(PushButton(N_("Sign in"), id="enter"), id="buttons")
            if self._people:
                yield Plain(id="people")
        yield KeyLine()

    @staticmethod
    def _row(label: str, entry: LineInput) -> Iterable[Horizontal]:
        yield Horizontal(Plain(label, classes="label"), entry, classes="row")

    def on_mount(self) -> None:
        """Type at once, and keep the demo's codes fresh."""
        self.query_one("#login").focus()
        self._show_people()
        if self._people:
            self.set_interval(_CODES_EVERY, self._show_people)

    def _show_people(self) -> None:
        for place in self.query("#people").results(Plain):
            place.say(list(self._people_lines()))

    def _people_lines(self) -> Iterable[Content]:
        yield styled(_("DEMO: these people are not real. F3 fills in the next one."), "bold $warning")
        heads = (fit(_("Login"), 11), fit(_("Password"), 22), fit(_("Code"), 8), _("Role"))
        yield styled(" ".join(heads), "$secondary")
        for person in self._people:
            yield joined(
                styled(fit(person.login, 11), "bold"),
                " ",
                fit(person.password, 22),
                " ",
                styled(fit(person.code(), 8), "$accent"),
                " ",
                _(person.role_title),
            )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to fill in only where there are demo people."""
        return bool(self._people) if action == "fill" else super().check_action(action, parameters)

    def action_fill(self) -> None:
        """Fill in the next demo person; Enter then signs in."""
        self._filled = (self._filled + 1) % len(self._people)
        person = self._people[self._filled]
        self.query_one("#login", Input).value = person.login
        self.query_one("#password", Input).value = person.password
        self.query_one("#code", Input).value = person.code()
        self.query_one("#enter").focus()

    @on(Input.Submitted, "#login")
    def _to_password(self) -> None:
        self.query_one("#password").focus()

    @on(Input.Submitted, "#password")
    def _to_code(self) -> None:
        self.query_one("#code").focus()

    @on(Input.Submitted, "#code")
    @on(Button.Pressed, "#enter")
    def _try(self) -> None:
        login, password, code = (self.query_one(name, Input) for name in ("#login", "#password", "#code"))
        self.query_one("#error", Plain).say(_("One moment…"))
        self._sign_in(login.value, password.value, code.value)
        code.value = ""

    @work(thread=True, exclusive=True, group="sign-in")
    def _sign_in(self, login: str, password: str, code: str) -> None:
        try:
            session = self._seat.sign_in(login, password, code)
        except Refusal as refusal:
            self.app.call_from_thread(self._refused, render(refusal))
        except Exception as error:  # noqa: BLE001 - a broken store must not end the console with a trace on screen
            self.app.call_from_thread(self._refused, self.app.words_for(error))
        else:
            self.app.call_from_thread(self._entered, session.must_change, password)

    def _refused(self, words: str) -> None:
        self.query_one("#error", Plain).say(words)
        self.query_one("#password", Input).value = ""
        self.query_one("#password").focus()

    def _entered(self, must_change: MustChange | None, password: str) -> None:
        if must_change is None:
            self._let_in()
        else:
            self._change(must_change, password)

    def _let_in(self) -> None:
        # a worker of the app: this screen goes away with all of its own
        self.app.run_worker(self.app.sign_in(person_of(self._seat.session.operator)))

    @work(exclusive=True, group="change")
    async def _change(self, why: MustChange, password: str) -> None:
        def submit(values: dict[str, str]) -> bool:
            if values["new"] != values["again"]:
                raise Refusal(N_("The two new passwords differ."))
            self._seat.change_password(password, values["new"])
            return True

        fields = (
            Field(name="new", label=_("New password"), kind="secret"),
            Field(name="again", label=_("Once more"), kind="secret"),
        )
        changed = await self.app.ask(
            FormDialog(_("New password"), fields, text=_(_WHY_CHANGE[why]), act=N_("Change"), submit=submit)
        )
        if changed:
            self._let_in()
        else:
            self._seat.left(person_of(self._seat.session.operator))
            self._refused(_("The password was not changed, so you are not signed in."))
