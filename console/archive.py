"""The log archive as the console uses it: importing with the site's settings, looking in, and what the trail says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from accesscontrol.requests.desk import Acting
from accesscontrol.store import Store
from accesscontrol.trail import entries
from monitors.events import browsing, imports
from monitors.events.browsing import Surroundings
from monitors.events.imports import ImportReport
from monitors.events.plans import Wish


@dataclass(frozen=True, slots=True)
class Archive:
    """The events of one site."""

    store: Store
    home: Path
    zone: ZoneInfo

    def import_file(self, file: Path, wish: Wish, *, actor: str, terminal: str = "") -> ImportReport:
        """Import one log file and return the account of its lines."""
        return imports.import_file(self.store, self.home, file, wish, actor=actor, zone=self.zone, terminal=terminal)

    def consulted(self, actor: Acting, expression: str, *, subject: str = "", host_account: str = "") -> None:
        """Enter that somebody looks at events, and at which: those of ``expression`` (MO-LOG-04).

        ``subject`` is the finding whose events they are. At a command that asks nobody to sign in, ``host_account``
        says who runs it. To be called before anything is shown: no entry, no look.
        """
        with self.store.transaction() as tx:
            tx.record(
                "events.consulted",
                actor=actor.staff_number,
                subject=subject,
                terminal=actor.terminal,
                expression=expression,
                **({"host_account": host_account} if host_account else {}),
            )

    def around(self, system: str, account: str, first: datetime, last: datetime) -> Surroundings:
        """Return what an account did in the hour before and after."""
        return browsing.around(self.store, self.home, system=system, account=account, first=first, last=last)

    def events(self, ids: Sequence[int]) -> list[dict[str, Any]]:
        """Return events by their ids, in order of time."""
        return browsing.by_ids(self.store, self.home, ids)

    def failures(self, now: datetime, *, days: int = 30) -> list[list[int]]:
        """Return the failed sign-ins of the last ``days`` by weekday (Monday first) and hour of the site."""
        return browsing.failures(self.store, self.home, first=now - timedelta(days=days), last=now)


def recorded_segments(store: Store) -> dict[str, str]:
    """Return the SHA-256 of each segment that the trail says was imported, less those it says were erased."""
    recorded: dict[str, str] = {}
    for entry in entries.of_act(store, "events.imported"):
        recorded |= {each["name"]: each["sha256"] for each in entry.details.get("segments", ())}
    for entry in entries.of_act(store, "events.erased"):
        for name in entry.details.get("segments", ()):
            recorded.pop(name, None)
    return recorded


def spoken_time(milliseconds: int, zone: ZoneInfo) -> str:
    """Return an event's time (milliseconds since 1970, UTC) to the second in the site's zone."""
    return f"{datetime.fromtimestamp(milliseconds / 1000, UTC).astimezone(zone):%Y-%m-%d %H:%M:%S}"
