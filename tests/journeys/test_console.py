"""The whole road by keyboard alone, in the real program on a real pty: as an operator walks it in the morning."""

import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.terminal_driver import Terminal

from .conftest import ROOT, SEKISHO
from .test_command_line import auth_log, export_parameters

_ANSWERS = 30
SIZES = [(80, 24), (120, 40)]
PLACES = {"sato": 1, "yamada": 2, "takahashi": 3, "suzuki": 4}
JA = {
    "sign-in": "ログイン", "today": "待っている仕事", "requests": "5 申請", "findings": "4 異常アクセス",
    "code": r"現在のコードは (\d{6})", "verified": "改ざんはありません", "sign-out": "ログアウト", "locked": "施錠中",
}  # fmt: skip


@contextmanager
def console(city: Path, size: tuple[int, int], language: str = "ja") -> Iterator[Terminal]:
    command = [*SEKISHO, "--home", str(city), "--lang", language]
    with Terminal(command, size=size, environ={"PYTHONPATH": str(ROOT)}) as terminal:
        yield terminal


def at_a_hands_pace(terminal: Terminal, *keys: str) -> None:
    """Press keys as a hand does: the next one when the screen has answered the one before, or goes on for seconds."""
    for key in keys:
        terminal.press(key)
        terminal._read(0.3)
        answers = 0
        while terminal._read(0.15) and answers < _ANSWERS:
            answers += 1


def sign_in(terminal: Terminal, login: str) -> None:
    """Let F3 fill in the person, and Enter sign in, when the codes are there."""
    terminal._wait(lambda: re.search(r"sato .*\d{6}", terminal.text) is not None, "never showed a code")
    for _ in range(PLACES[login]):
        at_a_hands_pace(terminal, "f3")
    terminal.press("enter")
    terminal.wait_until_gone("F3")


def sign_out(terminal: Terminal, words: str) -> None:
    at_a_hands_pace(terminal, ":")
    terminal.type(words)
    at_a_hands_pace(terminal, "enter")
    terminal.wait_for("F3")


def prove_again(terminal: Terminal, login: str, code: str) -> None:
    """Fill in the password and the code that the demo shows in the dialog."""
    from console.demo.people import characters

    shown = terminal._wait(lambda: re.search(code, terminal.text) is not None, f"never showed {code}")
    found = re.search(code, shown)
    assert found is not None
    password = next(each.password for each in characters() if each.login == login)
    terminal.type(password)
    at_a_hands_pace(terminal, "enter")
    terminal.type(found[1])
    at_a_hands_pace(terminal, "enter", "enter")


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_place_opens_and_the_trail_is_proven(city: Path, size: tuple[int, int], language: str) -> None:
    with console(city, size, language) as terminal:
        sign_in(terminal, "sato")
        for digit in "2345670189":
            terminal.press(digit)
            terminal.wait_for(f" {digit} ")
        terminal.press("9")
        terminal.wait_for("system")
        at_a_hands_pace(terminal, "v")
        terminal.wait_for("改ざんはありません" if language == "ja" else "checkpoints: nothing was changed")
        at_a_hands_pace(terminal, "enter")
        terminal.press("f10")
        assert terminal.wait() == 0


