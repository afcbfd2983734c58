"""The managed systems whose user IDs the console governs, one ``[[systems]]`` section each, told apart by connector.

No password stands in the settings: each is in a file of its own that only the console may read.
"""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

Name = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,30}$")]
Hours = Annotated[int, Meta(ge=1, le=8760)]
Port = Annotated[int, Meta(ge=1, le=65535)]
Few = Annotated[int, Meta(ge=0, le=1_000_000)]
Filled = Annotated[str, Meta(min_length=1)]


class ManagedSystem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="connector"):
    """What every managed system has: its name, and how old a reading may be before its IDs count as unknown.

    ``offices`` are those whose members may have IDs there; contractors' workers go by their roster (AC-USR-08).
    ``users`` is the declared number of users, at least and fewer than, and ``handlers`` gives for a contractor's name
    the number of workers with an ID that is not reached (AC-USR-09). Empty is not judged.
    """

    name: Name
    title: str = ""
    stale_hours: Hours | None = None
    offices: tuple[Filled, ...] = ()
    users: tuple[Few, Few] | None = None
    handlers: dict[Filled, Few] = {}

    @property
    def stale(self) -> timedelta | None:
        """How old a reading may be, where that differs from the site's."""
        return timedelta(hours=self.stale_hours) if self.stale_hours else None


class RegisterSystem(ManagedSystem, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="register"):
    """The register's own table of accounts, wherever the register is."""


class PostgresqlSystem(ManagedSystem, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="postgresql"):
    """The roles of a PostgreSQL cluster; ``conninfo`` without a password, which stands in a password file."""

    conninfo: Filled


class LinuxSystem(ManagedSystem, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="linux"):
    """The accounts of a Linux host. ``host_key`` pins the host as in known_hosts; ``key_file`` is the console's key."""

    host: Filled
    account: Filled
    key_file: Filled
    host_key: Annotated[str, Meta(pattern=r"^[a-z0-9@.-]+ [A-Za-z0-9+/=]+")]
    port: Port = 22
    command: str = "sekisho-accounts"


class CsvSystem(ManagedSystem, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="csv-ledger"):
    """A system without an interface. ``columns`` gives its list's headings by our names, ``enabled`` its words."""

    columns: dict[str, str] = {}
    encoding: str = "utf-8-sig"
    enabled: tuple[str, ...] = ("1", "true", "yes", "enabled")
    separator: str = " "


class LdapSystem(ManagedSystem, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="ldap"):
    """A directory. ``dialect`` is the sort of server, ``authority`` the certificate that vouches for it."""

    url: Annotated[str, Meta(pattern=r"^(ldap|ldaps|ldapi)://")]
    bind_dn: Filled
    password_file: Filled
    people: Filled
    groups: Filled
    dialect: Literal["openldap", "389ds", "freeipa"] = "openldap"
    authority: str = ""
    policy: str = ""
    administrators: tuple[str, ...] = ()
    nobody: str = "cn=nobody"


class ScimSystem(ManagedSystem, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="scim"):
    """A SCIM 2.0 service with a bearer token."""

    url: Annotated[str, Meta(pattern=r"^https?://")]
    token_file: Filled
    administrators: tuple[str, ...] = ()
    own: str = ""


System: TypeAlias = RegisterSystem | PostgresqlSystem | LinuxSystem | CsvSystem | LdapSystem | ScimSystem


class AccountsSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """User IDs (AC-USR-01 to AC-USR-07): how often the systems are read, and when a reading is too old to prove.

    ``most_custodians`` is how many persons may manage IDs and passwords at this console (AC-USR-05).
    """

    most_custodians: Annotated[int, Meta(ge=2, le=100)] = 5
    read_minutes: Annotated[int, Meta(ge=1, le=1440)] = 60
    stale_hours: Hours = 26


def offices_of(systems: Iterable[System]) -> dict[str, tuple[str, ...]]:
    """Return the offices whose members may have IDs on a system, for the systems that name them (AC-USR-08)."""
    return {each.name: each.offices for each in systems if each.offices}


def toml_value(value: object) -> str:
    """Return a value of the settings as TOML writes it."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_json(name)} = {toml_value(each)}" for name, each in value.items()) + " }"
    return _json(value)


def toml_block(heading: str, fields: dict[str, object]) -> str:
    """Return one section, without the fields that have no value."""
    return "\n".join(
        [heading, *(f"{name} = {toml_value(value)}" for name, value in fields.items() if value is not None)]
    )


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def inside(home: Path, name: str) -> Path:
    """Return a file that the settings name: relative to the site's home, or absolute."""
    return home / name
