"""The list of sessions, those that run first: watch, stop, replay, verify."""

from collections.abc import Hashable, Iterable, Iterator
from typing import Any, ClassVar

from textual import work
from textual.binding import Binding, BindingType

from accesscontrol.messages import N_
from accesscontrol.sessions import ledger
from accesscontrol.sessions.ledger import STATE_TITLES, SessionRow, State
from accesscontrol.sessions.verifying import Verdict, verify
from accesscontrol.sessions.viewing import VIEWERS
from console.frame.progress import Outcome, ProgressDialog
from console.screens.people_words import name_of
from console.screens.sessions import wording
from console.screens.sessions.beside import stopping_dialog, watching_dialog
from console.screens.sessions.live import LiveScreen
from console.screens.sessions.replay import ReplayScreen
from console.screens.views import Part, View, ViewsScreen
from console.seat import Seat
from console.session_words import STANDINGS
from console.translation import _
from console.widgets.details import Section
from console.widgets.rows import Column

_MOST = 100_000  # decades of them
_BROKEN = frozenset({State.STOPPED, State.CUT, State.FAILED, State.INTERRUPTED})


class SessionsScreen(ViewsScreen):
    """Every controlled session of this site."""

    place_title = N_("Sessions")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "replay", N_("Replay"), id="sessions.replay"),
        Binding("w", "watch", N_("Watch"), id="sessions.watch"),
        Binding("x", "stop", N_("Stop"), id="sessions.stop"),
        Binding("v", "verify", N_("Verify"), id="sessions.verify"),
    ]
    help_title = N_("Sessions")
    help_text = N_(
        "Every controlled session, those that run first. p replays a recording, v compares it with the trail.\n"
        "w lets the second person watch a running session: at this screen with their own two factors, or you yourself\n"
        "if it isn't your session. x stops a running session at once."
    )

    def __init__(self, seat: Seat) -> None:
        self._seat = seat
        self._verdicts: dict[str, Verdict] = {}
        super().__init__()

    def views(self) -> Iterable[View[Any]]:
        """Return the one list."""
        site = self._seat.site
        zone = site.zone

        def read() -> Iterator[SessionRow]:
            yield from sorted(ledger.listed(site.store, limit=_MOST), key=lambda each: each.state is not State.RUNNING)

        def explain(row: SessionRow) -> list[Section]:
            return wording.explain(site.store, row, zone, self._verdicts.get(row.id))

        yield View(
            title=N_("Sessions"),
            columns=(
                Column(title=N_("Session"), show=lambda each: each.id, width=11),
                Column(title=N_("Began"), show=lambda each: f"{each.opened_at.astimezone(zone):%m-%d %H:%M}", width=11),
                Column(title=N_("What"), show=lambda each: _(each.title), width=10, grow=3),
                Column(title=N_("State"), show=wording.state_cell, width=12, grow=2),
                Column(
                    title=N_("Executor"), show=lambda each: name_of(site.store, each.executor), width=10, from_width=70
                ),
            ),
            read=read,
            key=lambda each: each.id,
            words=lambda each: f"{each.id} {each.request} {_(each.title)} {each.host} {_(STATE_TITLES[each.state])}",
            explain=explain,
            parts=(
                Part(N_("running"), lambda each: each.state is State.RUNNING),
                Part(N_("broken off"), lambda each: each.state in _BROKEN),
            ),
            empty=N_("There was no session yet."),
            hint=N_("p replays the recording, v compares it with the trail."),
        )

    def advise(self, row: SessionRow | None) -> None:
        """Say what can be done with the session under the cursor."""
        if row is not None and row.state is State.RUNNING:
            self.next_step(_("It runs. w watches it, x stops it at once."))
        else:
            super().advise(row)

    def advised_by(self, row: SessionRow) -> Hashable:
        """Advise anew on a session that has ended meanwhile."""
        return row.id, row.state

    def head(self, *crumbs: str, aside: str = "") -> None:
        """Show that this list belongs to the maintenance."""
        super().head(_("7 Maintenance"), *crumbs, aside=aside)

    def why_not(self, action: str) -> str:
        """Say why a key is off."""
        row: SessionRow | None = self.row
        if action not in {"replay", "watch", "stop", "verify"}:
            return super().why_not(action)
        if row is None:
            return _("There is no session here.")
        if action in {"watch", "stop"} and row.state is not State.RUNNING:
            return _("It has ended.")
        if action == "replay" and not self._seat.roles & VIEWERS:
            return _("Your role doesn't see recordings.")
        return ""

    def action_replay(self) -> None:
        """Replay the recording."""
        if (row := self.row) is not None:
            self.app.push_screen(ReplayScreen(self._seat, row))

    # -- watching and stopping ------------------------------------------------------------------------

    @work(exclusive=True, group="act")
    async def action_watch(self) -> None:
        """Let the second person in, and show them the session."""
        if (row := self.row) is None:
            return
        watch = await self.app.ask(watching_dialog(self._seat, row))
        if watch is not None:
            self.app.push_screen(LiveScreen(self._seat, row, watch))

    @work(exclusive=True, group="act")
    async def action_stop(self) -> None:
        """Have a running session stopped, with a reason."""
        if (row := self.row) is None:
            return
        said = await self.app.ask(stopping_dialog(self._seat, row))
        if said:
            self.done(said)
            self.split.table.reload()

    # -- verifying ------------------------------------------------------------------------------------

    @work(exclusive=True, group="act")
    async def action_verify(self) -> None:
        """Compare the recording with the trail."""
        if (row := self.row) is None:
            return
        site = self._seat.site
        dialog = ProgressDialog(
            _("The recording is compared with the trail…"),
            lambda _progress: verify(site.store, row.id, site.home.recordings / row.recording),
            cancellable=False,
        )
        outcome: Outcome = await self.app.ask(dialog)
        if outcome.error is not None:
            self.why(outcome.error)
            return
        verdict: Verdict = outcome.value
        self._verdicts[row.id] = verdict
        (self.done if verdict.sound else self.why)(_(STANDINGS[verdict.standing]))
        self.explain_again()
