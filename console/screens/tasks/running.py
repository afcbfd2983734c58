"""A maintenance task while it runs: its recorded screen, its step and time, and a second person who may stop it."""

import threading
import time
from collections.abc import Iterable
from datetime import timedelta
from typing import ClassVar, Final

from textual import work
from textual.binding import Binding, BindingType
from textual.widget import Widget

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.requests import gate
from accesscontrol.requests.reading import Request
from accesscontrol.requests.states import TITLES, State
from accesscontrol.sessions import ledger, watching
from accesscontrol.sessions.following import Follower
from accesscontrol.sessions.ledger import STATE_TITLES, SessionRow
from accesscontrol.sessions.ledger import State as SessionState
from accesscontrol.sessions.replaying import MARKER
from accesscontrol.sessions.watching import Watch
from console.frame.dialogs import ConfirmDialog
from console.frame.screen import BaseScreen
from console.maintenance_sessions import asking
from console.retelling import retold
from console.screens.sessions.beside import stopping_dialog, watching_dialog
from console.screens.sessions.wording import step_words
from console.screens.tasks.awaiting import SecondPerson
from console.seat import Seat
from console.translation import _, ngettext
from console.widgets.details import Details
from console.widgets.plain import Plain, joined, styled
from console.widgets.recorded_terminal import RecordedTerminal

_LOOK_SECONDS: Final = 0.1
_ANSWER_SECONDS: Final = 0.2
_LOOKS_A_SECOND: Final = 10


