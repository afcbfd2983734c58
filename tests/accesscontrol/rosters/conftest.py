"""A city hall whose desk knows the rosters, with a ledger of user IDs."""

from collections.abc import Callable

import pytest

from accesscontrol.accounts.migrations import migrations as accounts_migrations
from accesscontrol.rosters.brake import Brake
from accesscontrol.rosters.kinds import roster_kind
from accesscontrol.rosters.migrations import migrations
from tests.accesscontrol.requests.city import ZONE, City
from tests.accesscontrol.requests.conftest import built, new_city
from tests.accesscontrol.rosters.hall import Hall

__all__ = ["built", "new_city"]


@pytest.fixture
def hall(new_city: Callable[[], City]) -> Hall:
    city = new_city()
    city.store.migrate(accounts_migrations, migrations)
    brake = Brake(count=5, percent=50, least=3)
    kind = roster_kind(city.store, ZONE, brake)
    city.kinds[kind.name] = kind
    return Hall(city, brake)
