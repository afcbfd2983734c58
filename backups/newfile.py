"""Files that appear under their name only when they are whole and on the disk."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal

PART = ".part"
"""Ending of a file that is still being written."""

_DYING = N_("The device under {folder} reports an error; nothing was kept. Replace the medium.")
_GONE = N_("The device under {folder} is gone; nothing was kept. Put the medium in again.")
_REASONS = {
    errno.ENOSPC: N_("There is no room left in {folder}; nothing was kept. Free some space and try again."),
    errno.EDQUOT: N_("The quota of {folder} is used up; nothing was kept. Free some space and try again."),
    errno.EROFS: N_("{folder} is read-only; nothing was written. Make it writable or choose another folder."),
    errno.EACCES: N_("This account may not write in {folder}; nothing was written. Check its owner and mode."),
    errno.EPERM: N_("This account may not write in {folder}; nothing was written. Check its owner and mode."),
    errno.ENOENT: N_("{folder} or the file named in it does not exist; nothing was written."),
    errno.ENOTDIR: N_("{folder} is not a folder; nothing was written."),
    **dict.fromkeys((errno.EIO, errno.EREMOTEIO, errno.ETIMEDOUT, errno.EUCLEAN, errno.EBADMSG), _DYING),
    **dict.fromkeys((errno.ENODEV, errno.ENXIO, errno.ENOMEDIUM, errno.ESHUTDOWN, errno.ESTALE), _GONE),
}


class Unwritable(Refusal):
    """The disk said no; no half file was left."""


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """Yield an unbuffered file; give it the name ``path`` after fsync, or leave nothing at all.

    A file of that name is never overwritten. Raises Unwritable with what to do.
    """
    part = path.with_name(path.name + PART)
    with explained(path.parent):
        if os.path.lexists(path):
            raise Refusal(N_("{path} exists already and is not overwritten."), path=path)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        try:
            with os.fdopen(descriptor, "wb", buffering=0) as file:
                yield file
                os.fsync(file.fileno())
            part.rename(path)
            sync_folder(path.parent)
        except BaseException:
            with suppress(OSError):
                part.unlink()
            raise


@contextmanager
def explained(folder: Path) -> Iterator[None]:
    """Turn the disk's errors into a refusal that says what to do."""
    try:
        yield
    except OSError as error:
        reason = _REASONS.get(error.errno or 0)
        if reason is None:
            raise
        raise Unwritable(reason, folder=folder) from error


def write_all(file: BinaryIO, data: bytes | bytearray | memoryview) -> None:
    """Write all of ``data`` to an unbuffered file, which may take less at a time."""
    with memoryview(data) as view:
        written = 0
        while written < len(view):
            written += file.write(view[written:])


def write_new(path: Path, data: bytes) -> None:
    """Write a small file whole, or not at all."""
    with new_file(path) as file:
        write_all(file, data)


def sync_folder(folder: Path) -> None:
    """Make the names in ``folder`` survive a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
