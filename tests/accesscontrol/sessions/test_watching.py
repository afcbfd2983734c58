"""The second person: seen by their lock and their signature together, gone in the moment their console is, heard at once."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from accesscontrol.refusals import Refusal
from accesscontrol.sessions.following import BEHIND_BYTES, Follower
from accesscontrol.sessions.watching import Attendance, Moderation, Watch, ask_stop, stop_asked, watch
from accesscontrol.trail import entries
from tests.accesscontrol.processes import kill, let_go, start, wait_for_line
from tests.accesscontrol.requests.city import OPENING, City
from tests.accesscontrol.sessions.tapes import SESSION, opened


@pytest.fixture
def folder(city: City) -> Path:
    return city.store.path.parent / "recordings"


def attendance(city: City, folder: Path) -> Attendance:
    return Attendance(city.store, folder, SESSION, apart=frozenset({"S-mori", "S-sato", "S-ogawa"}))


def seated(city: City, folder: Path, login: str = "suzuki") -> Watch:
    return watch(city.store, folder, SESSION, city.acting(login), executor="S-ogawa", sign=city.sign(login))


@pytest.fixture
def seat(city: City, folder: Path) -> Iterator[Watch]:
    seat = seated(city, folder)
    yield seat
    seat.leave()


def test_one_who_watches_is_present_until_they_leave(city: City, folder: Path, seat: Watch) -> None:
    asked = attendance(city, folder)
    assert asked.present() == {"S-suzuki"}
    seat.leave()
    assert asked.present() == frozenset()
    told = entries.about(city.store, SESSION)
    assert [(each.act, each.actor) for each in told] == [
        ("session.watched", "S-suzuki"),
        ("session.watch-ended", "S-suzuki"),
    ]
    assert told[0].details["signature"]


def test_nobody_watches_their_own_session(city: City, folder: Path) -> None:
    with pytest.raises(Refusal, match="Nobody watches their own session"):
        seated(city, folder, "ogawa")


def test_one_without_the_role_neither_watches_nor_stops(city: City, folder: Path) -> None:
    with pytest.raises(Refusal, match="role that you don't hold"):
        seated(city, folder, "hara")
    with pytest.raises(Refusal, match="role that you don't hold"):
        ask_stop(city.store, SESSION, city.acting("hara"), reason="no")
    assert attendance(city, folder).present() == frozenset()
    seated(city, folder, "noda").leave()


def test_another_persons_signature_is_worth_nothing(city: City, folder: Path) -> None:
    with pytest.raises(Refusal, match="another person's signature"):
        watch(city.store, folder, SESSION, city.acting("noda"), executor="S-ogawa", sign=city.sign("suzuki"))


def test_those_who_asked_approved_or_execute_watch_but_do_not_count(city: City, folder: Path) -> None:
    officer = seated(city, folder, "sato")
    assert attendance(city, folder).present() == frozenset()
    with pytest.raises(Refusal, match="waits for its second person"):
        attendance(city, folder).require()
    officer.leave()


def test_the_same_person_watches_once(city: City, folder: Path, seat: Watch) -> None:
    with pytest.raises(Refusal, match="already, at another screen"):
        seated(city, folder)
    assert seat.holds


def test_a_lock_without_its_entry_and_an_entry_without_its_lock_are_no_presence(
    city: City, folder: Path, seat: Watch
) -> None:
    place = folder / "present" / SESSION
    held = next(place.iterdir())
    held.rename(place / b"S-noda".hex())
    assert attendance(city, folder).present() == frozenset()
    assert seat.holds


_WATCHER = f"""
import sys
from datetime import datetime
from pathlib import Path
from accesscontrol.clock import FixedClock
from tests.accesscontrol.requests.city import open_city
from tests.accesscontrol.sessions.test_watching import seated
city = open_city(Path(sys.argv[1]), FixedClock(datetime.fromisoformat("{OPENING.isoformat()}")))
seat = seated(city, Path(sys.argv[2]))
print("watching", flush=True)
sys.stdin.readline()
seat.leave()
print("left", flush=True)
"""


def test_one_who_watches_from_another_process_is_gone_when_it_is_killed(city: City, folder: Path) -> None:
    process = start(_WATCHER, city.store.path, folder)
    wait_for_line(process, b"watching")
    asked = attendance(city, folder)
    assert asked.present() == {"S-suzuki"}
    kill(process)
    assert asked.present() == frozenset()
    again = start(_WATCHER, city.store.path, folder)
    wait_for_line(again, b"watching")
    assert asked.present() == {"S-suzuki"}
    let_go(again)
    wait_for_line(again, b"left")
    assert asked.present() == frozenset()
    again.communicate()


def test_a_moderated_session_begins_only_with_its_second_person_and_ends_without(city: City, folder: Path) -> None:
    with pytest.raises(Refusal, match="waits for its second person"):
        Moderation(attendance(city, folder), city.clock)
    seat = seated(city, folder)
    moderation = Moderation(attendance(city, folder), city.clock, grace=15.0)

    def seen() -> tuple[bool, bool]:
        moderation.look()
        return moderation.pending, moderation.lapsed

    assert seen() == (False, False)
    seat.leave()
    assert seen() == (True, False)
    back = seated(city, folder, "noda")
    assert seen() == (False, False)
    back.leave()
    assert seen() == (True, False)
    city.clock.advance(timedelta(seconds=14))
    assert seen() == (True, False)
    city.clock.advance(timedelta(seconds=1))
    assert seen() == (True, True)


def test_a_stop_reaches_the_session_through_the_store(city: City) -> None:
    assert stop_asked(city.store, SESSION) is None
    with pytest.raises(Refusal, match="Give a reason"):
        ask_stop(city.store, SESSION, city.acting("suzuki"), reason=" ")
    ask_stop(city.store, SESSION, city.acting("suzuki"), reason="another table", sign=city.sign("suzuki"))
    ask_stop(city.store, SESSION, city.acting("sato"), reason="me too")
    stop = stop_asked(city.store, SESSION)
    assert stop is not None
    assert (stop.by, stop.reason) == ("S-suzuki", "another table")
    assert stop_asked(city.store, "S-2026-0008") is None


# -- following --------------------------------------------------------------------------------------------


def test_a_recording_is_followed_while_it_grows(city: City, folder: Path) -> None:
    recording = opened(city.store, folder / "s.cast")
    follower = Follower(recording.path)
    assert follower.header.told["session"] == SESSION
    assert follower.read() == []
    recording.output(b"one\r\n")
    recording.marker("step")
    assert [event.data for event in follower.read()] == ["one\r\n", "step"]
    assert follower.read() == []
    recording.close(0)
    assert [event.code for event in follower.read()] == ["x"]
    follower.close()


def test_a_line_that_is_being_written_waits_for_its_end(city: City, folder: Path) -> None:
    recording = opened(city.store, folder / "s.cast")
    recording.close(0)
    follower = Follower(recording.path)
    follower.read()
    with recording.path.open("ab", buffering=0) as file:
        file.write(b'[0.1,"o","ha')
        assert follower.read() == []
        file.write(b'lf"]\n')
    assert [event.data for event in follower.read()] == ["half"]
    follower.close()


def test_one_who_is_far_behind_goes_on_near_the_present(city: City, folder: Path) -> None:
    recording = opened(city.store, folder / "s.cast")
    follower = Follower(recording.path)
    for number in range(BEHIND_BYTES // 1000):
        recording.output(f"{number:04}".encode() * 300)
    seen = follower.read()
    assert follower.skipped > 0
    assert seen[-1].data.startswith(f"{BEHIND_BYTES // 1000 - 1:04}")
    assert len(seen) < 150
    recording.close(0)
    follower.close()


def test_one_who_is_far_behind_waits_for_the_end_of_a_long_line_that_is_being_written(city: City, folder: Path) -> None:
    recording = opened(city.store, folder / "s.cast")
    recording.close(0)
    follower = Follower(recording.path)
    line = b'[0.1,"o","' + b"x" * (2 * BEHIND_BYTES) + b'"]\n'
    with recording.path.open("ab", buffering=0) as file:
        file.write(line[:-50_000])
        assert [event.code for event in follower.read()] == ["x"]
        assert follower.read() == []
        file.write(line[-50_000:] + b'[0.1,"o","new"]\n')
        seen = follower.read() + follower.read()
    assert seen[-1].data == "new"
    follower.close()
