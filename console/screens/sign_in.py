"""The first screen: login, password and code; in the demo city also who there is, with their present codes."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Input

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from console.doorway import Doorway
from console.frame.lines import KeyLine, PlaceLine
from console.frame.lock import LanguageSwitch
from console.frame.site import DemoPerson
from console.text import fit
from console.translation import _
from console.widgets.line_input import LineInput
from console.widgets.plain import Plain, joined, styled
from console.widgets.push_button import PushButton

if TYPE_CHECKING:
    from accesscontrol.people.session import MustChange
    from console.seat import Seat

_ENTRIES = ("#login", "#password", "#code")
_CODES_EVERY = 1.0  # seconds
_OPEN_AFTER = 0.1  # seconds; by then the screen has been drawn


class SignInScreen(LanguageSwitch):
    """Lets a person in by two factors (AC-AUT-01)."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,f1", "app.help", N_("Help"), id="frame.help"),
        Binding("f10", "app.quit", N_("Quit"), id="frame.quit"),
        # priority: an Enter typed ahead must find the focus where this leads, not lead on in the empty line before it
        Binding("f3", "fill", N_("Fill in"), id="sign-in.fill", priority=True),
        Binding("f4", "key", N_("Finger"), id="sign-in.key"),
    ]
    DEFAULT_CSS = """
    SignInScreen { background: $background; align: center middle; overflow: hidden; }
    SignInScreen #box { width: 76; max-width: 100%; height: auto; padding: 0 2; }
    SignInScreen #title { text-style: bold; margin-bottom: 1; }
    SignInScreen .row { height: 1; }
    SignInScreen .label { width: 14; color: $secondary; }
    SignInScreen LineInput, SignInScreen LineInput:focus { width: 30; }
    SignInScreen #error { color: $warning; height: auto; min-height: 2; max-height: 4; }
    SignInScreen #buttons { height: 1; margin-top: 1; }
    SignInScreen #people { margin-top: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    .-short #title, .-short #error, .-short #buttons, .-short #people { margin: 0; }
    """
    help_title = N_("Sign in")
    help_text = N_(
        "Enter your login, your password and the present code of your authenticator, or press F4 instead of a code\n"
        "and put your finger on the security key that is plugged in.\n"
        "F2 switches the language. After several failures the login is locked and a colleague must open it.\n"
        "In the demo city F3 fills in the next person of the list."
    )

    def __init__(self, doorway: Doorway, people: Sequence[DemoPerson] = (), *, notice: str = "") -> None:
        super().__init__()
        self._doorway, self._people, self._notice = doorway, people, notice
        self._filled = -1
        self._codes = [""] * len(people)
        self._awaited: DemoPerson | None = None  # whose next code goes in as soon as it comes
        self._trouble: Exception | None = None  # why the site can't be opened

    def compose(self) -> ComposeResult:
        """Ask for the three, and show the demo people where there are any."""
        yield PlaceLine()
        with Vertical(id="box"):
            yield Plain(_("Sign in"), id="title")
            yield from self._row(
                _("Login"), LineInput(id="login", max_length=64, onward=partial(self._unfilled, *_ENTRIES[1:]))
            )
            yield from self._row(
                _("Password"), LineInput(password=True, id="password", onward=partial(self._unfilled, _ENTRIES[2]))
            )
            yield from self._row(_("Code"), LineInput(password=True, id="code", max_length=16))
            yield Plain(self.app.words_for(self._trouble) if self._trouble else _(self._notice), id="error")
            yield Horizontal(PushButton(N_("Sign in"), id="enter"), id="buttons")
            if self._people:
                yield Plain(list(self._people_lines()), id="people")
        yield KeyLine()

    @staticmethod
    def _row(label: str, entry: LineInput) -> Iterable[Horizontal]:
        yield Horizontal(Plain(label, classes="label"), entry, classes="row")

    def on_mount(self) -> None:
        """Type at once; meanwhile the site is opened, and the demo's codes are kept fresh."""
        self.query_one("#login").focus()
        if self._people:
            self.set_interval(_CODES_EVERY, self._renew_codes)
        self.set_timer(_OPEN_AFTER, self._open)

    @work(thread=True, group="open")
    def _open(self) -> None:
        try:
            seat = self._doorway.seat()
        except Exception as error:  # noqa: BLE001 - a broken site must not end the console with a trace on screen
            self.app.call_from_thread(self._not_opened, error)
        else:
            self.app.call_from_thread(self._opened, seat)

    def _opened(self, seat: "Seat") -> None:
        self._trouble, self.app.parting = None, ""
        self.app.site = replace(self.app.site, terminal=seat.terminal_name)
        for line in self.query(PlaceLine):
            line.refresh()
        self._renew_codes()

    def _not_opened(self, error: Exception) -> None:
        self._trouble, self.app.parting = error, self.app.words_for(error)
        self._say(self.app.parting)

    def _say(self, words: str) -> None:
        self.query_one("#error", Plain).say(words)

    def _renew_codes(self) -> None:
        codes = [self._code_of(person) or self._wait_of(person) for person in self._people]
        if codes != self._codes:
            self._codes = codes
            self.query_one("#people", Plain).say(list(self._people_lines()))
        self._fill_awaited()

    def _people_lines(self) -> Iterable[Content]:
        yield styled(_("DEMO: these people are not real. F3 fills in the next one."), "bold $warning")
        heads = (fit(_("Login"), 11), fit(_("Password"), 20), fit(_("Code"), 7), _("Role"))
        yield styled(" ".join(heads), "$secondary")
        for person, code in zip(self._people, self._codes, strict=True):
            yield joined(
                styled(fit(person.login, 11), "bold"),
                " ",
                fit(person.password, 20),
                " ",
                styled(fit(code, 7), "$accent"),
                " ",
                _(person.role_title),
            )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to fill in only where there are demo people."""
        return bool(self._people) if action == "fill" else super().check_action(action, parameters)

    def _code_of(self, person: DemoPerson) -> str:
        return self._doorway.seat().demo_code(person.login) if self._doorway.is_open else ""

    def _wait_of(self, person: DemoPerson) -> str:
        wait = self._doorway.seat().demo_wait(person.login) if self._doorway.is_open else 0
        return _("in {seconds} s").format(seconds=wait) if wait else ""

    def _fill_code(self, person: DemoPerson) -> None:
        """Fill in a code that was not used yet; where there is none, say when it comes, and fill it in then."""
        code = self.query_one("#code", Input).value = self._code_of(person)
        if not code:
            words = _("Every code of {login} was used; the next comes in {seconds} s.")
            self._say(words.format(login=person.login, seconds=self._doorway.seat().demo_wait(person.login)))
        elif self._awaited is not None:
            self._say("")
        self._awaited = None if code else person

    def _fill_awaited(self) -> None:
        """Go on waiting for a code, unless somebody typed something else meanwhile."""
        person, login, code = self._awaited, self.query_one("#login", Input).value, self.query_one("#code", Input).value
        if person is not None and (login != person.login or code):
            self._awaited = None
        elif person is not None:
            self._fill_code(person)

    async def action_fill(self) -> None:
        """Fill in the next demo person; Enter then signs in. Keys typed before the site is open wait their turn."""
        if not self._doorway.is_open:
            self._say(_("One moment…"))
            try:
                self._opened(await asyncio.to_thread(self._doorway.seat))
            except Exception as error:  # noqa: BLE001 - as above
                self._not_opened(error)
                return
            self._say(_(self._notice))
        self._filled = (self._filled + 1) % len(self._people)
        person = self._people[self._filled]
        self.query_one("#login", Input).value = person.login
        self.query_one("#password", Input).value = person.password
        self._fill_code(person)
        self.set_focus(self.query_one("#enter"))  # at once, so that an Enter typed ahead finds it

    def _unfilled(self, *names: str) -> Input | None:
        entries = (self.query_one(name, Input) for name in names)
        return next((entry for entry in entries if not entry.value), None)

    @on(Input.Submitted)
    @on(Button.Pressed, "#enter")
    def _try(self) -> None:
        """Go to what is still to be filled in; when all is, sign in."""
        if unfilled := self._unfilled(*_ENTRIES):  # the code also at a second Enter, while the first is still at work
            self.set_focus(unfilled)
            return
        login, password, code = (self.query_one(name, Input) for name in _ENTRIES)
        self._awaited = None
        self._say(_("One moment…"))
        self._sign_in(login.value, password.value, code.value)
        code.value = ""

    def action_key(self) -> None:
        """Sign in with a finger on the security key instead of a code."""
        if unfilled := self._unfilled("#login", "#password"):
            self.set_focus(unfilled)
            return
        login, password = (self.query_one(name, Input) for name in ("#login", "#password"))
        self._say(_("Touch the security key with your finger."))
        self._sign_in(login.value, password.value, "")

    @work(thread=True, exclusive=True, group="sign-in")
    def _sign_in(self, login: str, password: str, code: str) -> None:
        try:
            seat = self._doorway.seat()
        except Exception as error:  # noqa: BLE001 - as above
            self.app.call_from_thread(self._not_opened, error)
            return
        try:
            session = seat.sign_in(login, password, code)
        except Exception as error:  # noqa: BLE001 - a broken store must not end the console with a trace on screen
            self.app.call_from_thread(self._refused, self.app.words_for(error))
        else:
            self.app.call_from_thread(self._entered, session.must_change, password)

    def _refused(self, words: str) -> None:
        self._say(words)
        self.query_one("#password", Input).value = ""
        self.query_one("#password").focus()

    def _entered(self, must_change: "MustChange | None", password: str) -> None:
        if must_change is None:
            self._let_in()
        else:
            self._change(must_change, password)

    def _let_in(self) -> None:
        # a worker of the app: this screen goes away with all of its own
        self.app.run_worker(self.app.sign_in(self._doorway.seat().person))

    @work(exclusive=True, group="change")
    async def _change(self, why: "MustChange", password: str) -> None:
        from accesscontrol.people.session import MUST_CHANGE_TITLES
        from console.frame.forms import Field, FormDialog
        from console.sign_in_rules import password_advice

        seat = self._doorway.seat()

        def submit(values: dict[str, str]) -> bool:
            if values["new"] != values["again"]:
                raise Refusal(N_("The two new passwords differ."))
            seat.change_password(password, values["new"])
            return True

        fields = (
            Field(name="new", label=_("New password"), kind="secret"),
            Field(name="again", label=_("Once more"), kind="secret"),
        )
        text = [_(MUST_CHANGE_TITLES[why]), password_advice(seat.site.policy.passwords)]
        changed = await self.app.ask(FormDialog(_("New password"), fields, text=text, act=N_("Change"), submit=submit))
        if changed:
            self._let_in()
        else:
            seat.left(seat.person)
            self._refused(_("The password was not changed, so you are not signed in."))
