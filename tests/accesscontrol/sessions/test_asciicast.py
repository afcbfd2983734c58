"""A recording holds to asciicast v3 as it is published, field by field and line by line, so that other players take it.

The published rules are written down here once more, apart from the product's own reader.
"""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import msgspec
import pytest
from msgspec import Meta

from accesscontrol.clock import FixedClock
from accesscontrol.sessions.exporting import export
from accesscontrol.store import Store
from tests.accesscontrol.sessions.tapes import opened

_Cells = Annotated[int, Meta(ge=1, le=65_535)]
_Interval = Annotated[float, Meta(ge=0)]


class Terminal(msgspec.Struct, forbid_unknown_fields=True):
    cols: _Cells
    rows: _Cells
    type: str | msgspec.UnsetType = msgspec.UNSET
    version: str | msgspec.UnsetType = msgspec.UNSET
    theme: dict[str, str] | msgspec.UnsetType = msgspec.UNSET


class Header(msgspec.Struct):
    version: Annotated[int, Meta(ge=3, le=3)]
    term: Terminal
    timestamp: Annotated[int, Meta(ge=0)] | msgspec.UnsetType = msgspec.UNSET
    idle_time_limit: float | msgspec.UnsetType = msgspec.UNSET
    command: str | msgspec.UnsetType = msgspec.UNSET
    title: str | msgspec.UnsetType = msgspec.UNSET
    env: dict[str, str] | msgspec.UnsetType = msgspec.UNSET
    tags: list[str] | msgspec.UnsetType = msgspec.UNSET


DATA = {
    "o": re.compile(".*", re.DOTALL),
    "i": re.compile(".*", re.DOTALL),
    "m": re.compile(".*", re.DOTALL),
    "r": re.compile("[1-9][0-9]{0,4}x[1-9][0-9]{0,4}"),
    "x": re.compile("-?[0-9]+"),
}


def events_of(data: bytes) -> list[tuple[float, str, str]]:
    """Return the events of a file; anything that the format does not know fails."""
    assert data.endswith(b"\n")
    first, *lines = data.decode("utf-8", "strict").removesuffix("\n").split("\n")
    header = msgspec.json.decode(first, type=Header, strict=True)
    assert header.term.cols
    events = []
    for line in lines:
        if not line.startswith("#"):
            event = msgspec.json.decode(line, type=tuple[_Interval, str, str], strict=True)
            assert DATA[event[1]].fullmatch(event[2])
            events.append(event)
    assert "x" not in [code for _, code, _ in events[:-1]]
    return events


@pytest.fixture
def recorded(store: Store, clock: FixedClock, tmp_path: Path) -> Path:
    """Return a recording with everything in it that one can hold."""
    recording = opened(store, tmp_path / "s.cast")
    recording.marker('step 1/2 "quoted" \x1b[31m\n')
    for part in ("住民票".encode()[:4], "住民票".encode()[4:], "𠮷 e\u0301\U000e0100\u2028\r\n".encode()):
        clock.advance(timedelta(seconds=3600, microseconds=1))
        recording.output(part)
    clock.advance(timedelta(microseconds=1))
    recording.output(b"\x00\x1b[1m\x7f \xff\xfe\x85 \xed\xa0\x80\r\n" + b"x" * 70_000)
    recording.input(b"yes\r")
    recording.input(b"secret", hidden=True)
    recording.resize(120, 40)
    recording.sql("SELECT  1\n FROM x", 3)
    recording.output("住".encode()[:2])
    recording.close(3)
    return recording.path


def test_each_line_is_one_that_the_format_knows(recorded: Path) -> None:
    events = events_of(recorded.read_bytes())
    assert {code for _, code, _ in events} == set(DATA)
    assert round(sum(interval for interval, _, _ in events), 6) == 10_800.000_004
    said = "".join(data for _, code, data in events if code == "o")
    assert said.startswith("住民票𠮷 e\u0301\U000e0100\u2028\r\n")


def test_an_export_holds_the_same_events_and_no_word_of_its_own(recorded: Path, tmp_path: Path) -> None:
    export(recorded, tmp_path / "out.cast")
    data = (tmp_path / "out.cast").read_bytes()
    assert events_of(data) == events_of(recorded.read_bytes())
    first, *lines = data.splitlines()
    assert set(msgspec.json.decode(first)) <= set(Header.__struct_fields__)
    assert all(line.startswith(b"[") for line in lines)


def test_the_export_of_one_that_was_cut_off_leaves_no_line_that_other_players_die_of(
    recorded: Path, tmp_path: Path
) -> None:
    whole = recorded.read_bytes()
    recorded.write_bytes(whole[:-4])
    export(recorded, tmp_path / "out.cast")
    assert events_of((tmp_path / "out.cast").read_bytes()) == events_of(whole)[:-1]
