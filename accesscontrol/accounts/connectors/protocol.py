"""What every managed system must be able to do, whatever it is: be read, and have IDs issued, changed and lapsed.

A connector is silent about success: only a fresh reading proves it (a 204 is not proof). It works on many IDs at a
time, because opening a way to the target is what takes long.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeAlias

import msgspec

from accesscontrol.people.secret import Secret
from accesscontrol.refusals import Refusal

Failures: TypeAlias = Mapping[str, str]
"""What the target said no to, by user ID; IDs that are not in it were accepted."""


class Unreadable(Refusal):
    """The target can't be read or reached now. That is never the same as clean: its IDs are unknown until it can."""


class SetThere(Refusal):
    """The system's own operator sets passwords, not the console."""


class ObservedAccount(msgspec.Struct, frozen=True, kw_only=True, gc=False):  # a target has tens of thousands of them
    """One ID as its target shows it.

    ``enabled``: some way of signing in is open. ``valid_to`` is the instant (UTC) from which on the target's own limit
    refuses, None without one. ``staff_number`` and ``display_name`` are what the target says about the owner.
    ``remains`` names what would outlive a block: keys, jobs, memberships of others in it. ``doubts`` names what is odd
    about the target's own setting, in the target's words. ``own`` is the connector's own account, ``built_in`` one that
    the system made itself. ``password_waits``: its first password was not changed yet; None where the target can't
    tell. It holds for the moment of a look and is not kept.
    """

    user_id: str
    enabled: bool
    native_id: str = ""
    display_name: str = ""
    staff_number: str = ""
    valid_to: datetime | None = None
    entitlements: tuple[str, ...] = ()
    last_use: datetime | None = None
    sessions: int = 0
    remains: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    administrator: bool = False
    own: bool = False
    built_in: bool = False
    password_waits: bool | None = None

    @property
    def lapsed(self) -> bool:
        """Tell whether nothing is left that could be used: no way in, no session, no right, nothing that remains."""
        return not (self.enabled or self.sessions or self.entitlements or self.remains)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A whole reading of a target. ``skew`` is how far the target's clock is ahead of ours."""

    system: str
    read_at: datetime
    accounts: Sequence[ObservedAccount]
    skew: timedelta = timedelta()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What an ID should be at the target. ``valid_to`` (UTC, not included) becomes the target's own limit.

    ``native_ids_taken`` are the numbers that the target gave to earlier IDs: a new one never inherits one of them.
    """

    user_id: str
    staff_number: str = ""
    display_name: str = ""
    office: str = ""
    entitlements: tuple[str, ...] = ()
    valid_to: datetime | None = None
    native_ids_taken: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TemporaryPassword:
    """A first password, for one use, up to ``until`` (UTC): the console's own rule is 24 hours."""

    secret: Secret
    until: datetime


class Connector(Protocol):
    """One managed system.

    Every method raises ``Unreadable`` when the target can't be reached, and ``Refusal`` when an argument is not one
    that may be sent there. Each may be called again after a crash, with the same end.
    """

    @property
    def system(self) -> str:
        """The system's name in the settings and the ledger."""
        ...

    def read(self) -> Reading:
        """Read every account of the target."""
        ...

    def look(self, user_ids: Sequence[str]) -> Mapping[str, ObservedAccount]:
        """Read these accounts freshly; one that the target doesn't have is not in the answer."""
        ...

    def issue(self, wanted: Wanted, password: TemporaryPassword | None = None) -> None:
        """Make a new ID, enabled; one of that name that is already there is refused."""
        ...

    def change(self, wanted: Sequence[Wanted]) -> Failures:
        """Bring IDs to exactly these entitlements and limits, enabled."""
        ...

    def set_password(self, user_id: str, password: TemporaryPassword) -> None:
        """Give an ID a temporary password; raises ``SetThere`` where only the system's own operator can."""
        ...

    def block(self, user_ids: Sequence[str]) -> Failures:
        """Close every way of signing in anew."""
        ...

    def end_sessions(self, user_ids: Sequence[str]) -> Failures:
        """End what is signed in now."""
        ...

    def strip(self, user_ids: Sequence[str]) -> Failures:
        """Remove keys, memberships and scheduled jobs."""
        ...
