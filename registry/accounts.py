"""The register system's own operator accounts, as its database keeps them."""

from dataclasses import dataclass
from datetime import date, datetime

from accesscontrol.clock import from_text
from registry.databases.interface import Registry


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryAccount:
    """One account. ``valid_until`` is its last day, valid to its end; instants are UTC.

    ``staff_number`` is empty where the register system has none for the account.
    """

    login: str
    display_name: str
    staff_number: str
    office: str
    profile: str
    enabled: bool
    valid_until: date | None
    created_at: datetime
    last_sign_in_at: datetime | None


def accounts(registry: Registry) -> list[RegistryAccount]:
    """Return every account of the register system, in order of its login."""
    rows = registry.rows(
        "SELECT login, display_name, staff_number, office, profile, enabled, valid_until, created_at, last_sign_in_at"
        " FROM registry_account ORDER BY login"
    )
    return [
        RegistryAccount(
            login=login,
            display_name=name,
            staff_number=staff_number or "",
            office=office,
            profile=profile,
            enabled=bool(enabled),
            valid_until=date.fromisoformat(valid_until) if valid_until else None,
            created_at=from_text(created_at),
            last_sign_in_at=from_text(last) if last else None,
        )
        for login, name, staff_number, office, profile, enabled, valid_until, created_at, last in rows
    ]
