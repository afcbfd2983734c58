"""Looking for media that are there: which are ours, which nobody registered, which could not be read."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from accesscontrol.canonical import JSON
from accesscontrol.refusals import Refusal
from backups.media.devices import block_number, unreadable
from backups.media.register import Observed, Register
from backups.media.signs import Condition
from backups.media.writing import hold

FIXED = frozenset({Path("/"), Path("/boot"), Path("/boot/efi"), Path("/home"), Path("/var"), Path("/srv")})
"""Where the host's own file systems are mounted by default; a site names its others in the settings."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One medium that is there, or the reason why it could not be read: unreadable is never the same as unknown."""

    folder: Path
    observed: Observed | None
    reason: Refusal | None = None
    condition: Condition | None = None

    @property
    def known(self) -> bool:
        """Say whether it is a registered medium in every fact."""
        return self.observed is not None and self.observed.known

    def to_json(self) -> dict[str, JSON]:
        """Return what was seen as plain values for ``--json``."""
        if self.observed is not None:
            condition = self.condition.to_json() if self.condition else None
            return {**self.observed.to_json(), "reason": "", "condition": condition}
        return {"folder": str(self.folder), "medium": None, "known": False, "reason": str(self.reason)}


def mounted() -> list[Path]:
    """Return the folders at which block devices are mounted on this host."""
    import psutil

    return [Path(partition.mountpoint) for partition in psutil.disk_partitions(all=False)]


def scan(register: Register, folders: Iterable[Path], fixed: frozenset[Path] = FIXED) -> list[Seen]:
    """Look at every medium mounted at ``folders``, except on the devices of the host's ``fixed`` ones."""
    own = numbers_of(fixed)
    found, devices = list[Seen](), set[int]()
    for folder in sorted(set(folders)):
        try:
            with hold(folder) as held:
                number = block_number(held.device, held.mount)
                if number in own or number in devices:
                    continue
                devices.add(number)
                found.append(Seen(folder, register.observe(held)))
        except Refusal as refusal:
            found.append(Seen(folder, None, refusal))
        except OSError as error:
            found.append(Seen(folder, None, unreadable(folder, error)))
    return found


def numbers_of(folders: Iterable[Path]) -> set[int]:
    """Return the block devices behind ``folders``, as far as they are there and answer."""
    numbers = set[int]()
    for folder in folders:
        with suppress(Refusal, OSError), hold(folder) as held:
            numbers.add(block_number(held.device, held.mount))
    return numbers


def unknown(seen: Sequence[Seen]) -> list[Seen]:
    """Return what is there and is no registered medium in every fact: each is a finding (BK-MED-03)."""
    return [each for each in seen if not each.known]
