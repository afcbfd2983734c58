"""Unpacking zstd as a stream: bounded memory whatever the file asks for, and a file that is cut off is told.

The library's own stream reader ends silently where a frame is cut off, so that the newest lines of a log would be
missing without a word; here each frame must come to its end.
"""

import io
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    from zstandard import ZstdDecompressionObj, ZstdDecompressor

LARGEST_WINDOW: Final = 1 << 27  # what `zstd --long` writes; a frame that asks for more is refused
_FED: Final = 1 << 10  # packed bytes at a time: at the most, 32 MiB come of them


class DamagedError(Exception):
    """What was packed can't be unpacked, or asks for more memory than is given."""


class ZstdStream(io.RawIOBase):
    """Reads the unpacked bytes of ``raw``; raises ``EOFError`` when it is cut off, else ``DamagedError``."""

    def __init__(self, raw: IO[bytes]) -> None:
        import zstandard

        self._raw = raw
        self._damage = zstandard.ZstdError
        self._unpacker: ZstdDecompressor = zstandard.ZstdDecompressor(max_window_size=LARGEST_WINDOW)
        self._frame: ZstdDecompressionObj | None = None
        self._packed = b""
        self._ready = b""

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: object) -> int:
        """Fill ``buffer`` with what is next; nothing is left when 0 is returned."""
        view = memoryview(buffer)  # type: ignore[arg-type]  # any writable buffer
        while not self._ready and self._fill():
            pass
        part, self._ready = self._ready[: len(view)], self._ready[len(view) :]
        view[: len(part)] = part
        return len(part)

    def _fill(self) -> bool:
        """Unpack some more; tell whether there was anything left to unpack."""
        packed = self._packed or self._raw.read(_FED)
        self._packed = b""
        if not packed:
            if self._frame is not None:
                raise EOFError("the last zstd frame is not whole")
            return False
        self._frame = self._frame or self._unpacker.decompressobj()
        try:
            self._ready = self._frame.decompress(packed)
        except self._damage as error:
            raise DamagedError(str(error)) from None
        if self._frame.eof:
            self._packed, self._frame = self._frame.unused_data, None
        return True
