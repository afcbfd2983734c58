"""The user IDs of this site's systems: its connectors from the settings, and what a tick does with them."""

import stat
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

from accesscontrol.accounts import first_passwords, observations, reading
from accesscontrol.accounts.connectors.csv_ledger import CsvFormat, CsvLedgerConnector
from accesscontrol.accounts.connectors.protocol import Connector, Unreadable
from accesscontrol.accounts.connectors.registry import RegistryConnector, TableAccount
from accesscontrol.accounts.connectors.unconnected import UnconnectedSystem
from accesscontrol.accounts.correlation import Directory
from accesscontrol.accounts.lapsing import lapse_open
from accesscontrol.accounts.listing import Leftovers, Sources, leftovers
from accesscontrol.accounts.planning import plan_due
from accesscontrol.accounts.provisioning import provision_open
from accesscontrol.accounts.synchronising import Synchronised, synchronise
from accesscontrol.messages import N_
from accesscontrol.people.operators import SYSTEM
from accesscontrol.people.secret import Secret
from accesscontrol.refusals import Refusal
from accesscontrol.rosters.identity import Identities
from console.opened import CONSOLE, OpenedSite
from console.system_settings import (
    CsvSystem,
    LdapSystem,
    LinuxSystem,
    PostgresqlSystem,
    RegisterSystem,
    ScimSystem,
    System,
    inside,
)
from registry import accounts as registry_accounts
from registry.accounts import RegistryAccount
from registry.databases.interface import Registry

REGISTER: Final = "register"
_LISTS: Final = "account-lists"
_DRIVERS: Final = frozenset({"psycopg", "sqlite3"})


@dataclass(frozen=True, slots=True)
class RegisterTable:
    """The register's table of accounts, as its connector works on it."""

    registry: Registry
    profiles: Sequence[str] = registry_accounts.PROFILES

    def accounts(self) -> list[TableAccount]:
        """Return every account."""
        return [
            TableAccount(
                login=each.login,
                display_name=each.display_name,
                staff_number=each.staff_number,
                profile=each.profile,
                enabled=each.enabled,
                valid_until=each.valid_until,
                last_sign_in_at=each.last_sign_in_at,
            )
            for each in registry_accounts.accounts(self.registry)
        ]

    def add(
        self,
        login: str,
        *,
        display_name: str,
        staff_number: str,
        office: str,
        profile: str,
        valid_until: date | None,
        created_at: datetime,
    ) -> None:
        """Add an enabled account."""
        registry_accounts.add(
            self.registry,
            RegistryAccount(
                login=login,
                display_name=display_name,
                staff_number=staff_number,
                office=office,
                profile=profile,
                enabled=True,
                valid_until=valid_until,
                created_at=created_at,
                last_sign_in_at=None,
            ),
        )

    def enable(self, login: str, *, profile: str, valid_until: date | None) -> None:
        """Enable an account up to its last day, with this profile."""
        registry_accounts.enable(self.registry, login, profile=profile, valid_until=valid_until)

    def disable(self, logins: Sequence[str]) -> None:
        """Disable accounts."""
        registry_accounts.disable(self.registry, logins)


def systems(site: OpenedSite) -> dict[str, System]:
    """Return the managed systems by name: those of the settings, and the site's register where there is one."""
    found: dict[str, System] = {each.name: each for each in site.settings.systems}
    if len(found) < len(site.settings.systems):
        raise Refusal(N_("The settings give one name to two systems ([[systems]] name)."))
    if site.register.exists and not any(isinstance(each, RegisterSystem) for each in found.values()):
        found.setdefault(REGISTER, RegisterSystem(name=REGISTER))
    return found


def connectors(site: OpenedSite) -> dict[str, Connector]:
    """Return what reaches each managed system, by name; none is opened yet."""
    found: dict[str, Connector] = {}
    for name, system in systems(site).items():
        try:
            found[name] = _connector(site, system)
        except Refusal as refusal:  # one system's missing file must not keep the others' lapses waiting
            found[name] = UnconnectedSystem(name, refusal)
    return found


def require_system(site: OpenedSite, name: str) -> None:
    """Refuse a system that the settings don't name: what is written of it would never be read or carried out."""
    if name not in systems(site):
        raise Refusal(N_("The settings name no system {system}."), system=name)


def names_in_logs(site: OpenedSite) -> dict[str, str]:
    """Return what the logs call a managed system, where the settings call it otherwise: the site's register."""
    return {name: REGISTER for name, each in systems(site).items() if isinstance(each, RegisterSystem)}


def sources(site: OpenedSite) -> Sources:
    """Return which systems must have been read, and how old a reading may be."""
    named = systems(site)
    return Sources(
        systems=sorted(named),
        stale=timedelta(hours=site.settings.accounts.stale_hours),
        limits={name: system.stale for name, system in named.items() if system.stale is not None},
    )


def directory(site: OpenedSite) -> Directory:
    """Return the persons of the ledger, with the names that somebody settled."""
    known = reading.persons(site.store, note=site.store.note_damage)
    return Directory.of(known, Identities.of(site.store).settled_names)


def sync(site: OpenedSite, names: Sequence[str] = (), *, actor: str = SYSTEM) -> list[Synchronised]:
    """Read the named systems, or all, and return what was found, the unreadable ones first."""
    reached = connectors(site)
    for name in names:
        require_system(site, name)
    chosen = [connector for name, connector in reached.items() if not names or name in names]
    return synchronise(site.store, chosen, directory(site), actor=actor)


def proof(site: OpenedSite) -> Leftovers:
    """Return what is left over and what is unknown now."""
    return leftovers(site.store, sources(site), site.clock.now())


