"""How a title is read: whoever types kana, or another name for a thing, finds it in the palette.

``readings.ja.json`` holds the kana of the words of which titles are made, and other names of an act by its msgid.
"""

import json
from functools import cache
from pathlib import Path
from typing import Final

_FILE: Final = Path(__file__).with_name("readings.ja.json")


@cache
def _table() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads(_FILE.read_text(encoding="utf-8"))
    return found


def reading(title: str) -> str:
    """Return ``title`` with each word of the table in kana, the longest first; what it doesn't hold stays."""
    words, said, at = _table()["words"], "", 0
    longest = max(map(len, words))
    while at < len(title):
        ends = range(min(len(title), at + longest), at, -1)
        end = next((end for end in ends if title[at:end] in words), at + 1)
        said += words.get(title[at:end], title[at:end])
        at = end
    return said


def names(msgid: str, title: str) -> str:
    """Return by what else than ``title`` an act is found: its English, its kana, and other names."""
    return " ".join((msgid, reading(title), _table()["also"].get(msgid, "")))
