import gzip
import hashlib
import io
import os
import zipfile
from pathlib import Path

import pytest
import zstandard
from hypothesis import example, given, settings
from hypothesis import strategies as st

from accesscontrol.refusals import Refusal
from monitors.events.readers import sources
from monitors.events.readers.probe import probe
from monitors.events.readers.sources import lines, opened


def test_lines_are_numbered_and_lose_only_their_line_end() -> None:
    found = list(lines(io.BytesIO(b"a\r\n\nb\r\r\n\r\n c \nlast")))
    assert [(line.number, line.data) for line in found] == [(1, b"a"), (3, b"b\r"), (5, b" c "), (6, b"last")]


@given(data=st.binary(max_size=400), block=st.integers(1, 50), limit=st.integers(1, 60))
@example(data=b"\x00\r", block=1, limit=1)
@settings(max_examples=200, deadline=None)
def test_every_line_is_told_with_its_size_and_hash_wherever_blocks_and_limits_fall(
    data: bytes, block: int, limit: int
) -> None:
    stream = io.BytesIO(data)
    original = sources.BLOCK
    sources.BLOCK = block  # type: ignore[misc]  # small blocks reach every seam
    try:
        found = list(lines(stream, limit))
    finally:
        sources.BLOCK = original  # type: ignore[misc]  # of any type in a test
    expected = [
        (number, text.removesuffix(b"\r"))
        for number, text in enumerate(data.split(b"\n"), start=1)
        if text not in {b"", b"\r"}
    ]
    assert [line.number for line in found] == [number for number, _ in expected]
    for line, (_, text) in zip(found, expected, strict=True):
        if line.whole:
            assert line.data == text
        else:
            assert line.size == len(text)
            assert line.sha256 == hashlib.sha256(text).hexdigest()
            assert text.startswith(line.data)


@pytest.mark.parametrize("packing", ["plain", "gz", "zip", "zst"])
def test_packed_files_are_unpacked(tmp_path: Path, packing: str) -> None:
    path = tmp_path / "log"
    if packing == "gz":
        path.write_bytes(gzip.compress(b"one\ntwo\n"))
    elif packing == "zst":
        path.write_bytes(zstandard.compress(b"one\ntwo\n"))
    elif packing == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("inner.log", b"one\ntwo\n")
    else:
        path.write_bytes(b"one\ntwo\n")
    with opened(path) as stream:
        assert [line.data for line in lines(stream)] == [b"one", b"two"]
    assert probe(path).sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert probe(path).packed is (packing != "plain")


def test_a_damaged_archive_is_refused_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "log.gz"
    path.write_bytes(gzip.compress(b"one\ntwo\n" * 1000)[:-20])
    with pytest.raises(Refusal, match="cut off or damaged"):
        probe(path)


def test_an_archive_of_several_files_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a", b"1")
        archive.writestr("b", b"2")
    with pytest.raises(Refusal, match="holds 2 files"):
        probe(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="can't be read"):
        probe(tmp_path / "nothing")


def test_a_packed_file_that_is_cut_off_is_refused_wherever_it_is_cut(tmp_path: Path) -> None:
    whole = zstandard.compress(b"one\ntwo\n" * 1000)
    path = tmp_path / "log.zst"
    for cut in (1, 5, len(whole) // 2):
        path.write_bytes(whole[:-cut])
        with pytest.raises(Refusal, match="cut off or damaged"):
            probe(path)


def test_frames_that_follow_one_another_are_one_file(tmp_path: Path) -> None:
    path = tmp_path / "log.zst"
    path.write_bytes(zstandard.compress(b"one\n") + zstandard.compress(b"two\n"))
    with opened(path) as stream:
        assert [line.data for line in lines(stream)] == [b"one", b"two"]


def test_a_frame_that_asks_for_too_much_memory_is_refused(tmp_path: Path) -> None:
    parameters = zstandard.ZstdCompressionParameters(window_log=30, enable_ldm=True)
    packed = io.BytesIO()
    with zstandard.ZstdCompressor(compression_params=parameters).stream_writer(packed, closefd=False) as writer:
        writer.write(b"one\n")
    path = tmp_path / "log.zst"
    path.write_bytes(packed.getvalue())
    with pytest.raises(Refusal, match="too much memory"):
        probe(path)


@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
def test_what_is_no_file_and_might_never_end_is_refused_before_it_is_opened(tmp_path: Path, kind: str) -> None:
    path = {"pipe": tmp_path / "pipe", "device": Path("/dev/zero"), "folder": tmp_path}[kind]
    if kind == "pipe":
        os.mkfifo(path)
    with pytest.raises(Refusal, match="is no file"):
        probe(path)
