"""Help for what has the focus: what it is for, and the keys that work there."""

from collections.abc import Iterable
from typing import Any, Protocol, runtime_checkable

from textual.binding import ActiveBinding
from textual.screen import Screen
from textual.widget import Widget

from accesscontrol.messages import N_
from console.frame.dialogs import Dialog
from console.frame.lines import key_name
from console.text import fit, safe_text
from console.translation import _
from console.widgets.plain import Plain, joined, styled
from console.widgets.push_button import PushButton

_KEY_WIDTH = 10


@runtime_checkable
class Helpable(Protocol):
    """A widget or screen that can explain itself; both are msgids, the text one paragraph a line."""

    help_title: str
    help_text: str


def helpable(screen: Screen[Any]) -> Helpable | None:
    """Return the nearest thing around the focus of ``screen`` that has something to say."""
    start = screen.focused or screen
    for node in start.ancestors_with_self:
        if isinstance(node, Helpable) and node.help_text:
            return node
    return None


class HelpDialog(Dialog):
    """Shows the help of one thing and the keys that worked where it was asked."""

    DEFAULT_CSS = "HelpDialog #keys { margin-top: 1; }"

    def __init__(self, about: Helpable | None, keys: Iterable[ActiveBinding]) -> None:
        super().__init__(_(about.help_title) if about and about.help_title else _("Help"))
        self._about = about
        self._keys = list(keys)

    def contents(self) -> Iterable[Widget]:
        """Show the paragraphs, then the keys."""
        if self._about is not None:
            yield Plain(_(self._about.help_text).split("\n"))
        yield Plain([self._row(active) for active in self._unique()] or "", id="keys")

    def buttons(self) -> Iterable[PushButton]:
        """Offer the way back."""
        yield PushButton(N_("Back"), id="safe")

    def _unique(self) -> Iterable[ActiveBinding]:
        seen: set[str] = set()
        for active in self._keys:
            if active.binding.description and active.binding.action not in seen and active.binding.show:
                seen.add(active.binding.action)
                yield active

    def _row(self, active: ActiveBinding) -> Any:
        words = active.tooltip or active.binding.tooltip or active.binding.description
        return joined(styled(fit(key_name(active.binding), _KEY_WIDTH), "bold $accent"), safe_text(words))
