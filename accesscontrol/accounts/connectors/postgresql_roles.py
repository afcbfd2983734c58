"""What a PostgreSQL cluster's catalogue says of its roles, turned into accounts.

An account is a role that may log in, or one that carries an end or an owner; any other role is a group, and membership
in it a right. ``VALID UNTIL`` limits passwords only, so a role that may log in is open whatever its date (pg_hba.conf
may ask for no password).
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final, TypeAlias

from accesscontrol.accounts.connectors.protocol import ObservedAccount

FIRST_NORMAL_OID: Final = 16384
ATTRIBUTES: Final = ("superuser", "createrole", "createdb", "replication", "bypassrls")
MARKER: Final = "attribute:"
"""What stands before a right that is no membership but an attribute of the role."""

ROLES: Final = """
    SELECT r.oid::bigint, r.rolname::text, r.rolcanlogin, r.rolsuper, r.rolcreaterole, r.rolcreatedb, r.rolreplication,
           r.rolbypassrls, r.rolvaliduntil IS NULL, isfinite(r.rolvaliduntil),
           CASE WHEN isfinite(r.rolvaliduntil) THEN extract(epoch FROM r.rolvaliduntil)::float8 END, d.description,
           r.rolname = session_user
      FROM pg_catalog.pg_roles r
      LEFT JOIN pg_catalog.pg_shdescription d
        ON d.objoid = r.oid AND d.classoid = 'pg_catalog.pg_authid'::regclass
"""
MEMBERSHIPS: Final = """
    SELECT m.member::bigint, g.rolname::text, m.roleid::bigint, u.rolname::text
      FROM pg_catalog.pg_auth_members m
      JOIN pg_catalog.pg_roles g ON g.oid = m.roleid
      JOIN pg_catalog.pg_roles u ON u.oid = m.member
"""
SESSIONS: Final = """
    SELECT usesysid::bigint, count(*), extract(epoch FROM max(backend_start))::float8
      FROM pg_catalog.pg_stat_activity WHERE usesysid IS NOT NULL GROUP BY usesysid
"""
NOW: Final = "SELECT extract(epoch FROM clock_timestamp())::float8"

Rows: TypeAlias = Iterable[Sequence[Any]]

_OWNER: Final = re.compile(r"sekisho: staff ([0-9A-Za-z-]{1,20})(?:, (.*))?", re.DOTALL)
_INFINITE: Final = "VALID UNTIL is infinity"
_ENDLESS: Final = "no VALID UNTIL"
_GONE: Final = "dropped, and still connected"
_NONE: Final = (0, None)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Memberships and sessions by role oid: what a role is in, who is in it, and who is connected since when.

    When a session began is told to members of ``pg_read_all_stats`` only; how many there are, to everybody.
    """

    groups: Mapping[int, Sequence[str]] = field(default_factory=dict)
    members: Mapping[int, Sequence[str]] = field(default_factory=dict)
    sessions: Mapping[int, tuple[int, datetime | None]] = field(default_factory=dict)

    @classmethod
    def of(cls, memberships: Rows, sessions: Rows) -> "Surroundings":
        """Build them from the rows of the two queries."""
        groups: defaultdict[int, list[str]] = defaultdict(list)
        members: defaultdict[int, list[str]] = defaultdict(list)
        for member, group, role, user in memberships:
            groups[member].append(group)
            members[role].append(user)
        since = {oid: (count, None if epoch is None else instant(epoch)) for oid, count, epoch in sessions}
        return cls(groups, members, since)


def owner_comment(staff_number: str, name: str) -> str:
    """Return the comment by which a role names its owner."""
    return f"sekisho: staff {staff_number}, {name}" if name else f"sekisho: staff {staff_number}"


@lru_cache(maxsize=4096)  # many roles share an end
def instant(epoch: float) -> datetime:
    """Return the instant of seconds since 1970; one that no calendar of ours reaches is the last one."""
    try:
        return datetime.fromtimestamp(0, UTC) + timedelta(seconds=epoch)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC) if epoch > 0 else datetime.min.replace(tzinfo=UTC)


def accounts(roles: Rows, around: Surroundings) -> list[ObservedAccount]:
    """Return the accounts among the roles."""
    return [found for row in roles if (found := _account(row, around)) is not None]


def leftovers_of_drops(around: Surroundings, oids: Iterable[int]) -> list[ObservedAccount]:
    """Return the sessions of roles that were dropped while connected: the backend goes on without a role."""
    gone = around.sessions.keys() - set(oids)
    return [
        ObservedAccount(
            user_id=f"dropped-{oid}",
            native_id=str(oid),
            enabled=False,
            sessions=around.sessions[oid][0],
            last_use=around.sessions[oid][1],
            doubts=(_GONE,),
        )
        for oid in sorted(gone)
    ]


def _account(row: Sequence[Any], around: Surroundings) -> ObservedAccount | None:
    oid, name, can_login, superuser, createrole, createdb, replication, bypassrls = row[:8]
    endless, finite, epoch, comment, own = row[8:]
    attributes = (superuser, createrole, createdb, replication, bypassrls)
    owner = _OWNER.fullmatch(comment) if comment else None
    if not can_login and (oid < FIRST_NORMAL_OID or (endless and owner is None)):
        return None
    count, since = around.sessions.get(oid, _NONE)
    rights, members = around.groups.get(oid, ()), around.members.get(oid, ())
    if True in attributes:
        rights = [*rights, *(f"{MARKER}{name}" for name, held in zip(ATTRIBUTES, attributes, strict=True) if held)]
    return ObservedAccount(
        user_id=name,
        native_id=str(oid),
        enabled=can_login,
        display_name=(owner[2] or "") if owner else (comment or ""),
        staff_number=owner[1] if owner else "",
        valid_to=instant(epoch) if epoch is not None else None,
        entitlements=tuple(sorted(rights)) if len(rights) > 1 else tuple(rights),
        last_use=since,
        sessions=count,
        remains=tuple(f"member {each}" for each in sorted(members)) if members else (),
        doubts=() if finite else (_ENDLESS,) if endless else (_INFINITE,),
        administrator=superuser or createrole,
        own=own,
        built_in=oid < FIRST_NORMAL_OID,
    )
