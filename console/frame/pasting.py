"""What is pasted is text and never keys.

A terminal brackets what is pasted, but Textual reads escape sequences inside it as keys typed: a clipboard could press
Enter. Here they lose their control characters before anything reads them.
"""

from collections.abc import Iterable
from typing import Any, Final

from textual._xterm_parser import XTermParser
from textual.message import Message

_BEGIN: Final = "\x1b[200~"
_END: Final = "\x1b[201~"
_CONTROL: Final = {code: None for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\t\n\r"}


class GuardedParser(XTermParser):
    """Reads keys as Textual does, and what is pasted without its control characters."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._pasting = False
        self._held = ""  # what may be the first part of a mark whose rest is still to come
        self._read = 0  # how many characters of it were read already: an Esc alone may be the key

    def feed(self, data: str) -> Iterable[Message]:
        """Read ``data``; an empty text is the end of the input."""
        known = self._harmless(data) if data else self._held[self._read :]
        if known:
            yield from super().feed(known)
        if not data:
            yield from super().feed("")

    def _harmless(self, data: str) -> str:
        """Return what can be read of ``data`` and what was held."""
        data, self._held, found = self._held + data, "", ""
        while True:
            part, mark, rest = data.partition(_END if self._pasting else _BEGIN)
            if not mark:
                kept = self._begun(part)
                part, self._held = part[: len(part) - kept], part[len(part) - kept :]
            found += (part.translate(_CONTROL) if self._pasting else part) + mark
            if not mark:
                break
            self._pasting, data = not self._pasting, rest
        if found:
            found, self._read = found[self._read :], 0
        if found.endswith("\x1b") and not self._held:
            self._held, self._read = "\x1b", 1
        return found

    def _begun(self, text: str) -> int:
        """Return how many characters at the end of ``text`` may be the beginning of the mark that comes next."""
        mark, least = (_END, 1) if self._pasting else (_BEGIN, 2)
        return next((size for size in range(len(mark) - 1, least - 1, -1) if text.endswith(mark[:size])), 0)
