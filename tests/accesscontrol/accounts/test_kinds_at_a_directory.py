"""A request about a user ID of a real directory, from the asking to the sign-in that works and then does not."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from accesscontrol.accounts import first_passwords, persons
from accesscontrol.accounts.connectors.ldap import LdapConnector
from accesscontrol.accounts.connectors.protocol import Connector
from accesscontrol.accounts.kinds import account_kinds
from accesscontrol.accounts.migrations import migrations
from accesscontrol.accounts.model import Person
from accesscontrol.clock import SystemClock
from accesscontrol.refusals import Refusal
from accesscontrol.requests import submission
from accesscontrol.requests.states import State
from tests.accesscontrol.accounts.connectors.test_ldap import directory
from tests.accesscontrol.requests.city import ZONE, City
from tests.accesscontrol.requests.conftest import built, new_city
from tests.services.slapd import LdapServer

OWN = "Yukimi-Shoji-31"

__all__ = ["built", "new_city"]


@pytest.fixture
def systems(ldap_server: LdapServer) -> dict[str, Connector]:
    return {"directory": LdapConnector(directory(ldap_server), SystemClock())}


@pytest.fixture
def city(new_city: Callable[[], City], systems: dict[str, Connector]) -> City:
    city = new_city()
    city.store.migrate(migrations)
    city.clock.set(datetime.now(UTC))
    city.kinds.update({kind.name: kind for kind in account_kinds(city.store, ZONE, lambda: systems)})
    with city.store.transaction() as tx:
        person = Person(
            staff_number="1042", name="架空　花子", office="市民課", valid_from=datetime(2020, 4, 1, tzinfo=UTC)
        )
        persons.enter_person(tx, person, actor="system")
    return city


def carried_out(city: City, kind: str, **parameters: str) -> object:
    given = {"system": "directory", "user_id": "hanako", **parameters}
    request = submission.submit(city.desk, kind, given, city.acting("hayashi"), reason="came to us")
    city.approve(request, "sato")
    done = city.execute(request, "yamada")
    assert done.state is State.DONE
    return done.performance and done.performance.evidence


def test_an_id_is_issued_used_and_revoked_and_the_directory_itself_agrees(
    city: City, systems: dict[str, Connector], ldap_server: LdapServer
) -> None:
    clean = {"verified": ["directory/hanako"], "unverified": {}}
    issue = {"staff_number": "1042", "cause": "appointment", "rights": "juki-refer", "last_day": "2031-03-31"}
    assert carried_out(city, "account-issue", **issue) == clean
    secret = first_passwords.hand_over(city.store, systems, "directory", "hanako", actor="S-hayashi")
    given = secret.text() if secret else ""
    assert ldap_server.binds("hanako", given)
    limited = systems["directory"].look(["hanako"])["hanako"].valid_to
    with pytest.raises(Refusal, match="still has its first password"):
        first_passwords.confirm(city.store, systems, "directory", "hanako", actor="S-hayashi")
    ldap_server.choose_password("hanako", given, OWN)
    first_passwords.confirm(city.store, systems, "directory", "hanako", actor="S-hayashi")
    real = systems["directory"].look(["hanako"])["hanako"].valid_to
    assert limited is not None
    assert real == datetime(2031, 3, 31, 15, tzinfo=UTC) > limited
    assert ldap_server.binds("hanako", OWN)
    assert carried_out(city, "account-revoke", ground="retirement") == clean
    assert not ldap_server.binds("hanako", OWN)
    assert systems["directory"].look(["hanako"])["hanako"].lapsed
