"""What the ledger of user IDs is made of: person - grant - account, with what should be apart from what was read.

A person is a staff number. A grant lets one person hold one entitlement on one account for a period; the entitlement
``ACCESS`` is signing in itself. Nothing here says whether a target agrees: that is an observation, with its time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from accesscontrol.canonical import JSON
from accesscontrol.clock import to_text
from accesscontrol.messages import N_

ACCESS: Final = ""
"""The entitlement to sign in; every other one is a right within it."""


class PersonKind(StrEnum):
    """How somebody belongs to the city: contractors and temporary staff have a known end (AC-USR-03)."""

    EMPLOYEE = "employee"
    CONTRACTOR = "contractor"
    TEMPORARY = "temporary"


PERSON_KIND_TITLES: Final[Mapping[PersonKind, str]] = {
    PersonKind.EMPLOYEE: N_("employee"),
    PersonKind.CONTRACTOR: N_("contractor"),
    PersonKind.TEMPORARY: N_("temporary staff"),
}


class Cause(StrEnum):
    """The event that an issue, change or end follows; without one of them nothing is issued (AC-USR-01)."""

    APPOINTMENT = "appointment"
    TRANSFER = "transfer"
    RETIREMENT = "retirement"
    CONTRACT_START = "contract-start"
    CONTRACT_END = "contract-end"
    LOSS = "loss"
    EMERGENCY = "emergency"
    TAKEOVER = "takeover"


CAUSE_TITLES: Final[Mapping[Cause, str]] = {
    Cause.APPOINTMENT: N_("appointment"),
    Cause.TRANSFER: N_("transfer"),
    Cause.RETIREMENT: N_("retirement"),
    Cause.CONTRACT_START: N_("start of a contract"),
    Cause.CONTRACT_END: N_("end of a contract"),
    Cause.LOSS: N_("loss"),
    Cause.EMERGENCY: N_("emergency"),
    Cause.TAKEOVER: N_("taken over from the system"),
}


class DisableReason(StrEnum):
    """Why an ID may not be used, or why a grant ended; ``replaced``: another grant goes on in its place."""

    EXPIRY = "expiry"
    TRANSFER = "transfer"
    RETIREMENT = "retirement"
    ROSTER = "roster"
    REVIEW = "review"
    INACTIVITY = "inactivity"
    INCIDENT = "incident"
    LOCKOUT = "lockout"
    FIRST_PASSWORD = "first-password"  # noqa: S105 - a reason
    REPLACED = "replaced"


DISABLE_REASON_TITLES: Final[Mapping[DisableReason, str]] = {
    DisableReason.EXPIRY: N_("its period ended"),
    DisableReason.TRANSFER: N_("transfer"),
    DisableReason.RETIREMENT: N_("retirement"),
    DisableReason.ROSTER: N_("off the roster"),
    DisableReason.REVIEW: N_("permission review"),
    DisableReason.INACTIVITY: N_("not used"),
    DisableReason.INCIDENT: N_("incident"),
    DisableReason.LOCKOUT: N_("locked after failures"),
    DisableReason.FIRST_PASSWORD: N_("first password not changed in time"),
    DisableReason.REPLACED: N_("replaced by another grant"),
}


class Situation(StrEnum):
    """How a target's account and the ledger stand to each other, as of the last reading."""

    LINKED = "linked"  # in the ledger, and read
    UNLINKED = "unlinked"  # read, not in the ledger, but exactly one person fits
    UNMATCHED = "unmatched"  # read, and nobody fits
    DISPUTED = "disputed"  # several persons fit, or the target names another one than the ledger
    DELETED = "deleted"  # in the ledger as live, and gone from the target
    UNREADABLE = "unreadable"  # its system could not be read


SITUATION_TITLES: Final[Mapping[Situation, str]] = {
    Situation.LINKED: N_("linked"),
    Situation.UNLINKED: N_("unlinked"),
    Situation.UNMATCHED: N_("nobody's"),
    Situation.DISPUTED: N_("disputed"),
    Situation.DELETED: N_("gone"),
    Situation.UNREADABLE: N_("unreadable"),
}


