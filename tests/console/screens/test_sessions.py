"""Sessions on the screen: replayed as they were, watched while they run, stopped at once, never shown when changed."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from textual.pilot import Pilot

from accesscontrol.refusals import Refusal
from accesscontrol.sessions import ledger
from accesscontrol.sessions.ledger import Ending, State
from accesscontrol.sessions.recording import Recording
from accesscontrol.sessions.transport import Known
from accesscontrol.sessions.watching import Attendance, stop_asked
from console.screens.sessions.listing import SessionsScreen
from tests.console.sessions import begun, ended, tampered
from tests.console.town import PASSWORD, Town, press, seen, type_in
from tests.goldens import settled


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town.copied_to(tmp_path)


@pytest.fixture
def running(town: Town) -> Iterator[Recording]:
    _, recording = begun(town, "R-2026-0413", "点検", moderated=True)
    yield recording
    recording.close("ended")


def session_of(recording: Recording) -> str:
    """Return the name of a recording's session, which its file begins with."""
    return recording.path.name.partition(".")[0]


async def answered(pilot: Pilot[None], *answers: str) -> str:
    """Answer the questions of a dialog one after the other and press its button."""
    for answer in answers:
        await type_in(pilot, answer)
        await press(pilot, "enter")
    return await press(pilot, "enter")


async def test_each_session_stands_there_with_how_it_ended(town: Town) -> None:
    ended(town)
    async with town.sitting(SessionsScreen, "nakamura", size=(80, 34)) as pilot:
        shown = seen(pilot)
        assert "S-2026-0001" in shown
        assert "ended" in shown
        shown = await press(pilot, "enter")
        assert "R-2026-0412" in shown
        assert "reindex --table resident_register" in shown


async def test_why_one_failed_is_told_in_the_readers_language(town: Town) -> None:
    row, recording = begun(town)
    recording.close("failed")
    reason = str(Refusal("Host {name} can't be reached: {reason}.", name="register-db", reason="Connection refused"))
    ending = Ending(state=State.FAILED, by="S0102", reason=reason, known=Known.NOT_BEGUN)
    ledger.finish(town.site.store, row.id, ending)
    async with town.sitting(SessionsScreen, "nakamura", language="ja", size=(120, 40)) as pilot:
        shown = seen(pilot)
        assert "ホスト register-db に接続できません" in shown
        assert "can't be reached" not in shown


async def test_a_recording_is_replayed_step_by_step(town: Town) -> None:
    ended(town)
    async with town.sitting(SessionsScreen, "nakamura", size=(100, 30)) as pilot:
        shown = await press(pilot, "p")
        assert "00:00 / 01:15  1x" in shown
        assert "step 1 of 4  command reindex" in shown
        assert "再構築 resident_register" in shown
        assert "indexes" not in shown
        shown = await press(pilot, "right")
        assert "1 of 3 indexes" in shown
        shown = await press(pilot, "n")
        assert "step 2 of 4  SQL [1 row] SELECT count(*) FROM resident_register" in shown
        shown = await press(pilot, "n")
        assert "2 of 3 indexes" in shown
        assert "a title" not in shown
        shown = await press(pilot, "home")
        assert "00:00 / 01:15" in shown
        assert "indexes" not in shown
    (entry,) = town.entries("recording.replayed")
    assert entry.actor == "S0106"


@pytest.mark.parametrize("size", [(80, 24), (40, 10)])
async def test_a_replay_opens_on_the_first_frame_that_shows_something(town: Town, size: tuple[int, int]) -> None:
    row, recording = begun(town)
    town.clock.advance(timedelta(seconds=90))  # nothing is shown while the second person is waited for
    recording.output(b"\x1b[?2004h\r\n")
    town.clock.advance(timedelta(seconds=2))
    recording.marker("step 1")
    recording.output(b"the first row\r\n")
    town.clock.advance(timedelta(seconds=5))
    recording.output(b"the second row\r\n")
    sha256 = recording.close("ended").sha256
    ledger.finish(town.site.store, row.id, Ending(state=State.ENDED, by=row.executor), recording_sha256=sha256)
    async with town.sitting(SessionsScreen, "nakamura", size=size) as pilot:
        shown = await press(pilot, "p")
        assert "the first row" in shown
        assert "the second row" not in shown
        assert "01:32 / 01:37" in shown
        assert "step 1 of 2" in shown
        assert "00:00 / 01:37" in await press(pilot, "home")


async def test_a_text_is_found_and_gone_to(town: Town) -> None:
    ended(town)
    async with town.sitting(SessionsScreen, "nakamura") as pilot:
        await press(pilot, "p", "slash")
        await type_in(pilot, "3 INDEXES")
        shown = await press(pilot, "enter")
        assert "hit 1 of 2" in shown
        assert "00:04 / 01:15" in shown
        shown = await press(pilot, "m")
        assert "hit 2 of 2" in shown
        await press(pilot, "slash")
        await type_in(pilot, "nowhere")
        assert "It was never shown or typed." in await press(pilot, "enter")


async def test_a_step_is_chosen_from_a_list(town: Town) -> None:
    ended(town)
    async with town.sitting(SessionsScreen, "nakamura") as pilot:
        shown = await press(pilot, "p", "j")
        assert "01:15  exit 0" in shown
        shown = await press(pilot, "down", "down", "enter")
        assert "01:15 / 01:15" in shown


