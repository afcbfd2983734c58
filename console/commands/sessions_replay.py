"""``sekisho sessions replay``, ``export`` and ``verify``: what was recorded, only to those who may, only when whole."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from accesscontrol.sessions import ledger, viewing
from accesscontrol.sessions.exporting import export as write_export
from accesscontrol.sessions.replaying import OUTPUT, Timeline, open_recording, read_events, timeline
from accesscontrol.sessions.searching import search
from accesscontrol.sessions.verifying import Verdict
from accesscontrol.sessions.verifying import verify as compare
from console.commands.context import Context, PersonOption, pass_context, person_option
from console.commands.output import REFUSED, json_option, refusals_spoken, say, say_json
from console.commands.transcript import Line, Transcript, written
from console.session_words import verdict_words
from console.translation import _, ngettext
from console.wiring import Installation


@click.command("replay")
@click.argument("session")
@click.option("--find", default="", metavar="TEXT", help="Only where this was shown or typed.")
@person_option
@json_option
@pass_context
@refusals_spoken
def replay(context: Context, session: str, find: str, person: PersonOption, *, as_json: bool) -> None:
    """Print what a session showed, line by line with its times and steps; nothing in it drives the terminal."""
    site = context.site
    path = _path(site, session)
    with person.signed_in(site) as acting:
        verdict = viewing.begin_replay(site.store, session, path, acting)
    found = timeline(path)
    lines = ((hit.at, OUTPUT, hit.around) for hit in search(found, find)) if find else _transcript(found)
    if as_json:
        events = [{"at": at, "code": code, "text": text} for at, code, text in lines]
        say_json({**_as_json(session, verdict), "duration": found.duration, "exit": found.exit, "events": events})
        return
    for line in lines:
        say(written(line))
    for words in verdict_words(verdict):
        say(words)


def _transcript(found: Timeline) -> Iterator[Line]:
    transcript = Transcript()
    with open_recording(found.path) as file:
        for event in read_events(file, found.points[0]):
            yield from transcript.lines(event)
        yield from transcript.rest(found.duration)


@click.command("export")
@click.argument("session")
@click.argument("file", type=click.Path(path_type=Path))
@person_option
@json_option
@pass_context
@refusals_spoken
def export(context: Context, session: str, file: Path, person: PersonOption, *, as_json: bool) -> None:
    """Write a recording as plain asciicast v3 for any asciinema player, into a new FILE."""
    site = context.site
    path = _path(site, session)
    with person.signed_in(site) as acting:
        verdict = viewing.begin_export(site.store, session, path, acting, file)
    events = write_export(path, file)
    if as_json:
        say_json({**_as_json(session, verdict), "file": str(file), "events": events})
        return
    told = ngettext("{events} event was written to {file}.", "{events} events were written to {file}.", events)
    say(told.format(events=f"{events:,}", file=file))
    for words in verdict_words(verdict):
        say(words)


@click.command("verify")
@click.argument("session", required=False)
@json_option
@pass_context
@refusals_spoken
def verify(context: Context, session: str | None, *, as_json: bool) -> None:
    """Compare one recording, or all, with the trail; exit 1 when anything was changed or is missing."""
    site = context.site
    rows = [ledger.get(site.store, session)] if session else ledger.listed(site.store, limit=1_000_000)
    verdicts = {row.id: compare(site.store, row.id, site.home.recordings / row.recording) for row in rows}
    if as_json:
        say_json([_as_json(name, verdict) for name, verdict in verdicts.items()])
    else:
        for name, verdict in verdicts.items():
            say(f"{name}  {' '.join(verdict_words(verdict))}")
        if not verdicts:
            say(_("There was no session yet."))
    if not all(verdict.sound for verdict in verdicts.values()):
        sys.exit(REFUSED)


def _path(site: Installation, session: str) -> Path:
    return site.home.recordings / ledger.get(site.store, session).recording


def _as_json(session: str, verdict: Verdict) -> dict[str, object]:
    return {
        "session": session,
        "standing": verdict.standing,
        "anchors": verdict.anchors,
        "size": verdict.size,
        "covered": verdict.covered,
        "sha256": verdict.sha256,
        "changed": list(verdict.changed) if verdict.changed else None,
        "torn_line": verdict.torn.line if verdict.torn else None,
    }
