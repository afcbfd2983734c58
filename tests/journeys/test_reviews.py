"""A review by keyboard alone, in the real program: ordered, answered, signed, closed, and its report read."""

import re
from pathlib import Path

import pytest

from accesscontrol.reviews import closing, reading
from accesscontrol.reviews.model import State
from console.demo.people import characters
from console.wiring import open_site
from tests.terminal_driver import Terminal

from .test_console import at_a_hands_pace, console, sign_in

WORDS = {
    "ja": {
        "reviews": "V-0002",
        "order": "固定し",
        "waiting": "あなたの回答待ち",
        "code": r"現在のコードは (\d{6})",
        "label": "コード",
        "asked": "Enter で回答します",
        "ready": "回答に署名します",
        "settled": "是正中",
        "closed": "報告書に署名しました",
        "fits": "すべて一致",
    },
    "en": {
        "reviews": "V-0002",
        "order": "is frozen",
        "waiting": "waiting for you",
        "code": r"the code is (\d{6})",
        "label": "Code",
        "asked": "Enter answers",
        "ready": "n signs the answers",
        "settled": "being remedied",
        "closed": "its report signed",
        "fits": "signatures fit",
    },
}

REFUSED = "AC-AUT-01"
FAR_RIGHT = 45  # cells from the label: in the line, and where neither what is typed nor the cursor ever stands


def order(terminal: Terminal, words: dict[str, str]) -> None:
    """Order the check of unneeded IDs, and open its items."""
    terminal.press("n")
    terminal.wait_for(words["order"])
    at_a_hands_pace(terminal, "tab")
    terminal.type("December, all systems")
    terminal.wait_for("December")
    at_a_hands_pace(terminal, "enter", "enter", "enter")
    terminal.wait_for("V-0003")
    terminal.press("o")
    terminal.wait_for(words["waiting"])


def press_and_leave(terminal: Terminal, label: str, key: str) -> None:
    """Press a key that takes the focus to, or from, the line with ``label``, and wait until its colour says so."""
    lines = terminal.wait_for(f"  {label} ").splitlines()
    y = next(number for number, line in enumerate(lines) if f"  {label} " in line)
    x = lines[y].index(label) + FAR_RIGHT

    def colour() -> str:
        return str(terminal._screen.buffer[y][x].bg)

    before = colour()
    terminal.press(key)
    terminal._wait(lambda: bool(terminal.text) and colour() != before, f"kept the focus where it was for {key}")


def shown_code(terminal: Terminal, words: dict[str, str]) -> str:
    """Return the code that the dialog shows, or nothing."""
    found = re.search(words["code"], terminal.text)
    return found[1] if found else ""


def prove(terminal: Terminal, login: str, words: dict[str, str], used: str = "") -> str:
    """Sign with both factors and return the code: the demo shows one in the dialog, after a while another than ``used``."""
    password = next(each.password for each in characters() if each.login == login)
    terminal._wait(lambda: shown_code(terminal, words) not in {"", used}, "never showed a code that is new")
    terminal.type(password)
    terminal.wait_for("•" * len(password))
    press_and_leave(terminal, words["label"], "enter")
    code = shown_code(terminal, words)
    terminal.type(code)
    press_and_leave(terminal, words["label"], "enter")
    terminal.press("enter")
    return code


def sign(terminal: Terminal, words: dict[str, str], stage: str) -> None:
    """Give the next signature; a code on the screen that was that of the second before is asked for once more."""
    terminal.press("n")
    used = prove(terminal, "sato", words)
    terminal._wait(lambda: words[stage] in terminal.text or REFUSED in terminal.text, f"never showed {words[stage]}")
    if REFUSED in terminal.text:
        prove(terminal, "sato", words, used)
    terminal.wait_for(words[stage])


def answer(terminal: Terminal, words: dict[str, str]) -> None:
    """Keep every candidate, all alike at a time; the reason is typed once."""
    said = False
    while True:
        terminal._wait(lambda: "▸ -" in terminal.text or words["ready"] in terminal.text, "showed no open item")
        if words["ready"] in terminal.text:
            return
        terminal.press("m")
        terminal.wait_for("▸*")
        terminal.press("k")
        terminal.wait_for(words["asked"])
        if not said:
            terminal.type("stand-by")
            terminal.wait_for("stand-by")
            said = True
        terminal.press("enter")
        terminal.wait_until_gone(words["asked"])
        terminal.wait_until_gone("▸*")
        terminal.press("r")


@pytest.mark.parametrize(("language", "size"), [("ja", (80, 24)), ("en", (120, 40))])
def test_a_review_is_walked_to_its_signed_report(city: Path, language: str, size: tuple[int, int]) -> None:
    words = WORDS[language]
    with console(city, size, language) as terminal:
        sign_in(terminal, "sato")
        terminal.press("3")
        terminal.wait_for(words["reviews"])
        order(terminal, words)
        answer(terminal, words)
        sign(terminal, words, "settled")
        sign(terminal, words, "closed")
        at_a_hands_pace(terminal, "p")
        terminal.wait_for(words["fits"])
        terminal.press("f10")
        assert terminal.wait() == 0
    site = open_site(city)
    try:
        review = reading.get(site.store, 3)
        assert review.state is State.CLOSED
        assert review.answered == review.items > 0
        assert closing.faults(site.store, review) == []
    finally:
        site.store.close()
