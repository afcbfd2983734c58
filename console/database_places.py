"""What the settings name for backups: each source by its own name, each database where a session leads (MO-SYS-06)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from backups.sources.postgresql import local_socket
from backups.sources.tree import HOME
from console.register_source import REGISTER
from console.settings import Settings

SCRATCH: Final = "scratch"
"""How the server where restored dumps are tried is called among the sources."""


@dataclass(frozen=True, slots=True)
class Place:
    """A managed host whose declared service the server is, or the server's Unix socket on this machine."""

    host: str = ""
    socket: Path | None = None


def place_of(settings: Settings, name: str, conninfo: str) -> Place:
    """Return where the server is that the settings call ``name``; Refusal where no session leads to it."""
    host = _hosts(settings).get(name, "")
    if host:
        return Place(host=host)
    socket = local_socket(conninfo)
    if socket is None:
        raise Refusal(
            N_(
                "No controlled session leads to the database {name}. Name its managed host in backups.hosts"
                " ({name}=HOST), or the folder of its socket on this machine (host=/FOLDER)."
            ),
            control="MO-SYS-06",
            name=name,
        )
    return Place(socket=socket)


def require_places(settings: Settings) -> None:
    """Refuse settings that name a database to which no session leads."""
    section = settings.backups
    for name, conninfo in named(section.databases):
        place_of(settings, name, conninfo)
    if section.scratch:
        place_of(settings, SCRATCH, section.scratch)


def require_own_names(settings: Settings) -> None:
    """Refuse settings that call two sources by one name: one of them would never be taken."""
    section = settings.backups
    counted = Counter([HOME, *(name for name, _ in named((*section.databases, *section.trees)))])
    if twice := sorted(name for name, times in counted.items() if times > 1):
        raise Refusal(N_("Two sources of backups are called {name}; each needs a name of its own."), name=twice[0])


def named(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Split lines of the form ``NAME=REST``."""
    for line in lines:
        name, _, rest = line.partition("=")
        yield name, rest


def _hosts(settings: Settings) -> Mapping[str, str]:
    return {REGISTER: settings.register.host, **dict(named(settings.backups.hosts))}
