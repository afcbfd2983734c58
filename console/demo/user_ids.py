"""The demo city's ledger of user IDs: the register's own accounts with their people, and a few loose ends."""

from datetime import datetime, timedelta
from typing import Final

from accesscontrol.accounts import ledger, persons, synchronising
from accesscontrol.accounts import reading as accounts_reading
from accesscontrol.accounts.connectors.protocol import ObservedAccount, Reading
from accesscontrol.accounts.correlation import Directory
from accesscontrol.accounts.model import Cause, Person, PersonKind, Terms
from accesscontrol.clock import end_of_day
from accesscontrol.store import Transaction
from console.demo.texts import texts
from console.evidence import register_accounts
from console.wiring import Installation
from registry.accounts import RegistryAccount

SYSTEM: Final = "registry"
_OFFICER: Final = "S1001"
_CUSTODIAN: Final = "S1002"
LOOSE_END: Final = "T-old-maint"
NEVER_USED: Final = frozenset({"S0005", "S0031", "S0117"})
_CONTRACTORS_FROM: Final = "S0107"  # those with an end of their own


def found(site: Installation) -> None:
    """Enter people, IDs and grants as they were issued, and keep a first reading of the register."""
    accounts = register_accounts.read(site)
    with site.store.transaction() as tx:
        for each in accounts:
            _issue(tx, site, each)
    keep_reading(site, accounts)


def keep_reading(site: Installation, accounts: list[RegistryAccount], *, without: frozenset[str] = frozenset()) -> None:
    """Keep a reading of the register as its accounts show it; those in ``without`` are closed meanwhile."""
    shown = [_observed(site, each, closed=each.login in without) for each in accounts]
    shown.append(ObservedAccount(user_id=LOOSE_END, enabled=True, entitlements=("update",)))
    with site.store.transaction() as tx:
        read = Reading(system=SYSTEM, read_at=tx.at, accounts=shown)
        synchronising.keep(tx, read, Directory.of(accounts_reading.persons(tx)))


def _issue(tx: Transaction, site: Installation, account: RegistryAccount) -> None:
    contractor = account.login >= _CONTRACTORS_FROM
    end = end_of_day(account.valid_until, site.zone) if account.valid_until else None
    person = Person(
        staff_number=account.staff_number,
        name=account.display_name,
        office=account.office,
        kind=PersonKind.CONTRACTOR if contractor else PersonKind.EMPLOYEE,
        company=texts()["contractor"] if contractor else "",
        pledge=f"P-{account.staff_number}" if contractor else "",
        valid_from=account.created_at,
        valid_until=end,
    )
    terms = Terms(
        cause=Cause.CONTRACT_START if contractor else Cause.APPOINTMENT,
        granted_by=_OFFICER,
        valid_from=account.created_at,
        valid_until=end,
    )
    persons.enter_person(tx, person, actor=_CUSTODIAN)
    rights = (account.profile,)
    ledger.issue(tx, SYSTEM, account.login, account.staff_number, rights, terms, actor=_CUSTODIAN)


def _observed(site: Installation, account: RegistryAccount, *, closed: bool) -> ObservedAccount:
    used: datetime | None = account.last_sign_in_at
    now = site.clock.now()
    if used is None or account.login in NEVER_USED:
        used = None
    elif used > now:
        used = now - timedelta(hours=3)
    return ObservedAccount(
        user_id=account.login,
        enabled=account.enabled and not closed,
        display_name=account.display_name,
        staff_number=account.staff_number,
        valid_to=end_of_day(account.valid_until, site.zone) if account.valid_until else None,
        entitlements=() if closed else (account.profile,),
        last_use=used,
        administrator=account.profile == "administrator",
    )
