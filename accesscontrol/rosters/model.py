"""What a roster says: one line a person, with the days between which that person belongs to the city."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from accesscontrol.accounts.model import DisableReason, Person, PersonKind
from accesscontrol.clock import end_of_day, start_of_day
from accesscontrol.messages import N_


class RosterKind(StrEnum):
    """Whose list it is: the city's own staff, or the workers whom contractors named (AC-CTR-01)."""

    PERSONNEL = "personnel"
    CONTRACTOR = "contractor"


ROSTER_KIND_TITLES: Final[Mapping[RosterKind, str]] = {
    RosterKind.PERSONNEL: N_("personnel roster"),
    RosterKind.CONTRACTOR: N_("contractor roster"),
}


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One person of a roster. ``number`` is the line of the file; the last days are days on which work is done.

    ``employer`` is a sub-contractor, where the worker is not of the contractor's own ``company``, and ``consent`` the
    reference of the city's consent to that (AC-CTR-04).
    """

    number: int
    staff_number: str
    name: str
    name_kana: str = ""
    former_name: str = ""
    office: str = ""
    kind: PersonKind = PersonKind.EMPLOYEE
    first_day: date | None = None
    last_day: date | None = None
    company: str = ""
    employer: str = ""
    consent: str = ""
    contract: str = ""
    contract_first_day: date | None = None
    contract_last_day: date | None = None
    pledge: str = ""
    pledge_day: date | None = None

    @property
    def end(self) -> tuple[date, DisableReason] | None:
        """The earliest last day that the roster knows, and why it is the last; None without one."""
        own = DisableReason.RETIREMENT if self.kind is PersonKind.EMPLOYEE else DisableReason.EXPIRY
        if self.kind is PersonKind.CONTRACTOR:
            own = DisableReason.ROSTER
        days = ((self.last_day, own), (self.contract_last_day, DisableReason.EXPIRY))
        return min(((day, reason) for day, reason in days if day is not None), default=None, key=lambda each: each[0])

    @property
    def begin(self) -> date | None:
        """The latest first day that the roster knows."""
        return max((day for day in (self.first_day, self.contract_first_day) if day is not None), default=None)

    def person(self, known: Person | None, effective: datetime, zone: ZoneInfo) -> Person:
        """Return the person as this line has it, from ``effective`` (UTC) where the line gives no first day.

        A known person keeps the beginning that is known. The pledge counts from its day on.
        """
        end, begin = self.end, self.begin
        pledged = self.pledge if self.pledge_day is None or start_of_day(self.pledge_day, zone) <= effective else ""
        since = start_of_day(begin, zone) if begin else effective
        return Person(
            staff_number=self.staff_number,
            name=self.name,
            name_kana=self.name_kana or (known.name_kana if known else ""),
            office=self.office or self.company,
            kind=self.kind,
            company=self.company,
            pledge=pledged,
            valid_from=min(since, known.valid_from) if known else since,
            valid_until=end_of_day(end[0], zone) if end else None,
            end_reason=end[1] if end else DisableReason.RETIREMENT,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """A whole roster as it was read. ``sha256`` is of the file's octets."""

    kind: RosterKind
    source: str
    sha256: str
    lines: tuple[Line, ...]

    @property
    def companies(self) -> frozenset[str]:
        """The contractors of which the roster speaks."""
        return frozenset(line.company for line in self.lines if line.company)
