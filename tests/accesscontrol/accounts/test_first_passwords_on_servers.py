"""A first password that nobody changed opens nothing after its day, as the servers themselves see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

import paramiko
import psycopg
import pytest

from accesscontrol.accounts import first_passwords
from accesscontrol.accounts.connectors.ldap import LdapConnector
from accesscontrol.accounts.connectors.ldap_dialects import DIALECTS
from accesscontrol.accounts.connectors.linux import LinuxConnector
from accesscontrol.accounts.connectors.postgresql import PostgresqlConnector
from accesscontrol.accounts.connectors.protocol import TemporaryPassword
from accesscontrol.accounts.connectors.scim import ScimConnector
from accesscontrol.accounts.lapsing import lapse_open
from accesscontrol.accounts.planning import plan_due
from accesscontrol.accounts.provisioning import provision_open
from accesscontrol.clock import FixedClock, SystemClock
from accesscontrol.people.secret import Secret
from tests.accesscontrol.accounts.connectors.linux_host import asked, new_name, require_root, throw_away
from tests.accesscontrol.accounts.connectors.test_ldap import directory
from tests.accesscontrol.accounts.connectors.test_scim import service
from tests.accesscontrol.accounts.office import ADMIN, Office
from tests.services.networking import HOST
from tests.services.slapd import PEOPLE
from tests.services.sshd import SshServer, running_sshd

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accesscontrol.accounts.connectors.protocol import Connector
    from accesscontrol.store import Store
    from tests.services.postgresql import PostgresqlServer
    from tests.services.scim import ScimServer
    from tests.services.slapd import LdapServer

OWN = "Yukimi-Shoji-31"
DAY = timedelta(days=1)


class Target(Protocol):
    """A system at which somebody tries a password."""

    @property
    def connector(self) -> Connector: ...

    def opens(self, user_id: str, password: str) -> bool:
        """Tell whether the server lets somebody in."""
        ...

    def choose(self, user_id: str, old: str, new: str) -> None:
        """Let the person choose a password there."""
        ...


@dataclass
class Postgresql:
    connector: Connector
    server: PostgresqlServer

    def _signed_in(self, user_id: str, password: str) -> psycopg.Connection[Any]:
        return psycopg.connect(
            host=HOST, port=self.server.port, dbname="postgres", user=user_id, password=password, autocommit=True
        )

    def opens(self, user_id: str, password: str) -> bool:
        try:
            self._signed_in(user_id, password).close()
        except psycopg.OperationalError:
            return False
        return True

    def choose(self, user_id: str, old: str, new: str) -> None:
        with self._signed_in(user_id, old) as connection:
            connection.pgconn.change_password(user_id.encode(), new.encode())


@dataclass
class Ldap:
    connector: Connector
    server: LdapServer

    def opens(self, user_id: str, password: str) -> bool:
        return self.server.binds(user_id, password)

    def choose(self, user_id: str, old: str, new: str) -> None:
        self.server.choose_password(user_id, old, new)

    def make_lockable(self, user_id: str) -> None:
        """Let the entry have the lock of 389 Directory Server, which every entry has there."""
        self.server.modify(f"dn: uid={user_id},{PEOPLE}\nchangetype: modify\nadd: objectClass\nobjectClass: lockable\n")


@dataclass
class Scim:
    connector: Connector
    server: ScimServer

    def opens(self, user_id: str, password: str) -> bool:
        return self.server.lets_in(user_id, password)

    def choose(self, user_id: str, old: str, new: str) -> None:
        assert self.server.lets_in(user_id, old)
        until = self.connector.read().read_at + DAY
        self.connector.set_password(user_id, TemporaryPassword(secret=Secret(new), until=until))


@dataclass
class Linux:
    connector: Connector
    server: SshServer

    def _signed_in(self, user_id: str, password: str) -> paramiko.Transport:
        transport = paramiko.Transport((HOST, self.server.port))
        transport.connect(username=user_id, password=password)
        return transport

    def opens(self, user_id: str, password: str) -> bool:
        try:
            self._signed_in(user_id, password).close()
        except paramiko.AuthenticationException:
            return False
        return True

    def choose(self, user_id: str, old: str, new: str) -> None:
        transport = self._signed_in(user_id, old)
        channel = transport.open_session()
        channel.get_pty()
        channel.invoke_shell()  # the host asks for the change before it gives a shell
        for asked_for, given in ((b"urrent password:", old), (b"ew password:", new), (b"etype new password:", new)):
            heard = b""
            while not heard.rstrip().endswith(asked_for):
                part = channel.recv(4096)
                assert part, heard
                heard += part
            channel.send(f"{given}\n".encode())
        while channel.recv(4096):
            pass
        transport.close()


@pytest.fixture
def clock() -> FixedClock:
    """A clock that begins at the servers' own time, because they judge by theirs."""
    return FixedClock(SystemClock().now().replace(microsecond=0))


