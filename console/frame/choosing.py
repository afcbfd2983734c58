"""Choosing one of many: what one types narrows the list, the arrows move in it, Enter chooses."""

import unicodedata
from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

from accesscontrol.messages import N_
from console.frame.dialogs import Dialog
from console.translation import _
from console.widgets.choices import Choice, ChoiceList
from console.widgets.line_input import LineInput
from console.widgets.plain import Plain
from console.widgets.push_button import PushButton

_HIRAGANA, _TO_KATAKANA = range(0x3041, 0x3097), 0x60
_KATAKANA = {point: point + _TO_KATAKANA for point in _HIRAGANA}


def folded(text: str) -> str:
    """Return ``text`` as it is compared: full and half width, upper and lower case, both kana alike."""
    return unicodedata.normalize("NFKC", text).casefold().translate(_KATAKANA)


def matching(choices: Iterable[Choice], typed: str) -> list[Choice]:
    """Return the choices that have every word of ``typed`` in title, help, key or other name."""
    words = folded(typed).split()
    return [
        choice
        for choice in choices
        if all(word in folded(f"{choice.title} {choice.help} {choice.key} {choice.also}") for word in words)
    ]


class ChoosingDialog(Dialog):
    """Finds one of ``choices``; answers its value, or None."""

    SCOPED_CSS = False
    DEFAULT_CSS = """
    ChoosingDialog ChoiceList { height: auto; max-height: 45vh; margin-top: 1; }
    ChoosingDialog.-short ChoiceList { margin-top: 0; }
    ChoosingDialog #contents { overflow-y: hidden; }
    """
    help_text = N_("Type a part of a name. The arrows move, Enter chooses, Esc goes back.")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", N_("Choose"), id="choosing.choose"),
        Binding("down", "move(1)", show=False, priority=True),
        Binding("up", "move(-1)", show=False, priority=True),
        Binding("pagedown", "page(1)", show=False, priority=True),
        Binding("pageup", "page(-1)", show=False, priority=True),
    ]

    def __init__(self, title: str, choices: Sequence[Choice], *, chosen: object = None) -> None:
        super().__init__(title)
        self._choices, self._chosen = choices, chosen

    def contents(self) -> Iterable[Widget]:
        """Show the line to type in and what matches."""
        yield LineInput(placeholder=_("Type a part of the name"))
        yield ChoiceList(self._choices, chosen=self._chosen)
        yield Plain(id="none")

    def buttons(self) -> Iterable[PushButton]:
        """Need none: Enter chooses and Esc goes back."""
        return ()

    def on_mount(self) -> None:
        """Type at once."""
        self.query_one(ChoiceList).can_focus = False
        self.query_one(LineInput).focus()

    @on(Input.Changed)
    def _narrow(self, event: Input.Changed) -> None:
        choices = matching(self._choices, event.value)
        self.query_one(ChoiceList).offer(choices)
        self.query_one("#none", Plain).say("" if choices else _("Nothing has that name."))

    @on(Input.Submitted)
    def action_choose(self) -> None:
        """Answer what is under the cursor."""
        self.query_one(ChoiceList).action_choose()

    def action_move(self, step: int) -> None:
        """Move the cursor while the typing goes on."""
        self.query_one(ChoiceList).action_move(step)

    def action_page(self, direction: int) -> None:
        """Move the cursor by a page while the typing goes on."""
        self.query_one(ChoiceList).action_page(direction)

    @on(ChoiceList.Chosen)
    def _picked(self, event: ChoiceList.Chosen) -> None:
        self.dismiss(event.choice.value)