def test_an_export_travels_the_road_through_four_pairs_of_hands(city: Path, tmp_path: Path) -> None:
    import json
    import subprocess

    from .conftest import credentials

    parameters = export_parameters(city, tmp_path / "medium")
    submit = ["requests", "submit", "backup-export", "--parameters", json.dumps(parameters), "--reason", "monthly"]
    who = ["--as", "yamada", "--credentials-fd", "0"]
    done = subprocess.run(
        [*SEKISHO, "--home", str(city), *submit, *who],
        input=json.dumps(dict(credentials(city, "yamada"))),
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    with console(city, (120, 40)) as terminal:
        sign_in(terminal, "sato")
        terminal.press("5")
        terminal.wait_for("R-20")
        terminal.wait_for("承認待ち")
        terminal.wait_for("持出先")  # what is approved stands beside the list
        at_a_hands_pace(terminal, "a")
        prove_again(terminal, "sato", JA["code"])
        terminal.wait_for("5 申請")
        terminal.wait_for("承認済み")
        sign_out(terminal, JA["sign-out"])
        sign_in(terminal, "suzuki")
        terminal.press("5")
        terminal.wait_for("R-20")
        terminal.wait_for("承認済み")
        at_a_hands_pace(terminal, "t")
        prove_again(terminal, "suzuki", JA["code"])
        at_a_hands_pace(terminal, "enter")
        terminal.wait_for("5 申請")
        sign_out(terminal, JA["sign-out"])
        sign_in(terminal, "takahashi")
        terminal.press("5")
        terminal.wait_for("R-20")
        terminal.wait_for("承認済み")
        at_a_hands_pace(terminal, "g")
        terminal.wait_for("一度だけ実行されます")
        at_a_hands_pace(terminal, "tab", "enter")
        terminal.wait_for("が完了しました")
    assert list((tmp_path / "medium").glob("*.age"))


def test_signing_out_while_a_list_is_read_anew_ends_nothing_but_the_session(city: Path) -> None:
    with console(city, (120, 40)) as terminal:
        sign_in(terminal, "sato")
        terminal.press("5")
        terminal.wait_for("R-20")
        for _ in range(3):
            terminal.press("r")
        sign_out(terminal, JA["sign-out"])
        sign_in(terminal, "yamada")
        terminal.wait_for("山田")


def test_a_log_is_imported_at_the_screen_and_its_hostile_line_shows_harmlessly(city: Path, tmp_path: Path) -> None:
    file = auth_log(tmp_path)
    with console(city, (120, 40), "en") as terminal:
        sign_in(terminal, "sato")
        terminal.press("4")
        terminal.wait_for("4 Findings")
        terminal.press("i")
        terminal.wait_for("Import a log file")
        terminal.type(str(file))
        at_a_hands_pace(terminal, "enter")
        terminal.type("linux")
        at_a_hands_pace(terminal, "enter", "enter", "enter")
        terminal.wait_for("keeps this name")
        at_a_hands_pace(terminal, "tab", "enter")
        terminal.wait_for("8 imported")
        terminal.wait_for("operato")
        assert b"\x1b]0;owned" not in terminal.received
        assert "\u202e" not in terminal.text


def test_a_dropped_line_leaves_no_personal_data_and_no_process(city: Path) -> None:
    with console(city, (80, 24)) as terminal:
        sign_in(terminal, "sato")
        terminal.press("2")
        terminal.wait_for("2 ")
        terminal.signal(signal.SIGHUP)
        assert terminal.wait() == 128 + signal.SIGHUP
        assert terminal.received.rstrip().endswith(b"\x1b[2J\x1b[3J\x1b[H")
        assert terminal.text.strip() == ""


def test_a_tiny_terminal_is_survived(city: Path) -> None:
    with console(city, (80, 24)) as terminal:
        sign_in(terminal, "sato")
        for digit in "459":
            terminal.press(digit)
            terminal.resize(20, 5)
            terminal.resize(80, 24)
        terminal.wait_for("9 証跡")


def test_the_lock_hides_the_screen_and_only_both_factors_open_it(city: Path) -> None:
    with console(city, (80, 24)) as terminal:
        sign_in(terminal, "sato")
        terminal.press("5")
        terminal.wait_for("R-")
        terminal.press("ctrl+l")
        terminal.wait_until_gone("R-")
        assert "佐藤" not in terminal.text
        terminal.press("5", ":", "f10")
        terminal.type("wrong")
        at_a_hands_pace(terminal, "enter")
        terminal.type("000000").press("enter")
        terminal.wait_for("違います")
        assert "R-" not in terminal.text
