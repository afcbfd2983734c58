"""What can be backed up: each source writes itself into one file and says what it held at that moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from accesscontrol.messages import N_
from backups.sealing.digests import Progress


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """One table (``count`` rows) or one file (``count`` bytes) of a source."""

    name: str
    count: int
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class SourceState:
    """What a source was when it was taken, or what a restored copy is."""

    kind: str
    identity: str
    tools: Mapping[str, str]
    parts: Sequence[Part]
    faults: Sequence["Fault"] = field(default=())


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as it should be: a msgid, and the fields that fill it."""

    message: str
    fields: Mapping[str, str | int]

    def __str__(self) -> str:
        return self.message.format(**self.fields)


class Source(Protocol):
    """Something that can be backed up."""

    @property
    def name(self) -> str:
        """The name under which its backups are listed."""
        ...

    @property
    def kind(self) -> str:
        """Which restorer can bring it back."""
        ...

    def take(self, to: Path, progress: Progress) -> SourceState:
        """Write a consistent copy to the new file ``to`` and return the state that the copy holds."""
        ...


def differences(expected: Sequence[Part], found: Sequence[Part]) -> list[Fault]:
    """Name every part that is missing, added, or has another count or checksum."""
    before, after = ({part.name: part for part in parts} for parts in (expected, found))
    faults = []
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if new is None:
            faults.append(Fault(N_("{part} is missing."), {"part": name}))
        elif old is None:
            faults.append(Fault(N_("{part} was not in the backup."), {"part": name}))
        elif old.count != new.count:
            fields: dict[str, str | int] = {"part": name, "expected": old.count, "found": new.count}
            faults.append(Fault(N_("{part}: {expected} were backed up, {found} came back."), fields))
        elif old.sha256 != new.sha256:
            faults.append(Fault(N_("{part}: the content differs."), {"part": name}))
    return faults
