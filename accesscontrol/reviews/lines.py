"""A line of the snapshot: one user ID with its rights as they stood, and what about it deserves a look."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

import msgspec

from accesscontrol.messages import N_
from accesscontrol.people.reading import Reader

UNUSED_DAYS: Final = 90
SOON: Final = timedelta(days=30)


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One user ID when the snapshot was taken. Instants are UTC.

    ``reason`` may be a msgid, ``reference`` names the request behind it. ``granted`` is what the ledger gives,
    ``effective`` what the system itself showed at ``read_at``, inherited rights included; ``readable`` is False when
    the system could not be read, and then what it shows is unknown, not clean. ``staff_number`` is the owner, empty
    when the ID is nobody's; ``present`` tells whether that person still belongs to the city or to a contract in force.
    ``grantors`` are the staff numbers of those who decided on the grants. ``pledge`` is the reference of the written
    pledge of a worker who is not city staff (AC-CTR-02).
    """

    system: str
    user_id: str
    staff_number: str = ""
    name: str = ""
    office: str = ""
    present: bool = True
    contractor: bool = False
    privileged: bool = False
    granted: tuple[str, ...] = ()
    effective: tuple[str, ...] = ()
    enabled: bool = True
    readable: bool = True
    read_at: datetime | None = None
    last_use: datetime | None = None
    valid_until: datetime | None = None
    reason: str = ""
    reference: str = ""
    grantors: tuple[str, ...] = ()
    pledge: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What names the ID for good."""
        return self.system, self.user_id

    @property
    def rights(self) -> tuple[str, ...]:
        """Every right that the ID has, by the ledger or by what its system shows."""
        return tuple(sorted({*self.granted, *self.effective}))


class Sight(msgspec.Struct, frozen=True, kw_only=True):
    """What a reading of the target at ``read_at`` (UTC) showed of one ID; ``exists`` is False when it is gone."""

    read_at: datetime
    exists: bool = True
    enabled: bool = True
    rights: tuple[str, ...] = ()
    valid_until: datetime | None = None

    @property
    def usable(self) -> bool:
        """Tell whether anything is left that could be used."""
        return self.exists and (self.enabled or bool(self.rights))


class Ledger(Protocol):
    """What a review must know of the user IDs, whoever keeps them."""

    def lines(self, reader: Reader, at: datetime) -> Sequence[Line]:
        """Return every ID that is not discarded, those too whose owner is unknown or whose system is unreadable."""
        ...

    def sight(self, reader: Reader, system: str, user_id: str) -> Sight | None:
        """Return what the newest good reading of ``system`` showed of the ID; None when it was never read."""
        ...


class Trait(StrEnum):
    """What about a line deserves a look, the gravest first."""

    NOBODYS = "nobodys"
    LEFT = "left"
    ENDED = "ended"
    UNREADABLE = "unreadable"
    NOT_GRANTED = "not-granted"
    NEVER_USED = "never-used"
    UNUSED = "unused"
    PRIVILEGED = "privileged"
    EXPIRING = "expiring"
    CONTRACTOR = "contractor"


TRAIT_TITLES: Final[Mapping[Trait, str]] = {
    Trait.NOBODYS: N_("nobody's ID"),
    Trait.LEFT: N_("owner has left"),
    Trait.ENDED: N_("past its end"),
    Trait.UNREADABLE: N_("system unreadable"),
    Trait.NOT_GRANTED: N_("more than granted"),
    Trait.NEVER_USED: N_("never used"),
    Trait.UNUSED: N_("long unused"),
    Trait.PRIVILEGED: N_("privileged"),
    Trait.EXPIRING: N_("ends soon"),
    Trait.CONTRACTOR: N_("contractor"),
}
UNNEEDED: Final = frozenset({Trait.NOBODYS, Trait.LEFT, Trait.ENDED, Trait.NEVER_USED, Trait.UNUSED})
"""What makes an ID a candidate of the check for unneeded IDs (AC-USR-02), and a keep an answer that needs words."""


def traits(line: Line, at: datetime, *, unused_days: int = UNUSED_DAYS) -> tuple[Trait, ...]:
    """Return what about ``line`` deserves a look at ``at``, the gravest first."""
    left = None if line.valid_until is None else line.valid_until - at
    found = {
        Trait.NOBODYS: not line.staff_number,
        Trait.LEFT: bool(line.staff_number) and not line.present,
        Trait.ENDED: left is not None and left <= timedelta(),
        Trait.UNREADABLE: not line.readable,
        Trait.NOT_GRANTED: line.readable and bool(set(line.effective) - set(line.granted)),
        Trait.NEVER_USED: line.last_use is None,
        Trait.UNUSED: line.last_use is not None and at - line.last_use > timedelta(days=unused_days),
        Trait.PRIVILEGED: line.privileged,
        Trait.EXPIRING: left is not None and timedelta() < left <= SOON,
        Trait.CONTRACTOR: line.contractor,
    }
    return tuple(trait for trait in Trait if found[trait])


class Drift(StrEnum):
    """How an ID differs now from its line in the snapshot."""

    GONE = "gone"
    OWNER = "owner"
    RIGHTS_ADDED = "rights-added"
    RIGHTS_REMOVED = "rights-removed"
    END = "end"
    ENABLED = "enabled"
    BLOCKED = "blocked"


DRIFT_TITLES: Final[Mapping[Drift, str]] = {
    Drift.GONE: N_("gone"),
    Drift.OWNER: N_("another owner"),
    Drift.RIGHTS_ADDED: N_("rights added"),
    Drift.RIGHTS_REMOVED: N_("rights removed"),
    Drift.END: N_("another end"),
    Drift.ENABLED: N_("opened"),
    Drift.BLOCKED: N_("blocked"),
}


def drift(then: Line, now: Line | None) -> tuple[Drift, ...]:
    """Return how an ID changed since the snapshot; nothing is merged into it silently."""
    if now is None:
        return (Drift.GONE,)
    found = {
        Drift.OWNER: then.staff_number != now.staff_number,
        Drift.RIGHTS_ADDED: bool(set(now.rights) - set(then.rights)),
        Drift.RIGHTS_REMOVED: bool(set(then.rights) - set(now.rights)),
        Drift.END: then.valid_until != now.valid_until,
        Drift.ENABLED: now.enabled and not then.enabled,
        Drift.BLOCKED: then.enabled and not now.enabled,
    }
    return tuple(each for each in Drift if found.get(each))


def in_order(lines: Sequence[Line]) -> list[Line]:
    """Return ``lines`` as they are reviewed: nobody's first, then the same system, rights and reason together."""
    return sorted(lines, key=lambda each: (bool(each.staff_number), each.system, each.rights, each.reason, each.key))
