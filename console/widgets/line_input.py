"""One line of typing."""

from collections.abc import Callable
from typing import Any, ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.widget import Widget
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

    # priority: a key that follows at once must not still fall into this line, where a password would be read
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "onward", show=False, priority=True),
        Binding("enter", "submit", show=False),
    ]

    def __init__(self, *, onward: Callable[[], Widget | None] | None = None, **attributes: Any) -> None:
        """``onward`` tells where Enter leads; where it tells nothing, Enter submits what is written."""
        super().__init__(select_on_focus=False, **attributes)
        self.cursor_blink = False
        self.onward = onward

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Take Enter only where it leads on."""
        if action == "onward":
            return self.onward is not None and self.onward() is not None
        return super().check_action(action, parameters)

    def action_onward(self) -> None:
        """Lead on, from the very next key on."""
        self.screen.set_focus(self.onward() if self.onward else None)

    def _on_paste(self, event: events.Paste) -> None:
        """Take all lines of what is pasted, as one: half a statement would be another statement."""
        event.prevent_default()
        event.stop()
        self.replace(" ".join(event.text.splitlines()), *self.selection)
