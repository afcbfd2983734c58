"""Sessions of the town for the tests of screens and commands: one that has ended, one that runs, each recorded."""

from datetime import timedelta
from pathlib import Path

from accesscontrol.sessions import ledger
from accesscontrol.sessions.anchoring import anchor_in
from accesscontrol.sessions.ledger import Assignment, Ending, SessionRow, State
from accesscontrol.sessions.recording import Heading, Recording
from accesscontrol.sessions.transport import Command
from tests.console.town import Town


def begun(
    town: Town, request: str = "R-2026-0412", title: str = "索引の再構築", *, moderated: bool = False
) -> tuple[SessionRow, Recording]:
    """Open a session of Yamada's in the ledger, and its recording."""
    site = town.site
    assignment = Assignment(
        request=request,
        title=title,
        host="register-db",
        executor=town.acting("yamada"),
        not_before=town.clock.now(),
        until=town.clock.now() + timedelta(hours=2),
        commands=(Command.of(["reindex", "--table", "resident_register"]),),
        moderated=moderated,
    )
    row = ledger.begin(site.store, assignment, target="127.0.0.1:22", zone=site.zone)
    heading = Heading(
        session=row.id,
        request=row.request,
        title=row.title,
        command="; ".join(row.commands),
        target=row.target,
        executor=row.executor,
        terminal=row.terminal,
    )
    recording = Recording(
        site.home.recordings / row.recording,
        heading,
        clock=town.clock,
        anchor=anchor_in(site.store, heading, actor=row.executor, name=row.recording),
    )
    return row, recording


def ended(town: Town) -> SessionRow:
    """Return a session of three steps, 75 seconds long, that has ended."""
    row, recording = begun(town)
    recording.marker("command reindex --table resident_register")
    recording.output("\x1b[1m再構築\x1b[0m resident_register\r\n".encode())
    town.clock.advance(timedelta(seconds=4))
    recording.output(b"\x1b[32m  1 of 3 indexes\x1b[0m\r\n")
    town.clock.advance(timedelta(seconds=60))
    recording.sql("SELECT count(*) FROM resident_register", 1)
    recording.output(b"\x1b]0;a title\x07  2 of 3 indexes\r\n")
    town.clock.advance(timedelta(seconds=11))
    recording.marker("exit 0")
    recording.output(b"done\r\n")
    sha256 = recording.close("ended").sha256
    return ledger.finish(town.site.store, row.id, Ending(state=State.ENDED, by=row.executor), recording_sha256=sha256)


def tampered(town: Town, row: SessionRow) -> Path:
    """Change one word of a recording, as one with the rights of the console could."""
    path = town.site.home.recordings / row.recording
    path.write_bytes(path.read_bytes().replace(b"2 of 3", b"3 of 3"))
    return path