class Purpose(StrEnum):
    """A personal ID has one owner for ever; a break-glass ID has a name and one holder at a time (AC-USR-04)."""

    PERSONAL = "personal"
    BREAK_GLASS = "break-glass"


class AccountState(StrEnum):
    """What an ID of the ledger should be now."""

    PLANNED = "planned"  # its first day has not come, or it was never made at the target
    LIVE = "live"
    LAPSED = "lapsed"
    DISCARDED = "discarded"  # its name is never given out again


ACCOUNT_STATE_TITLES: Final[Mapping[AccountState, str]] = {
    AccountState.PLANNED: N_("planned"),
    AccountState.LIVE: N_("live"),
    AccountState.LAPSED: N_("lapsed"),
    AccountState.DISCARDED: N_("discarded"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who may hold user IDs, from ``valid_from`` up to, not including, ``valid_until`` (UTC).

    ``valid_until`` is the earliest of roster, contract and employment, ``end_reason`` says which. ``pledge`` is the
    reference of the written pledge that workers who are not city staff hand in (AC-CTR-02).
    """

    staff_number: str
    name: str
    name_kana: str = ""
    office: str = ""
    kind: PersonKind = PersonKind.EMPLOYEE
    company: str = ""
    pledge: str = ""
    valid_from: datetime
    valid_until: datetime | None = None
    end_reason: DisableReason = DisableReason.RETIREMENT

    def valid(self, at: datetime) -> bool:
        """Tell whether the person belongs to the city, or to a contract in force, at ``at``."""
        return self.valid_from <= at and (self.valid_until is None or at < self.valid_until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One user ID on one system. ``staff_number`` is its owner, empty for a break-glass ID."""

    system: str
    user_id: str
    staff_number: str = ""
    purpose: Purpose
    native_id: str
    issued_at: datetime
    issued_by: str
    discarded_at: datetime | None = None
    discarded_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One person's one entitlement on one account, from ``valid_from`` up to, not including, ``valid_until`` (UTC).

    ``rule`` is the rule applied, ``request`` the request that was approved, ``granted_by`` the person who decided.
    ``held`` tells that a fresh read of the target confirmed it, with ``held_until`` as the end known there.
    """

    number: int
    system: str
    user_id: str
    staff_number: str
    entitlement: str
    valid_from: datetime
    valid_until: datetime | None
    cause: Cause
    rule: str
    request: str
    granted_by: str
    granted_at: datetime
    ended_at: datetime | None = None
    ended_by: str = ""
    end_reason: DisableReason | None = None
    held: bool = False
    held_until: datetime | None = None

    def in_force(self, at: datetime) -> bool:
        """Tell whether the grant itself holds at ``at``; its person and account may still say no."""
        ended = self.ended_at is not None and self.ended_at <= at
        over = self.valid_until is not None and self.valid_until <= at
        return not ended and not over and self.valid_from <= at


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspension:
    """A time in which an account may not be used although it has grants; lifting it never outranks their ends."""

    system: str
    user_id: str
    reason: DisableReason
    note: str
    since: datetime
    suspended_by: str
    lifted_at: datetime | None = None
    lifted_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desired:
    """What a target should show for an account at an instant.

    ``valid_until`` (UTC, not included) is pushed to the target as its own limit; ``reason`` says why not enabled.
    """

    enabled: bool
    holder: str = ""
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    entitlements: tuple[str, ...] = ()
    reason: DisableReason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """On what ground something is granted, and for how long: from ``valid_from`` up to ``valid_until`` (UTC)."""

    cause: Cause
    granted_by: str
    valid_from: datetime
    valid_until: datetime | None = None
    rule: str = ""
    request: str = ""

    def to_json(self) -> dict[str, JSON]:
        """Return the terms as a trail entry shows them."""
        return {
            "cause": self.cause.value,
            "granted_by": self.granted_by,
            "valid_from": to_text(self.valid_from),
            "valid_until": to_text(self.valid_until) if self.valid_until else None,
            "rule": self.rule,
            "request": self.request,
        }
