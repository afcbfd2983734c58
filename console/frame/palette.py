"""Every act by name: type a part of it, press Enter."""

import unicodedata
from collections.abc import Iterable, Sequence

from textual import on
from textual.binding import Binding
from textual.widget import Widget
from textual.widgets import Input

from accesscontrol.messages import N_
from console.frame.commands import Command
from console.frame.dialogs import Dialog
from console.translation import _
from console.widgets.choices import Choice, ChoiceList
from console.widgets.line_input import LineInput
from console.widgets.plain import Plain
from console.widgets.push_button import PushButton


def folded(text: str) -> str:
    """Return ``text`` as it is compared: full and half width, upper and lower case alike."""
    return unicodedata.normalize("NFKC", text).casefold()


def matching(commands: Iterable[Command], typed: str) -> list[Command]:
    """Return the commands that have every word of ``typed`` in title, help, key or other name."""
    words = folded(typed).split()
    return [
        command
        for command in commands
        if all(word in folded(f"{command.title} {command.help} {command.key} {command.also}") for word in words)
    ]


class PaletteDialog(Dialog):
    """Finds a command; answers it, or None."""

    SCOPED_CSS = False
    DEFAULT_CSS = """
    PaletteDialog ChoiceList { height: auto; max-height: 45vh; margin-top: 1; }
    PaletteDialog.-short ChoiceList { margin-top: 0; }
    PaletteDialog #contents { overflow-y: hidden; }
    """
    help_title = N_("Commands")
    help_text = N_("Type a part of a command's name. The arrows move, Enter runs it, Esc goes back.")
    BINDINGS = [  # noqa: RUF012 - Textual's convention
        Binding("enter", "choose", N_("Run"), id="palette.run"),
        Binding("down", "move(1)", show=False, priority=True),
        Binding("up", "move(-1)", show=False, priority=True),
    ]

    def __init__(self, commands: Sequence[Command]) -> None:
        super().__init__(_("Commands"))
        self._commands = commands

    def contents(self) -> Iterable[Widget]:
        """Show the line to type in and what matches."""
        yield LineInput(placeholder=_("Type a part of the name"))
        yield ChoiceList(self._choices(""))
        yield Plain(id="none")

    def buttons(self) -> Iterable[PushButton]:
        """Need none: Enter runs and Esc goes back."""
        return ()

    def on_mount(self) -> None:
        """Type at once."""
        self.query_one(ChoiceList).can_focus = False
        self.query_one(LineInput).focus()

    def _choices(self, typed: str) -> list[Choice]:
        return [Choice(found.title, found, found.help, found.key) for found in matching(self._commands, typed)]

    @on(Input.Changed)
    def _narrow(self, event: Input.Changed) -> None:
        choices = self._choices(event.value)
        self.query_one(ChoiceList).offer(choices)
        self.query_one("#none", Plain).say("" if choices else _("Nothing has that name."))

    @on(Input.Submitted)
    def action_choose(self) -> None:
        """Run what is under the cursor."""
        self.query_one(ChoiceList).action_choose()

    def action_move(self, step: int) -> None:
        """Move the cursor while the typing goes on."""
        self.query_one(ChoiceList).action_move(step)

    @on(ChoiceList.Chosen)
    def _chosen(self, event: ChoiceList.Chosen) -> None:
        self.dismiss(event.choice.value)
