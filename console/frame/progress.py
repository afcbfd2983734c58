"""Long work with its count, its pace, the time it took and will take, and a way to stop it."""

import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from textual import on, work
from textual.app import App
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button

from accesscontrol.messages import N_
from console.frame.dialogs import Dialog
from console.text.sizes import size_words
from console.translation import _
from console.widgets.plain import Plain, joined, styled
from console.widgets.push_button import PushButton

_BAR = 40  # cells


LOOK = "look"
"""The name of a thread that only looks, and that may be left behind."""

STOPPED = N_("It was stopped at the screen.")
"""Why a work that was cancelled ended: what it leaves behind in a ledger."""


class Cancelled(Exception):  # noqa: N818 - the person's wish, not an error
    """The person asked to stop; raised by :meth:`Progress.report` inside the work."""


class Progress:
    """What the work tells, from its own thread."""

    def __init__(self) -> None:
        self.done, self.total = 0, 0
        self.step = ""  # already translated
        self._stop = threading.Event()

    @property
    def is_cancelled(self) -> bool:
        """Whether the person asked to stop."""
        return self._stop.is_set()

    def cancel(self) -> None:
        """Ask the work to stop at its next report."""
        self._stop.set()

    def report(self, done: int, total: int = 0, step: str = "") -> None:
        """Tell how far the work is (``total`` 0: unknown); raises Cancelled if the person asked to stop."""
        self.done, self.total, self.step = done, total, step or self.step
        if self.is_cancelled:
            raise Cancelled(STOPPED)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the work ended: a value, an error (a Refusal or another), or cancelled."""

    value: Any = None
    error: Exception | None = None
    cancelled: bool = False


class ProgressDialog(Dialog):
    """Runs ``task`` in a thread and answers its :class:`Outcome`; a lock hides it and lets it run."""

    survives_lock = True
    DEFAULT_CSS = "ProgressDialog #bar { margin-top: 1; }"

    def __init__(
        self,
        title: str,
        task: Callable[[Progress], Any],
        *,
        cancellable: bool = True,
        sizes: bool = False,
        only_looks: bool = False,
    ) -> None:
        """``sizes`` says that the work counts bytes; ``only_looks`` that it changes nothing, so that it can be left.

        Such work is left at once, also where it hangs, as on a file server that is gone; its thread ends by itself.
        """
        super().__init__(title)
        self._job, self._cancellable, self._sizes, self._only_looks = task, cancellable, sizes, only_looks
        self.progress = Progress()
        self._seconds = 0.0
        self._stage: tuple[str, int] = ("", 0)  # what is counted at present, since when, and from where
        self._stage_began = 0.0

    def contents(self) -> Iterable[Widget]:
        """Show the step, the bar, and the numbers."""
        yield Plain(id="step")
        yield Plain(id="bar")
        yield Plain(id="numbers")

    def buttons(self) -> Iterable[PushButton]:
        """Offer to stop, where that is safe."""
        if self._cancellable:
            yield PushButton(N_("Stop"), id="stop")

    def on_mount(self) -> None:
        """Start."""
        self.set_interval(0.25, self._beat)
        self._draw()
        if self._only_looks:  # neither the pool of threads nor the program's end waits for one that hangs
            threading.Thread(target=self._look, args=(self.app,), name=LOOK, daemon=True).start()
        else:
            self._work()

    def _beat(self) -> None:
        self._seconds += 0.25
        self._draw()

    def _draw(self) -> None:
        done, total = self.progress.done, self.progress.total
        self.query_one("#step", Plain).say(self.progress.step)
        filled = min(_BAR, _BAR * done // total) if total else 0
        self.query_one("#bar", Plain).say(
            joined(styled("█" * filled, "$accent"), styled("░" * (_BAR - filled), "$border"))
        )
        count = f"{self._shown(done)} / {self._shown(total)}" if total else self._shown(done)
        elapsed = str(timedelta(seconds=int(self._seconds)))
        words = _("{count}   {elapsed} elapsed").format(count=count, elapsed=elapsed) + self._pace(done, total)
        stopping = Content("   " + _("stopping…")) if self.progress.is_cancelled else Content("")
        self.query_one("#numbers", Plain).say(joined(words, stopping))

    def _shown(self, number: float) -> str:
        return size_words(number) if self._sizes else f"{number:,.0f}"

    def _pace(self, done: int, total: int) -> str:
        """Return how fast the present stage goes and how long it still takes, once that can be told."""
        if self._stage != (self.progress.step, total):
            self._stage, self._stage_began = (self.progress.step, total), self._seconds
        took = self._seconds - self._stage_began
        if took < 1 or not 0 < done < total:
            return ""
        left = timedelta(seconds=int((total - done) * took / done))
        return "   " + _("{rate}/s   {left} left").format(rate=self._shown(done / took), left=left)

    @work(thread=True, exclusive=True, group="task")
    def _work(self) -> None:
        self.app.call_from_thread(self.dismiss, self._outcome())

    def _look(self, app: App[Any]) -> None:
        outcome = self._outcome()
        with suppress(RuntimeError):  # the program has ended meanwhile
            app.call_from_thread(self._looked, outcome)

    def _looked(self, outcome: Outcome) -> None:
        if not self.progress.is_cancelled:
            self.dismiss(outcome)

    def _outcome(self) -> Outcome:
        try:
            return Outcome(value=self._job(self.progress))
        except Cancelled:
            return Outcome(cancelled=True)
        except Exception as error:  # noqa: BLE001 - handed to the screen, which says it
            return Outcome(error=error)

    def action_safe(self) -> None:
        """Ask the work to stop, where that is safe; the dialog closes when it has, or at once where it only looks."""
        if not self._cancellable or self.progress.is_cancelled:
            return
        self.progress.cancel()
        self._draw()
        if self._only_looks:
            self.dismiss(Outcome(cancelled=True))

    @on(Button.Pressed, "#stop")
    def _stop(self) -> None:
        self.action_safe()
