"""Nothing of the console stays on the terminal, however it ends."""

import signal
import sqlite3
import stat
import sys
from pathlib import Path

import pytest

from console.frame.failures import trace, write_trace
from tests.console.demonstration import NOON, SECRET, fill
from tests.terminal_driver import Terminal

PROGRAM = [sys.executable, "-m", "tests.console.demonstration"]
CLEARED = b"\x1b[2J\x1b[3J\x1b[H"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    fill(tmp_path / "happenings.sqlite3", 30)
    return tmp_path


def begun(folder: Path, *arguments: str, **environ: str) -> Terminal:
    terminal = Terminal([*PROGRAM, *arguments], environ={"DEMONSTRATION": str(folder), **environ})
    terminal.wait_for("login")
    return terminal


def at_the_list(folder: Path) -> Terminal:
    terminal = begun(folder, "ja", "unicode")
    terminal.press("enter").wait_for("住基DB")
    terminal.press("4").wait_for(SECRET)
    return terminal


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_a_signal_ends_it_in_order_and_clears_the_screen(folder: Path, number: signal.Signals) -> None:
    with at_the_list(folder) as terminal:
        assert terminal.signal(number).wait() == 128 + number
        assert SECRET not in terminal.text
        assert b"\x1b[?1049l" in terminal.received
        assert terminal.received.rstrip().endswith(CLEARED)


def test_a_dropped_line_ends_the_program(folder: Path) -> None:
    with at_the_list(folder) as terminal:
        assert terminal.hang_up().wait() != 0


def test_a_dropped_line_ends_it_also_under_a_parent_that_keeps_the_signal_to_itself(folder: Path) -> None:
    parent = "import signal, subprocess as s, sys; signal.signal(1, lambda *_: 0); sys.exit(s.call(sys.argv[1:]))"
    with Terminal([sys.executable, "-c", parent, *PROGRAM, "ja"], environ={"DEMONSTRATION": str(folder)}) as terminal:
        terminal.wait_for("login")
        assert terminal.hang_up().wait() == 128 + signal.SIGHUP


def test_quitting_clears_the_screen(folder: Path) -> None:
    with at_the_list(folder) as terminal:
        assert terminal.press("f10").wait() == 0
        assert terminal.received.rstrip().endswith(CLEARED)


def test_the_lock_lets_no_key_through_and_no_name_out(folder: Path) -> None:
    with at_the_list(folder) as terminal:
        terminal.press("ctrl+q", "1").wait_for("住基DB")  # flow control may send Ctrl+Q: it does nothing
        terminal.press("4").wait_for(SECRET)
        terminal.press("ctrl+l").wait_for("パスワード")
        before = len(terminal.received)
        terminal.press("ctrl+q", "f10", "ctrl+c", "ctrl+p", "4", ":").press("f2").wait_for("Password")
        terminal.resize(100, 30).press("tab", "f2").wait_for("パスワード")
        assert terminal.process.poll() is None
        assert SECRET.encode() not in terminal.received[before:]


def test_a_failure_leaves_a_number_and_a_trace_and_no_name(folder: Path) -> None:
    with at_the_list(folder) as terminal:
        before = len(terminal.received)
        terminal.press("8")
        assert terminal.wait() == 70
        after = terminal.received[before:]
        assert "番号" in terminal.text
        assert SECRET.encode() not in after[after.rindex(CLEARED) :]
        assert b"Traceback" not in after
    (path,) = (folder / "traces").iterdir()
    assert path.name.removesuffix(".txt") in terminal.text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert SECRET not in path.read_text()
    assert "builtins.KeyError" in path.read_text()


def test_a_trace_names_each_cause_and_no_value(tmp_path: Path) -> None:
    def fail() -> None:
        try:
            int(SECRET)
        except ValueError as error:
            raise RuntimeError(SECRET) from error

    with pytest.raises(RuntimeError) as caught:
        fail()
    text = "\n".join(trace(caught.value))
    assert SECRET not in text
    assert text.index("builtins.ValueError") < text.index("which led to") < text.index("builtins.RuntimeError")
    number, path = write_trace(caught.value, tmp_path / "traces", NOON)
    assert number.startswith("20261124-001200-")
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_what_an_input_method_commits_and_what_is_pasted_arrives(folder: Path) -> None:
    with at_the_list(folder) as terminal:
        terminal.press("/").type("退職者").wait_for("絞込  退職者")  # at once, and no letter is lost
        kanji = "検索".encode()
        for at in range(len(kanji)):  # a phrase cut inside a character
            terminal.type_bytes(kanji[at : at + 1])
        terminal.wait_for("絞込  退職者検索")
        terminal.type("\x1b[200~一行目\n二行目\x1b[201~").wait_for("一行目 二行目")
        terminal.type("\x1b[200~三\x1b[31m\n四\x1b[201~").wait_for("三[31m 四")  # nothing of it is a key


def test_it_survives_a_terminal_of_twenty_by_five(folder: Path) -> None:
    with at_the_list(folder) as terminal:
        terminal.resize(20, 5).press("down", "enter", "escape", "?", "escape")
        terminal.resize(120, 40).wait_for("OZ-03")


def test_a_bare_console_gets_english_and_lines_it_can_draw(folder: Path) -> None:
    with begun(folder, TERM="linux") as terminal:
        assert "cannot draw Japanese" in terminal.text.replace("\n", " ")
        terminal.press("enter").wait_for("Places")
        terminal.press("4").wait_for("row 1 of")
        drawn = set(terminal.text) - set("\n")
        assert all(ord(character) < 0x2600 for character in drawn)
        assert not any("\u3040" <= character <= "\u9fff" for character in drawn)


def test_escape_sequences_in_data_do_not_reach_the_terminal(tmp_path: Path) -> None:
    path = fill(tmp_path / "happenings.sqlite3", 3)
    with sqlite3.connect(path) as db:
        db.execute(
            "UPDATE happening SET what = ?", ("\x1b]0;owned\x07\x1b[5;5HX\u202e[/etc/passwd] [@click=app.quit]x[/]",)
        )
    db.close()
    with at_the_list(tmp_path) as terminal:
        assert "[/etc/passwd]" in terminal.resize(120, 40).wait_for("[/etc/passwd]")
        assert b"\x1b]0;" not in terminal.received
        assert b"\x1b[5;5H" not in terminal.received
        assert "\u202e".encode() not in terminal.received
