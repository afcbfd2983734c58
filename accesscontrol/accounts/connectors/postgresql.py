"""User IDs of a PostgreSQL cluster: its roles that may log in.

The console's role needs CREATEROLE and membership in ``pg_signal_backend``; superusers it can neither change nor
end. Passwords leave this process as SCRAM verifiers only, because a statement's text may stand in the server's log.
Every end is sent with its offset: a bare date is midnight in whatever zone the session has.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from accesscontrol.accounts.connectors import postgresql_roles as roles
from accesscontrol.accounts.connectors.postgresql_roles import ATTRIBUTES, MARKER, Surroundings
from accesscontrol.accounts.connectors.protocol import (
    Failures,
    ObservedAccount,
    Reading,
    TemporaryPassword,
    Unreadable,
    Wanted,
)
from accesscontrol.clock import Clock
from accesscontrol.messages import N_
from accesscontrol.people.secret import concealed
from accesscontrol.refusals import Refusal

if TYPE_CHECKING:
    import psycopg
    from psycopg.sql import Composable

    Connection = psycopg.Connection[tuple[Any, ...]]

Membership: TypeAlias = tuple[str, str, str]
"""A group, its member, and who gave the membership."""

_CONNECT_SECONDS: Final = 10
_END_MILLISECONDS: Final = 2000
_LONGEST_NAME: Final = 63  # octets; the server would cut a longer one
_GRANTED_BY_SINCE: Final = 160000


class PostgresqlConnector:
    """One cluster. ``conninfo`` is a libpq connection string; its password belongs into a password file."""

    def __init__(self, system: str, conninfo: str, clock: Clock) -> None:
        self._system, self._conninfo, self._clock = system, conninfo, clock

    @property
    def system(self) -> str:
        """The system's name in the settings and the ledger."""
        return self._system

    def read(self) -> Reading:
        """Read every role that is an account, and sessions whose role was dropped under them."""
        with self._connected() as connection:
            began = self._clock.now()
            theirs = roles.instant(_one(connection, roles.NOW))
            around = _surroundings(connection)
            rows = connection.execute(roles.ROLES).fetchall()
        found = roles.accounts(rows, around)
        found += roles.leftovers_of_drops(around, (row[0] for row in rows))
        return Reading(system=self._system, read_at=began, accounts=found, skew=theirs - began)

    def look(self, user_ids: Sequence[str]) -> Mapping[str, ObservedAccount]:
        """Read these roles freshly."""
        with self._connected() as connection:
            around = _surroundings(connection)
            rows = connection.execute(f"{roles.ROLES} WHERE r.rolname = ANY(%s)", (list(user_ids),)).fetchall()
        return {account.user_id: account for account in roles.accounts(rows, around)}

    def issue(self, wanted: Wanted, password: TemporaryPassword | None = None) -> None:
        """Create the role with its owner, end and memberships, all or nothing; without a password it has none yet."""
        from psycopg import sql

        self._require_name(wanted.user_id)
        with self._connected() as connection:
            role = sql.Identifier(wanted.user_id)
            clauses = [sql.SQL("LOGIN"), _valid_until(_end(wanted.valid_to, password))]
            if password is not None:
                clauses.append(_password(connection, wanted.user_id, password))
            comment = roles.owner_comment(wanted.staff_number, wanted.display_name)
            statements = [
                sql.SQL("CREATE ROLE {} {}").format(role, sql.SQL(" ").join(clauses)),
                sql.SQL("COMMENT ON ROLE {} IS {}").format(role, sql.Literal(comment)),
                *(_give(role, each) for each in wanted.entitlements),
            ]
            if (reason := _run(connection, statements)) is not None:
                raise Refusal(
                    N_("{system} did not take {user_id}: {reason}."),
                    system=self._system,
                    user_id=wanted.user_id,
                    reason=reason,
                )

    def change(self, wanted: Sequence[Wanted]) -> Failures:
        """Let each role log in up to its end, with exactly these memberships and attributes."""
        from psycopg import sql

        known = {each.user_id: each for each in wanted}
        there = self.look(list(known)) if known else {}
        memberships = self._read_memberships(list(there))

        def statements(each: Wanted, connection: "Connection") -> "list[Composable]":
            role, has = sql.Identifier(each.user_id), set(there[each.user_id].entitlements)
            return [
                sql.SQL("ALTER ROLE {} LOGIN {}").format(role, _valid_until(each.valid_to)),
                *(_give(role, name) for name in sorted(set(each.entitlements) - has)),
                *_take(
                    connection, each.user_id, sorted(has - set(each.entitlements)), memberships.get(each.user_id, ())
                ),
            ]

        return self._each(list(there), lambda name, connection: statements(known[name], connection))

    def set_password(self, user_id: str, password: TemporaryPassword) -> None:
        """Set a password up to its end, as a verifier."""
        from psycopg import sql

        role = sql.Identifier(user_id)
        failures = self._each(
            [user_id],
            lambda name, connection: [
                sql.SQL("ALTER ROLE {} {} {}").format(
                    role, _password(connection, name, password), _valid_until(password.until)
                )
            ],
        )
        if failures:
            raise Refusal(
                N_("{system} did not take the password of {user_id}: {reason}."),
                system=self._system,
                user_id=user_id,
                reason=failures[user_id],
            )

    def block(self, user_ids: Sequence[str]) -> Failures:
        """Close the login, take the password away, and set the end to now. Open sessions go on until they are ended."""
        from psycopg import sql

        limit = _valid_until(self._clock.now())
        return self._each(
            user_ids,
            lambda name, _: [sql.SQL("ALTER ROLE {} NOLOGIN PASSWORD NULL {}").format(sql.Identifier(name), limit)],
        )

    def end_sessions(self, user_ids: Sequence[str]) -> Failures:
        """Terminate the backends of these roles, and wait for each to be gone."""
        failures: dict[str, str] = {}
        with self._connected() as connection:
            backends = connection.execute(
                "SELECT usename::text, pid FROM pg_catalog.pg_stat_activity"
                " WHERE usename = ANY(%s) AND pid <> pg_backend_pid()",
                (list(user_ids),),
            ).fetchall()
            for name, pid in backends:
                reason = _run(connection, ["SELECT pg_terminate_backend(%s, %s)"], (pid, _END_MILLISECONDS))
                if reason is not None:
                    failures[name] = reason
        return failures

    def strip(self, user_ids: Sequence[str]) -> Failures:
        """Revoke memberships and attributes, and the memberships of others in these roles, who could still use them."""
        seen = self.look(user_ids)
        dirty = [name for name, account in seen.items() if account.entitlements or account.remains]
        memberships = self._read_memberships(dirty)
        return self._each(
            dirty,
            lambda name, connection: _take(
                connection, name, seen[name].entitlements, memberships.get(name, ()), own=True
            ),
        )

    def _read_memberships(self, user_ids: Sequence[str]) -> Mapping[str, Sequence[Membership]]:
        if not user_ids:
            return {}
        with self._connected() as connection:
            return _memberships(connection, user_ids)

    def _each(
        self, user_ids: Sequence[str], statements: "Callable[[str, Connection], Sequence[Composable]]"
    ) -> Failures:
        """Run statements for each role, all or nothing of one; return what the server said no to."""
        if not user_ids:
            return {}
        with self._connected() as connection:
            answers = {name: _run(connection, statements(name, connection)) for name in user_ids}
        return {name: reason for name, reason in answers.items() if reason is not None}

    def _require_name(self, name: str) -> None:
        if len(name.encode()) > _LONGEST_NAME or name.startswith("pg_"):
            raise Refusal(
                N_("{name} can't be a role of PostgreSQL: 63 octets at most, and not beginning with pg_."),
                control="AC-USR-01",
                name=name,
            )

    @contextmanager
    def _connected(self) -> "Iterator[Connection]":
        """Give a connection in which each statement stands for itself; a server that can't be used is unreadable."""
        try:
            import psycopg
        except ImportError:
            raise Unreadable(N_("PostgreSQL needs an additional part: install sekisho[postgresql].")) from None
        try:
            with psycopg.connect(
                self._conninfo,
                autocommit=True,
                connect_timeout=_CONNECT_SECONDS,
                application_name="sekisho",
                options="-c search_path=pg_catalog",
            ) as connection:
                yield connection
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            raise Unreadable(
                N_("The database {system} can't be read: {reason}."),
                system=self._system,
                reason=" ".join(str(error).split()),
            ) from None


