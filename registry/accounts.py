"""The register system's own operator accounts, as its database keeps them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from accesscontrol.clock import from_text, to_text
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from registry.databases.interface import Registry

PROFILES: Final = ("inquiry", "update", "administrator")
"""What an account may be allowed, from the least to the most."""


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


def add(registry: Registry, account: RegistryAccount) -> None:
    """Add an account to the register system; a login that is there already is refused."""
    with registry.writing():
        if any(registry.rows("SELECT 1 FROM registry_account WHERE login = ?", (account.login,))):
            raise Refusal(N_("The register system has an account {login} already."), login=account.login)
        registry.execute(
            "INSERT INTO registry_account (login, display_name, staff_number, office, profile, enabled, valid_until,"
            " created_at, last_sign_in_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                account.login,
                account.display_name,
                account.staff_number or None,
                account.office,
                account.profile,
                int(account.enabled),
                account.valid_until.isoformat() if account.valid_until else None,
                to_text(account.created_at),
                to_text(account.last_sign_in_at) if account.last_sign_in_at else None,
            ),
        )


def enable(registry: Registry, login: str, *, profile: str, valid_until: date | None) -> None:
    """Enable an account up to its last day, with this profile; an unknown login is refused."""
    with registry.writing():
        changed = registry.execute(
            "UPDATE registry_account SET enabled = 1, profile = ?, valid_until = ? WHERE login = ?",
            (profile, valid_until.isoformat() if valid_until else None, login),
        )
    if changed != 1:
        raise Refusal(N_("The register system has no account {login}."), login=login)


def disable(registry: Registry, logins: Sequence[str]) -> None:
    """Disable accounts, all of them or none."""
    with registry.writing():
        for login in logins:
            registry.execute("UPDATE registry_account SET enabled = 0 WHERE login = ?", (login,))
