"""Masking secrets and individual numbers in a stream of text, before any of it is written.

What must be hidden may be split: between two chunks, and by escape sequences that a terminal doesn't show (a colour
in the middle of a number). So the end of a chunk that may be the beginning of something to hide is held back, never
more than ``HELD_CHARACTERS`` of it plus what the longest secret needs, and whoever writes calls ``expire`` when it was
held long enough.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Final

from accesscontrol.individual_numbers import BODY_DIGITS, individual_number_spans
from accesscontrol.people.secret import Secret

HELD_CHARACTERS: Final = 4_096
_BEFORE: Final = 96  # shown characters of what was released that are kept, to judge what follows
_NUMBER: Final = 16  # an individual number with its separators, and one character
_TELLING: Final = 4  # this many characters of an undecided number or secret may show; more may not

_STRING = r"\x1b[\]PX^_][^\x07\x1b]"
_INVISIBLE: Final = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]{0,256}[ -/]{0,16}(?:[@-~]|\Z)"  # a control sequence, whole or not yet
    rf"|{_STRING}{{0,{HELD_CHARACTERS}}}(?:\x07|\x1b\\|\x1b?\Z)"  # a title, a link, a clipboard: a string
    r"|\x1b[ -/]{0,16}(?:[0-~]|\Z)"
    r"|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u2060-\u2064\ufeff]"
)
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x9b\u200b-\u200f\u2060-\u2064\ufeff]")
_CONTROLS_AS_NUL: Final = bytes(0 if _CONTROL.match(chr(octet)) else 1 for octet in range(128)) + bytes(128)
_UNFINISHED: Final = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]{0,256}[ -/]{0,16}\Z"
    rf"|{_STRING}{{0,{HELD_CHARACTERS}}}\x1b?\Z"
    r"|\x1b[ -/]{0,16}\Z"
)
_GAP = r"[\s\-\u00ad\u2010-\u2015\u2212\u30fb\u30fc\uff0d\uff70]?"
_BEGINNING: Final = re.compile(rf"(?<!\d)(?:\d{{4}}{_GAP}\d{{4}}{_GAP}\d{{0,4}}|\d{{4}}{_GAP}\d{{0,4}}|\d{{1,4}})\Z")
_DIGEST: Final = "0123456789abcdefABCDEF-"
_TOKEN: Final = 64  # a run of hexadecimal digits this long is a digest or more, whatever follows


class Masking:
    """Masks one stream. Characters are replaced one for one, so that what a screen shows keeps its places."""

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        self._secrets = tuple(text for text in (secret.text() for secret in secrets) if text)
        self._before = max([_BEFORE, *(len(secret) for secret in self._secrets)])
        self._text = ""  # what was released and still tells how to judge the rest, then what is held back
        self._released = 0

    def __repr__(self) -> str:
        return f"<masking, {self.held} held>"

    @property
    def held(self) -> int:
        """Return how many characters are held back."""
        return len(self._text) - self._released

    def feed(self, text: str) -> str:
        """Take the next piece of the stream and return, masked, what can be judged by now."""
        self._text += text
        views = _views(self._text)
        undecided = (view.place(self._undecided(view.text)) for view in views)
        return self._release(min(unfinished_at(self._text), *undecided), views, self._hidden(views))

    def expire(self) -> str:
        """Return all that is held back; of a number or secret that may go on, no more than four characters show.

        A line's end settles that it doesn't go on. What follows is still judged together with what came out here.
        """
        views = _views(self._text)
        hidden = self._hidden(views)
        for view in views:
            begun = self._begun(view.text)
            if len(view.text) - begun > _TELLING and "\n" not in view.text[begun:]:
                hidden.update(map(view.place, range(begun, len(view.text))))
        return self._release(len(self._text), views, hidden)

    def finish(self) -> str:
        """Return the rest of a stream that has ended."""
        views = _views(self._text)
        return self._release(len(self._text), views, self._hidden(views))

    def _release(self, cut: int, views: Sequence["_View"], hidden: Collection[int]) -> str:
        """Return what is before ``cut`` and not yet released, and forget what no longer tells anything."""
        start, end = self._released, max(cut, self._released)
        released = self._text[start:end]
        if hidden:
            characters = list(released)
            for place in hidden:
                if start <= place < end:
                    characters[place - start] = "*"
            released = "".join(characters)
        shown = views[-1]
        keep = min(shown.place(max(0, shown.index(end) - self._before)), end)
        keep = max(keep, end - 2 * HELD_CHARACTERS)
        self._text, self._released = self._text[keep:], end - keep
        return released

    def _hidden(self, views: Sequence["_View"]) -> set[int]:
        """Return the places of all characters that must not be written."""
        hidden: set[int] = set()
        for view in views:
            for start, end in individual_number_spans(view.text):
                hidden.update(view.place(each) for each in range(start, end) if view.text[each].isdecimal())
            for start, end in self._found(view.text):
                hidden.update(map(view.place, range(start, end)))
        return hidden

    def _found(self, text: str) -> Iterator[tuple[int, int]]:
        for secret in self._secrets:
            start = text.find(secret)
            while start >= 0:
                yield start, start + len(secret)
                start = text.find(secret, start + 1)

    def _undecided(self, text: str) -> int:
        """Return the index from which what follows may change the judgement."""
        undecided = self._begun(text)
        tail = text[-_BEFORE:]
        token = len(tail) - len(tail.rstrip(_DIGEST))
        if BODY_DIGITS < token <= _TOKEN:  # a digest may have begun, in which a run of digits is evidence
            offset = len(text) - len(tail)
            begun = (offset + start for start, end in individual_number_spans(tail) if len(tail) - end < token)
            undecided = min([undecided, *begun])
        return undecided

    def _begun(self, text: str) -> int:
        """Return the index at which a number or secret begins that may go on, or the length of ``text``."""
        number = _BEGINNING.search(text, max(0, len(text) - _NUMBER))
        begun = number.start() if number else len(text)
        for secret in self._secrets:
            for length in range(min(len(secret) - 1, len(text)), 0, -1):
                if text.endswith(secret[:length]):
                    begun = min(begun, len(text) - length)
                    break
        return begun


class _View:
    """A text as it stands, or as a terminal shows it; ``place`` tells where a character of it stands in the text."""

    def __init__(self, raw: str, text: str) -> None:
        self._raw = raw
        self.text = text

    def place(self, index: int) -> int:
        """Return the place in the text of the character at ``index``; an end is the text's end."""
        if len(self._raw) == len(self.text):
            return index
        if index >= len(self.text):
            return len(self._raw)
        at = bisect_right(self._starts, index) - 1
        return index + self._shifts[at]

    def index(self, place: int) -> int:
        """Return how many characters of this view stand before ``place``."""
        if len(self._raw) == len(self.text):
            return place
        return bisect_left(range(len(self.text)), place, key=self.place)

    @cached_property
    def _gaps(self) -> tuple[list[int], list[int]]:
        starts, shifts, removed = [0], [0], 0
        for match in _INVISIBLE.finditer(self._raw):
            index = match.start() - removed
            removed += match.end() - match.start()
            if index == starts[-1]:
                shifts[-1] = removed
            else:
                starts.append(index)
                shifts.append(removed)
        return starts, shifts

    @property
    def _starts(self) -> list[int]:
        return self._gaps[0]

    @property
    def _shifts(self) -> list[int]:
        return self._gaps[1]


def _views(text: str) -> Sequence[_View]:
    """Return ``text`` as it stands and, last, as a terminal shows it; one view when they are the same."""
    plain = _View(text, text)
    if text.isascii():
        controlled = 0 in text.encode("ascii").translate(_CONTROLS_AS_NUL)
    else:
        controlled = _CONTROL.search(text) is not None
    return (plain, _View(text, _INVISIBLE.sub("", text))) if controlled else (plain,)


def unfinished_at(text: str) -> int:
    """Return the place at which an escape sequence begins that is not yet whole, or the length of ``text``."""
    if "\x1b" not in text and "\x9b" not in text:
        return len(text)
    match = _UNFINISHED.search(text, max(0, len(text) - HELD_CHARACTERS - _BEFORE))
    return match.start() if match else len(text)


def masked_whole(text: str, secrets: Iterable[Secret] = ()) -> str:
    """Return a text that stands alone (a label, a title), masked."""
    masking = Masking(secrets)
    return masking.feed(text) + masking.finish()


def shown_text(text: str) -> str:
    """Return ``text`` without escape sequences and other characters that a terminal doesn't show."""
    return _views(text)[-1].text
