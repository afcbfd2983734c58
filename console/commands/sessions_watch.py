"""``sekisho sessions watch``: a second person sees a session while it runs, is present by it, and can stop it."""

import json
import os
import select
import sys
import time
from collections.abc import Iterator
from io import UnsupportedOperation

import click

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.sessions import ledger, watching
from accesscontrol.sessions.following import Follower
from accesscontrol.sessions.ledger import STATE_TITLES, SessionRow, State
from accesscontrol.sessions.watching import Watch
from console import early_end
from console.commands.context import Context, PersonOption, pass_context, person_option
from console.commands.output import json_option, refusals_spoken, say, say_aside
from console.commands.transcript import Line, Transcript, written
from console.translation import _
from console.wiring import Installation

_LOOK_SECONDS = 0.1
_BEGIN_SECONDS = 5.0
_WORD = "stop "


@click.command("watch")
@click.argument("session")
@person_option
@json_option
@pass_context
@refusals_spoken
def watch(context: Context, session: str, person: PersonOption, *, as_json: bool) -> None:
    """Watch SESSION while it runs, line by line; you count as present until it ends or you leave with Ctrl+C.

    A typed line "stop REASON" ends the session at once. With --json each line is one JSON object.
    """
    site = context.site
    row = ledger.get(site.store, session)
    if row.state is not State.RUNNING:
        raise Refusal(N_("{id} does not run any more."), id=session)
    place = person.in_place(site)
    seat = watching.watch(
        site.store, site.home.recordings, session, place.acting, executor=row.executor, sign=place.sign
    )
    say_aside(
        _("You are present at {id}. Type “stop” and a reason to end it at once; Ctrl+C leaves.").format(id=session)
    )
    try:
        for line in _watched(site, row, seat):
            _say(line, as_json=as_json)
    except KeyboardInterrupt:
        say_aside(_("You no longer count as present."))
        return
    finally:
        seat.leave()
    row = ledger.get(site.store, session)
    if as_json:
        click.echo(json.dumps({"session": row.id, "state": row.state, "by": row.ended_by, "reason": row.reason}))
    else:
        say(_("The session is over: {state}.").format(state=_(STATE_TITLES[row.state])))


def _say(line: Line, *, as_json: bool) -> None:
    if as_json:
        at, code, text = line
        click.echo(json.dumps({"at": at, "code": code, "text": text}, ensure_ascii=False))
    else:
        say(written(line))


def _watched(site: Installation, row: SessionRow, seat: Watch) -> Iterator[Line]:
    """Yield the lines of a session until it is over; what its watcher types meanwhile may stop it."""
    follower, transcript, typed, at = _follower(site, row), Transcript(), _Typed(), 0.0
    try:
        while True:
            over = ledger.get(site.store, row.id).state is not State.RUNNING
            while events := follower.read():
                for event in events:
                    at = event.at
                    yield from transcript.lines(event)
            if over:
                yield from transcript.rest(at)
                return
            for line in typed.lines(_LOOK_SECONDS):
                _obey(site, row, seat, line)
    finally:
        follower.close()


def _follower(site: Installation, row: SessionRow) -> Follower:
    """Open the recording, whose first line may be about to be written."""
    end = time.monotonic() + _BEGIN_SECONDS
    while True:
        try:
            return Follower(site.home.recordings / row.recording)
        except Refusal:
            if time.monotonic() > end:
                raise
            time.sleep(_LOOK_SECONDS)


def _obey(site: Installation, row: SessionRow, seat: Watch, line: str) -> None:
    if not line.startswith(_WORD) or not line.removeprefix(_WORD).strip():
        say_aside(_("Type “stop” and a reason, or Ctrl+C to leave."))
        return
    end = early_end.stop(site, row, seat.watcher, reason=line.removeprefix(_WORD).strip())
    say_aside(end.words)


class _Typed:
    """Whole lines from standard input, where there is one to read from."""

    def __init__(self) -> None:
        self._rest = b""
        try:
            self._input = sys.stdin.fileno()
        except (UnsupportedOperation, ValueError, AttributeError):
            self._input = -1

    def lines(self, seconds: float) -> list[str]:
        """Return the lines that were typed, at most ``seconds`` from now."""
        if self._input < 0:
            time.sleep(seconds)
            return []
        ready, _, _ = select.select([self._input], [], [], seconds)
        if not ready:
            return []
        data = os.read(self._input, 4096)
        if not data:
            self._input = -1
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [line.decode("utf-8", "replace").strip() for line in lines]
