"""The register as a source, embedded or in PostgreSQL: what is taken is judged by the register's own checks.

That happens when it is taken and again when it is restored, as of the same day, and both must agree.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from accesscontrol.canonical import canonical
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from backups.manifest import Manifest
from backups.sealing.digests import Progress
from backups.sources import Part, SourceState, sqlite
from backups.sources.postgresql import Judge
from backups.sources.sqlite import SQLiteSource
from registry.checks import Settings, check
from registry.databases.interface import Registry
from registry.databases.postgresql import PostgresqlRegistry
from registry.databases.sqlite import SqliteRegistry

REGISTER: Final = "registry"
"""The name of the source that is the register itself, wherever it lives."""

CHECKS: Final = "registry checks as of "
"""Begins the name of the part that counts what the checks found; the day follows."""

_SCHEMAS = """
    SELECT n.nspname FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relname = 'registry_meta' AND c.relkind = 'r'
"""


@dataclass(frozen=True, slots=True)
class RegisterSource:
    """The register in the file ``path``; ``today`` gives the day on which its records are judged."""

    path: Path
    today: Callable[[], date]
    zone: ZoneInfo
    name: str = REGISTER
    kind: str = sqlite.KIND

    def take(self, to: Path, progress: Progress) -> SourceState:
        """Copy the register as it stands, and let its checks judge the copy."""
        taken = SQLiteSource(self.name, self.path).take(to, progress)
        return _judged(taken, to, self.today(), self.zone)


def restore(plain: Path, to: Path, known: Manifest | None, zone: ZoneInfo) -> SourceState:
    """Restore a SQLite backup; one of the register is judged again as of the day that its manifest names."""
    found = sqlite.restore(plain, to)
    day = judged_on(known)
    if day is None or found.faults:
        return found
    return _judged(found, to / "database.sqlite3", day, zone)


def judge(today: Callable[[], date], zone: ZoneInfo) -> Judge:
    """Return what judges a register in PostgreSQL, in the very snapshot that is dumped, and again when restored."""

    def judged(connection: Any) -> Sequence[Part]:
        found = connection.execute(_SCHEMAS).fetchall()
        if len(found) != 1:
            raise Refusal(N_("The database holds {count} registers instead of one."), count=len(found))
        connection.execute("SELECT pg_catalog.set_config('search_path', quote_ident(%s), false)", found[0])
        return [_part(PostgresqlRegistry(connection), today(), zone)]

    return judged


def judged_on(known: Manifest | None) -> date | None:
    """Return the day as of which a manifest's register was judged, or None."""
    names = [part.name for part in known.parts] if known else []
    days = [date.fromisoformat(name.removeprefix(CHECKS)) for name in names if name.startswith(CHECKS)]
    return days[0] if days else None


def rows_of(known: Manifest) -> list[tuple[str, int]]:
    """Return tables and rows of a manifest, without what the checks found."""
    return [(part.name, part.count) for part in known.parts if not part.name.startswith(CHECKS)]


def _judged(state: SourceState, path: Path, day: date, zone: ZoneInfo) -> SourceState:
    with SqliteRegistry.open(path, read_only=True) as register:
        part = _part(register, day, zone)
    return SourceState(state.kind, state.identity, state.tools, [*state.parts, part], state.faults)


def _part(register: Registry, day: date, zone: ZoneInfo) -> Part:
    """Return what the checks find as of ``day``: how much, and a hash of how much of each."""
    found = check(register, Settings(today=day, zone=zone), keep=0).by_check
    return Part(f"{CHECKS}{day.isoformat()}", sum(found.values()), hashlib.sha256(canonical(dict(found))).hexdigest())