async def test_speed_idle_times_single_events_and_raw_events(town: Town) -> None:
    ended(town)
    async with town.sitting(SessionsScreen, "nakamura") as pilot:
        shown = await press(pilot, "p", "s", "i")
        assert "2x  idle left out" in shown
        shown = await press(pilot, "full_stop")
        assert "00:04 / 01:15" in shown
        shown = await press(pilot, "e")
        assert "00:04.0 o ␛[32m  1 of 3 indexes␛[0m␍␊" in shown


async def test_it_plays_to_its_end(town: Town) -> None:
    ended(town)
    async with town.sitting(SessionsScreen, "nakamura") as pilot:
        await press(pilot, "p", "i", "s", "s", "s", "s", "right")
        await pilot.press("space")
        while "The end: ended." not in seen(pilot):
            await pilot.pause(0.05)
        await settled(pilot)
        assert "done" in seen(pilot)


async def test_a_changed_recording_is_not_shown(town: Town) -> None:
    row = ended(town)
    tampered(town, row)
    async with town.sitting(SessionsScreen, "nakamura") as pilot:
        shown = await press(pilot, "p")
        assert "was changed: bytes" in shown
        assert "resident_register" not in shown
        shown = await press(pilot, "escape", "v")
        assert "CHANGED" in shown


async def test_a_recording_that_is_changed_while_it_is_shown_ends_the_replay(town: Town) -> None:
    row, recording = begun(town)
    for number in range(4):
        town.clock.advance(timedelta(seconds=1))
        recording.output(b"%d\r\n" % number * 4_000)
    recording.marker("the end of it")
    recording.close(0)
    async with town.sitting(SessionsScreen, "nakamura") as pilot:
        await press(pilot, "p")
        octets = recording.path.read_bytes()
        with recording.path.open("r+b") as file:
            file.write(octets.replace(b'"o","3', b'"o,"3'))
        shown = await press(pilot, "n")
        assert row.id in shown
        assert "Line 5 of the recording" in shown


async def test_what_was_shown_is_forgotten_when_the_screen_locks(town: Town) -> None:
    ended(town)
    async with town.sitting(SessionsScreen, "nakamura") as pilot:
        await press(pilot, "p", "ctrl+l")
        await type_in(pilot, PASSWORD)
        await press(pilot, "enter")
        await type_in(pilot, town.code("nakamura"))
        await press(pilot, "enter")
        await settled(pilot)
        assert "再構築" in seen(pilot)
    assert len(town.entries("recording.replayed")) == 2


async def test_one_without_a_role_sees_no_recording(town: Town) -> None:
    ended(town)
    async with town.sitting(SessionsScreen, "yamada") as pilot:
        assert "Your role doesn't see recordings." in await press(pilot, "p")


async def test_the_second_person_watches_at_the_executors_screen_and_stops_it(town: Town, running: Recording) -> None:
    session = session_of(running)
    attendance = Attendance(town.site.store, town.site.home.recordings, session)
    async with town.sitting(SessionsScreen, "yamada") as pilot:
        assert "It runs. w watches it" in seen(pilot)
        await press(pilot, "w")
        await answered(pilot, "suzuki", PASSWORD, town.code("suzuki"))
        assert attendance.present() == {"S0104"}
        running.marker("step 1: looking")
        running.output(b"row 1\r\n")
        while "row 1" not in seen(pilot):
            await pilot.pause(0.02)
        assert "step 1: looking" in seen(pilot)
        shown = await press(pilot, "x")
        assert f"Stop {session}?" in shown
        await press(pilot, "tab", "enter")
        stop = stop_asked(town.site.store, session)
        assert stop is not None
        assert stop.by == "S0104"
        shown = await press(pilot, "escape")
        assert f"Leave {session}?" in shown
        await press(pilot, "tab", "enter")
        assert attendance.present() == frozenset()


async def test_whoever_locks_the_screen_is_no_longer_present(town: Town, running: Recording) -> None:
    attendance = Attendance(town.site.store, town.site.home.recordings, session_of(running))
    async with town.sitting(SessionsScreen, "suzuki") as pilot:
        await press(pilot, "w")
        await answered(pilot, PASSWORD, town.code("suzuki"))
        assert attendance.present() == {"S0104"}
        await press(pilot, "ctrl+l")
        assert attendance.present() == frozenset()
        assert town.entries("session.watch-ended")[-1].details["reason"] == "locked"


async def test_whoever_watches_is_told_why_it_failed(town: Town, running: Recording) -> None:
    async with town.sitting(SessionsScreen, "yamada") as pilot:
        await press(pilot, "w")
        await answered(pilot, "suzuki", PASSWORD, town.code("suzuki"))
        ending = Ending(state=State.FAILED, by="S0102", reason="Host register-db can't be reached: gone.")
        ledger.finish(town.site.store, session_of(running), ending)
        running.close(1)
        while "The session is over" not in seen(pilot):
            await pilot.pause(0.02)
        assert "can't be reached: gone." in " ".join(seen(pilot).split())


async def test_nobody_watches_their_own_session(town: Town, running: Recording) -> None:
    town.give("yamada")
    async with town.sitting(SessionsScreen, "yamada") as pilot:
        await press(pilot, "w")
        shown = await answered(pilot, "yamada", PASSWORD, town.code("yamada"))
        assert "Nobody watches their own session" in shown
        assert running.failure is None


async def test_a_running_session_is_stopped_from_the_list_with_a_reason(town: Town, running: Recording) -> None:
    async with town.sitting(SessionsScreen, "sato") as pilot:
        await press(pilot, "x")
        shown = await answered(pilot, "another table", PASSWORD, town.code("sato"))
        assert "The session was told to stop." in shown
        stop = stop_asked(town.site.store, session_of(running))
        assert stop is not None
        assert (stop.by, stop.reason) == ("S0101", "another table")
