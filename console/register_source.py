"""The embedded register as a source: its copy is judged by the register's own checks.

That happens when it is taken and again when it is restored, as of the same day, and both must agree.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from accesscontrol.canonical import canonical
from backups.manifest import Manifest
from backups.sealing.digests import Progress
from backups.sources import Part, SourceState, sqlite
from backups.sources.sqlite import SQLiteSource
from registry.checks import Settings, check
from registry.databases.sqlite import SqliteRegistry

CHECKS: Final = "registry checks as of "
"""Begins the name of the part that counts what the checks found; the day follows."""


@dataclass(frozen=True, slots=True)
class RegisterSource:
    """The register in the file ``path``; ``today`` gives the day on which its records are judged."""

    path: Path
    today: Callable[[], date]
    zone: ZoneInfo
    name: str = "registry"
    kind: str = sqlite.KIND

    def take(self, to: Path, progress: Progress) -> SourceState:
        """Copy the register as it stands, and let its checks judge the copy."""
        taken = SQLiteSource(self.name, self.path).take(to, progress)
        return _judged(taken, to, self.today(), self.zone)


def restore(plain: Path, to: Path, known: Manifest | None, zone: ZoneInfo) -> SourceState:
    """Restore a SQLite backup; one of the register is judged again as of the day that its manifest names."""
    found = sqlite.restore(plain, to)
    days = [part.name.removeprefix(CHECKS) for part in known.parts if part.name.startswith(CHECKS)] if known else []
    if not days or found.faults:
        return found
    return _judged(found, to / "database.sqlite3", date.fromisoformat(days[0]), zone)


def rows_of(known: Manifest) -> list[tuple[str, int]]:
    """Return tables and rows of a manifest, without what the checks found."""
    return [(part.name, part.count) for part in known.parts if not part.name.startswith(CHECKS)]


def _judged(state: SourceState, path: Path, day: date, zone: ZoneInfo) -> SourceState:
    with SqliteRegistry.open(path, read_only=True) as register:
        found = check(register, Settings(today=day, zone=zone), keep=0).by_check
    part = Part(f"{CHECKS}{day.isoformat()}", sum(found.values()), hashlib.sha256(canonical(dict(found))).hexdigest())
    return SourceState(state.kind, state.identity, state.tools, [*state.parts, part], state.faults)
