"""The forced command of a Linux host without the way to it, and names for accounts that are thrown away."""

from collections.abc import Iterator

import pytest

from accesscontrol.accounts.connectors.linux import LinuxConnector
from accesscontrol.clock import SystemClock
from tests.accesscontrol.accounts.connectors.linux_host import asked, new_name, throw_away


@pytest.fixture
def direct() -> LinuxConnector:
    """The same forced command without the way to it."""
    return LinuxConnector("server-1", asked, SystemClock())


@pytest.fixture(scope="module")
def thrown_away() -> Iterator[None]:
    """Let the accounts of a module go with it."""
    yield
    throw_away()


@pytest.fixture
def user(thrown_away: None) -> str:
    """A name that no other test uses."""
    return new_name()
