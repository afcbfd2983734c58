"""What can be done with the row under the cursor, as a menu offers it and as the palette finds it by name."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from console.frame.dialogs import ChoiceDialog
from console.frame.screen import BaseScreen
from console.widgets.choices import Choice


@dataclass(frozen=True, slots=True)
class Entry:
    """One act: its name and what to know of it, in the reader's language; ``do`` returns what was done in words."""

    title: str
    do: Callable[[], Awaitable[str]]
    help: str = ""


async def choose(screen: BaseScreen, title: str, entries: Sequence[Entry]) -> str:
    """Let a person pick one of ``entries``, do it, and return what was done; Esc does nothing."""
    dialog = ChoiceDialog(title, [Choice(each.title, each, each.help) for each in entries])
    chosen: Entry | None = await screen.app.ask(dialog)
    return "" if chosen is None else await chosen.do()
