"""Watching a running session as its second person, who can have it stopped at once."""

import asyncio
from collections.abc import Iterable
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.widget import Widget

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.sessions import ledger
from accesscontrol.sessions.following import Follower
from accesscontrol.sessions.ledger import STATE_TITLES, SessionRow, State
from accesscontrol.sessions.replaying import EXIT, MARKER, Event
from accesscontrol.sessions.watching import Watch
from console import early_end
from console.frame.dialogs import ConfirmDialog
from console.frame.screen import BaseScreen
from console.retelling import retold
from console.screens.sessions.beside import apart
from console.screens.sessions.wording import step_words
from console.seat import Seat
from console.translation import _, ngettext
from console.widgets.plain import Plain, joined, styled
from console.widgets.recorded_terminal import RecordedTerminal

_LOOK_SECONDS = 0.1
_ASIDE = N_("You see it and may stop it (x), but you have another part in its request: someone else must be present.")


class LiveScreen(BaseScreen):
    """One session while it runs, by the watch of the person who proved both factors for it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("x", "stop", N_("Stop it"), id="live.stop")]
    DEFAULT_CSS = "LiveScreen #step { height: 1; padding: 0 1; }"
    help_title = N_("Watching a session")
    help_text = N_(
        "You see what passes in the session, a moment after it was recorded. x stops it at once and for good.\n"
        "As long as this screen stands you are present; when you leave it, or when the screen locks, you are not, and\n"
        "a session that needs its second person waits for a short time and then ends."
    )

    def __init__(self, seat: Seat, session: SessionRow, watch: Watch) -> None:
        super().__init__()
        self._seat, self._session, self._watch = seat, session, watch
        self._follower: Follower | None = None
        self._step = ""

    def body(self) -> Iterable[Widget]:
        """Show the session's screen and its step."""
        yield RecordedTerminal()
        yield Plain(id="step")

    def load(self) -> None:
        """Follow the session's recording."""
        self.head(_("7 Maintenance"), _("Sessions"), self._session.id, aside=_(self._session.title))
        self.query_one(RecordedTerminal).focus()
        if not self._watch.holds:
            self.why(_("You no longer count as present. Go back, and watch anew with your two factors."))
        elif self._follower is None:
            self._follow()

    def conceal(self) -> None:
        """Leave: whoever locked the screen watches nothing."""
        super().conceal()
        self._close("locked")

    def on_unmount(self) -> None:
        """Whoever leaves this screen is no longer present."""
        self._close("left")

    def _counts(self) -> bool:
        """Tell whether the person here is the second person that the session needs, or needs none."""
        row = self._session
        return not row.moderated or self._watch.watcher.staff_number not in apart(self._seat.site.store, row)

    def _close(self, reason: str) -> None:
        self._watch.leave(reason)
        if self._follower is not None:
            self._follower.close()
            self._follower = None

    def why_not(self, action: str) -> str:
        """Say why there is nothing to stop."""
        if action == "stop" and not self._watch.holds:
            return _("You no longer count as present.")
        if action == "stop" and self._session.state is not State.RUNNING:
            return _("It has ended.")
        return ""

    # -- following ------------------------------------------------------------------------------------

    @work(exclusive=True, group="follow")
    async def _follow(self) -> None:
        terminal = self.query_one(RecordedTerminal)
        try:
            follower = Follower(self._seat.site.home.recordings / self._session.recording)
        except Refusal as refusal:
            self.why(refusal)
            return
        self._follower = follower
        terminal.begin(follower.header.columns, follower.header.rows)
        self.next_step(_("You are present. x stops the session at once.") if self._counts() else _(_ASIDE))
        try:
            await self._show(follower, terminal)
        except Refusal as refusal:  # somebody changes the file while it is shown
            self.why(refusal)

    async def _show(self, follower: Follower, terminal: RecordedTerminal) -> None:
        while follower is self._follower:
            events = follower.read()
            if events:
                await terminal.draw(events)
                self._tell(events)
            elif self._has_ended():
                return
            else:
                await asyncio.sleep(_LOOK_SECONDS)

    def _tell(self, events: list[Event]) -> None:
        steps = [event.data for event in events if event.code == MARKER]
        self._step = steps[-1] if steps else self._step
        skipped = self._follower.skipped if self._follower else 0
        left_out = ""
        if skipped:
            words = ngettext("{bytes} byte left out, to keep up", "{bytes} bytes left out, to keep up", skipped)
            left_out = "  " + words.format(bytes=f"{skipped:,}")
        self.query_one("#step", Plain).say(joined(step_words(self._step), styled(left_out, "$warning")))
        if any(event.code == EXIT for event in events):
            self._has_ended()

    def _has_ended(self) -> bool:
        """Tell whether the ledger says that the session is over, and say how it ended."""
        self._session = row = ledger.get(self._seat.site.store, self._session.id)
        if row.state is State.RUNNING:
            return False
        words = _("The session is over: {state}.").format(state=_(STATE_TITLES[row.state]))
        words = f"{words} {retold(row.reason)}" if row.reason else words
        (self.done if row.state is State.ENDED else self.why)(words)
        self.refresh_bindings()
        return True

    # -- stopping -------------------------------------------------------------------------------------

    @work(exclusive=True, group="act")
    async def action_stop(self) -> None:
        """Have the session stopped."""
        question = ConfirmDialog(
            _("Stop {id}?").format(id=self._session.id),
            [_("Everything that it runs is ended at once. It can't go on by this request.")],
            act=N_("Stop it"),
        )
        if not await self.app.ask(question):
            return
        self.next_step(_("The session is told to stop…"))
        self._stop()

    @work(thread=True, exclusive=True, group="stop")
    def _stop(self) -> None:
        reason = N_("stopped by the person who watched")
        try:
            end = early_end.stop(self._seat.site, self._session, self._watch.watcher, reason=reason)
        except Exception as error:  # noqa: BLE001 - said at the screen
            self.app.call_from_thread(self.why, error)
        else:
            self.app.call_from_thread(self.done if end.refused_there is not False else self.why, end.words)

    async def action_back(self) -> None:
        """Go back; ask first while the session needs its second person."""
        if self._session.moderated and self._watch.holds and self._session.state is State.RUNNING:
            self.app.run_worker(self._leave(), exclusive=True, group="leave")  # not a worker of the screen that goes
        else:
            await super().action_back()

    async def _leave(self) -> None:
        question = ConfirmDialog(
            _("Leave {id}?").format(id=self._session.id),
            [_("It needs its second person: without you it waits for a short time and then ends.")],
            act=N_("Leave"),
        )
        if await self.app.ask(question) and self.app.screen is self:
            await super().action_back()
