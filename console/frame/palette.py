"""Every act by name: type a part of it, press Enter."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from accesscontrol.messages import N_
from console.frame.choosing import ChoosingDialog
from console.frame.commands import Command
from console.translation import _
from console.widgets.choices import Choice


class PaletteDialog(ChoosingDialog):
    """Finds a command; answers it, or None."""

    help_title = N_("Commands")
    help_text = N_("Type a part of a command's name. The arrows move, Enter runs it, Esc goes back.")
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "choose", N_("Run"), id="palette.run")]

    def __init__(self, commands: Sequence[Command]) -> None:
        choices = [Choice(each.title, each, each.help, each.key, each.also) for each in commands]
        super().__init__(_("Commands"), choices)
