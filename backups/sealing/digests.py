"""SHA-256 that runs beside the main work: hashlib frees the interpreter lock while it hashes."""

import hashlib
import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

Progress = Callable[[int, int], None]
"""Told bytes done and bytes in all; may raise to cancel, and then nothing is left behind."""

_BLOCK = 1 << 20


def silent(_done: int, _total: int) -> None:
    """Be told of progress and do nothing."""


@dataclass(frozen=True, slots=True)
class Digest:
    """Size in bytes and SHA-256 in hex of one content."""

    size: int
    sha256: str


class Hashing:
    """One running SHA-256 in a thread of its own; a block fed stays unchanged until its future is done."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self._size = 0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sha256")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.shutdown(wait=True, cancel_futures=error is not None)

    def feed(self, block: bytes | bytearray | memoryview) -> Future[None]:
        """Hash ``block`` after all earlier ones."""
        self._size += len(block)
        return self._thread.submit(self._hash.update, block)

    def digest(self) -> Digest:
        """Wait for every block fed so far and return their digest."""
        return Digest(self._size, self._thread.submit(self._hash.hexdigest).result())


def digest_of(path: Path, progress: Progress = silent, *, fresh: bool = False) -> Digest:
    """Return size and SHA-256 of the file at ``path`` as it is now.

    ``fresh`` drops the cached pages first, so that the device itself is read: a warm cache still shows
    what was written after the device has lost it.
    """
    digest, size = hashlib.sha256(), 0
    buffer = bytearray(_BLOCK)
    with path.open("rb", buffering=0) as file, memoryview(buffer) as view:
        total = os.fstat(file.fileno()).st_size
        if fresh:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        while count := file.readinto(buffer):
            digest.update(view[:count])
            size += count
            progress(size, total)
    return Digest(size, digest.hexdigest())
