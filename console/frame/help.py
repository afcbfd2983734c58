"""Help for what has the focus: what it is for, and the keys that work there."""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol, runtime_checkable

from textual.binding import ActiveBinding
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget

from accesscontrol.messages import N_
from console.frame.dialogs import Dialog
from console.frame.lines import key_name, ordered
from console.text import cells, fit
from console.translation import _
from console.widgets.plain import Plain, joined, styled
from console.widgets.push_button import PushButton

_KEY_WIDTH = 10
_ENDS = ".:;!?。：；！？）"  # how a sentence ends; a line that ends otherwise goes on in the next


@runtime_checkable
class Helpable(Protocol):
    """A widget or screen that can explain itself; both are msgids, the text one paragraph a line."""

    help_title: str
    help_text: str


def helpables(screen: Screen[Any]) -> list[Helpable]:
    """Return what has something to say around the focus of ``screen``: the screen first, the focus last."""
    chain = (screen.focused or screen).ancestors_with_self
    return [node for node in reversed(chain) if isinstance(node, Helpable) and node.help_text]


def paragraphs(text: str) -> list[str]:
    """Return the lines of ``text``; one that ends inside a sentence is joined with the next, to be broken anew."""
    found: list[str] = []
    for line in text.split("\n"):
        if found and found[-1] and found[-1][-1] not in _ENDS:
            found[-1] += line if cells(found[-1][-1]) > 1 else f" {line}"
        else:
            found.append(line)
    return found


class HelpDialog(Dialog):
    """Shows the help of one thing and the keys that worked where it was asked."""

    DEFAULT_CSS = "HelpDialog .about { margin-bottom: 1; }"

    def __init__(self, about: Sequence[Helpable], keys: Iterable[ActiveBinding]) -> None:
        super().__init__(_("Help"))
        self._about, self._keys = about, ordered(keys)

    def contents(self) -> Iterable[Widget]:
        """Show the paragraphs, then the keys."""
        for thing in self._about:
            title = [styled(_(thing.help_title), "bold $accent")] if thing.help_title else []
            yield Plain([*title, *paragraphs(_(thing.help_text))], classes="about")
        yield Plain([_row(active) for active in self._keys], id="keys")

    def buttons(self) -> Iterable[PushButton]:
        """Offer the way back."""
        yield PushButton(N_("Back"), id="safe")


def _row(active: ActiveBinding) -> Content:
    words = active.tooltip or active.binding.tooltip or active.binding.description
    return joined(styled(fit(key_name(active.binding), _KEY_WIDTH), "bold $accent"), words)
