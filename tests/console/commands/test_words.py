"""The command line speaks the chosen language to the last word: its help, and what click says when it is misused."""

import ast
import string
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from console import translation
from console.cli import main
from console.commands import words
from console.text import cells

CLICK = Path(click.__file__).parent
NOT_SAID = {"_winconsole.py", "testing.py"}


def commands() -> Iterator[click.Command]:
    yield main
    context = click.Context(main)
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        assert command is not None
        yield command


def help_texts() -> set[str]:
    return {words.english(part, text) for command in commands() for part, text in words.texts(command)}


@cache
def of_click() -> set[str]:
    """Return every sentence that click hands to gettext."""
    found = set()
    for path in CLICK.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"_", "ngettext"}:
                found |= {each.value for each in node.args if isinstance(each, ast.Constant)}
    return {each for each in found if isinstance(each, str)}


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_help_text_is_there_in_japanese() -> None:
    assert help_texts() - words.japanese().keys() == set()


def test_nothing_is_kept_that_nobody_says() -> None:
    others = {"required", "Show this message and exit.", translation.NOT_COMPILED}
    assert words.japanese().keys() - help_texts() - of_click() - others == set()


def test_a_sentence_names_no_value_that_click_does_not_fill_in() -> None:
    for english, japanese in words.japanese().items():
        if english in of_click():
            assert fields(japanese) <= fields(english), english


@pytest.mark.parametrize("name", main.list_commands(click.Context(main)))
def test_help_is_japanese_and_fits_eighty_columns(name: str) -> None:
    command = main.get_command(click.Context(main), name)
    assert command is not None
    for each in (command, *(command.commands.values() if isinstance(command, click.Group) else ())):
        shown = words.speaking(each).get_help(click.Context(each, info_name=each.name, max_content_width=80))
        assert "使い方" in shown
        names = ("  -", "  [")  # one that lists every choice can't be broken
        assert all(cells(line) <= 80 for line in shown.splitlines() if not line.startswith(names))


@pytest.mark.parametrize(
    ("arguments", "japanese", "english"),
    [
        (["nothing"], "コマンド 'nothing' はありません。", "No such command 'nothing'."),
        (["--bogus"], "オプション '--bogus' はありません。", "No such option '--bogus'."),
        (["accounts"], "使い方: ", "Usage: "),
        (["accounts", "discard"], "引数がありません: 'SYSTEM'", "Missing argument 'SYSTEM'"),
        (["trail", "list", "--as"], "オプション '--as' はありません。", "No such option '--as'."),
        (
            ["trail", "list", "--limit"],
            "オプション '--limit' には値が必要です。",
            "Option '--limit' requires an argument.",
        ),
        (["trail", "list", "--limit", "many"], "'many' を数として読めません。", "'many' is not a valid integer range."),
        (["--glyphs", "x", "status"], "'x' は使えません。次のどれかにしてください", "'x' is not one of"),
        (["status", "more"], "余分な引数があります（more）", "Got unexpected extra argument (more)"),
        (["logs", "import"], "引数がありません: 'FILE'", "Missing argument 'FILE'"),
        (["controls", "state", "X"], "オプションがありません: '--words'", "Missing option '--words'"),
    ],
)
def test_what_is_wrong_on_the_command_line_is_said_in_the_language_that_was_asked_for(
    arguments: list[str], japanese: str, english: str
) -> None:
    for language, wanted in (("ja", japanese), ("en", english)):
        done = CliRunner().invoke(main, ["--lang", language, *arguments], prog_name="sekisho")
        assert done.exit_code == 2
        assert wanted in done.output


@pytest.mark.parametrize("written", [["--lang", "en"], ["--lang=en"]])
def test_help_follows_the_language_of_the_same_line(written: list[str]) -> None:
    assert "Usage: sekisho" in CliRunner().invoke(main, [*written, "--help"], prog_name="sekisho").output
    assert "Options" in CliRunner().invoke(main, ["--help", *written], prog_name="sekisho").output


def test_without_a_choice_the_locale_decides_and_japanese_where_it_says_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    for locale, wanted in (("en_GB.UTF-8", "Usage:"), ("ja_JP.UTF-8", "使い方:"), ("C", "使い方:")):
        monkeypatch.setenv("LANG", locale)
        assert wanted in CliRunner().invoke(main, ["--help"]).output
