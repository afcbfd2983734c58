"""A whole PostgreSQL cluster, taken with pg_basebackup and checked with pg_verifybackup before and after.

PostgreSQL's own backup_manifest is unsigned: who changes a file can recompute it. Here it is one of the
hashed files of the signed manifest, so that it proves something.
"""

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from backups.sealing.digests import Progress
from backups.sources import Fault, SourceState, tree
from backups.sources.postgresql.connections import Route, reached
from backups.sources.programs import failed, last_line, located, version
from backups.sources.tree import TreeSource

KIND = "postgresql-cluster"
_TABLESPACES = "pg_tblspc"


@dataclass(frozen=True, slots=True)
class BaseBackupSource:
    """The cluster behind ``conninfo``, which may replicate and holds no password; reached by ``route`` if any."""

    name: str
    conninfo: str
    pg_basebackup: str = "pg_basebackup"
    pg_verifybackup: str = "pg_verifybackup"
    kind: str = KIND
    route: Route | None = None

    def take(self, to: Path, progress: Progress) -> SourceState:
        """Copy the cluster with the log that it needs, verify the copy, and write it as one tar."""
        folder = to.with_name("cluster")
        command = [
            located(self.pg_basebackup),
            "--format=plain",
            "--wal-method=stream",
            "--checkpoint=fast",
            "--no-password",
        ]
        try:
            with reached(self.conninfo, self.route) as conninfo:
                _run([*command, "--no-sync", f"--pgdata={folder}", f"--dbname={conninfo}"], folder)
            if any((folder / _TABLESPACES).iterdir()):
                raise Refusal(N_("The cluster has tablespaces outside its folder; back its databases up one by one."))
            if fault := verify(folder, self.pg_verifybackup):
                raise Refusal(fault.message, **dict[str, Any](fault.fields))
            state = TreeSource(self.name, folder).take(to, progress)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return SourceState(
            KIND, self.name, {**state.tools, "pg_basebackup": version(located(self.pg_basebackup))}, state.parts
        )


@dataclass(frozen=True, slots=True)
class BaseBackupRestorer:
    """Unpacks a cluster and verifies it; a server started on the folder ``files`` in it recovers by itself."""

    pg_verifybackup: str = "pg_verifybackup"

    def __call__(self, plain: Path, to: Path) -> SourceState:
        """Unpack into the folder ``to``, hash every file and let pg_verifybackup look too."""
        found = tree.restore(plain, to)
        fault = verify(to / "files", self.pg_verifybackup)
        return SourceState(KIND, found.identity, {}, found.parts, [*found.faults, *([fault] if fault else [])])


def verify(folder: Path, program: str) -> Fault | None:
    """Return what pg_verifybackup finds wrong with a plain base backup, or None."""
    command = [located(program), "--exit-on-error", "--no-parse-wal", str(folder)]
    run = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if run.returncode == 0:
        return None
    return Fault(N_("The cluster's copy is not sound: {reason}"), {"reason": last_line(run.stderr)})


def _run(command: Sequence[str], folder: Path) -> None:
    run = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if run.returncode:
        raise failed(run.stderr, folder.parent, N_("The cluster cannot be copied: {reason}"))
