"""What a task that reads came to: what is kept of it, and what it gave out, which is kept nowhere."""

from collections.abc import Iterable

from textual.widget import Widget

from accesscontrol.messages import N_
from console import task_words
from console.frame.screen import BaseScreen
from console.translation import _
from console.widgets.details import Details
from registry.tasks.model import Outcome, Task


class ResultScreen(BaseScreen):
    """One run, as long as somebody looks at it."""

    help_title = N_("What a task came to")
    help_text = N_(
        "Above stands what the trail keeps of the run: counts, and no value of a record. Below stands what it gave\n"
        "out for you; that is kept nowhere and is gone when you leave."
    )

    def __init__(self, task: Task, outcome: Outcome) -> None:
        super().__init__()
        self._of, self._outcome = task, outcome

    def body(self) -> Iterable[Widget]:
        """Show one sheet that scrolls."""
        yield Details()

    def load(self) -> None:
        """Lay it out."""
        self.head(_("7 Maintenance"), _(self._of.title))
        sheet = self.query_one(Details)
        sheet.show(task_words.sections(_(self._of.title), self._outcome.evidence, self._outcome.output))
        sheet.focus()
