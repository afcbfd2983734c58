"""Sealing and opening of files in the age v1 format, streaming, in constant memory.

Content is cut into chunks of 64 KiB, each authenticated under its number and a mark on the last one
(the STREAM construction of https://age-encryption.org/v1), so that a cut file is noticed. Plain and
sealed content are hashed beside the cipher, in two threads.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from accesscontrol.messages import N_
from backups.newfile import new_file, write_all
from backups.sealing import header
from backups.sealing.digests import Digest, Hashing, Progress, silent
from backups.sealing.header import BrokenSeal
from backups.sealing.keys import Identity, Recipient

CHUNK = 1 << 16
TAG = 16
_NONCE = 16
_CHUNKS_AT_ONCE = 8
_BLOCKS = 4


@dataclass(frozen=True, slots=True)
class Sealed:
    """What one sealing or opening saw: the content and its sealed form."""

    plain: Digest
    sealed: Digest


def seal(source: Path, target: Path, recipients: Sequence[Recipient], progress: Progress = silent) -> Sealed:
    """Seal ``source`` into ``target`` (new, 0600) so that each of ``recipients`` alone can open it.

    ``target`` appears only when whole and on the disk (BK-BAK-04). ``progress`` counts plain bytes.
    """
    with source.open("rb", buffering=0) as plain, new_file(target) as sealed:
        return encrypt(plain, sealed, recipients, progress, os.fstat(plain.fileno()).st_size)


def unseal(source: Path, target: Path, identities: Sequence[Identity], progress: Progress = silent) -> Sealed:
    """Open ``source`` into ``target`` (new, 0600), which appears only after the final chunk was proven."""
    with source.open("rb", buffering=0) as sealed, new_file(target) as plain:
        return decrypt(sealed, plain, identities, progress, os.fstat(sealed.fileno()).st_size)


def encrypt(
    plain: BinaryIO, sealed: BinaryIO, recipients: Sequence[Recipient], progress: Progress, total: int
) -> Sealed:
    """Write the sealed form of ``plain`` to ``sealed``."""
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    file_key, nonce = os.urandom(header.FILE_KEY_SIZE), os.urandom(_NONCE)
    start = header.write(file_key, recipients) + nonce
    cipher = ChaCha20Poly1305(header.payload_key(file_key, nonce))

    def close_chunk(number: bytes, data: memoryview, into: memoryview) -> None:
        cipher.encrypt_into(number, data, None, into)

    with Hashing() as plain_hash, Hashing() as sealed_hash:
        write_all(sealed, start)
        sealed_hash.feed(start)
        done = 0
        for block, last in _blocks(plain, CHUNK, CHUNK + TAG):
            block.turn(close_chunk, CHUNK, CHUNK + TAG, last=last)
            block.hashed_by(plain_hash, sealed_hash)
            write_all(sealed, block.output)
            done += len(block.input)
            progress(done, total)
        return Sealed(plain_hash.digest(), sealed_hash.digest())


def decrypt(
    sealed: BinaryIO, plain: BinaryIO, identities: Sequence[Identity], progress: Progress, total: int
) -> Sealed:
    """Write the content of ``sealed`` to ``plain``; what was written counts only if this returns."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    reading = _Remembering(sealed)
    file_key = header.read(reading, identities)
    nonce = reading.read(_NONCE)
    if len(nonce) != _NONCE:
        raise BrokenSeal(N_("The sealed file was cut short."))
    cipher = ChaCha20Poly1305(header.payload_key(file_key, nonce))

    def open_chunk(number: bytes, data: memoryview, into: memoryview) -> None:
        if len(data) < TAG or (len(data) == TAG and any(number[:-1])):
            raise BrokenSeal(N_("The sealed file was cut short."))
        try:
            cipher.decrypt_into(number, data, None, into)
        except InvalidTag:
            raise BrokenSeal(N_("The sealed file was cut short or changed.")) from None

    with Hashing() as plain_hash, Hashing() as sealed_hash:
        sealed_hash.feed(bytes(reading.seen))
        done = len(reading.seen)
        for block, last in _blocks(sealed, CHUNK + TAG, CHUNK):
            block.turn(open_chunk, CHUNK + TAG, CHUNK, last=last)
            block.hashed_by(sealed_hash, plain_hash)
            write_all(plain, block.output)
            done += len(block.input)
            progress(done, total)
        return Sealed(plain_hash.digest(), sealed_hash.digest())


Turn = Callable[[bytes, memoryview, memoryview], None]


@dataclass(slots=True)
class _Block:
    """A few chunks on their way, in memory that is used again and again."""

    incoming: memoryview
    outgoing: memoryview
    number: int = 0
    input: memoryview = field(default_factory=lambda: memoryview(b""))
    output: memoryview = field(default_factory=lambda: memoryview(b""))
    busy: list[Future[None]] = field(default_factory=list)

    @classmethod
    def of(cls, size_in: int, size_out: int) -> "_Block":
        return cls(memoryview(bytearray(size_in)), memoryview(bytearray(size_out)))

    def fill(self, stream: BinaryIO, number: int) -> None:
        """Read until full or at the end; wait first for hashes that still look at the old content."""
        for future in self.busy:
            future.result()
        self.busy.clear()
        size = 0
        while size < len(self.incoming):
            count: int = stream.readinto(self.incoming[size:])  # type: ignore[attr-defined]  # a stream that can
            if not count:
                break
            size += count
        self.number, self.input = number, self.incoming[:size]

    @property
    def full(self) -> bool:
        return len(self.input) == len(self.incoming)

    def turn(self, turn: Turn, size_in: int, size_out: int, *, last: bool) -> None:
        """Encrypt or decrypt each chunk into ``output``."""
        change = size_out - size_in
        chunks = max(1, -(-len(self.input) // size_in))
        end = 0
        for place in range(chunks):
            data = self.input[place * size_in : (place + 1) * size_in]
            start = place * size_out
            end = max(start, start + len(data) + change)
            final = last and place == chunks - 1
            number = (self.number * _CHUNKS_AT_ONCE + place).to_bytes(11, "big") + bytes([final])
            turn(number, data, self.outgoing[start:end])
        self.output = self.outgoing[:end]

    def hashed_by(self, of_input: Hashing, of_output: Hashing) -> None:
        self.busy += [of_input.feed(self.input), of_output.feed(self.output)]


def _blocks(stream: BinaryIO, size_in: int, size_out: int) -> Iterator[tuple[_Block, bool]]:
    """Yield filled blocks, each with whether it is the last: known only after a look at the next."""
    ring = [_Block.of(size_in * _CHUNKS_AT_ONCE, size_out * _CHUNKS_AT_ONCE) for _ in range(_BLOCKS)]
    number = 0
    ring[0].fill(stream, 0)
    while True:
        block, following = ring[number % _BLOCKS], ring[(number + 1) % _BLOCKS]
        number += 1
        if block.full:
            following.fill(stream, number)
        last = not block.full or not following.input
        yield block, last
        if last:
            return


class _Remembering:
    """Reads an unbuffered stream and keeps what was read, for the hash of the whole file."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.seen = bytearray()

    def read(self, size: int) -> bytes:
        data = b""
        while len(data) < size and (more := self._stream.read(size - len(data))):
            data += more
        self.seen += data
        return data

    def readline(self, limit: int) -> bytes:
        line = bytearray()
        while len(line) < limit and (byte := self._stream.read(1)):
            line += byte
            if byte == b"\n":
                break
        self.seen += line
        return bytes(line)
