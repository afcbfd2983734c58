"""What is done on the register without a request of its own, by the console's standing duties: in sessions as well.

Automatic tasks and nightly backups are nobody's request; who registered the host and set the register's settings has
approved them. They have a session all the same, so that what was done is recorded and can be stopped.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from accesscontrol.messages import N_
from accesscontrol.people.operators import SYSTEM
from accesscontrol.requests.desk import Acting
from accesscontrol.sessions.ledger import Assignment
from backups.sources.postgresql import Endpoint
from console.maintenance_sessions import HERE, Recorded, office, reached
from console.translation import _
from registry.tasks.kind import Sitting

if TYPE_CHECKING:
    from console.wiring import Installation

AUTOMATIC: Final = "automatic-maintenance"
_STANDING_HOURS: Final = 4
CONSOLE: Final = Acting("", SYSTEM, "")


@contextmanager
def standing(
    site: "Installation",
    name: str = AUTOMATIC,
    title: str = N_("Automatic maintenance"),
    *,
    executor: Acting = CONSOLE,
) -> Iterator[Sitting]:
    """Seat the register's automatic tasks, or what ``title`` (a msgid) says, in one session, which ends with them."""
    asked = _assignment(site, name, title, _STANDING_HOURS, executor)
    with office(site).session(asked) as session, reached(site, session, read_only=False) as registry:
        yield Sitting(registry=registry, journal=Recorded(session), host=session)


@dataclass(frozen=True, slots=True)
class SessionRoute:
    """The way of a backup to the register's database: the tunnel of a session that lasts as long as the backup."""

    site: "Installation"
    source: str

    def opened(self) -> AbstractContextManager[Endpoint]:
        """Open a session with the tunnel, and say where libpq finds its end."""
        return self._opened()

    @contextmanager
    def _opened(self) -> Iterator[Endpoint]:
        site = self.site
        asked = _assignment(
            site, f"backup:{self.source}", N_("Backup of the register"), site.settings.register.backup_hours, CONSOLE
        )
        with site.supervision.session(asked) as session:
            session.step(_("Back up {source}").format(source=self.source))
            yield Endpoint(host=str(session.database()), port=5432)


def _assignment(site: "Installation", request: str, title: str, hours: int, executor: Acting) -> Assignment:
    host, now = site.settings.register.host, site.clock.now()
    return Assignment(
        request=request,
        title=title,
        host=host or HERE,
        executor=executor,
        not_before=now,
        until=now + timedelta(hours=hours),
        tunnel=bool(host),
    )
