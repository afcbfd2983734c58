"""A PostgreSQL cluster for a benchmark, made in a folder and stopped afterwards."""

from __future__ import annotations

import glob
import os
import pwd
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def running_cluster(folder: Path) -> Iterator[str]:
    """Yield the connection string of a superuser over a Unix socket; as root the server runs as ``postgres``."""
    [*_, programs] = sorted(glob.glob("/usr/lib/postgresql/*/bin"))  # noqa: PTH207 - Path.glob takes no absolute one
    account = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
    del folder  # the server's own account could not enter it
    with tempfile.TemporaryDirectory(prefix="sekisho-bench-pg-") as name:
        place = Path(name)
        if account:
            os.chown(place, account.pw_uid, account.pw_gid)
        data = place / "data"
        _run(account, f"{programs}/initdb", "--no-sync", "-D", data, "-U", "postgres", "--auth=trust")
        options = f"-k {place} -c listen_addresses= -c fsync=off"
        _run(account, f"{programs}/pg_ctl", "-D", data, "-l", place / "log", "-o", options, "-w", "start")
        try:
            yield f"host={place} dbname=postgres user=postgres"
        finally:
            _run(account, f"{programs}/pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")


def _run(account: pwd.struct_passwd | None, *command: str | Path) -> None:
    subprocess.run(
        command,
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
        extra_groups=[] if account else None,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        check=True,
    )
