"""Forms: labelled fields with their errors below them, and a dialog around one.

``Form.read()`` checks every field and returns the values by name, or shows what is wrong, focuses the first
such field and returns None. ``FormDialog`` asks, and may hand the values to ``submit``, which runs in a
thread and may refuse: the refusal is shown and the person can mend the form.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar, Literal

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Button, Input

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from console.dates import parse_date, short_era_date
from console.frame.dialogs import ChoiceDialog, Dialog
from console.text import cells, fit
from console.translation import _, render
from console.widgets.choices import Choice
from console.widgets.line_input import LineInput
from console.widgets.plain import Plain, joined, styled
from console.widgets.push_button import PushButton

_NARROWEST_LABEL, _WIDEST_LABEL = 17, 30  # cells


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One question. ``label`` and ``hint`` are already translated.

    ``hint`` may be a function where the words change by themselves, as the present code of the demo does.
    ``kind``: ``text`` and ``secret`` give ``str``, ``date`` gives a ``date`` (None when left empty),
    ``choice`` the chosen Choice's value. ``check`` returns what is wrong with a value, or an empty string.
    """

    name: str
    label: str
    kind: Literal["text", "secret", "date", "choice"] = "text"
    initial: Any = ""
    required: bool = True
    hint: str | Callable[[], str] = ""
    choices: Sequence[Choice] = ()
    check: Callable[[Any], str] | None = None

    @property
    def advice(self) -> str:
        """The hint as it reads now."""
        return self.hint() if callable(self.hint) else self.hint


