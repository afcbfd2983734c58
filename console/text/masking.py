"""Names hidden on the screen until someone asks for them."""

import re

_MASK = "＊＊"  # full-width, two cells each in every font; its length tells nothing about the name's
_FAMILY_AND_GIVEN = re.compile(r"^(\S+)[ \u3000]+\S")


def mask(name: str) -> str:
    """Return ``name`` with all but its family name hidden; a name of one word keeps its first letter."""
    name = name.strip()
    if not name:
        return ""
    pair = _FAMILY_AND_GIVEN.match(name)
    return (pair.group(1) if pair else name[0]) + _MASK


class _Terminal:
    """What the one terminal of this program can draw."""

    kanji = True


def draw_kanji(drawn: bool) -> None:  # noqa: FBT001 - what it says
    """Say whether the terminal draws kanji; where it doesn't, people are named by their numbers."""
    _Terminal.kanji = drawn


def draws_kanji() -> bool:
    """Tell whether the terminal draws kanji."""
    return _Terminal.kanji


def shown_name(name: str, number: str) -> str:
    """Return a person's masked name, or the staff number where there is no name or the terminal can't draw it."""
    return (mask(name) if _Terminal.kanji else "") or number
