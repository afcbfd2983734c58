"""Whatever bytes a file holds, every line comes back: as a reading or in quarantine."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from accesscontrol.refusals import Refusal
from monitors.events import plans
from monitors.events.normalise import Normaliser
from monitors.events.plans import Wish
from monitors.events.readers import mapping
from monitors.events.readers.readings import Reading
from monitors.events.schema import COLUMNS
from tests.monitors.conftest import TOKYO

NOW = datetime(2026, 11, 24, tzinfo=UTC)
SAMPLES = {name: each.sample.strip().encode() for name, each in mapping.shipped().items()}
SYSLOG = b"Nov 24 08:31:07 h sshd[4711]: Failed password for invalid user a from 203.0.113.9 port 1 ssh2"
PIECES = st.sampled_from(
    [b"\n", b"\r\n", b"\0", b'"', b",", b"{", b"}", b"\xff", b"\x81", b"\x80", b"\xef\xbb\xbf", b"\x1b[2J", b"[/x]", b" ", SYSLOG, SYSLOG[16:], b"message repeated 3 times: [ x]"]
)  # fmt: skip
NOISE = st.lists(st.one_of(PIECES, st.binary(max_size=12)), max_size=25).map(b"".join)


def lines_in(data: bytes) -> int:
    text = data.removeprefix(b"\xef\xbb\xbf")
    return sum(1 for line in text.split(b"\n") if line.removesuffix(b"\r"))


def outcomes(folder: Path, data: bytes, wish: Wish) -> int | None:
    """Return how many lines came back, or None if the file was refused as a whole."""
    path = folder / "noise.log"
    path.write_bytes(data)
    try:
        plan = plans.make(path, wish, home=folder, zone=TOKYO, latest=NOW)
        normaliser = Normaliser(system="x", source_id=1, zone=TOKYO)
        found = list(plan.outcomes())
    except Refusal:
        return None
    for outcome in found:
        if isinstance(outcome, Reading):
            row = next(normaliser.rows(outcome, 1))
            for value, column in zip(row, COLUMNS, strict=True):
                assert isinstance(value, str if column.type == "VARCHAR" else int), column.name
    return len(found)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("noise")


@given(data=NOISE, encoding=st.sampled_from(["", "utf-8", "cp932", "euc-jp"]))
@settings(max_examples=150, deadline=None, phases=[Phase.generate])
def test_no_line_of_a_syslog_is_lost(folder: Path, data: bytes, encoding: str) -> None:
    found = outcomes(folder, data, Wish(system="x", format="syslog", encoding=encoding))
    assert found in {lines_in(data), None}


@given(data=NOISE, name=st.sampled_from(sorted(SAMPLES)), place=st.integers(0, 400))
@settings(max_examples=150, deadline=None, phases=[Phase.generate])
def test_no_line_of_a_vendors_log_is_lost(folder: Path, data: bytes, name: str, place: int) -> None:
    whole = SAMPLES[name][:place] + data + SAMPLES[name][place:]
    found = outcomes(folder, whole, Wish(system=name, mapping=name))
    header = 0 if mapping.shipped()[name].format == "jsonl" else 1
    assert found in {lines_in(whole) - header, None}
