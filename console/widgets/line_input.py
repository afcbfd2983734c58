"""One line of typing."""

from typing import Any

from textual.widgets import Input


class LineInput(Input, inherit_css=False):
    """An input of one line height; letters act on nothing while it has the focus. All its looks stand here."""

    COMPONENT_CLASSES = Input.COMPONENT_CLASSES
    DEFAULT_CSS = """
    LineInput, LineInput:focus { width: 100%; height: 1; padding: 0 1; border: none; background: $panel;
        color: $foreground; overflow: auto hidden; scrollbar-size: 0 0; }
    LineInput:focus { background: $row-cursor; background-tint: $foreground 0%; }
    LineInput > .input--placeholder { color: $foreground 40%; }
    LineInput > .input--cursor { background: $input-cursor-background; color: $input-cursor-foreground; }
    LineInput > .input--selection { background: $input-selection-background; color: $input-selection-foreground; }
    """

    def __init__(self, **attributes: Any) -> None:
        super().__init__(select_on_focus=False, **attributes)
        self.cursor_blink = False