class ChoiceField(Widget, can_focus=True):
    """Shows the chosen value; left and right change it, Enter lists all."""

    DEFAULT_CSS = """
    ChoiceField { height: 1; padding: 0 1; background: $panel; }
    ChoiceField:focus { background: $row-cursor; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "turn(-1)", show=False),
        Binding("right", "turn(1)", show=False),
        Binding("enter,space", "list", N_("Choose"), id="choice.list"),
    ]
    at = reactive(0)

    class Listed(Message):
        """Someone wants to see all choices."""

        def __init__(self, field: "ChoiceField") -> None:
            super().__init__()
            self.field = field

    def __init__(self, choices: Sequence[Choice], chosen: object, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.choices = list(choices)
        self.choose(chosen)

    @property
    def value(self) -> Any:
        """The value of the choice that is shown."""
        return self.choices[self.at].value if self.choices else None

    def choose(self, value: object) -> None:
        """Show the choice of ``value``, or the first."""
        self.at = next((at for at, choice in enumerate(self.choices) if choice.value == value), 0)

    def render(self) -> Content:
        """Draw the value between arrows."""
        title = self.choices[self.at].title if self.choices else ""
        return joined(styled("◂ ", "$secondary"), title, styled(" ▸", "$secondary"))

    def action_turn(self, step: int) -> None:
        """Show the next or the previous choice."""
        self.at = (self.at + step) % max(1, len(self.choices))

    def action_list(self) -> None:
        """List all choices."""
        self.post_message(self.Listed(self))


class FieldRow(Vertical):
    """One field with its label and what is wrong with it."""

    DEFAULT_CSS = """
    FieldRow { height: auto; }
    FieldRow > Horizontal { height: 1; }
    FieldRow .label { color: $secondary; }
    FieldRow LineInput, FieldRow ChoiceField { width: 1fr; }
    FieldRow .note { color: $foreground 50%; }
    FieldRow .note.-wrong { color: $warning; }
    """

    def __init__(self, field: Field, room: int) -> None:
        """``room`` is how many cells the label has, with the space behind it."""
        super().__init__()
        self.field = field
        self._room = room
        self._note = Plain(field.advice, classes="note")
        self._wrong = ""
        self.entry: LineInput | ChoiceField = (
            ChoiceField(field.choices, field.initial)
            if field.kind == "choice"
            else LineInput(value=_as_typed(field.initial), password=field.kind == "secret")
        )

    def compose(self) -> ComposeResult:
        """Put label and entry on one line, the note below."""
        with Horizontal():
            label = Plain(fit(self.field.label, self._room - 1), classes="label")
            label.styles.width = self._room
            yield label
            yield self.entry
        self._note.styles.margin = (0, 0, 0, self._room)
        yield self._note

    def on_mount(self) -> None:
        """Take no room for an empty note, and keep a hint that changes true."""
        self.complain("")
        if callable(self.field.hint):
            self.set_interval(1.0, self._advise)

    def complain(self, wrong: str) -> None:
        """Say what is wrong, or show the hint again."""
        self._wrong = wrong
        self._note.set_class(bool(wrong), "-wrong")
        self._advise()

    def _advise(self) -> None:
        words = f"! {self._wrong}" if self._wrong else self.field.advice
        self._note.display = bool(words)
        self._note.say(words)

    def read(self) -> Any:
        """Return the value; raise Refusal if it cannot be one."""
        if isinstance(self.entry, ChoiceField):
            value: Any = self.entry.value
        else:
            value = self.entry.value if self.field.kind == "secret" else self.entry.value.strip()
            if not value and self.field.required:
                raise Refusal(N_("Fill this in."))
            if self.field.kind == "date":
                value = parse_date(value) if value else None
        wrong = self.field.check(value) if self.field.check else ""
        if wrong:
            raise Refusal("{wrong}", wrong=wrong)
        return value

    def conceal(self) -> None:
        """Forget a secret that was typed."""
        if self.field.kind == "secret" and isinstance(self.entry, LineInput):
            self.entry.value = ""

    @property
    def is_touched(self) -> bool:
        """Whether the person changed it."""
        if isinstance(self.entry, ChoiceField):
            return bool(self.entry.choices) and self.entry.value != self.field.initial
        return self.entry.value != _as_typed(self.field.initial)


def _as_typed(initial: Any) -> str:
    return short_era_date(initial) if hasattr(initial, "isoformat") else str(initial or "")


def _to(entry: Widget) -> Callable[[], Widget]:
    return lambda: entry


class Form(Vertical):
    """Several fields, one below the other; Enter goes to the next and after the last asks to submit."""

    DEFAULT_CSS = "Form { height: auto; }"

    class Submitted(Message):
        """Enter was pressed in the last field."""

    def __init__(self, fields: Sequence[Field], **attributes: Any) -> None:
        super().__init__(**attributes)
        room = min(_WIDEST_LABEL, max([_NARROWEST_LABEL, *(cells(field.label) for field in fields)])) + 1
        self.rows = [FieldRow(field, room) for field in fields]
        self._followers = dict(pairwise(row.entry for row in self.rows))
        for entry, follower in self._followers.items():
            if isinstance(entry, LineInput):
                entry.onward = _to(follower)

    def compose(self) -> ComposeResult:
        """Show the fields."""
        yield from self.rows

    @property
    def is_touched(self) -> bool:
        """Whether anything was typed that leaving would lose."""
        return any(row.is_touched for row in self.rows)

    def read(self) -> dict[str, Any] | None:
        """Return the values by name, or show what is wrong and return None."""
        values: dict[str, Any] = {}
        wrong: dict[str, str] = {}
        for row in self.rows:
            try:
                values[row.field.name] = row.read()
            except Refusal as refusal:
                wrong[row.field.name] = render(refusal)
        wrong = wrong or self._spilt(values)
        self.complain(wrong)
        return None if wrong else values

    def _spilt(self, values: dict[str, Any]) -> dict[str, str]:
        """Say which texts hold a secret of this form, typed into the wrong line: texts are kept for ever."""
        secrets = [values[row.field.name] for row in self.rows if row.field.kind == "secret"]
        texts = [row for row in self.rows if row.field.kind == "text"]
        spilt = [row for row in texts if any(secret and secret in values[row.field.name] for secret in secrets)]
        return {row.field.name: _("A password or code stands in here. Take it out.") for row in spilt}

    def complain(self, wrong: dict[str, str]) -> None:
        """Show what is wrong by field name (translated), and focus the first such field."""
        for row in self.rows:
            row.complain(wrong.get(row.field.name, ""))
        first = next((row for row in self.rows if row.field.name in wrong), None)
        if first is not None:
            first.entry.focus()

    @on(Input.Submitted)
    def _ended(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Submitted())

    @on(ChoiceField.Listed)
    @work(exclusive=True, group="choices")
    async def _list(self, event: ChoiceField.Listed) -> None:
        field = event.field
        row = next(row for row in self.rows if row.entry is field)
        chosen = await self.app.push_screen_wait(ChoiceDialog(row.field.label, field.choices, chosen=field.value))
        if chosen is None:
            return
        field.choose(chosen)
        if field in self._followers:
            self.screen.set_focus(self._followers[field])  # Enter leads on, as in the other fields
        else:
            self.post_message(self.Submitted())


class FormDialog(Dialog):
    """Asks the questions of ``fields``; answers what ``submit`` returns, or the values, or None."""

    survives_lock = True  # what was typed stays, secrets excepted
    DEFAULT_CSS = """
    FormDialog #text { margin-bottom: 1; }
    FormDialog > #box > #contents { max-height: 50vh; }
    FormDialog #error { min-height: 1; max-height: 3; }
    """

    def __init__(
        self,
        title: str,
        fields: Sequence[Field],
        *,
        text: str | Content | Sequence[str | Content] = "",
        act: str = N_("Go on"),
        submit: Callable[[dict[str, Any]], Any] | None = None,
    ) -> None:
        """``act`` is the msgid on the button; ``submit`` runs in a thread and may raise Refusal."""
        super().__init__(title)
        self._text, self._act, self._submit = text, act, submit
        self._form = Form(fields)
        self._at_work = False  # whether what was asked for is being done: it can't be called off any more

    def contents(self) -> Iterable[Widget]:
        """Show the text and the fields."""
        if self._text:
            yield Plain(self._text, id="text")
        yield self._form

    def notice(self) -> Iterable[Widget]:
        """Keep a refusal in sight, however long the form is."""
        yield Plain(id="error", classes="error")

    def buttons(self) -> Iterable[PushButton]:
        """Offer the way back first."""
        yield PushButton(N_("Back"), id="safe")
        yield PushButton(self._act, id="act")

    @on(Form.Submitted)
    def _to_the_button(self) -> None:
        self.query_one("#act").focus()

    @on(Button.Pressed, "#act")
    def _go_on(self) -> None:
        values = None if self._at_work else self._form.read()
        if values is None:
            return
        if self._submit is None:
            self.dismiss(values)
            return
        self._at_work = True
        self.query_one("#error", Plain).say(_("One moment…"))
        self._hand_in(values, self._submit)

    @work(thread=True, exclusive=True, group="submit")
    def _hand_in(self, values: dict[str, Any], submit: Callable[[dict[str, Any]], Any]) -> None:
        try:
            answer = submit(values)
        except Exception as error:  # noqa: BLE001 - a Refusal is said; any other leaves a trace and its number
            self.app.call_from_thread(self._refused, error)
        else:
            self.app.call_from_thread(self.dismiss, values if answer is None else answer)

    def action_safe(self) -> None:
        """Go back, unless the answer is still to come: it would be lost."""
        if self._at_work:
            self.query_one("#error", Plain).say(_("Wait a moment: it is being done, and the answer is still to come."))
        else:
            super().action_safe()

    def _refused(self, error: Exception) -> None:
        self._at_work = False
        self.query_one("#error", Plain).say(self.app.words_for(error))
        for row in self._form.rows:
            row.conceal()
        self._form.rows[0].entry.focus()
