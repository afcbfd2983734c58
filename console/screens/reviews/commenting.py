"""The one line in which a reviewer says why: filled with what was said last, so that Enter alone repeats it."""

from collections.abc import Iterable, Sequence

from textual import on
from textual.widget import Widget
from textual.widgets import Input

from accesscontrol.reviews.answering import LEAST_COMMENT
from console.frame.dialogs import Dialog
from console.translation import _, ngettext
from console.widgets.line_input import LineInput
from console.widgets.plain import Plain
from console.widgets.push_button import PushButton


class CommentDialog(Dialog):
    """Asks why; answers the words, or None. Enter in the line gives the answer at once."""

    DEFAULT_CSS = "CommentDialog #hint { color: $secondary; }"

    def __init__(self, title: str, text: Sequence[str], *, said: str = "", least: int = LEAST_COMMENT) -> None:
        """``said`` stands in the line already; ``least`` is how many characters are needed."""
        super().__init__(title)
        self._text, self._said, self._least = text, said, least

    def contents(self) -> Iterable[Widget]:
        """Show what is answered and the line for the words."""
        yield Plain(self._text)
        yield LineInput(value=self._said, id="words")
        yield Plain(_("Enter answers: the words stay with the answer."), id="hint")
        yield Plain(id="error", classes="error")

    def buttons(self) -> Iterable[PushButton]:
        """Need none: Enter answers and Esc goes back."""
        return ()

    @on(Input.Submitted, "#words")
    def _written(self, event: Input.Submitted) -> None:
        event.stop()
        words = event.value.strip()
        if len(words) >= self._least:
            self.dismiss(words)
            return
        few = ngettext("Write at least {number} character.", "Write at least {number} characters.", self._least)
        self.query_one("#error", Plain).say(few.format(number=self._least))
