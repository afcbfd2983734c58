"""The words around our own sentences on the command line: click's, and the help of our commands.

click takes its sentences from gettext's default domain, whose language the environment alone decides, and prints
help as it stands in the code. Both are said here in the language in use; the Japanese stands in ``words.ja.json``.
"""

import gettext
import inspect
import json
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import click

from console.text import cells, wrap
from console.translation import SOURCE, language

_FILE: Final = Path(__file__).with_name("words.ja.json")
_COMMAND_TEXTS: Final = ("help", "short_help", "epilog", "options_metavar", "subcommand_metavar")
_PARAMETER_TEXTS: Final = ("help", "prompt")
_english: dict[tuple[Any, str], str] = {}  # what stood in the code, by the part of a command and its text


@cache
def japanese() -> dict[str, str]:
    """Return the Japanese of every text, by its English."""
    found: dict[str, str] = json.loads(_FILE.read_bytes())
    return found


def said(message: str) -> str:
    """Return ``message`` in the language in use, or as it stands where nobody translated it."""
    return message if language() == SOURCE else japanese().get(message, message)


def said_in_both(message: str) -> str:
    """Return ``message`` in English and in Japanese, for where no language could be chosen."""
    return f"{message}\n{japanese()[message]}"


def said_of(singular: str, plural: str, number: int) -> str:
    """Return the form that ``number`` needs, in the language in use."""
    return said(singular if number == 1 else plural)


def teach_click() -> None:
    """Let click say its own sentences in the language in use, and lay them out by cells."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "click":
            for word, theirs, ours in (("_", gettext.gettext, said), ("ngettext", gettext.ngettext, said_of)):
                if vars(module).get(word) is theirs:
                    setattr(module, word, ours)
    click.Context.formatter_class = CellFormatter


class CellFormatter(click.HelpFormatter):
    """Lays help out by the cells of a terminal, of which a kanji takes two; click counts characters."""

    def write_text(self, text: str) -> None:
        """Write paragraphs, each wrapped where the present indent leaves room."""
        for number, paragraph in enumerate(text.split("\n\n")):
            if number:
                self.write_paragraph()
            self._write_lines(paragraph, " " * self.current_indent)

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write names and what they are, the latter in one column."""
        indent, rows = " " * self.current_indent, list(rows)
        column = min(max((cells(name) for name, _help in rows), default=0), col_max) + col_spacing
        for name, meaning in rows:
            self.write(indent + name)
            if cells(name) > column - col_spacing:
                self.write("\n")
                self._write_lines(meaning, indent + " " * column)
            else:
                self._write_lines(meaning, indent + " " * column, begun=len(indent) + cells(name))

    def _write_lines(self, text: str, indent: str, *, begun: int = 0) -> None:
        """Write ``text`` behind ``indent``; ``begun`` cells of its first line stand there already."""
        for line in wrap(" ".join(text.split()), self.width - len(indent)):
            self.write(" " * (len(indent) - begun) + line + "\n")
            begun = 0


def speaking(command: click.Command) -> click.Command:
    """Return ``command`` with the help of it, its options and its subcommands in the language in use."""
    for part, text in texts(command):
        setattr(part, text, said(_english[part, text]))
    return command


def texts(command: click.Command) -> Iterator[tuple[Any, str]]:
    """Yield every text that the help of ``command`` shows, as the part that bears it and the name there."""
    parts: list[tuple[Any, tuple[str, ...]]] = [(command, _COMMAND_TEXTS)]
    parts += [(parameter, _PARAMETER_TEXTS) for parameter in command.params]
    for part, names in parts:
        for name in names:
            text = getattr(part, name, None)
            if isinstance(text, str) and text:
                _english.setdefault((part, name), inspect.cleandoc(text))
                yield part, name
    if isinstance(command, click.Group):
        for each in command.commands.values():
            yield from texts(each)


def english(part: Any, text: str) -> str:
    """Return what stood in the code before anybody spoke it."""
    return _english[part, text]
