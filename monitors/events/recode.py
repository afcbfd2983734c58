"""Re-writing a log in CP932 or EUC-JP as UTF-8 parts, strictly, over two processes; then DuckDB can read it.

A part is cut at newlines, which no second byte of these encodings can be. Run as a module it writes one part.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from monitors.events.readers.encodings import decode
from monitors.events.readers.sources import BLOCK

WORKERS: Final = 2
_WORTH_TWO: Final = 8 << 20
_INVALID: Final = 3


def recode(path: Path, encoding: str, folder: Path) -> tuple[Path, ...] | None:
    """Write ``path`` without its first line as UTF-8 parts into ``folder``.

    Returns None if a byte of it is not valid in ``encoding``; then Python's reader must tell which line that is.
    """
    cuts = _cuts(path)
    parts = [folder / f"part{number}.csv" for number in range(len(cuts) - 1)]
    if len(parts) == 1:
        return (parts[0],) if write_part(path, cuts[0], cuts[1], encoding, parts[0]) else None
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(each for each in sys.path if each)}
    workers = [
        subprocess.Popen(
            [sys.executable, "-m", __name__, str(path), str(start), str(end), encoding, str(part)],
            env=environment,
        )
        for start, end, part in zip(cuts, cuts[1:], parts, strict=False)
    ]
    codes = [worker.wait() for worker in workers]
    return tuple(parts) if not any(codes) else None


def _cuts(path: Path) -> list[int]:
    """Return the offsets between which the parts lie; the first is behind the header line."""
    size = path.stat().st_size
    with path.open("rb") as file:
        start = len(file.readline())
        if size < _WORTH_TWO:
            return [start, size]
        file.seek(size // WORKERS)
        file.readline()
        return [start, max(start, file.tell()), size]


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
