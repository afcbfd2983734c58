"""What is said of one control: how far it is kept, by what, with which evidence, and what people still do by hand."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from accesscontrol.messages import N_


class Standing(StrEnum):
    """How far a control is in force."""

    IN_FORCE = "in-force"
    PARTLY = "partly"
    NOT_YET = "not-yet"


STANDING_TITLES: Final = {
    Standing.IN_FORCE: N_("in force"),
    Standing.PARTLY: N_("in part"),
    Standing.NOT_YET: N_("by hand"),
}


class Period(StrEnum):
    """How often a named person states that the work by hand was done."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


PERIOD_TITLES: Final = {
    Period.MONTH: N_("every month"),
    Period.QUARTER: N_("every quarter"),
    Period.YEAR: N_("every fiscal year"),
}

ENTERED: Final = N_(
    "Whoever is responsible enters the reference of each record, signed, and a period without one is shown as overdue."
    " What the record says is not judged."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """What keeps a control. ``extent`` and ``by_hand`` are msgids.

    ``by`` names the code, as ``module:name`` or a module; kinds of request, rules, record checks and tasks carry their
    controls themselves and are not named again. ``acts`` are those of the trail that are its evidence, and ``tests``
    would fail without it. ``by_hand`` is what a person still has to do, and empty where nothing is. ``every`` is how
    often that is stated, signed; None where the console itself sees whether it was done.
    """

    standing: Standing
    extent: str = ""
    by: tuple[str, ...] = ()
    acts: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    by_hand: str = ""
    every: Period | None = None


def whole(
    extent: str, by_hand: str = "", *, by: str = "", acts: str = "", tests: str, every: Period | None = None
) -> Guard:
    """Return the guard of a control that is in force. ``by``, ``acts`` and ``tests`` are lists with blanks between."""
    return _guard(Standing.IN_FORCE, extent, by_hand, by, acts, tests, every)


def part(extent: str, by_hand: str, *, by: str = "", acts: str = "", tests: str, every: Period | None = None) -> Guard:
    """Return the guard of a control that is kept in part; the rest is done by hand."""
    return _guard(Standing.PARTLY, extent, by_hand, by, acts, tests, every)


def hand(by_hand: str, every: Period) -> Guard:
    """Return what is done by hand, and how often stated, for a control that nothing here keeps."""
    return Guard(standing=Standing.NOT_YET, by_hand=by_hand, every=every)


def _guard(
    standing: Standing, extent: str, by_hand: str, by: str, acts: str, tests: str, every: Period | None
) -> Guard:
    return Guard(
        standing=standing,
        extent=extent,
        by=tuple(by.split()),
        acts=tuple(acts.split()),
        tests=tuple(f"tests/{test}" for test in tests.split()),
        by_hand=by_hand,
        every=every,
    )