class RunningScreen(BaseScreen):
    """Executes one approved request of a maintenance task, once, and stays until its end."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("w", "watch", N_("2nd person"), id="running.watch"),
        Binding("x", "stop", N_("Stop it"), id="running.stop"),
    ]
    DEFAULT_CSS = """
    RunningScreen #step { height: 1; padding: 0 1; }
    RunningScreen Details { display: none; }
    RunningScreen.-awaiting Details { display: block; }
    RunningScreen.-awaiting RecordedTerminal { display: none; }
    """
    help_title = N_("A task that runs")
    help_text = N_(
        "You see what is recorded of the session while the task runs. A task that needs its second person waits until\n"
        "they sign at this screen (w) or watch from another. x lets a second person stop it at once: what is not\n"
        "committed is taken back. The screen stays until the task has ended."
    )

    def __init__(self, seat: Seat, request: Request) -> None:
        super().__init__()
        self._seat, self._request = seat, request
        self._title = seat.site.desk.kind(request.kind).title
        self._session: SessionRow | None = None
        self._follower: Follower | None = None
        self._watch: Watch | None = None
        self._second: SecondPerson | None = None
        self._looks = 0
        self._step, self._count = "", (0, 0)
        self._began, self._ended = time.monotonic(), 0.0

    @property
    def goes_on(self) -> bool:
        """Tell whether the task has not ended yet."""
        return not self._ended

    def body(self) -> Iterable[Widget]:
        """Show the session's screen, or whom it waits for, and its step with the time."""
        yield RecordedTerminal()
        yield Details()
        yield Plain(id="step")

    def on_mount(self) -> None:
        """Begin, and look on."""
        self.set_interval(_LOOK_SECONDS, self._look)
        self._execute()

    def load(self) -> None:
        """Say where one is."""
        self.head(_("7 Maintenance"), self._request.id, aside=_(self._title))
        self.query_one(RecordedTerminal).focus()

    def unsaved(self) -> bool:
        """Leaving the console now would break the task off."""
        return self.goes_on

    async def action_back(self) -> None:
        """Stay as long as it runs."""
        if self.goes_on:
            self.why(_("It still runs. x lets a second person stop it."))
        else:
            await super().action_back()

    def why_not(self, action: str) -> str:
        """Say why nobody can watch or stop it here."""
        if action not in {"watch", "stop"}:
            return ""
        if not self.goes_on:
            return _("It has ended.")
        if self._session is None:
            return _("Its session has not begun yet.")
        if action == "watch" and self._watch is not None and self._watch.holds:
            return _("The second person is present.")
        return ""

    def conceal(self) -> None:
        """Whoever stands before a locked screen sees nothing, and so is not present."""
        super().conceal()
        self._leave("locked")

    def on_unmount(self) -> None:
        """Let go of everything."""
        self._leave("left")
        if self._follower is not None:
            self._follower.close()

    def _leave(self, reason: str) -> None:
        if self._watch is not None:
            self._watch.leave(reason)

    # -- executing ------------------------------------------------------------------------------------

    @work(thread=True, exclusive=True, group="execute")
    def _execute(self) -> None:
        try:
            with asking(self._confirmed):
                done = gate.execute(
                    self._seat.site.desk, self._request.id, self._seat.acting, progress=self._progressed
                )
        except Exception as error:  # noqa: BLE001 - said at the screen
            self.app.call_from_thread(self._fell, error)
        else:
            self.app.call_from_thread(self._came, done)

    def _progressed(self, done: int, total: int) -> None:
        self._count = (done, total)

    def _confirmed(self, sql: str, rows: int) -> bool:
        """Ask whoever executes, from the thread of the task, whether the rows may be committed."""
        asked = ConfirmDialog(
            ngettext("Commit {rows} row?", "Commit {rows} rows?", rows).format(rows=f"{rows:,}"),
            [sql, "", _("The statement has run inside its transaction. Without your yes all of it is taken back.")],
            act=N_("Commit"),
        )
        answers: list[bool] = []
        answered = threading.Event()

        async def ask() -> None:
            try:
                answers.append(bool(await self.app.ask(asked)))
            finally:
                answered.set()

        self.app.call_from_thread(self.run_worker, ask(), group="confirm")
        while not answered.wait(_ANSWER_SECONDS):
            if self._session is not None and watching.stop_asked(self._seat.site.store, self._session.id):
                self.app.call_from_thread(asked.action_safe)
                return False
        return answers == [True]

    def _came(self, done: Request) -> None:
        self._request = done
        self._end()
        evidence = (done.performance.evidence if done.performance else None) or {}
        if done.state is State.DONE:
            words = _("{id} is done. Its recording: {session}").format(id=done.id, session=evidence.get("session", "-"))
            self.done(words)
        else:
            self.why(self._ending() or self._failure(done.state, evidence.get("reason", "?")))

    def _failure(self, state: State, reason: object) -> str:
        return _("{state}: {reason}").format(state=_(TITLES[state]), reason=retold(str(reason)))

    def _ending(self) -> str:
        """Say how the session was ended from outside, or nothing."""
        if self._session is None:
            return ""
        row = ledger.get(self._seat.site.store, self._session.id)
        if row.state in {SessionState.ENDED, SessionState.FAILED}:
            return ""
        words = _("Session {id} is over ({state}): {reason}")
        return words.format(id=row.id, state=_(STATE_TITLES[row.state]), reason=retold(row.reason))

    def _fell(self, error: Exception) -> None:
        self._end()
        self.why(error)

    def _end(self) -> None:
        self._ended = time.monotonic()
        self._await(nobody_came=False)
        self._leave("ended")
        self.call_later(self._look)
        self.refresh_bindings()

    # -- looking on -----------------------------------------------------------------------------------

    async def _look(self) -> None:
        """Show what was recorded since the last look, where the task is, and how long it has taken."""
        if self.app.is_locked:
            return
        if self._session is None:
            self._find()
        if self._second is not None and self.goes_on:
            self._see(self._second)
        if self._follower is not None:
            try:
                while events := self._follower.read():
                    steps = [event.data for event in events if event.code == MARKER]
                    if steps and not self._step and self.goes_on:
                        self.next_step(_("It runs. x lets a second person stop it at once."))
                    if steps:
                        self._await(nobody_came=False)
                    self._step = steps[-1] if steps else self._step
                    await self.query_one(RecordedTerminal).draw(events)
            except Refusal as refusal:  # somebody changes the file while it is shown
                self.why(refusal)
                self._follower = None
        self._draw()

    def _find(self) -> None:
        """Find the session of this request, once it has begun, and its recording."""
        site = self._seat.site
        found = ledger.listed(site.store, request=self._request.id)
        if not found:
            return
        try:
            follower = Follower(site.home.recordings / found[0].recording)
        except Refusal:  # its first line is not written yet
            return
        self._session, self._follower = found[0], follower
        self.query_one(RecordedTerminal).begin(follower.header.columns, follower.header.rows)
        self.refresh_bindings()
        if not self.goes_on:  # it was over before anybody looked; what came of it stands there already
            return
        if found[0].moderated:
            self._second = SecondPerson(site, found[0])
            self.next_step(_("It waits for its second person: w lets them sign here."))
        else:
            self.next_step(_("It runs. x lets a second person stop it at once."))

    def _see(self, second: SecondPerson) -> None:
        """Say once a second who is present; as long as nobody came yet, show who may come and how."""
        self._looks += 1
        if self._looks % _LOOKS_A_SECOND != 1:
            return
        if second.look():
            if second.left:
                self.why(_("The second person has left. It waits a moment for them, and then ends."))
            else:
                self.next_step(
                    _("{names} sees what is done. x stops it at once.").format(names=", ".join(second.names))
                )
        if not second.came:
            self.query_one(Details).show(second.sections(), from_top=False)
        self._await(nobody_came=not second.came)

    def _await(self, *, nobody_came: bool) -> None:
        """Show the list of who may come instead of the session's empty screen, or that screen again."""
        if self.has_class("-awaiting") != nobody_came:
            self.set_class(nobody_came, "-awaiting")
            self.query_one(Details if nobody_came else RecordedTerminal).focus()

    def _draw(self) -> None:
        done, total = self._count
        elapsed = timedelta(seconds=int((self._ended or time.monotonic()) - self._began))
        counted = f"{done:,} / {total:,}" if total else f"{done:,}" if done else ""
        parts = [f"{elapsed}", counted, step_words(self._step)]
        self.query_one("#step", Plain).say(joined(styled("  ".join(filter(None, parts)), "$secondary")))

    # -- the second person ----------------------------------------------------------------------------

    @work(exclusive=True, group="act")
    async def action_watch(self) -> None:
        """Let the second person sign that they are present, at this screen."""
        if self._session is not None:
            watch = await self.app.ask(watching_dialog(self._seat, self._session))
            if watch is not None:
                self._watch = watch
                self.refresh_bindings()
                self.next_step(_("The second person is present. x stops the session at once."))

    @work(exclusive=True, group="act")
    async def action_stop(self) -> None:
        """Let a second person stop it at once."""
        if self._session is not None:
            said = await self.app.ask(stopping_dialog(self._seat, self._session))
            if said and self.goes_on:
                self.done(said)
