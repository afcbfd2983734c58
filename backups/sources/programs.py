"""What PostgreSQL's own programs say about themselves and about what went wrong."""

import subprocess
from pathlib import Path

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from backups.newfile import Unwritable

_LONGEST = 300


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
