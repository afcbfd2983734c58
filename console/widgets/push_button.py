"""A button of one line."""

from typing import Any

from textual.content import Content
from textual.widgets import Button

from console.text import safe_text
from console.translation import _


class PushButton(Button, inherit_css=False):
    """A button drawn in one line: ``[ Back ]``. ``label`` is a msgid."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    PushButton, PushButton:hover { border: none; background: transparent; color: $foreground; min-width: 0; width: auto;
        height: 1; padding: 0; margin: 0 2 0 0; text-style: none; }
    PushButton:focus { background: $row-cursor; color: $foreground; text-style: bold; background-tint: $foreground 0%; }
    PushButton:disabled { color: $foreground 40%; }
    """

    def __init__(self, label: str, **attributes: Any) -> None:
        super().__init__(Content(f"[ {safe_text(_(label))} ]"), compact=True, **attributes)
        self.active_effect_duration = 0  # no flash: it is drawn twice, and a second press during it would be lost
