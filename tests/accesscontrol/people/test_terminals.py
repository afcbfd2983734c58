"""The register of terminals, and the pepper's file beside the database."""

import os
import pty
import socket
from pathlib import Path

import pytest

from accesscontrol.people import terminals
from accesscontrol.people.pepper import create_pepper, read_pepper
from accesscontrol.people.terminals import Terminal, TerminalPlace, TerminalState, present_fact
from accesscontrol.refusals import Refusal
from accesscontrol.trail import entries
from tests.accesscontrol.people.town import ROOM_FACT, Town


def register(town: Town, name: str, fact: str) -> None:
    with town.store.transaction() as tx:
        terminals.register(tx, Terminal(name=name, place=TerminalPlace.OFFICE, fact=fact), actor="S-1")


def set_state(town: Town, name: str, state: TerminalState) -> None:
    with town.store.transaction() as tx:
        terminals.set_state(tx, name, state, reason="because", actor="S-1")


def test_a_terminal_is_found_by_what_the_host_observes(town: Town) -> None:
    found = terminals.find_by_fact(town.store, ROOM_FACT)
    assert found == Terminal(name="room-1", place=TerminalPlace.SERVER_ROOM, fact=ROOM_FACT)
    assert terminals.find_by_fact(town.store, "registry-01:tty9") is None
    assert [terminal.name for terminal in terminals.every(town.store)] == ["desk-7", "room-1"]


def test_a_name_or_a_fact_stands_once(town: Town) -> None:
    for name, fact in (("room-1", "elsewhere:tty1"), ("room-2", ROOM_FACT)):
        with pytest.raises(Refusal, match="already has this name"):
            register(town, name, fact)


def test_the_fact_of_a_removed_terminal_is_free_again_and_its_name_is_not(town: Town) -> None:
    set_state(town, "room-1", TerminalState.REMOVED)
    register(town, "room-2", ROOM_FACT)
    with pytest.raises(Refusal):
        register(town, "room-1", "elsewhere:tty1")
    with pytest.raises(Refusal, match="no registered"):
        set_state(town, "room-1", TerminalState.REGISTERED)


def test_a_terminal_comes_back_and_is_used_again(town: Town) -> None:
    set_state(town, "room-1", TerminalState.OUT)
    set_state(town, "room-1", TerminalState.REGISTERED)
    town.person("hana")
    town.sign_in("hana")


def move(town: Town, name: str, fact: str) -> None:
    with town.store.transaction() as tx:
        terminals.move(tx, name, fact, actor="S-1")


def test_a_terminal_that_nobody_uses_may_be_known_by_another_line(town: Town) -> None:
    move(town, "desk-7", "registry-01:tty9")
    found = terminals.find_by_fact(town.store, "registry-01:tty9")
    assert found is not None
    assert found.name == "desk-7"
    assert entries.page(town.store, limit=1)[0].act == "terminal.moved"


def test_a_terminal_in_use_stays_and_takes_no_other_s_line(town: Town) -> None:
    town.person("hana")
    town.sign_in("hana")
    with pytest.raises(Refusal, match="Somebody is signed in"):
        move(town, "room-1", "registry-01:tty9")
    with pytest.raises(Refusal, match="sees the terminal room-1 there"):
        move(town, "desk-7", ROOM_FACT)
    with pytest.raises(Refusal, match="no registered"):
        move(town, "desk-8", "registry-01:tty9")


@pytest.mark.parametrize(("name", "fact"), [("", "x"), ("x", " "), ("x\x1b", "x"), ("x", "y\n")])
def test_a_nameless_or_unprintable_terminal_is_refused(town: Town, name: str, fact: str) -> None:
    with pytest.raises(Refusal, match="needs a name"):
        register(town, name, fact)


def test_the_fact_names_this_host_and_its_line_and_ignores_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    leader, follower = pty.openpty()
    monkeypatch.setenv("SSH_CONNECTION", "203.0.113.9 1 192.0.2.1 22")
    monkeypatch.setattr(os, "ttyname", lambda _: "/dev/tty1")
    assert present_fact() == f"{socket.gethostname()}:tty1"
    monkeypatch.setattr(os, "ttyname", lambda _: _line(follower))
    assert present_fact() == f"{socket.gethostname()}:pts"
    os.close(leader)
    os.close(follower)


def _line(descriptor: int) -> str:
    return str(Path(f"/proc/self/fd/{descriptor}").readlink())


def test_without_a_terminal_the_fact_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_line(_: int) -> str:
        raise OSError

    monkeypatch.setattr(os, "ttyname", no_line)
    assert present_fact() == f"{socket.gethostname()}:none"


def test_the_pepper_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "people.pepper"
    pepper = create_pepper(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_pepper(path) == pepper
    with pytest.raises(FileExistsError):
        create_pepper(path)
    assert read_pepper(path) == pepper


def test_a_missing_damaged_or_readable_pepper_is_refused_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "people.pepper"
    with pytest.raises(Refusal, match="Restore it"):
        read_pepper(path)
    create_pepper(path)
    path.chmod(0o640)
    with pytest.raises(Refusal, match="chmod 600"):
        read_pepper(path)
    path.chmod(0o600)
    path.write_bytes(b"short")
    with pytest.raises(Refusal, match="damaged"):
        read_pepper(path)
