"""The folder that holds backups: one writer at a time, and a scratch place that a crash cannot leave behind."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from backups.newfile import explained

_LOCK = ".lock"
_SCRATCH = ".scratch"


class Busy(Refusal):
    """Another process is writing in the folder."""


@contextmanager
def held(folder: Path) -> Iterator[Path]:
    """Hold ``folder`` alone and yield an empty scratch folder in it; the kernel lets go if we die.

    Whatever an earlier, killed holder left in the scratch folder is removed first, and again at the end.
    """
    with explained(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(
                N_("Another process is writing in {folder}; try again when it is done."), folder=folder
            ) from None
        scratch = folder / _SCRATCH
        with explained(folder):
            shutil.rmtree(scratch, ignore_errors=True)
            scratch.mkdir(mode=0o700)
        try:
            yield scratch
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    finally:
        os.close(lock)


def remove(files: tuple[Path, ...], part: str) -> None:
    """Remove files and their unfinished forms, where they exist."""
    for path in files:
        path.unlink(missing_ok=True)
        path.with_name(path.name + part).unlink(missing_ok=True)