@pytest.fixture(scope="module")
def password_sshd() -> Iterator[SshServer]:
    """This host behind a server that takes passwords, as PAM judges them."""
    require_root()
    with running_sshd(
        "UsePAM yes", "PasswordAuthentication yes", "AuthenticationMethods any", "AllowUsers sk*"
    ) as server:
        yield server
    throw_away()


@pytest.fixture(params=["postgresql", "openldap", "389ds", "scim", "linux"])
def target(request: pytest.FixtureRequest, clock: FixedClock) -> Target:
    if request.param == "postgresql":
        server: PostgresqlServer = request.getfixturevalue("postgresql_server")
        return Postgresql(PostgresqlConnector("target", server.dsn(), clock), server)
    if request.param == "linux":
        return Linux(LinuxConnector("target", asked, clock), request.getfixturevalue("password_sshd"))
    if request.param == "scim":
        scim: ScimServer = request.getfixturevalue("scim_server")
        scim.announce(change_password=True)
        return Scim(ScimConnector(service(scim, system="target"), clock), scim)
    ldap: LdapServer = request.getfixturevalue("ldap_server")
    return Ldap(LdapConnector(directory(ldap, system="target", dialect=DIALECTS[request.param]), clock), ldap)


class Desk:
    """One live ID at the target, the custodian, and the scheduler."""

    def __init__(self, office: Office, store: Store, clock: FixedClock, target: Target) -> None:
        self.store, self.clock, self.systems = store, clock, {"target": target.connector}
        self.user_id = new_name()
        office.person("S7")
        office.issue("target", self.user_id, "S7", until=clock.now() + 30 * DAY)
        assert self.tick() == []
        if isinstance(target, Ldap):
            target.make_lockable(self.user_id)

    def tick(self) -> list[str]:
        disabled = first_passwords.settle(self.store, self.systems)
        plan_due(self.store)
        assert not lapse_open(self.store, self.systems).open
        assert not provision_open(self.store, self.systems).open
        return disabled

    def hand_over(self) -> str:
        given = first_passwords.hand_over(self.store, self.systems, "target", self.user_id, actor=ADMIN)
        assert given
        return given.text()


@pytest.fixture
def desk(office: Office, store: Store, clock: FixedClock, target: Target) -> Desk:
    return Desk(office, store, clock, target)


def test_unchanged_it_opens_nothing_after_its_day(desk: Desk, target: Target) -> None:
    given = desk.hand_over()
    assert target.opens(desk.user_id, given)
    while target.connector.look([desk.user_id])[desk.user_id].sessions:
        pass  # what tried it is still going
    desk.clock.advance(DAY)  # only here: the server's own limit is still to come
    assert desk.tick() == [f"target/{desk.user_id}"]
    assert not target.opens(desk.user_id, given)
    assert target.connector.look([desk.user_id])[desk.user_id].lapsed


def test_changed_it_is_the_person_s_own_and_stays_up_to_the_end_of_the_id(desk: Desk, target: Target) -> None:
    target.choose(desk.user_id, desk.hand_over(), OWN)
    if target.connector.look([desk.user_id])[desk.user_id].password_waits is None:  # the custodian's word counts
        first_passwords.confirm(desk.store, desk.systems, "target", desk.user_id, actor=ADMIN)
    assert desk.tick() == []
    desk.clock.advance(2 * DAY)
    assert desk.tick() == []
    assert target.opens(desk.user_id, OWN)
    shown = target.connector.look([desk.user_id])[desk.user_id]
    assert shown.enabled
    assert shown.valid_to is None or shown.valid_to >= desk.clock.now() + 27 * DAY

    while target.connector.look([desk.user_id])[desk.user_id].sessions:
        pass  # what tried it is still going
    desk.clock.advance(28 * DAY)  # the end of the ID itself
    assert desk.tick() == []
    assert not target.opens(desk.user_id, OWN)
    assert target.connector.look([desk.user_id])[desk.user_id].lapsed