def _surroundings(connection: "Connection") -> Surroundings:
    return Surroundings.of(
        connection.execute(roles.MEMBERSHIPS).fetchall(), connection.execute(roles.SESSIONS).fetchall()
    )


def _one(connection: "Connection", query: Any) -> Any:
    row = connection.execute(query).fetchone()
    return row[0] if row else None


def _run(connection: "Connection", statements: Sequence[Any], parameters: Sequence[Any] = ()) -> str | None:
    """Run statements together; return what the server said no to, without the statement, or None."""
    import psycopg

    try:
        with nullcontext() if len(statements) == 1 else connection.transaction():
            for statement in statements:
                connection.execute(statement, parameters or None)
    except psycopg.OperationalError:
        raise
    except psycopg.DatabaseError as error:
        return error.diag.message_primary or type(error).__name__
    return None


def _end(valid_to: datetime | None, password: TemporaryPassword | None) -> datetime | None:
    """Return the end to send: a first password's is the earlier one."""
    until = password.until if password is not None else None
    return min((each for each in (valid_to, until) if each is not None), default=None)


def _valid_until(end: datetime | None) -> "Composable":
    from psycopg import sql

    text = end.astimezone(UTC).isoformat(sep=" ") if end is not None else "infinity"
    return sql.SQL("VALID UNTIL {}").format(sql.Literal(text))


