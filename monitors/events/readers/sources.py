"""Opening a log file, plain or compressed, and cutting it into lines with bounded memory."""

import gzip
import hashlib
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from monitors.events.readers.readings import KEPT_HEAD, Line
from monitors.events.readers.zstd import DamagedError, ZstdStream

BLOCK: Final = 1 << 20
LINE_LIMIT: Final = 1 << 20
_GZIP: Final = b"\x1f\x8b"
_ZIP: Final = b"PK\x03\x04"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """Open ``path`` for reading its log lines, unpacked if it is .gz, .zst or .zip (told by its first bytes).

    Raises ``Refusal`` for a file that is missing, unreadable, damaged, encrypted or an archive of several files, and
    for a device or a pipe, which may never end.
    """
    if path.exists() and not path.is_file():
        raise Refusal(N_("{file} is no file. Choose the log itself."), file=path.name)
    try:
        with path.open("rb") as raw, _unpacked(path, raw) as stream:
            yield stream
    except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile, DamagedError) as error:
        raise Refusal(
            N_("Nothing was imported: {file} is cut off or damaged ({reason}). Fetch the file again."),
            file=path.name,
            reason=str(error),
        ) from None
    except (OSError, RuntimeError, NotImplementedError) as error:
        raise Refusal(
            N_("Nothing was imported: {file} can't be read ({reason})."), file=path.name, reason=str(error)
        ) from None


@contextmanager
def _unpacked(path: Path, raw: IO[bytes]) -> Iterator[IO[bytes]]:
    magic = raw.read(4)
    raw.seek(0)
    if magic.startswith(_GZIP):
        with gzip.GzipFile(fileobj=raw) as unpacked:
            yield unpacked  # type: ignore[misc]  # a GzipFile reads like any binary stream
    elif magic == _ZIP:
        with zipfile.ZipFile(raw) as archive, archive.open(_only_member(path, archive)) as member:
            yield member
    elif magic == _ZSTD:
        yield ZstdStream(raw)  # type: ignore[misc]  # it reads like any binary stream
    else:
        yield raw


def _only_member(path: Path, archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    members = [member for member in archive.infolist() if not member.is_dir()]
    if len(members) != 1:
        raise Refusal(
            N_("{file} holds {count} files. Unpack it and import each log by itself."),
            file=path.name,
            count=len(members),
        )
    return members[0]


def lines(stream: IO[bytes], limit: int = LINE_LIMIT) -> Iterator[Line]:
    """Yield each non-empty line of ``stream`` with its number, never holding more than about ``limit`` bytes.

    A line ends with LF or CR LF. Of a longer line than ``limit`` the head, the size and the SHA-256 are kept.
    """
    number, rest = 0, b""
    while block := stream.read(BLOCK):
        *whole, rest = (rest + block).split(b"\n")
        for data in whole:
            number += 1
            if data and data != b"\r":
                yield _line(number, data.removesuffix(b"\r"), limit)
        if len(rest) > limit:
            number += 1
            line, rest = _long_line(number, rest, stream)
            yield line
    if rest and rest != b"\r":
        yield _line(number + 1, rest.removesuffix(b"\r"), limit)


def _line(number: int, data: bytes, limit: int) -> Line:
    if len(data) <= limit:
        return Line(number, data)
    return Line(number, data[:KEPT_HEAD], len(data), hashlib.sha256(data).hexdigest())


def _long_line(number: int, begun: bytes, stream: IO[bytes]) -> tuple[Line, bytes]:
    """Run over the rest of a line that is too long; return it and what was read behind it."""
    digest, size, held, rest = hashlib.sha256(), 0, begun, b""
    while True:
        # One byte is held back, so that the CR of a CR LF that straddles two blocks stays out of the line.
        digest.update(held[:-1])
        size += len(held) - 1
        block = stream.read(BLOCK)
        end = block.find(b"\n")
        held = held[-1:] + (block if end < 0 else block[:end])
        if end >= 0 or not block:
            rest = block[end + 1 :] if end >= 0 else b""
            break
    held = held.removesuffix(b"\r")
    digest.update(held)
    size += len(held)
    return Line(number, begun[: min(KEPT_HEAD, size)], size, digest.hexdigest()), rest
