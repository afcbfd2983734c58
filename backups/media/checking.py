"""What the ledger says is on a medium, read again from the medium: what is whole, changed, missing, or strange."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from accesscontrol.canonical import JSON
from accesscontrol.clock import to_text
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from backups import ledger
from backups.ledger import Output
from backups.media.condition import condition_of
from backups.media.register import FACT_TITLES, Medium, Observed, Register, known_files, require_mount
from backups.media.signs import Condition
from backups.media.writing import Held, hold
from backups.records import backup_number, find
from backups.sealing.digests import Progress, silent
from backups.sources import Fault
from backups.verification import read_manifest, read_sealed


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What one look at a medium found; ``outputs`` are the ledger's lines that should be whole on it."""

    medium: Medium
    seen: Observed
    at: datetime
    outputs: Sequence[int]
    faults: Sequence[Fault]
    condition: Condition

    @property
    def good(self) -> bool:
        """Say whether everything is there as it was written, and nothing else."""
        return not self.faults

    def to_json(self) -> dict[str, JSON]:
        """Return the result as plain values for ``--json``."""
        return {
            "medium": self.medium.id,
            "number": self.medium.number,
            "sha256": self.medium.label_sha256,
            "identity": self.seen.identity(),
            "agreed": dict(self.seen.agreed),
            "at": to_text(self.at),
            "ok": self.good,
            "outputs": list(self.outputs),
            "faults": [str(fault) for fault in self.faults],
            "condition": self.condition.to_json(),
        }


def check(register: Register, folder: Path, *, actor: str, terminal: str, progress: Progress = silent) -> Check:
    """Hash everything that should be on the medium at ``folder`` from the device, and keep the result in the trail.

    Refusal when it is no registered medium at all; one that does not agree in every fact is looked at and told.
    """
    store = register.store
    with hold(folder) as held:
        require_mount(held)
        seen = register.observe(held)
        if seen.medium is None:
            raise Refusal(N_("{folder} is no registered medium."), control="BK-MED-03", folder=folder)
        names = held.names()
        lines = [each for each in ledger.page(store, medium=seen.medium.id, limit=100_000) if _is_on_it(each, names)]
        faults: list[Fault] = [_disagrees(name) for name in seen.disagreeing]
        total, done = sum(line.size for line in lines), 0
        for line in lines:
            faults += _of_output(register, held, line, _after(progress, done, total))
            done += line.size
        expected = known_files() | {name for line in lines for name in line.files}
        strange = [name for name in names if name not in expected]
        faults += [Fault(N_("{file} is in no ledger."), {"file": name}) for name in strange]
        condition = condition_of(seen.device, register.sysfs)  # after the reading, which may have counted errors
        faults += [sign for sign in condition.signs if sign.failing]
    with store.transaction() as tx:
        tx.record(
            "medium.checked",
            actor=actor,
            terminal=terminal,
            subject=seen.medium.id,
            outcome="failed" if faults else "done",
            outputs=[line.number for line in lines],
            faults=[str(fault) for fault in faults],
        )
        outputs = [line.number for line in lines]
        return Check(medium=seen.medium, seen=seen, at=tx.at, outputs=outputs, faults=faults, condition=condition)


def _is_on_it(line: Output, names: Sequence[str]) -> bool:
    """Say whether the files of a line should be whole: what is out must be there, what came back may be still."""
    return line.state == "out" or (line.written_at is not None and not set(line.files).isdisjoint(names))


def _of_output(register: Register, held: Held, line: Output, progress: Progress) -> list[Fault]:
    """Return what is wrong with the files of one line, read through the held folder: sealed, manifest, signature."""
    listed = find(register.store, backup_number(line.content))
    there = replace(listed, folder=Path(f"/proc/self/fd/{held.descriptor}"), sealed_sha256=line.sha256)
    _sha256, faults = read_sealed(there, progress)
    return faults + read_manifest(there)[1]


def _disagrees(name: str) -> Fault:
    return Fault(N_("The medium's {name} is not what was registered."), {"name": FACT_TITLES[name]})


def _after(progress: Progress, before: int, total: int) -> Progress:
    return lambda done, _: progress(before + done, total)
