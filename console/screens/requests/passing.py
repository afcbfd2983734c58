"""Values that somebody may see for a while: a dialog that closes by itself, and at once when the console locks."""

from collections.abc import Iterable, Mapping

from textual.widget import Widget

from console.frame.dialogs import Dialog
from console.widgets.plain import Plain


class PassingDialog(Dialog):
    """Shows ``values`` by their labels for so many seconds."""

    def __init__(self, title: str, values: Mapping[str, str], seconds: float) -> None:
        super().__init__(title)
        self._values, self._seconds = values, seconds

    def contents(self) -> Iterable[Widget]:
        """Show each value."""
        yield Plain([f"{label}: {value}" for label, value in self._values.items()])

    def on_mount(self) -> None:
        """Begin to count."""
        self.set_timer(self._seconds, self.action_safe)
