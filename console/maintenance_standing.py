"""What is done on the register without a request of its own, by the console's standing duties: in sessions as well.

Automatic tasks are nobody's request; who registered the host and set the register's settings has approved them. They
have a session all the same, so that what was done is recorded and can be stopped.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

from accesscontrol.messages import N_
from accesscontrol.requests.desk import Acting
from accesscontrol.sessions.ledger import Assignment
from console.maintenance_sessions import HERE, Recorded, office, reached
from console.opened import CONSOLE, OpenedSite
from registry.tasks.kind import Sitting

AUTOMATIC: Final = "automatic-maintenance"
_STANDING_HOURS: Final = 4


@contextmanager
def standing(
    site: OpenedSite,
    name: str = AUTOMATIC,
    title: str = N_("Automatic maintenance"),
    *,
    executor: Acting = CONSOLE,
) -> Iterator[Sitting]:
    """Seat the register's automatic tasks, or what ``title`` (a msgid) says, in one session, which ends with them."""
    host, now = site.settings.register.host, site.clock.now()
    asked = Assignment(
        request=name,
        title=title,
        host=host or HERE,
        executor=executor,
        not_before=now,
        until=now + timedelta(hours=_STANDING_HOURS),
        tunnel=bool(host),
    )
    with office(site).session(asked) as session, reached(site, session, read_only=False) as registry:
        yield Sitting(registry=registry, journal=Recorded(session), host=session)
