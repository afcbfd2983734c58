"""One pass over a file before it is read: its identity, its shape and its encoding."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import IO, Final

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from monitors.events.readers import encodings
from monitors.events.readers.sources import BLOCK, opened

_SAMPLE: Final = 1 << 18
_PART: Final = 1 << 14
_LOOKED_AT: Final = 512
_SHOWN: Final = 16
_LINE: Final = 80
_TEXT: Final = bytes([9, 10, 12, 13, 27, *range(32, 127), *range(128, 256)])  # bytes that stand in text


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What one pass over a file tells about it."""

    path: Path
    sha256: str  # of the file as it lies there
    size: int
    changed: tuple[int, int, int]  # inode, size and time of change, to see whether it is still the same
    packed: bool
    encoding: str  # detected
    ascii: bool
    lines: int
    plain: bool  # no NUL, no lone CR, no line near the limit: a line is at most one record
    head: bytes  # its first lines
    tail: bytes  # its last lines

    @property
    def first_line(self) -> bytes:
        """The first line that is not empty, without the mark of its encoding."""
        lines = self.head.removeprefix(b"\xef\xbb\xbf").split(b"\n")
        return next((line for line in lines if line.strip()), b"").removesuffix(b"\r")

    def beginning(self, encoding: str = "") -> str:
        """Return the first line for people. Raises ``Refusal`` with bytes where the file does not begin with text."""
        try:
            text = self.first_line.decode(encoding or self.encoding)
        except UnicodeDecodeError:
            text = ""
        if self.head[:_LOOKED_AT].translate(None, _TEXT) or not text:
            raise Refusal(
                N_("{file} is not text: its first bytes are {head}. Choose the log itself, or its export as text."),
                file=self.path.name,
                head=self.head[:_SHOWN].hex(" "),
            )
        return text[:_LINE]


def state_of(path: Path) -> tuple[int, int, int]:
    """Return what changes when the file does."""
    stat = path.stat()
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


def probe(path: Path) -> Probe:
    """Read ``path`` once and tell what it is. Raises ``Refusal`` if it can't be read."""
    scan = _Scan()
    with opened(path) as stream, ThreadPoolExecutor(max_workers=1) as beside:
        changed = state_of(path)
        digest = beside.submit(_file_hash, path)
        scan.run(stream)
        packed = not isinstance(stream, BufferedReader)
    return Probe(
        path=path,
        sha256=digest.result(),
        size=changed[1],
        changed=changed,
        packed=packed,
        encoding=encodings.detect(scan.sample) if scan.sample else encodings.UTF_8,
        ascii=not scan.sample,
        lines=scan.newlines + (not scan.ended),
        plain=scan.plain,
        head=scan.head,
        tail=scan.tail,
    )


def _file_hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class _Scan:
    def __init__(self) -> None:
        self.newlines = 0
        self.ended = True
        self.plain = True
        self.sample = b""
        self.head = b""
        self.tail = b""

    def run(self, stream: IO[bytes]) -> None:
        last, edge = b"\n", b""
        while block := stream.read(BLOCK):
            found = block.count(b"\n")
            self.newlines += found
            if self.plain:
                self._see_shape(last + block, found)
            if not block.isascii() and len(self.sample) < _SAMPLE:
                self._take_sample(edge + block)
            if len(self.head) < _PART:
                self.head += block[:_PART]
            self.tail = (self.tail + block[-_PART:])[-_PART:]
            begun = block.rfind(b"\n") + 1
            last, edge = block[-1:], block[begun : begun + _PART]
        self.ended = last == b"\n"
        self.plain = self.plain and last != b"\r"

    def _see_shape(self, block: bytes, found: int) -> None:
        returns = block.count(b"\r") - block.endswith(b"\r")
        self.plain = found > 0 and b"\0" not in block and (returns <= 0 or returns <= block.count(b"\r\n"))

    def _take_sample(self, block: bytes) -> None:
        whole = block[: block.rfind(b"\n") + 1] or block
        kept = [line for line in whole.split(b"\n") if not line.isascii()]
        self.sample += b"\n".join(kept)[:_SAMPLE] + b"\n"
