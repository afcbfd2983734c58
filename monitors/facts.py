"""What detection must know from elsewhere: accounts, terminals, approved requests. The console hands it in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from monitors.calendars.hours import Calendar
from monitors.events.schema import Action
from monitors.linkage.declared import Declaration


class AccountState(StrEnum):
    """What an account was at the time of an event; ``unlisted``: its system keeps no ledger here."""

    ACTIVE = "active"
    EARLY = "early"  # before its first day
    EXPIRED = "expired"
    RETIRED = "retired"  # the person left
    DISABLED = "disabled"
    OFF_ROSTER = "off-roster"  # a contractor's person who is not on the roster any more
    UNKNOWN = "unknown"
    UNLISTED = "unlisted"


class AccountKind(StrEnum):
    """Whose account it is."""

    PERSON = "person"
    CONTRACTOR = "contractor"
    TEMPORARY = "temporary"
    SHARED = "shared"
    SERVICE = "service"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One user ID on one system, as the ledger knows it.

    ``changes`` are its states in order of time, each from its instant (aware) on; before the first change the
    account is ``early``. An account that was always there has one change at a far instant.
    """

    system: str
    user_id: str
    staff_number: str = ""
    kind: AccountKind = AccountKind.PERSON
    office: str = ""
    changes: Sequence[tuple[datetime, AccountState]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminal:
    """A registered terminal, the office it stands in, and for whom it is meant (no one named: for all)."""

    terminal: str
    office: str = ""
    users: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovedRequest:
    """An approved application that makes access expected: output, backup, transfer, or work out of hours.

    It covers ``actions`` (and with ``out_of_hours`` any access at those times) of one person (``staff_number``) or one
    account (``user_id``) from ``start`` to ``end`` (aware, inclusive) on ``system``, or on any if that is empty.
    ``used``: whoever keeps the request knows that the act was done, so that no log need tell it.
    """

    reference: str
    start: datetime
    end: datetime
    staff_number: str = ""
    user_id: str = ""
    system: str = ""
    actions: frozenset[Action] = frozenset()
    out_of_hours: bool = False
    used: bool = False


class TieKind(StrEnum):
    """What a resident's record is to a member of staff."""

    SELF = "self"
    HOUSEHOLD = "household"
    COLLEAGUE = "colleague"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """One record (``object``, as the logs tell it) that is a person's own, or of somebody of the household."""

    staff_number: str
    object: str
    kind: TieKind


class AccountFacts(Protocol):
    """Knows the accounts of the managed systems."""

    def accounts(self) -> Iterable[Account]:
        """Return every account, lapsed ones too."""
        ...

    def systems(self) -> Iterable[str]:
        """Return the systems whose ledger is complete, so that an ID that is not in it is unknown."""
        ...


class TerminalFacts(Protocol):
    """Knows the registered terminals."""

    def terminals(self) -> Iterable[Terminal]:
        """Return every registered terminal."""
        ...

    def terminal_systems(self) -> Iterable[str]:
        """Return the systems that may be used at registered terminals only, so that any other one is a finding."""
        ...


class ApprovedRequests(Protocol):
    """Knows which access was approved beforehand (MO-ANM-06)."""

    def approved(self, first: datetime, last: datetime) -> Iterable[ApprovedRequest]:
        """Return what was approved for any time from ``first`` to ``last`` (aware)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that detection knows besides the events.

    ``networks`` are those from which the systems are used (none: every address is expected); with ``colleagues``
    the own record of somebody of the same office counts as a tie, too; ``links`` are the declared links of systems.
    ``affairs`` are the codes of the affairs of each office; of an office that is not there every affair is expected.
    """

    accounts: Sequence[Account] = ()
    ledgers: frozenset[str] = frozenset()
    terminals: Sequence[Terminal] = ()
    terminal_systems: frozenset[str] = frozenset()
    requests: Sequence[ApprovedRequest] = ()
    calendar: Calendar = field(default_factory=Calendar)
    networks: Sequence[str] = ()
    ties: Sequence[Tie] = ()
    colleagues: bool = False
    affairs: Mapping[str, Sequence[str]] = field(default_factory=dict)
    links: Declaration = field(default_factory=Declaration)


def gather(
    *,
    accounts: AccountFacts,
    terminals: TerminalFacts,
    requests: ApprovedRequests,
    calendar: Calendar,
    first: datetime,
    last: datetime,
) -> Facts:
    """Read everything that detection over ``first`` to ``last`` needs, once."""
    return Facts(
        accounts=tuple(accounts.accounts()),
        ledgers=frozenset(accounts.systems()),
        terminals=tuple(terminals.terminals()),
        terminal_systems=frozenset(terminals.terminal_systems()),
        requests=tuple(requests.approved(first, last)),
        calendar=calendar,
    )
