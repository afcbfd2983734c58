"""When one password resembles another: refused at a change, and judged later without keeping either (AC-PWD-02).

A *shape* is a form of a password that similar passwords share: without its counters, its case, its symbols, its
order of words, its letter-for-digit play, its direction, or any one character.
"""

import re
from typing import Final

from accesscontrol.people.secret import Secret, concealed

_PLAY: Final = str.maketrans("@48031!$5+7|2", "aaboeiissttlz")
_ENDS: Final = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_NO_LETTER: Final = re.compile(r"[\W\d_]+")
_COUNTER: Final = re.compile(r"\d+")
_SHORTEST_SHAPE: Final = 5  # a shorter remainder says nothing about the password it was taken from


def fold(text: str) -> str:
    """Return ``text`` without case."""
    return text.casefold()


def undo_play(text: str) -> str:
    """Return folded ``text`` with digits and signs that stand for letters put back (p@ssw0rd, password)."""
    return text.translate(_PLAY)


def _core(folded: str) -> str:
    """Return the letters of ``folded`` without what stands before and after them, play undone."""
    return _NO_LETTER.sub("", undo_play(_ENDS.sub("", folded)))


def _either_way(shape: str) -> str:
    return min(shape, shape[::-1])


def _one_left_out(text: str) -> set[str]:
    return {text[:index] + text[index + 1 :] for index in range(len(text))}


@concealed
def shapes(password: Secret) -> list[Secret]:
    """Return the shapes of a normalised password, without saying which is which; any one in common is similar."""
    folded = fold(password.text())
    words = [word for word in _NO_LETTER.split(folded) if word]
    forms = {
        folded,
        _COUNTER.sub("#", folded),
        "".join(words),
        " ".join(sorted(words)),
        _core(folded),
    }
    forms |= _one_left_out(folded)
    telling = {form for form in forms if len(form) >= _SHORTEST_SHAPE} | {folded}
    return [Secret(form) for form in sorted({_either_way(form) for form in telling})]


@concealed
def similar(new: Secret, present: Secret, *, minimum_distance: int) -> bool:
    """Tell whether ``new`` equals or resembles ``present`` (both normalised): the rules of libpwquality, and shapes.

    Fewer than ``minimum_distance`` edits, unless the new one is at least twice as long; a rotation; the reverse;
    any shape in common.
    """
    ours, theirs = fold(new.text()), fold(present.text())
    if len(ours) == len(theirs) and ours in theirs + theirs:
        return True
    if len(ours) < 2 * len(theirs) and any(
        distance(ours, other) < minimum_distance for other in (theirs, theirs[::-1])
    ):
        return True
    earlier = {shape.text() for shape in shapes(present)}
    return any(shape.text() in earlier for shape in shapes(new))


def distance(left: str, right: str) -> int:
    """Return the number of characters to insert, delete or replace between the two texts (Levenshtein)."""
    previous = list(range(len(right) + 1))
    for row, one in enumerate(left, start=1):
        current = [row]
        for column, other in enumerate(right, start=1):
            current.append(min(previous[column] + 1, current[-1] + 1, previous[column - 1] + (one != other)))
        previous = current
    return previous[-1]
