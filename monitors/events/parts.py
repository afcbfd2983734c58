"""Cutting a delimited log into parts in UTF-8, which DuckDB reads beside one another, each line by line.

DuckDB numbers lines in one thread only, so one thread for each part is what uses the machine. A part is cut at a
newline, which no second byte of CP932 or EUC-JP can be; other encodings than UTF-8 are re-written, strictly, by a
process for each part. Run as a module it writes one part.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import IO, Final

from monitors.events.readers.encodings import UTF_8, decode
from monitors.events.readers.sources import BLOCK

PARTS: Final = 2
_WORTH_CUTTING: Final = 8 << 20
_INVALID: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of ``log``, from one offset to another, cut at newlines; the first one begins behind the header line."""

    log: Path
    start: int
    end: int
    alone: bool

    def first_line(self) -> int:
        """Return the number of its first line in the log."""
        with self.log.open("rb") as stream:
            return 1 + sum(block.count(b"\n") for block in _blocks(stream, 0, self.start))

    def write(self, encoding: str, target: Path) -> bool:
        """Write it as UTF-8; return False at the first byte that is not valid in ``encoding``.

        Then Python's reader must tell which line that is. In UTF-8 that is left to the engine.
        """
        if encoding == UTF_8:
            with self.log.open("rb") as file, target.open("wb") as out:
                out.writelines(_blocks(file, self.start, self.end))
            return True
        if self.alone:
            return write_part(self.log, self.start, self.end, encoding, target)
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(each for each in sys.path if each)}
        told = (self.log, self.start, self.end, encoding, target)
        return not subprocess.run(
            [sys.executable, "-m", __name__, *map(str, told)], env=environment, check=False
        ).returncode


def cut(path: Path) -> tuple[Part, ...]:
    """Return the parts of ``path``, one after another; a short log is one part."""
    cuts = _cuts(path)
    return tuple(Part(log=path, start=start, end=end, alone=len(cuts) <= PARTS) for start, end in pairwise(cuts))


def _cuts(path: Path) -> list[int]:
    """Return the offsets between which the parts lie; the first is behind the header line."""
    size = path.stat().st_size
    with path.open("rb") as file:
        start = len(file.readline())
        if size < _WORTH_CUTTING:
            return [start, size]
        file.seek(size // PARTS)
        file.readline()
        middle = file.tell()
        return [start, middle, size] if start < middle < size else [start, size]


def _blocks(file: IO[bytes], start: int, end: int) -> Iterator[bytes]:
    file.seek(start)
    while start < end and (block := file.read(min(BLOCK, end - start))):
        yield block
        start += len(block)


def write_part(path: Path, start: int, end: int, encoding: str, part: Path) -> bool:
    """Write the lines between two offsets as UTF-8; return False at the first byte that is not valid."""
    with path.open("rb") as file, part.open("wb") as out:
        file.seek(start)
        left, rest = end - start, b""
        while left > 0:
            block = file.read(min(BLOCK, left))
            left -= len(block)
            whole, newline, after = (rest + block).rpartition(b"\n")
            if left <= 0 or not block:
                whole, newline, after = rest + block, b"", b""
            text = decode(whole + newline, encoding)
            if text is None:
                return False
            out.write(text.encode("utf-8"))
            rest = after
            if not block:
                break
    return True


if __name__ == "__main__":
    _, source, first, last, codec, target = sys.argv
    sys.exit(0 if write_part(Path(source), int(first), int(last), codec, Path(target)) else _INVALID)
