"""Sentences that were kept in English (why an act failed, what a ledger notes), in the language of who reads them.

What is kept is one sentence with its fields filled in. It is told again by the msgid that it came from: the one with
the most words of its own that fits.
"""

import re
import struct
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Final

from console.translation import LOCALES, PACKAGES, SOURCE, _, language, system_words

_LEAST_WORDS: Final = 10  # letters of its own that a sentence must have, or it would fit anything
_HEADER: Final = struct.Struct("<5I")  # of a compiled catalogue: magic, version, messages, where they and theirs are
_ENTRY: Final = struct.Struct("<2I")
Parts = Sequence[tuple[str, str]]
"""A msgid in parts: own words, and the name of the field that follows them (empty at the end)."""


def retold(text: str) -> str:
    """Return a kept English sentence in the reader's language where it is one of ours; else as the system's words."""
    if language() == SOURCE or not text:
        return system_words(text)
    if (said := _(text)) != text:
        return said
    for msgid, parts in _sentences(language()):
        if all(own in text for own, _name in parts) and (found := _pattern(msgid).fullmatch(text)):
            return _(msgid).format(**{name: _each(value) for name, value in found.groupdict().items()})
    return system_words(text)


def _each(text: str) -> str:
    """Return a field: one text, or several that the sentence lists."""
    return ", ".join(map(retold, text.split(", ")))


@cache
def _sentences(spoken: str) -> Sequence[tuple[str, Parts]]:
    """Return the msgids with fields that can be told from each other, those with the most words of their own first."""
    found = {}
    for package in PACKAGES:
        for msgid in _msgids(LOCALES / spoken / "LC_MESSAGES" / f"{package}.mo"):
            parts = _parts(msgid)
            if parts and sum(len(own) for own, _name in parts) >= _LEAST_WORDS:
                found[msgid] = parts
    return sorted(found.items(), key=lambda item: -sum(len(own) for own, _name in item[1]))


def _parts(msgid: str) -> Parts:
    """Return a msgid in parts; nothing for one without fields, or whose fields are written in a form of their own."""
    try:
        parts = [(own, name or "", form or conversion) for own, name, form, conversion in Formatter().parse(msgid)]
    except ValueError:
        return ()
    if any(form or (name and not name.isidentifier()) for _own, name, form in parts):
        return ()
    return [(own, name) for own, name, _form in parts] if any(name for _own, name, _form in parts) else ()


@cache
def _pattern(msgid: str) -> re.Pattern[str]:
    written, names = "", set[str]()
    for own, name in _parts(msgid):
        written += re.escape(own)
        if name:
            written += f"(?P={name})" if name in names else f"(?P<{name}>.+?)"
            names.add(name)
    return re.compile(written, re.DOTALL)


def _msgids(path: Path) -> list[str]:
    """Return the msgids of a compiled catalogue (GNU gettext, little endian), without contexts and plurals."""
    if not path.is_file():
        return []
    data = path.read_bytes()
    _magic, _version, count, start, _theirs = _HEADER.unpack_from(data)
    places = (_ENTRY.unpack_from(data, start + number * _ENTRY.size) for number in range(count))
    found = (data[place : place + size].decode("utf-8") for size, place in places)
    return [each for each in found if each and "\0" not in each]
