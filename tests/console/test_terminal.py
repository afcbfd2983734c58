"""The terminal is asked what it can draw, and Textual's developer switches are off."""

import os
import pty
import subprocess
import sys
import threading

import pytest

from console.terminal import Glyphs, Profile, Widths, detect, measure_widths, prepare_environment

UTF8 = {"LANG": "C.UTF-8", "TERM": "xterm-256color"}


def test_an_ordinary_utf8_terminal_gets_japanese_and_lines() -> None:
    assert detect(UTF8, widths=Widths(1, 2)) == Profile()


def test_an_english_locale_gets_english() -> None:
    assert detect({**UTF8, "LANG": "en_US.UTF-8"}).language == "en"


@pytest.mark.parametrize("environ", [{**UTF8, "TERM": "linux"}, {"TERM": "linux", "LANG": "ja_JP.UTF-8"}])
def test_the_linux_console_speaks_english_with_plain_lines_and_says_so(environ: dict[str, str]) -> None:
    profile = detect(environ)
    assert (profile.glyphs, profile.language, profile.kanji) == (Glyphs.CP437, "en", False)
    assert profile.plain_colours
    assert "cannot draw Japanese" in profile.notice


def test_tmux_on_a_linux_console_counts_as_a_linux_console() -> None:
    inside = {**UTF8, "TERM": "tmux-256color", "TMUX": "/tmp/tmux-0/default,1,0"}
    assert detect(inside, client_term="linux").glyphs is Glyphs.CP437
    assert detect(inside, client_term="xterm-256color").glyphs is Glyphs.UNICODE


@pytest.mark.parametrize(
    "environ",
    [
        {"LANG": "C", "LC_CTYPE": "C.UTF-8", "TERM": "xterm"},
        {"LANG": "ja_JP.eucJP", "TERM": "xterm"},
        {"LANG": "C.UTF-8", "LC_ALL": "POSIX", "TERM": "xterm"},
    ],
)
def test_a_locale_that_is_not_utf8_gets_english_ascii(environ: dict[str, str]) -> None:
    profile = detect(environ)
    assert (profile.glyphs, profile.language, profile.kanji) == (Glyphs.ASCII, "en", False)
    assert profile.notice


def test_wide_lines_get_ascii_borders_but_keep_japanese() -> None:
    profile = detect(UTF8, widths=Widths(2, 2))
    assert (profile.glyphs, profile.language, profile.kanji) == (Glyphs.ASCII, "ja", True)
    assert "two cells" in profile.notice


def test_a_terminal_that_does_not_decode_utf8_gets_ascii() -> None:
    assert detect(UTF8, widths=Widths(3, 3)).glyphs is Glyphs.ASCII


def test_both_choices_can_be_overruled_and_then_nothing_is_said() -> None:
    profile = detect({**UTF8, "TERM": "linux"}, language="ja", glyphs="unicode")
    assert (profile.glyphs, profile.language, profile.kanji, profile.notice) == (Glyphs.UNICODE, "ja", True, "")


def test_unknown_glyphs_are_refused() -> None:
    with pytest.raises(ValueError, match="emoji"):
        detect(UTF8, glyphs="emoji")


def test_textual_switches_from_outside_are_removed_before_its_import() -> None:
    program = (
        "import os\n"
        "from console.terminal import prepare_environment\n"
        "prepare_environment(os.environ)\n"
        "from textual import constants as c\n"
        "print(c.DEBUG, c.DRIVER, c.LOG_FILE, c.SCREENSHOT_DELAY, c.PRESS, c.ESCAPE_DELAY, c.TEXTUAL_ANIMATIONS)\n"
    )
    hostile = {
        **os.environ,
        "TEXTUAL_DEBUG": "1",
        "TEXTUAL_DRIVER": "evil:Driver",
        "TEXTUAL_LOG": "/tmp/keys.log",
        "TEXTUAL_SCREENSHOT": "1",
        "TEXTUAL_SCREENSHOT_LOCATION": "/tmp",
        "TEXTUAL_PRESS": "a,b",
        "TEXTUAL_DEVTOOLS_HOST": "elsewhere",
        "ESCDELAY": "900",
    }
    answer = subprocess.run([sys.executable, "-c", program], env=hostile, capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["False", "None", "None", "-1", "0.025", "none"]


def test_few_glyphs_also_switch_the_extended_keyboard_off() -> None:
    environ = {"TEXTUAL_COLOR_SYSTEM": "256"}
    prepare_environment(environ, Profile(glyphs=Glyphs.CP437))
    assert environ == {
        "TEXTUAL_COLOR_SYSTEM": "256",
        "ESCDELAY": "25",
        "TEXTUAL_ANIMATIONS": "none",
        "TEXTUAL_DISABLE_KITTY_KEY": "1",
    }


@pytest.mark.parametrize(("line", "kanji"), [(2, 3), (3, 3)])
def test_widths_are_read_from_the_cursor_position_report(line: int, kanji: int) -> None:
    terminal, program = pty.openpty()

    def answer() -> None:
        asked = b""
        while asked.count(b"\x1b[6n") < 2:
            asked += os.read(terminal, 100)
        os.write(terminal, f"\x1b[1;{line}R\x1b[1;{kanji}R".encode())

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        assert measure_widths(program, program) == Widths(line - 1, kanji - 1)
    finally:
        thread.join()
        os.close(terminal)
        os.close(program)


def test_a_silent_terminal_is_taken_as_an_ordinary_one() -> None:
    terminal, program = pty.openpty()
    try:
        assert measure_widths(program, program) == Widths()
    finally:
        os.close(terminal)
        os.close(program)


def test_a_pipe_is_not_asked() -> None:
    reader, writer = os.pipe()
    try:
        assert measure_widths(reader, writer) == Widths()
    finally:
        os.close(reader)
        os.close(writer)
