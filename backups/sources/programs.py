"""What PostgreSQL's own programs say about themselves and about what went wrong."""

import shutil
import subprocess
from pathlib import Path

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from backups.newfile import Unwritable

_LONGEST = 300
_SERVERS = (Path("/usr/lib/postgresql"), Path("/usr"))  # Debian's /usr/lib/postgresql/15, Red Hat's /usr/pgsql-15


def located(program: str) -> str:
    """Return where ``program`` is: on the PATH, or beside the newest server, where some systems leave what others link.

    A program that is nowhere keeps its name, and the system's own words say that it is missing.
    """
    if shutil.which(program):
        return program
    found = [path for place in _SERVERS for path in place.glob(f"*/bin/{program}") if path.is_file()]
    return str(max(found, key=_release, default=program))


def _release(path: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in path.parents[1].name.removeprefix("pgsql-").split(".") if part.isdecimal())


def version(program: str) -> str:
    """Return how ``program`` names itself and its version."""
    return subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout.strip()


def last_line(text: bytes) -> str:
    """Return the last line of a program's complaint, where the cause stands."""
    lines = text.decode("utf-8", "replace").strip().splitlines()
    return lines[-1][:_LONGEST] if lines else "?"


def failed(complaint: bytes, folder: Path, message: str) -> Refusal:
    """Return the refusal for a program that failed while it wrote into ``folder``; ``message`` has a {reason}."""
    if b"No space left" in complaint:
        return Unwritable(
            N_("There is no room left in {folder}; nothing was kept. Free some space and try again."), folder=folder
        )
    return Refusal(message, reason=last_line(complaint))
