"""What an opened site offers to the parts out of which ``console/wiring.py`` puts it together."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, Protocol
from zoneinfo import ZoneInfo

from accesscontrol.clock import Clock
from accesscontrol.people.operators import SYSTEM
from accesscontrol.requests.desk import Acting
from accesscontrol.store import Store
from console.home import Home
from console.register import SiteRegister
from console.settings import Settings

if TYPE_CHECKING:
    from accesscontrol.accounts.connectors.protocol import Connector
    from accesscontrol.sessions.authority import Authority
    from accesscontrol.sessions.supervision import Supervision
    from registry.checks import Settings as RegisterSettings

CONSOLE: Final = Acting("", SYSTEM, "")
"""The console itself, when nobody asked it to act."""


class OpenedSite(Protocol):
    """An opened site, as ``console.wiring.Installation`` describes it."""

    @property
    def home(self) -> Home:
        """Where it lies."""
        ...

    @property
    def clock(self) -> Clock:
        """What tells its time."""
        ...

    @property
    def zone(self) -> ZoneInfo:
        """Its time zone."""
        ...

    @property
    def settings(self) -> Settings:
        """Its settings as they were when it was opened."""
        ...

    @property
    def store(self) -> Store:
        """Its store."""
        ...

    @property
    def register(self) -> SiteRegister:
        """Its own register, wherever it lives."""
        ...

    @property
    def connectors(self) -> "Mapping[str, Connector]":
        """What reaches its systems, by name."""
        ...

    @property
    def authority(self) -> "Authority":
        """What certifies sessions on its hosts."""
        ...

    @property
    def supervision(self) -> "Supervision":
        """What controlled sessions on its hosts run under."""
        ...

    def register_settings(self) -> "RegisterSettings":
        """Return what checks and tasks of the register must know."""
        ...
