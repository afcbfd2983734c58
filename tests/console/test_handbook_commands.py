"""Every command that the handbook tells people to type exists, with the options that it names."""

import re
import shlex
from collections.abc import Iterator
from typing import Final

import click
import pytest

from console.cli import main
from tests.architecture import ROOT

HANDBOOK: Final = (ROOT / "docs" / "handbook.ja.md").read_text("utf-8")
LONGEST_WORD: Final = re.compile(r"[a-z][a-z-]*")


def typed() -> list[str]:
    """Return all commands in the text, each once, in their order."""
    return list(dict.fromkeys(re.findall(r"`(sekisho [^`]+)`", HANDBOOK)))


def followed(line: str) -> Iterator[tuple[click.Command, list[str]]]:
    """Yield the command that a line means, with the words after its name; ``list / issue`` names two of one group."""
    words = shlex.split(line)[1:]
    command: click.Command = main
    while isinstance(command, click.Group) and words:
        context = click.Context(command)
        if "/" in words and LONGEST_WORD.fullmatch(words[0]) and len(words) >= 3 and words[1] == "/":
            for name in words:
                if name != "/":
                    found = command.get_command(context, name)
                    assert found is not None, f"{line}: there is no command {name}"
                    yield found, []
            return
        found = command.get_command(context, words[0])
        assert found is not None, f"{line}: there is no command {words[0]}"
        command, words = found, words[1:]
    yield command, words


def test_the_handbook_names_commands() -> None:
    assert len(typed()) > 60


@pytest.mark.parametrize("line", typed())
def test_a_command_of_the_handbook_exists_with_its_options_and_their_values(line: str) -> None:
    for command, words in followed(line):
        known = {name: each for each in command.params if isinstance(each, click.Option) for name in each.opts}
        named = [word for word in words if word.startswith("--")]
        assert set(named) <= set(known), f"{line}: {set(named) - set(known)}"
        for name in named:
            choice, value = known[name].type, words[words.index(name) + 1 : words.index(name) + 2]
            if isinstance(choice, click.Choice) and value != ["…"]:
                assert set(value) & set(choice.choices), line


def test_a_command_that_is_not_there_is_found_out() -> None:
    with pytest.raises(AssertionError, match="no command nothing"):
        list(followed("sekisho accounts nothing"))
