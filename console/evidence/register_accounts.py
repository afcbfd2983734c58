"""The register system's own operator accounts, and what speaks against each of them."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

from accesscontrol.clock import from_text
from accesscontrol.messages import N_
from console.evidence.rights import LONG_UNUSED, SOON
from registry.databases import SqliteRegistry

_QUERY: Final = (
    "SELECT login, display_name, staff_number, office, profile, enabled, valid_until, created_at, last_sign_in_at"
    " FROM registry_account ORDER BY login"
)


class Doubt(StrEnum):
    """Why an account deserves a look (AC-USR-02). The order is that of urgency."""

    ENDED = "ended"
    NOBODY = "nobody"
    NEVER_USED = "never-used"
    LONG_UNUSED = "long-unused"
    ENDS_SOON = "ends-soon"


DOUBT_TITLES: Final[Mapping[Doubt, str]] = {
    Doubt.ENDED: N_("validity ended, still enabled"),
    Doubt.NOBODY: N_("no person behind it"),
    Doubt.NEVER_USED: N_("never signed in"),
    Doubt.LONG_UNUSED: N_("not used for 90 days"),
    Doubt.ENDS_SOON: N_("ends within 30 days"),
}
PROFILE_TITLES: Final[Mapping[str, str]] = {
    "inquiry": N_("Enquiry"),
    "update": N_("Update"),
    "administrator": N_("Administration"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account as it was read from the register. ``valid_until`` is its last day."""

    login: str
    name: str
    staff_number: str
    office: str
    profile: str
    enabled: bool
    valid_until: date | None
    created_at: datetime
    last_use: datetime | None

    def doubts(self, at: datetime, today: date) -> tuple[Doubt, ...]:
        """Return what speaks against the account at ``at``, nothing for one that is disabled."""
        if not self.enabled:
            return ()
        left = None if self.valid_until is None else self.valid_until - today
        unused = at - (self.last_use or self.created_at)
        found = {
            Doubt.ENDED: left is not None and left < timedelta(),
            Doubt.NOBODY: not self.staff_number,
            Doubt.NEVER_USED: self.last_use is None,
            Doubt.LONG_UNUSED: self.last_use is not None and unused > LONG_UNUSED,
            Doubt.ENDS_SOON: left is not None and timedelta() <= left <= SOON,
        }
        return tuple(doubt for doubt in Doubt if found[doubt])


def read(registry: Path) -> list[Account]:
    """Return all accounts of the register at ``registry``; a register that can't be opened is refused."""
    with closing(SqliteRegistry.open(registry, read_only=True)) as opened:
        return [
            Account(
                login=login,
                name=name,
                staff_number=staff_number or "",
                office=office,
                profile=profile,
                enabled=bool(enabled),
                valid_until=date.fromisoformat(valid_until) if valid_until else None,
                created_at=from_text(created_at),
                last_use=from_text(last_use) if last_use else None,
            )
            for login, name, staff_number, office, profile, enabled, valid_until, created_at, last_use in opened.rows(
                _QUERY
            )
        ]
