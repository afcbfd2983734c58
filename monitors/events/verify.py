"""Proving that the archive of events is as it was imported (MO-LOG-02)."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from accesscontrol.messages import N_
from accesscontrol.store import Store
from monitors.events import ledger
from monitors.events.segments import SUFFIX


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as it was imported; ``fault`` is a msgid."""

    segment: str
    fault: str


@dataclass(frozen=True, slots=True)
class Verification:
    """The outcome of re-hashing the archive."""

    segments: int
    events: int
    faults: tuple[Fault, ...]

    @property
    def ok(self) -> bool:
        """Tell whether nothing is wrong."""
        return not self.faults


def verify(store: Store, home: Path, recorded: Mapping[str, str] | None = None) -> Verification:
    """Hash every segment again and compare it with the manifest and with the trail.

    ``recorded`` maps segment names to the SHA-256 that the trail's ``events.imported`` entries hold, less what
    ``events.erased`` entries name; without it only the manifest is compared. Files that no manifest row lists are
    left-overs of an interrupted import and no fault: the next import removes them.
    """
    listed = ledger.all_segments(store)
    faults: list[Fault] = []
    for segment in listed:
        path = ledger.folder(home) / segment.name
        if not path.is_file():
            faults.append(Fault(segment.name, N_("the file is missing")))
            continue
        if _hash(path) != segment.sha256:
            faults.append(Fault(segment.name, N_("the file was changed")))
        if recorded is not None and recorded.get(segment.name) != segment.sha256:
            faults.append(Fault(segment.name, N_("the trail holds another hash for it, or none")))
    known = {segment.name for segment in listed}
    faults += [
        Fault(name, N_("the trail names it, the manifest does not")) for name in (recorded or {}) if name not in known
    ]
    return Verification(len(listed), sum(segment.events for segment in listed), tuple(faults))


def strangers(store: Store, home: Path) -> list[str]:
    """Return segment files that no manifest row lists."""
    known = {segment.name for segment in ledger.all_segments(store)}
    return sorted(path.name for path in ledger.folder(home).glob(f"*{SUFFIX}") if path.name not in known)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
