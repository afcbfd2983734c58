"""A tree of files, taken into one tar in a fixed order; databases in it are taken with the online backup."""

import hashlib
import io
import os
import platform
import stat
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from backups.newfile import explained
from backups.sealing.digests import Progress
from backups.sources import Fault, Part, SourceState
from backups.sources import sqlite as sqlite_source

KIND = "tree"
HOME = "sekisho"
"""The name of the source that is Sekisho's own home."""

_BLOCK = 1 << 20
_BESIDE_DATABASE = ("-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class TreeSource:
    """The files under ``root``, without the top-level names in ``leave_out``."""

    name: str
    root: Path
    leave_out: frozenset[str] = frozenset()
    kind: str = KIND

    def take(self, to: Path, progress: Progress) -> SourceState:
        """Write the tree as a tar; Refusal when a file changes while it is read, or is of no plain kind."""
        if not self.root.is_dir():
            raise Refusal(N_("There is no folder {path}."), path=self.root)
        found = list(_walk(self.root, self.leave_out))
        total = sum(path.lstat().st_size for path in found if path.is_file() and not path.is_symlink())
        done, parts = 0, list[Part]()
        with (
            explained(to.parent),
            to.open("xb") as file,
            tarfile.TarFile(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar,
        ):
            to.chmod(0o600)
            for path in found:
                part = _add(tar, path, path.relative_to(self.root).as_posix(), scratch=to.parent)
                if part is not None:
                    parts.append(part)
                    done += part.count
                    progress(min(done, total), total)
        return SourceState(KIND, str(self.root), {"python": platform.python_version(), "tar": "pax"}, parts)


def home_source(home: Path) -> TreeSource:
    """Return Sekisho's own home as a source, without the backups and copies for media that it holds."""
    return TreeSource(HOME, home, frozenset({"backups", "media"}))


def restore(plain: Path, to: Path) -> SourceState:
    """Unpack the opened tar into ``to/files`` (nothing outside it) and hash every file that came out."""
    root = to / "files"
    root.mkdir(mode=0o700)
    faults = list[Fault]()
    try:
        with tarfile.open(plain, "r:") as tar:
            tar.extractall(root, filter="data")
    except (tarfile.TarError, OSError) as error:
        faults.append(Fault(N_("The archive cannot be unpacked: {reason}"), {"reason": str(error)}))
    parts = [_part_of(path, path.relative_to(root).as_posix()) for path in _walk(root, frozenset()) if _plain(path)]
    return SourceState(KIND, str(root), {}, parts, faults)


def _walk(root: Path, leave_out: frozenset[str]) -> Iterator[Path]:
    """Yield everything below ``root`` in one order on every host, without what stands beside databases."""
    for entry in sorted(os.scandir(root), key=lambda entry: entry.name):
        path = Path(entry.path)
        if entry.name in leave_out or _beside_database(path):
            continue
        yield path
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(path, frozenset())


def _beside_database(path: Path) -> bool:
    for ending in _BESIDE_DATABASE:
        if path.name.endswith(ending):
            database = path.with_name(path.name.removesuffix(ending))
            return database.is_file() and sqlite_source.is_database(database)
    return False


def _plain(path: Path) -> bool:
    return stat.S_ISREG(path.lstat().st_mode)


def _add(tar: tarfile.TarFile, path: Path, name: str, *, scratch: Path) -> Part | None:
    """Add one entry; a regular file becomes a part with its hash."""
    if not _plain(path):
        mode = path.lstat().st_mode
        if not (stat.S_ISDIR(mode) or stat.S_ISLNK(mode)):
            raise Refusal(N_("{path} is neither file nor folder; it cannot be backed up. Leave it out."), path=path)
        tar.addfile(_entry(tar, path, name))
        return None
    if not sqlite_source.is_database(path):
        return _add_file(tar, path, name)
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        copied = Path(folder) / "database"
        sqlite_source.copy(path, copied)
        os.utime(copied, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
        return _add_file(tar, copied, name)


def _add_file(tar: tarfile.TarFile, path: Path, name: str) -> Part:
    before = path.stat()
    entry = _entry(tar, path, name)
    with path.open("rb") as file:
        hashing = _HashingReader(file)
        try:
            tar.addfile(entry, hashing)
        except OSError as error:
            if error.errno is not None:
                raise
            raise _changed(path) from error
    after = path.stat()
    if (before.st_size, before.st_mtime_ns, before.st_ino) != (after.st_size, after.st_mtime_ns, after.st_ino):
        raise _changed(path)
    return Part(name, entry.size, hashing.digest.hexdigest())


def _changed(path: Path) -> Refusal:
    return Refusal(N_("{path} changed while it was read; nothing was kept. Try again."), path=path)


def _entry(tar: tarfile.TarFile, path: Path, name: str) -> tarfile.TarInfo:
    """Return the header without what differs from host to host."""
    entry = tar.gettarinfo(str(path), name)
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mtime = int(entry.mtime)
    if entry.islnk():
        entry.type, entry.linkname = tarfile.REGTYPE, ""
        entry.size = path.stat().st_size
    return entry


def _part_of(path: Path, name: str) -> Part:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            size += len(block)
    return Part(name, size, digest.hexdigest())


class _HashingReader(io.RawIOBase):
    """Hashes what tarfile reads, so that the hash is of the very bytes in the archive."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.digest.update(data)
        return data
