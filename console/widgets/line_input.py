"""One line of typing."""

from typing import Any

from textual.widgets import Input


class LineInput(Input):
    """An input of one line height; letters act on nothing while it has the focus."""

    DEFAULT_CSS = """
    LineInput, LineInput:focus { border: none; height: 1; padding: 0 1; background: $panel; color: $foreground; }
    LineInput:focus { background: $row-cursor; background-tint: $foreground 0%; }
    LineInput > .input--placeholder { color: $foreground 40%; }
    """

    def __init__(self, **attributes: Any) -> None:
        super().__init__(select_on_focus=False, **attributes)
        self.cursor_blink = False
