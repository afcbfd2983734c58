"""Databases as sources: each backup of one runs in a controlled session of its own (MO-SYS-06).

A server on a managed host is reached through the one tunnel of a session there, one on this machine by its Unix socket
in a session here. Either is recorded, ends with its window, and can be stopped. That nobody asks for a session of
their own is right: who changed the settings and registered the host had both approved, and the taking is ordered.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from accesscontrol.clock import local_day
from accesscontrol.messages import N_
from accesscontrol.requests.desk import Acting
from accesscontrol.sessions import local
from accesscontrol.sessions.ledger import Assignment
from backups.sources import Source, postgresql
from backups.sources.basebackup import BaseBackupSource
from backups.sources.postgresql import Endpoint, Judge, PostgreSQLSource
from console import register_source
from console.database_places import SCRATCH, Place, named, place_of
from console.maintenance_sessions import HERE
from console.opened import OpenedSite
from console.register_source import REGISTER
from console.translation import _

if TYPE_CHECKING:
    from accesscontrol.sessions.supervision import Supervision

_TUNNEL_PORT = 5432  # by which libpq finds the socket of any tunnel, whatever port the server itself has


def sources(site: OpenedSite, executor: Acting) -> list[Source]:
    """Return the databases and clusters of the settings as sources, which ``executor`` backs up."""
    section = site.settings.backups
    kinds = {postgresql.KIND: section.postgresql, postgresql.DIRECTORY_KIND: section.postgresql_directories}
    found: list[Source] = [
        PostgreSQLSource(
            name, conninfo, kind=kind, judge=_judge(site, name), route=_backup(site, name, conninfo, executor)
        )
        for kind, lines in kinds.items()
        for name, conninfo in named(lines)
    ]
    found += [
        BaseBackupSource(name, conninfo, route=_backup(site, name, conninfo, executor))
        for name, conninfo in named(section.clusters)
    ]
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRoute:
    """The way to the server called ``name``: the tunnel of a session of ``executor``, for as long as its work lasts.

    ``title`` and ``step`` (msgids) say what is done in it; ``request`` stands for the request that it has not.
    """

    site: OpenedSite
    name: str
    conninfo: str
    executor: Acting
    request: str
    title: str
    step: str

    @contextmanager
    def opened(self) -> Iterator[Endpoint]:
        """Open a session with the tunnel, and say where libpq finds its end."""
        place = place_of(self.site.settings, self.name, self.conninfo)
        with self._supervision(place).session(self._assignment(place)) as session:
            session.step(_(self.step).format(name=self.name))
            yield Endpoint(host=str(session.database()), port=_TUNNEL_PORT)

    def _supervision(self, place: Place) -> "Supervision":
        site = self.site
        if place.host:
            return site.supervision
        return local.on_this_machine(
            site.store,
            site.zone,
            site.home.recordings,
            name=HERE,
            tasks={},
            folder=site.home.path,
            database=place.socket,
        )

    def _assignment(self, place: Place) -> Assignment:
        now = self.site.clock.now()
        return Assignment(
            request=self.request,
            title=self.title,
            host=place.host or HERE,
            executor=self.executor,
            not_before=now,
            until=now + timedelta(hours=self.site.settings.register.backup_hours),
            tunnel=True,
        )


def scratch(site: OpenedSite, executor: Acting) -> SessionRoute:
    """Return the way to the server where ``executor`` tries restored dumps."""
    return SessionRoute(
        site=site,
        name=SCRATCH,
        conninfo=site.settings.backups.scratch,
        executor=executor,
        request="restore",
        title=N_("Restore into a scratch database"),
        step=N_("Restore, count and compare"),
    )


def _backup(site: OpenedSite, name: str, conninfo: str, executor: Acting) -> SessionRoute:
    return SessionRoute(
        site=site,
        name=name,
        conninfo=conninfo,
        executor=executor,
        request=f"backup:{name}",
        title=N_("Backup of the register") if name == REGISTER else N_("Backup of a database"),
        step=N_("Back up {name}"),
    )


def _judge(site: OpenedSite, name: str) -> Judge:
    """Return who looks at a database while it is dumped: the register's own checks, if it is the register."""
    if name != REGISTER or not site.settings.backups.judge_register:
        return postgresql.unjudged
    return register_source.judge(lambda: local_day(site.clock.now(), site.zone), site.zone)