def carry_out(site: OpenedSite, *, actor: str = SYSTEM, system: str = "") -> dict[str, Any]:
    """Do what is due at the targets: lapses first, then issues and changes. Return what was verified and what waits."""
    reached = site.connectors
    plan_due(site.store, actor=actor, system=system)
    lapsed = lapse_open(site.store, reached, actor=actor)
    changed = provision_open(site.store, reached, actor=actor)
    return {
        "lapsed": lapsed.verified,
        "changed": changed.verified,
        "open": sorted({**lapsed.open, **changed.open}),
    }


def tick(site: OpenedSite) -> dict[str, Any]:
    """Let lapse what is due, read the systems whose turn it is, and lapse again what was enabled outside."""
    first_passwords.settle(site.store, site.connectors)
    done = carry_out(site)
    due = _due(site)
    read = sync(site, due) if due else []
    again = carry_out(site) if due else {"lapsed": [], "changed": [], "open": done["open"]}
    return {
        "lapsed": done["lapsed"] + again["lapsed"],
        "changed": done["changed"] + again["changed"],
        "open": again["open"],
        "unreadable": [each.system for each in read if each.trouble],
    }


def _due(site: OpenedSite) -> list[str]:
    """Return the systems that were not read for a while, and those that were unreadable the last time."""
    last, at = observations.last_readings(site.store), site.clock.now()
    pause = timedelta(minutes=site.settings.accounts.read_minutes)
    return [
        name
        for name in systems(site)
        if (found := last.get(name)) is None or found.trouble is not None or at - found.tried_at >= pause
    ]


def _connector(site: OpenedSite, system: System) -> Connector:
    match system:
        case RegisterSystem():
            looking, changing = (partial(_register_table, site, change=change) for change in (False, True))
            return RegistryConnector(system.name, looking, changing, site.zone, site.clock)
        case PostgresqlSystem():
            from accesscontrol.accounts.connectors.postgresql import PostgresqlConnector

            return PostgresqlConnector(system.name, system.conninfo, site.clock)
        case LinuxSystem():
            return _linux(site, system)
        case CsvSystem():
            return csv_connector(site, system)
        case LdapSystem():
            return _ldap(site, system)
        case ScimSystem():
            return _scim(site, system)


def csv_connector(site: OpenedSite, system: CsvSystem) -> CsvLedgerConnector:
    """Return the connector of a system that is known by its account lists."""
    listed = CsvFormat(
        columns=system.columns, encoding=system.encoding, enabled=system.enabled, separator=system.separator
    )
    folder = site.home.path / _LISTS / system.name
    return CsvLedgerConnector(system.name, folder, listed, site.zone, site.clock)


@contextmanager
def _register_table(site: OpenedSite, *, change: bool) -> Iterator[RegisterTable]:
    """Open the register's table of accounts, to be read or, by the way of the register's own changes, to be changed.

    A database that fails meanwhile is unreadable for now, and no other system's trouble.
    """
    try:
        with _register_changing(site) if change else site.register.look() as registry:
            yield RegisterTable(registry)
    except Exception as error:
        if type(error).__module__.partition(".")[0] not in _DRIVERS:
            raise
        raise Unreadable(N_("The register broke off ({kind}). It is tried again."), kind=type(error).__name__) from None


def _register_changing(site: OpenedSite) -> AbstractContextManager[Registry]:
    return site.register.changing("register-accounts", N_("User IDs of the register"), CONSOLE)


def _linux(site: OpenedSite, system: LinuxSystem) -> Connector:
    from accesscontrol.accounts.connectors.linux import LinuxConnector
    from accesscontrol.accounts.connectors.ssh_wire import SshHost, ask

    host = SshHost(
        system=system.name,
        host=system.host,
        port=system.port,
        account=system.account,
        key_file=inside(site.home.path, system.key_file),
        host_key=system.host_key,
        command=system.command,
    )
    return LinuxConnector(system.name, partial(ask, host), site.clock)


def _ldap(site: OpenedSite, system: LdapSystem) -> Connector:
    from accesscontrol.accounts.connectors.ldap import LdapConnector
    from accesscontrol.accounts.connectors.ldap_dialects import DIALECTS
    from accesscontrol.accounts.connectors.ldap_wire import Directory as LdapDirectory

    return LdapConnector(
        LdapDirectory(
            system=system.name,
            url=system.url,
            bind_dn=system.bind_dn,
            password=_secret(inside(site.home.path, system.password_file)),
            people=system.people,
            groups=system.groups,
            authority=inside(site.home.path, system.authority) if system.authority else None,
            dialect=DIALECTS[system.dialect],
            policy=system.policy,
            administrators=frozenset(system.administrators),
            nobody=system.nobody,
        ),
        site.clock,
    )


def _scim(site: OpenedSite, system: ScimSystem) -> Connector:
    from accesscontrol.accounts.connectors.scim import ScimConnector
    from accesscontrol.accounts.connectors.scim_wire import Service

    service = Service(
        system=system.name,
        url=system.url,
        token=_secret(inside(site.home.path, system.token_file)),
        administrators=frozenset(system.administrators),
        own=system.own,
    )
    return ScimConnector(service, site.clock)


def _secret(path: Path) -> Secret:
    """Return the secret in a file that only its owner may read."""
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise Refusal(N_("{file} can be read by others. Make it private (chmod 600)."), file=str(path))
        return Secret(path.read_text("utf-8").strip())
    except OSError as error:
        raise Refusal(N_("{file} can't be read: {reason}."), file=str(path), reason=error.strerror) from None