@concealed
def _password(connection: "Connection", user_id: str, password: TemporaryPassword) -> "Composable":
    """Return the clause with the verifier that this process computes; the server gets nothing else."""
    from psycopg import sql

    verifier = connection.pgconn.encrypt_password(password.secret.octets(), user_id.encode(), b"scram-sha-256")
    return sql.SQL("PASSWORD {}").format(sql.Literal(verifier.decode()))


def _give(role: "Composable", entitlement: str) -> "Composable":
    from psycopg import sql

    if (attribute := _attribute(entitlement)) is not None:
        return sql.SQL("ALTER ROLE {} {}").format(role, sql.SQL(attribute))
    return sql.SQL("GRANT {} TO {}").format(sql.Identifier(entitlement), role)


def _memberships(connection: "Connection", user_ids: Sequence[str]) -> Mapping[str, Sequence[Membership]]:
    """Return the memberships of and in each of these roles."""
    found: defaultdict[str, list[Membership]] = defaultdict(list)
    for group, member, grantor in connection.execute(
        "SELECT g.rolname::text, u.rolname::text, coalesce(a.rolname::text, '') FROM pg_catalog.pg_auth_members m"
        " JOIN pg_catalog.pg_roles g ON g.oid = m.roleid JOIN pg_catalog.pg_roles u ON u.oid = m.member"
        " LEFT JOIN pg_catalog.pg_roles a ON a.oid = m.grantor"
        " WHERE u.rolname = ANY(%(names)s) OR g.rolname = ANY(%(names)s)",
        {"names": list(user_ids)},
    ):
        for name in {group, member}:
            found[name].append((group, member, grantor))
    return found


def _take(
    connection: "Connection",
    user_id: str,
    entitlements: Collection[str],
    memberships: Sequence[Membership],
    *,
    own: bool = False,
) -> list[Any]:
    """Return what removes rights from a role, and with ``own`` also the memberships of others in it."""
    from psycopg import sql

    statements: list[Any] = [
        sql.SQL("ALTER ROLE {} {}").format(sql.Identifier(user_id), sql.SQL(f"NO{attribute}"))
        for attribute in filter(None, map(_attribute, entitlements))
    ]
    for group, member, grantor in memberships:
        if group not in entitlements if member == user_id else not own:
            continue
        statement = sql.SQL("REVOKE {} FROM {}").format(sql.Identifier(group), sql.Identifier(member))
        if grantor and connection.info.server_version >= _GRANTED_BY_SINCE:
            statement += sql.SQL(" GRANTED BY {}").format(sql.Identifier(grantor))
        statements.append(statement)
    return statements


def _attribute(entitlement: str) -> str | None:
    """Return the attribute of a role that an entitlement names, in the server's spelling, or None for a group."""
    name = entitlement.removeprefix(MARKER)
    return name.upper() if entitlement.startswith(MARKER) and name in ATTRIBUTES else None
