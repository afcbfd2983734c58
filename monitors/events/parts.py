"""Cutting a delimited log into parts in UTF-8, which DuckDB reads beside one another, each line by line.

DuckDB numbers lines in one thread only, so one thread for each part is what uses the machine. A part is cut at a
newline, which no second byte of CP932 or EUC-JP can be; other encodings than UTF-8 are re-written, strictly, over two
processes. Run as a module it writes one part.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from monitors.events.readers.encodings import UTF_8, decode
from monitors.events.readers.sources import BLOCK

PARTS: Final = 2
_WORTH_CUTTING: Final = 8 << 20
_INVALID: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of a log without its header line; ``first_line`` is the number of its first line in the log."""

    path: Path
    first_line: int


def cut(path: Path, encoding: str, folder: Path) -> tuple[Part, ...] | None:
    """Write ``path`` without its first line as UTF-8 parts into ``folder``.

    Returns None if a byte of it is not valid in ``encoding``; then Python's reader must tell which line that is. In
    UTF-8 that is left to the engine.
    """
    cuts = _cuts(path)
    spans = list(pairwise(cuts))
    files = [folder / f"part{number}.csv" for number in range(len(spans))]
    if encoding == UTF_8:
        for file, (start, end) in zip(files, spans, strict=True):
            _copy(path, start, end, file)
    elif not _rewrite(path, spans, encoding, files):
        return None
    parts: list[Part] = []
    line = 2
    for file in files:
        parts.append(Part(path=file, first_line=line))
        line += _newlines(file) if file != files[-1] else 0
    return tuple(parts)


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


def _copy(path: Path, start: int, end: int, part: Path) -> None:
    with path.open("rb") as file, part.open("wb") as out:
        file.seek(start)
        while start < end:
            block = file.read(min(BLOCK, end - start))
            if not block:
                break
            out.write(block)
            start += len(block)


def _newlines(file: Path) -> int:
    with file.open("rb") as stream:
        return sum(block.count(b"\n") for block in iter(lambda: stream.read(BLOCK), b""))


def _rewrite(path: Path, spans: Sequence[tuple[int, int]], encoding: str, files: Sequence[Path]) -> bool:
    if len(spans) == 1:
        return write_part(path, *spans[0], encoding, files[0])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(each for each in sys.path if each)}
    workers = [
        subprocess.Popen(
            [sys.executable, "-m", __name__, str(path), str(start), str(end), encoding, str(file)],
            env=environment,
        )
        for file, (start, end) in zip(files, spans, strict=True)
    ]
    codes = [worker.wait() for worker in workers]
    return not any(codes)


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
