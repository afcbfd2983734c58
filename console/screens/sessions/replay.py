"""Replaying a recording: at any pace, without its idle times, by steps, and to any text that it showed."""

import asyncio
import time
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.widget import Widget

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.sessions.ledger import STATE_TITLES, SessionRow
from accesscontrol.sessions.playback import SPEEDS, Playback
from accesscontrol.sessions.replaying import Event, Timeline, timeline
from accesscontrol.sessions.searching import Hit, search
from accesscontrol.sessions.verifying import Standing, Verdict
from accesscontrol.sessions.viewing import begin_replay
from console.frame.dialogs import ChoiceDialog
from console.frame.screen import BaseScreen
from console.screens.sessions import wording
from console.screens.sessions.search_line import SearchLine
from console.seat import Seat
from console.session_words import clock, verdict_words
from console.text import cells
from console.translation import _
from console.widgets.choices import Choice
from console.widgets.filter_line import FilterLine
from console.widgets.plain import Plain, joined, styled
from console.widgets.recorded_terminal import RecordedTerminal

_FRAME_SECONDS = 0.05
_FRAME_CHARACTERS = 16_384
_LONGEST_FRAME = 0.25  # seconds: a console that was busy longer goes on from where it was
_IDLE_SECONDS = 1.0
_LEAP_SECONDS = 5.0
_RAW_EVENTS = 200


