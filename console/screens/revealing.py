"""Lists with masked names, of which one at a time is shown in full for a while, after the trail says to whom."""

from typing import Any

from textual.timer import Timer

from accesscontrol.refusals import Refusal
from console import custody
from console.screens.views import ViewsScreen
from console.seat import Seat
from console.text import mask
from console.translation import ngettext


class RevealingScreen(ViewsScreen):
    """A place whose key ``reveal`` shows one name. Override ``subject_of``."""

    def __init__(self, seat: Seat) -> None:
        self._seat = seat
        self._revealed = ""
        self._timer: Timer | None = None
        super().__init__()

    def subject_of(self, row: Any) -> str:
        """Return how the trail names the person of ``row``, or nothing for a row without a person."""
        del row
        return ""

    def _shown_name(self, subject: str, name: str) -> str:
        return name if subject == self._revealed else mask(name)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the name only where the row has one."""
        if action == "reveal" and not self.subject_of(self.row if self.is_attached else None):
            return False
        return super().check_action(action, parameters)

    def action_reveal(self) -> None:
        """Write into the trail who asks for a name, and only then show it, for as long as the settings allow."""
        subject = self.subject_of(self.row)
        if not subject:
            return
        try:
            custody.reveal_name(self._seat.site, subject, self._seat.acting)
        except Refusal as refusal:
            self.why(refusal)
            return
        self._hide_name()
        self._revealed = subject
        seconds = self._seat.site.policy.unmasked.total_seconds()
        self._timer = self.set_timer(seconds, self._hide_name)
        self.split.details.focus()
        self.split.add_class("-opened")
        self.explain_again()
        words = ngettext(
            "The name is shown for {seconds} second; the trail says to whom.",
            "The name is shown for {seconds} seconds; the trail says to whom.",
            int(seconds),
        )
        self.done(words.format(seconds=int(seconds)))

    def _hide_name(self) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._revealed, self._timer = "", None
        self.explain_again()

    def conceal(self) -> None:
        """Hide the name with everything else."""
        self._hide_name()
        super().conceal()
