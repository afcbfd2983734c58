"""How a file will be read is decided by what it is; what is no text, or in no known layout, is said plainly."""

from pathlib import Path

import pytest

from accesscontrol.refusals import Refusal
from accesscontrol.store import Store
from tests.monitors.events.test_imports import run, write


def test_a_file_of_noise_is_refused_with_advice_or_quarantined_line_by_line(
    store: Store, home: Path, tmp_path: Path
) -> None:
    path = tmp_path / "noise"
    path.write_bytes(bytes(range(256)) * 20)
    with pytest.raises(Refusal, match="its first bytes are 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f"):
        run(store, home, path)
    report = run(store, home, path, format="syslog")
    assert report.imported == 0
    assert report.quarantined == report.read > 0


@pytest.mark.parametrize(
    "content", [b"\x7fELF\x02\x01\x01\0" * 90, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" * 30, b"\xfe\xfd\xfc " * 200]
)
def test_a_file_that_is_no_text_is_shown_as_bytes_and_never_as_letters(
    store: Store, home: Path, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "picture.log"
    path.write_bytes(content)
    for wish in ({}, {"format": "csv", "mapping": "register"}):
        with pytest.raises(Refusal) as refused:
            run(store, home, path, **wish)
        assert str(refused.value).isascii()
        assert content[:16].hex(" ") in str(refused.value)


def test_text_in_no_known_layout_is_refused_with_its_first_line(store: Store, home: Path, tmp_path: Path) -> None:
    path = write(tmp_path / "log.csv", ["a,b"], header="日時,氏名", encoding="cp932")
    with pytest.raises(Refusal, match=r"in no known layout.*日時,氏名"):
        run(store, home, path)


def test_empty_lines_before_the_first_one_hide_nothing(store: Store, home: Path, tmp_path: Path) -> None:
    path = tmp_path / "auth.log"
    path.write_text("\n\nNov 24 08:31:07 cs01 sshd[1]: Accepted password for sato from 10.1.2.3 port 5 ssh2\n")
    report = run(store, home, path)
    assert (report.read, report.imported) == (1, 1)