class ReplayScreen(BaseScreen):
    """One recording, played."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "play", N_("Play"), id="replay.play"),
        Binding("left", f"leap(-{_LEAP_SECONDS})", show=False),
        Binding("right", f"leap({_LEAP_SECONDS})", N_("5 s"), key_display="←→", id="replay.leap"),
        Binding("s", "speed", N_("Speed"), id="replay.speed"),
        Binding("i", "idle", N_("Idle"), id="replay.idle"),
        Binding("n", "marker(1)", N_("Step"), id="replay.next"),
        Binding("p", "marker(-1)", N_("Prev. step"), show=False, id="replay.previous"),
        Binding("j", "steps", N_("Steps"), id="replay.steps"),
        Binding("slash", "search", N_("Search"), id="replay.search"),
        Binding("m", "next_hit", N_("Next hit"), show=False, id="replay.hit"),
        Binding("full_stop", "event", N_("One event"), show=False, id="replay.event"),
        Binding("e", "raw", N_("Raw"), id="replay.raw"),
        Binding("home", "go(0.0)", N_("Beginning"), show=False, id="replay.beginning"),
    ]
    DEFAULT_CSS = """
    ReplayScreen #time, ReplayScreen #step { height: 1; padding: 0 1; }
    ReplayScreen #raw { display: none; height: 1fr; padding: 0 1; }
    ReplayScreen.-raw #raw { display: block; }
    ReplayScreen.-raw RecordedTerminal { display: none; }
    """
    help_title = N_("Replay")
    help_text = N_(
        "Space plays and pauses, ← and → go five seconds back and on, s changes the speed, i leaves idle times out.\n"
        "n and p go to the next and the previous step, j lists the steps, / searches what was shown or typed, m goes\n"
        "to the next hit. A full stop plays one event, e shows the events as they were written, Home begins anew.\n"
        "Nothing recorded reaches your terminal: it is drawn cell by cell."
    )

    def __init__(self, seat: Seat, session: SessionRow) -> None:
        super().__init__()
        self._seat, self._session = seat, session
        self._playback: Playback | None = None
        self._verdict: Verdict | None = None
        self._playing = False
        self._hits: list[Hit] = []
        self._raw: deque[Event] = deque(maxlen=_RAW_EVENTS)
        self._idle: float | None = None
        self._speed = 1.0
        self._at: float | None = None  # where it was left; nowhere before it was first opened

    def body(self) -> Iterable[Widget]:
        """Show the recorded screen, the time, and the step."""
        yield RecordedTerminal()
        yield Plain(id="raw")
        yield SearchLine()
        yield Plain(id="step")
        yield Plain(id="time")

    @property
    def _terminal(self) -> RecordedTerminal:
        return self.query_one(RecordedTerminal)

    # -- opening and forgetting -----------------------------------------------------------------------

    def load(self) -> None:
        """Verify and read the recording, if it isn't open."""
        self.head(_("7 Maintenance"), _("Sessions"), self._session.id, aside=_(self._session.title))
        if self._playback is None:
            self.next_step(_("The recording is compared with the trail…"))
            self._open()

    @work(thread=True, exclusive=True, group="open")
    def _open(self) -> None:
        path = self._seat.site.home.recordings / self._session.recording
        try:
            verdict = begin_replay(self._seat.site.store, self._session.id, path, self._seat.acting)
            found = timeline(path)
        except Exception as error:  # noqa: BLE001 - the screen says it
            self.app.call_from_thread(self.why, error)
            return
        self.app.call_from_thread(self._opened, found, verdict)

    def _opened(self, found: Timeline, verdict: Verdict) -> None:
        if self.app.is_locked:
            return
        self._verdict = verdict
        self._playback = Playback(found, speed=self._speed, idle=self._idle)
        self._terminal.begin(found.header.columns, found.header.rows)
        self._terminal.focus()
        if self._at is None:
            self._show_first(self._playback)
        else:
            self._go(self._at)
        self.refresh_bindings()

    def conceal(self) -> None:
        """Close the recording and forget what was shown."""
        super().conceal()
        self._pause()
        self._close()
        self._hits = []
        for line in self.query("#time, #step, #raw").results(Plain):
            line.say("")

    def on_unmount(self) -> None:
        """Close the recording."""
        self._close()

    def _close(self) -> None:
        if self._playback is not None:
            self._at = self._playback.position
            self._playback.close()
            self._playback = None
        self._raw.clear()

    # -- playing --------------------------------------------------------------------------------------

    def why_not(self, action: str) -> str:
        """Say why a key is off."""
        ours = {"play", "leap", "speed", "idle", "marker", "steps", "search", "next_hit", "event", "raw", "go"}
        if action in ours and self._playback is None:
            return _("The recording isn't open.")
        if action in {"marker", "steps"} and self._playback and not self._playback.timeline.markers:
            return _("This recording has no steps.")
        return ""

    def action_play(self) -> None:
        """Play or pause; at the end, begin anew."""
        if self._playback is None:
            return
        if self._playing:
            self._pause()
            self._tell()
        elif self._playback.ended:
            self._go(0.0, play=True)
        else:
            self._play()

    def _pause(self) -> None:
        self._playing = False
        self.workers.cancel_group(self, "play")

    @work(exclusive=True, group="play")
    async def _play(self) -> None:
        playback = self._playback
        self._playing = True
        last = time.monotonic()
        while playback is not None and playback is self._playback and self._playing and not playback.ended:
            self._tell()
            await asyncio.sleep(_FRAME_SECONDS)
            now = time.monotonic()
            passed, last = min(now - last, _LONGEST_FRAME), now
            await self._draw(playback.advance(passed), most=_FRAME_CHARACTERS)
        self._playing = False
        self._tell()

    async def _draw(self, events: Iterator[Event], *, most: int = 0) -> None:
        try:
            await self._terminal.draw(self._noted(events), most=most)
        except Refusal as refusal:  # somebody changes the file while it is shown
            self._close()
            self.why(refusal)

    def _noted(self, events: Iterator[Event]) -> Iterator[Event]:
        for event in events:
            self._raw.append(event)
            yield event

    def _go(self, at: float, *, play: bool = False) -> None:
        self._pause()
        self._rebuild(at, play)

    @work(exclusive=True, group="play")
    async def _rebuild(self, at: float, play: bool) -> None:  # noqa: FBT001 - a worker's own argument
        playback = self._playback
        if playback is None:
            return
        header = playback.timeline.header
        self._terminal.begin(header.columns, header.rows)
        self._raw.clear()
        await self._draw(playback.seek(at))
        self._tell()
        if not playback.whole(at):
            self.next_step(_("Of a long recording the screen is drawn from its last part."))
        if play:
            self._play()

    # -- telling --------------------------------------------------------------------------------------

    def _tell(self) -> None:
        playback = self._playback
        if playback is None:
            return
        found, at = playback.timeline, playback.position
        mark = "▶" if self._playing else "■" if playback.ended else "‖"
        idle = "  " + _("idle left out") if playback.idle else ""
        left = f"{mark} {clock(at)} / {clock(found.duration)}  {playback.speed:g}x{idle}  "
        line = self.query_one("#time", Plain)
        bar = wording.time_bar(at, found.duration, found.markers, line.size.width - cells(left) - 3)
        line.say(joined(styled(left, "bold"), bar))
        self._tell_step(found, at)
        if self.has_class("-raw"):
            raw = self.query_one("#raw", Plain)
            events = list(self._raw)[-max(1, raw.size.height) :]
            raw.say([wording.raw_line(event, raw.size.width - 2) for event in events])
        self._tell_worth(ended=playback.ended)

    def _tell_step(self, found: Timeline, at: float) -> None:
        passed = [each for each in found.markers if each.at <= at]
        words = _("step {number} of {count}").format(number=len(passed), count=len(found.markers))
        label = wording.step_words(passed[-1].data) if passed else ""
        self.query_one("#step", Plain).say(joined(styled(f"{words}  ", "$secondary"), label) if found.markers else "")

    def _tell_worth(self, *, ended: bool) -> None:
        verdict = self._verdict
        if verdict is None:
            return
        if verdict.standing is not Standing.INTACT:
            self.why(" ".join(verdict_words(verdict)))
        elif ended and self._playback is not None:
            self.done(_("The end: {state}.").format(state=_(STATE_TITLES[self._session.state])))
        else:
            self.next_step(_("The trail vouches for every byte of it."))

    # -- keys -----------------------------------------------------------------------------------------

    def action_leap(self, seconds: float) -> None:
        """Go some seconds back or on."""
        if self._playback is not None:
            self._go(self._playback.position + seconds, play=self._playing)

    def action_go(self, at: float) -> None:
        """Go to a moment."""
        self._go(at, play=self._playing)

    def action_speed(self) -> None:
        """Play at the next speed, after the last at the first."""
        if self._playback is not None:
            self._speed = SPEEDS[(SPEEDS.index(self._speed) + 1) % len(SPEEDS)]
            self._playback.speed = self._speed
            self._tell()

    def action_idle(self) -> None:
        """Leave idle times out, or play them again."""
        if self._playback is not None:
            self._idle = None if self._idle else _IDLE_SECONDS
            self._playback.idle = self._idle
            self._tell()

    def action_marker(self, step: int) -> None:
        """Go to the next or the previous step."""
        if self._playback is None:
            return
        at = self._playback.position
        markers = [each.at for each in self._playback.timeline.markers]
        ahead = [each for each in markers if each > at] if step > 0 else [each for each in markers if each < at][::-1]
        if ahead:
            self._go(ahead[0], play=self._playing)

    @work(exclusive=True, group="act")
    async def action_steps(self) -> None:
        """List the steps and go to the one that is chosen."""
        if self._playback is None:
            return
        markers = self._playback.timeline.markers
        choices = [Choice(f"{clock(each.at)}  {wording.step_words(each.data)}", each.at) for each in markers]
        at = await self.app.ask(ChoiceDialog(_("Steps"), choices))
        if at is not None:
            self._go(at)

    def action_event(self) -> None:
        """Play one event and wait."""
        if self._playback is not None and not self._playback.ended:
            self._pause()
            self._one(self._playback)

    @work(exclusive=True, group="play")
    async def _one(self, playback: Playback) -> None:
        await self._draw(playback.step())
        self._tell()

    @work(exclusive=True, group="play")
    async def _show_first(self, playback: Playback) -> None:
        """Begin with the first frame on which something stands, however long nothing was shown before it."""
        while playback is self._playback and not playback.ended and not self._terminal.text.strip():
            await self._draw(playback.step())
        self._tell()

    def action_raw(self) -> None:
        """Show the events as they were written, or the screen."""
        self.toggle_class("-raw")
        self.call_after_refresh(self._tell)

    def action_search(self) -> None:
        """Type what to search for."""
        self._pause()
        self.query_one(SearchLine).open()

    @on(FilterLine.Asked)
    def _asked(self, event: FilterLine.Asked) -> None:
        if event.text and self._playback is not None:
            self._search(self._playback.timeline, event.text)

    @on(FilterLine.Closed)
    def _keys_back(self) -> None:
        self._terminal.focus()

    @work(thread=True, exclusive=True, group="search")
    def _search(self, found: Timeline, text: str) -> None:
        try:
            hits = list(search(found, text))
        except Refusal as refusal:
            self.app.call_from_thread(self.why, refusal)
        else:
            self.app.call_from_thread(self._found, hits)

    def _found(self, hits: list[Hit]) -> None:
        self._hits = hits
        if hits:
            self.action_next_hit()
        else:
            self.why(_("It was never shown or typed."))

    def action_next_hit(self) -> None:
        """Go to the next place where the text was found, after the last to the first."""
        if self._playback is None or not self._hits:
            return
        at = self._playback.position
        number = next((number for number, hit in enumerate(self._hits) if hit.at > at), 0)
        hit: Any = self._hits[number]
        self._go(hit.at)
        self.position(_("hit {number} of {count}").format(number=number + 1, count=len(self._hits)))
