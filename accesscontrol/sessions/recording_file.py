"""The file of a recording: made once and never over another, locked as long as its session lives."""

import fcntl
import os
from pathlib import Path

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal


def created(path: Path, low_water: int) -> int:
    """Make the file, locked and open for appending, and return its descriptor.

    Raises ``Refusal`` when fewer than ``low_water`` bytes are free beside it, or something is there already.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    place = os.statvfs(path.parent)
    free = place.f_bavail * place.f_frsize
    if free < low_water:
        raise Refusal(
            N_("No session begins: {folder} has only {free} MiB free for recordings. Free space first."),
            control="MO-LOG-01",
            folder=str(path.parent),
            free=free >> 20,
        )
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags, 0o600)
    except OSError as error:
        raise Refusal(
            N_("No session begins: the recording {path} can't be made ({reason})."),
            control="MO-LOG-01",
            path=str(path),
            reason=error.strerror or str(error),
        ) from None
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)  # as long as this holds, the session lives
    return descriptor


def is_locked(path: Path) -> bool:
    """Tell whether somebody holds the lock on a file: the session that writes a recording lives, in any process."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Make the name of a new file survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
