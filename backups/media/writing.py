"""Writing to a medium through one held folder: temporary name, fsync, read back from the device, rename.

A path can come to mean another disk between check and write (swapped, unmounted, mounted over); a held
folder descriptor cannot. What was written is hashed again with the page cache dropped, because a
warm cache still answers for a device that has lost the bytes.
"""

import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from backups.newfile import PART, Unwritable, explained
from backups.sealing.digests import Digest, Progress

_LEAST, _MOST = 1 << 18, 64 << 20  # bytes that are written before they are forced to the device and told
_SOON = 0.5  # seconds that one such stretch should take, however slow the medium is
_SPARE = 1 << 20
_SPARE_SHARE = 50  # one fiftieth: a file of exactly the free size does not fit


@dataclass(frozen=True, slots=True)
class Held:
    """A folder that is held open; ``device`` and ``mount`` are what it was when it was opened."""

    descriptor: int
    path: Path
    device: int
    mount: str

    def require_in_place(self) -> None:
        """Refuse when the path no longer leads to the held folder: swapped, unmounted or mounted over."""
        try:
            with _opened(self.path) as again:
                same = (os.fstat(again).st_dev, _mount(again)) == (self.device, self.mount)
        except OSError:
            same = False
        if not same:
            raise Unwritable(N_("The medium under {folder} was changed while it was used."), folder=self.path)

    def above(self) -> tuple[int, str]:
        """Return device and mount of the folder above: for the root of a medium, both are others."""
        with explained(self.path):
            descriptor = os.open("..", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=self.descriptor)
        try:
            return os.fstat(descriptor).st_dev, _mount(descriptor)
        finally:
            os.close(descriptor)

    def names(self) -> list[str]:
        """Return what the folder holds."""
        return sorted(os.listdir(self.descriptor))  # noqa: PTH208 - a descriptor, not a path


@contextmanager
def hold(path: Path) -> Iterator[Held]:
    """Open the folder ``path`` and hold it; while held, its medium cannot be unmounted unnoticed."""
    with explained(path):
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        yield Held(descriptor, path, os.fstat(descriptor).st_dev, _mount(descriptor))
    finally:
        os.close(descriptor)


def require_room(held: Held, size: int) -> None:
    """Refuse a write-protected medium, and one with too little room for ``size`` bytes and some spare."""
    room = os.fstatvfs(held.descriptor)
    if room.f_flag & os.ST_RDONLY:
        raise Unwritable(N_("{folder} is read-only; nothing was written."), folder=held.path)
    needed = size + size // _SPARE_SHARE + _SPARE
    free = room.f_bavail * room.f_frsize
    if free < needed:
        raise Unwritable(
            N_("{folder} has {free} bytes free and {needed} are needed; nothing was written."),
            folder=held.path,
            free=free,
            needed=needed,
        )


def write(held: Held, source: Path, name: str, expected: Digest, progress: Progress) -> None:
    """Copy ``source`` into the held folder under ``name`` and prove from the device that it is ``expected``.

    ``progress`` counts the bytes written and then those read back, out of twice the size; if it raises,
    or anything fails, no file is left.
    """
    part = name + PART
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with explained(held.path):
        if _exists(held, name):
            raise Refusal(N_("{name} is on the medium already and is not overwritten."), name=name)
        if _exists(held, part):
            raise Refusal(N_("{name} was left by a broken-off writing; look at the medium and remove it."), name=part)
        descriptor = os.open(part, flags, 0o600, dir_fd=held.descriptor)
        try:
            try:
                _copy(source, descriptor, expected.size, progress)
                os.fsync(descriptor)
                found = _read_back(descriptor, expected.size, progress)
            finally:
                os.close(descriptor)
            if found != expected:
                raise Unwritable(N_("{name} does not read back the same; replace the medium."), name=name)
            held.require_in_place()
            os.rename(part, name, src_dir_fd=held.descriptor, dst_dir_fd=held.descriptor)
            os.fsync(held.descriptor)
        except BaseException:
            remove(held, part)
            raise


def remove(held: Held, *names: str) -> None:
    """Remove files from the held folder, as far as the medium still lets us."""
    for name in names:
        with suppress(OSError):
            os.unlink(name, dir_fd=held.descriptor)
    with suppress(OSError):
        os.fsync(held.descriptor)


def _copy(source: Path, target: int, size: int, progress: Progress) -> None:
    """Copy inside the kernel; the hash of what arrived is taken when it is read back.

    Each stretch is on the device before it is told, and is as long as the device is fast: so progress is true on a
    slow medium, and a stop is heard soon.
    """
    with source.open("rb", buffering=0) as file:
        done, stretch, began = 0, _LEAST, time.monotonic()
        while count := os.sendfile(target, file.fileno(), done, stretch):
            os.fdatasync(target)
            done += count
            progress(min(done, size), 2 * size)
            took, began = time.monotonic() - began, time.monotonic()
            stretch = min(2 * stretch, _MOST) if took < _SOON else max(stretch // 2, _LEAST)


def _read_back(descriptor: int, size: int, progress: Progress) -> Digest:
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    os.lseek(descriptor, 0, os.SEEK_SET)
    digest, done = hashlib.sha256(), 0
    buffer = bytearray(_SPARE)
    with memoryview(buffer) as view:
        while count := os.readv(descriptor, [buffer]):
            digest.update(view[:count])
            done += count
            progress(size + min(done, size), 2 * size)
    return Digest(done, digest.hexdigest())


def _exists(held: Held, name: str) -> bool:
    try:
        os.stat(name, dir_fd=held.descriptor, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _mount(descriptor: int) -> str:
    """Return the kernel's number of the mount that a descriptor lives on."""
    for line in Path(f"/proc/self/fdinfo/{descriptor}").read_text("ascii").splitlines():
        name, _, value = line.partition(":")
        if name == "mnt_id":
            return value.strip()
    return ""
