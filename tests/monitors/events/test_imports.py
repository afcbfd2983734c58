import gzip
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from accesscontrol.refusals import Refusal
from accesscontrol.store import Store
from monitors.events import engine, imports, ledger, segments
from monitors.events.imports import ImportReport, import_file
from monitors.events.plans import Wish
from monitors.events.schema import NAMES
from tests.monitors.conftest import TOKYO

HEADER = "処理日時,所属,利用者ID,利用者名,端末ID,処理区分,処理名,結果,対象件数,検索条件,対象者,出力先,申請番号"
HOSTILE = ("[/x]", "[@click=app.quit]", "\x1b[31m", "\x1b]52;c;eA==\x07", "\u202eabc", "\\N", "NULL", "a'b")


def row(time: str = "2026/11/24 08:31:07", user: str = "S1", **told: str) -> str:
    cells = {"所属": "市民課", "利用者ID": user, "端末ID": "SM-01", "処理区分": "ログイン", "結果": "正常", **told}
    return ",".join([time, *(cells.get(name, "") for name in HEADER.split(",")[1:])])


def write(path: Path, rows: Sequence[str], *, encoding: str = "utf-8", header: str = HEADER) -> Path:
    path.write_bytes("".join(f"{line}\r\n" for line in [header, *rows]).encode(encoding, "replace"))
    return path


def run(store: Store, home: Path, path: Path, **wish: Any) -> ImportReport:
    report = import_file(store, home, path, Wish(**{"system": "register", **wish}), actor="100200", zone=TOKYO)
    assert report.read == report.imported + report.duplicate + report.quarantined
    return report


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.read, report.imported, report.duplicate, report.quarantined


def events(store: Store, home: Path, columns: str = "*") -> list[dict[str, Any]]:
    connection = segments.connection(home)
    relation = engine.parquet(ledger.paths(home, ledger.segments(store)))
    return engine.fetch(connection, f"SELECT {columns} FROM {relation} ORDER BY ts, event_id")


def quarantined(store: Store, home: Path) -> list[dict[str, Any]]:
    listed = [segment for segment in ledger.all_segments(store) if segment.kind == "quarantine"]
    relation = engine.parquet(ledger.paths(home, listed))
    return engine.fetch(segments.connection(home), f"SELECT * FROM {relation} ORDER BY line_no")


def test_the_account_of_an_import_names_its_segments(store: Store, home: Path, tmp_path: Path) -> None:
    path = write(tmp_path / "log.csv", [row("2026/11/24 08:31:07"), row("2026/11/24 17:00:00")])
    report = run(store, home, path).as_json()
    (segment,) = ledger.all_segments(store)
    assert report == {
        "read": 2,
        "imported": 2,
        "duplicate": 0,
        "quarantined": 0,
        "first": "2026-11-23T23:31:07.000000+00:00",
        "last": "2026-11-24T08:00:00.000000+00:00",
        "segments": [{"name": segment.name, "sha256": segment.sha256, "events": 2}],
    }
    assert segment.name == "00000001-register-20261124.parquet"
    assert (home / "events" / segment.name).stat().st_mode & 0o777 == 0o600


def test_the_same_file_twice_adds_nothing(store: Store, home: Path, tmp_path: Path) -> None:
    path = write(tmp_path / "log.csv", [row(), "broken"])
    assert counts(run(store, home, path)) == (2, 1, 0, 1)
    assert counts(run(store, home, path.rename(tmp_path / "other-name.csv"))) == (2, 0, 1, 1)
    assert len(events(store, home)) == 1
    assert len(quarantined(store, home)) == 1


def test_the_same_file_is_no_log_of_another_system_or_stream(store: Store, home: Path, tmp_path: Path) -> None:
    path = write(tmp_path / "log.csv", [row()])
    run(store, home, path, stream="web1")
    for wish in ({"stream": "web2"}, {"system": "tax", "mapping": "register"}):
        with pytest.raises(Refusal, match="in the archive as a log of register web1"):
            run(store, home, path, **wish)
    empty = write(tmp_path / "empty.csv", [])
    assert [counts(run(store, home, empty, stream=name)) for name in ("web1", "web2")] == [(0, 0, 0, 0)] * 2


def test_honest_twins_in_one_file_are_two_events(store: Store, home: Path, tmp_path: Path) -> None:
    assert counts(run(store, home, write(tmp_path / "log.csv", [row()] * 3))) == (3, 3, 0, 0)


def test_the_trail_holds_every_segments_hash(store: Store, home: Path, tmp_path: Path) -> None:
    run(store, home, write(tmp_path / "log.csv", [row(), "broken"]))
    entry = store.row("SELECT body FROM trail_entry ORDER BY seq DESC LIMIT 1")
    assert entry is not None
    body = bytes(entry["body"]).decode() if isinstance(entry["body"], bytes) else entry["body"]
    assert "events.imported" in body
    for segment in ledger.all_segments(store):
        assert segment.sha256 in body


def test_overlapping_exports_add_only_what_is_new_with_counts_kept(store: Store, home: Path, tmp_path: Path) -> None:
    times = [f"2026/11/24 09:{minute:02}:00" for minute in range(10)]
    twin = row(times[5], "twin")
    first = write(tmp_path / "a.csv", [*map(row, times[:6]), twin, twin])
    late = row(times[2], "late")
    second = write(tmp_path / "b.csv", [*map(row, times[2:]), twin, twin, twin, late])
    assert counts(run(store, home, first)) == (8, 8, 0, 0)
    # Of the second export 09:02-09:05 (4) and two of three twins are there already; the late line is not.
    assert counts(run(store, home, second)) == (12, 6, 6, 0)
    assert len(events(store, home)) == 14


def test_logs_of_two_servers_are_no_overlap(store: Store, home: Path, tmp_path: Path) -> None:
    run(store, home, write(tmp_path / "a.csv", [row()]), stream="web1")
    assert (
        counts(run(store, home, write(tmp_path / "b.csv", [row(), row("2026/11/24 09:00:00")]), stream="web2"))[1] == 2
    )


def test_a_growing_log_is_imported_day_after_day(store: Store, home: Path, tmp_path: Path) -> None:
    lines = [
        f"Nov 24 08:{minute:02}:00 h sshd[{minute}]: Accepted password for a from 10.0.0.1 port 5 ssh2"
        for minute in range(20)
    ]
    path = tmp_path / "auth.log"
    for upto, new in ((5, 5), (12, 7), (20, 8)):
        path.write_text("\n".join(lines[:upto]) + "\n")
        assert counts(run(store, home, path, system="servers")) == (upto, new, upto - new, 0)
    assert len(events(store, home)) == 20


def test_every_bad_line_is_kept_whole_with_its_reason(store: Store, home: Path, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    bad = [
        b"too,few",
        row("yesterday").encode(),
        row().encode() + b'"x',
        b"\xff\xfe",
        b"nul\0",
        b"y" * (1 << 20) + b"z",
    ]
    path.write_bytes(b"\n".join([HEADER.encode(), row().encode(), *bad, row().encode()]) + b"\n")
    assert counts(run(store, home, path)) == (8, 2, 0, 6)
    found = quarantined(store, home)
    assert [each["reason"] for each in found] == ["columns", "time", "quote", "encoding", "binary", "too-long"]
    assert [each["line_no"] for each in found] == [3, 4, 5, 6, 7, 8]
    for each, data in zip(found, bad, strict=True):
        assert each["size"] == len(data)
        assert data.startswith(bytes.fromhex(each["head"]))


def test_a_quoted_line_end_does_not_swallow_the_neighbours(store: Store, home: Path, tmp_path: Path) -> None:
    path = write(tmp_path / "log.csv", [row(), '"2026/11/24 09:00:00,open', row(), row()])
    assert counts(run(store, home, path)) == (4, 3, 0, 1)


def test_lines_that_were_quarantined_are_read_again_with_other_settings(
    store: Store, home: Path, tmp_path: Path
) -> None:
    path = write(
        tmp_path / "log.jsonl", ['{"time":"2026-11-24T11:02:03+09:00"}'], header='{"time":"2026/11/24 11:02:03"}'
    )
    mapping = tmp_path / "mine.toml"
    base = 'name="mine"\ntitle=""\ntitle_ja=""\nsystem="x"\nformat="jsonl"\n[fields]\nuser_id="u"\n[time]\ncolumns=["time"]\n'
    mapping.write_text(base + 'layouts=["%Y-%m-%dT%H:%M:%S%z"]\n')
    assert counts(run(store, home, path, system="x", mapping=str(mapping))) == (2, 1, 0, 1)
    mapping.write_text(base + 'layouts=["%Y-%m-%dT%H:%M:%S%z", "%Y/%m/%d %H:%M:%S"]\n')
    assert counts(run(store, home, path, system="x", mapping=str(mapping))) == (2, 1, 1, 0)
    assert len(events(store, home)) == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "euc_jp"])
@pytest.mark.parametrize("packed", [False, True])
def test_every_encoding_gives_the_same_events(
    store: Store, home: Path, tmp_path: Path, encoding: str, *, packed: bool
) -> None:
    path = write(
        tmp_path / "log.csv",
        [row(端末ID="窓口７", 処理区分="検索", 検索条件="氏名・生年月日"), row(user="ＹＡＭＡＤＡ")],
        encoding=encoding,
    )
    if packed:
        path.write_bytes(gzip.compress(path.read_bytes()))
    assert counts(run(store, home, path)) == (2, 2, 0, 0)
    first, second = events(store, home)
    assert (first["terminal"], first["terminal_raw"], first["office"]) == ("窓口7", "窓口７", "市民課")
    assert (first["action"], first["key_set"], first["search_keys"]) == ("search", 3, 2)
    assert (second["user_id"], second["user_raw"], second["search_keys"]) == ("yamada", "ＹＡＭＡＤＡ", -1)


def test_hostile_text_is_data_and_comes_in_as_it_is(store: Store, home: Path, tmp_path: Path) -> None:
    run(store, home, write(tmp_path / "log.csv", [row(処理名=text) for text in HOSTILE]))
    assert [each["detail"] for each in events(store, home)] == [*HOSTILE]


def test_no_column_is_ever_null_so_a_search_without_keys_stays_visible(
    store: Store, home: Path, tmp_path: Path
) -> None:
    run(
        store,
        home,
        write(tmp_path / "log.csv", [",".join(["2026/11/24 09:00:00", "", '""', "", "", "検索", *[""] * 7])]),
    )
    (found,) = events(store, home)
    assert None not in found.values()
    assert (found["search_keys"], found["user_id"]) == (0, "")


def test_late_lines_are_put_in_order(store: Store, home: Path, tmp_path: Path) -> None:
    run(store, home, write(tmp_path / "log.csv", [row("2026/11/24 10:00:00"), row("2026/11/24 09:00:00")]))
    relation = engine.parquet(ledger.paths(home, ledger.segments(store)))
    stored = engine.fetch(segments.connection(home), f"SELECT line_no FROM {relation}")
    assert [each["line_no"] for each in stored] == [3, 2]


def test_an_empty_file_is_an_import_of_nothing(store: Store, home: Path, tmp_path: Path) -> None:
    for content in (b"", b"\n\r\n"):
        path = tmp_path / f"empty{len(content)}"
        path.write_bytes(content)
        assert counts(run(store, home, path)) == (0, 0, 0, 0)
    assert counts(run(store, home, write(tmp_path / "header.csv", []))) == (0, 0, 0, 0)


def test_a_layout_that_lacks_columns_is_refused_with_their_names(store: Store, home: Path, tmp_path: Path) -> None:
    path = write(tmp_path / "log.csv", [row()], header=HEADER.replace("端末ID", "端末"))
    with pytest.raises(Refusal, match="lacks these columns of the mapping register: 端末ID"):
        run(store, home, path, mapping="register")


def test_a_wrong_encoding_is_refused_by_its_header(store: Store, home: Path, tmp_path: Path) -> None:
    path = write(tmp_path / "log.csv", [row()], encoding="cp932")
    with pytest.raises(Refusal):
        run(store, home, path, encoding="utf-8", mapping="register")


def test_a_file_in_utf_16_is_refused_with_what_to_do(store: Store, home: Path, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(f"{HEADER}\n{row()}\n".encode("utf-16"))
    with pytest.raises(Refusal, match="Save it as UTF-8 first"):
        run(store, home, path, mapping="register")


@pytest.mark.parametrize("system", ["", "../etc", "Register", "a" * 33, "a'b"])
def test_a_system_has_a_plain_name(store: Store, home: Path, tmp_path: Path, system: str) -> None:
    with pytest.raises(Refusal, match="is not a system's name"):
        run(store, home, write(tmp_path / "log.csv", [row()]), system=system)


def test_a_line_of_two_gigabytes_is_run_over_with_bounded_memory(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "auth.log"
    line = b"Nov 24 08:31:07 h sshd[1]: Accepted password for a from 10.0.0.1 port 5 ssh2\n"
    with path.open("wb") as file:
        file.write(line)
        file.seek(2 << 30, os.SEEK_CUR)
        file.write(b"\n" + line)
    script = f"""
import sys
sys.path[:0] = {sys.path!r}
from pathlib import Path
from tests.monitors.events.crash import open_store, TOKYO
from monitors.events.imports import import_file
from monitors.events.plans import Wish
home = Path({str(home)!r})
report = import_file(open_store(home), home, Path({str(path)!r}), Wish(system="servers"), actor="1", zone=TOKYO)
peak = Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]  # ru_maxrss begins at the parent's
print(report.read, report.imported, report.quarantined, int(peak) // 1024)
"""
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    read, imported, bad, peak = map(int, out.split())
    assert (read, imported, bad) == (3, 2, 1)
    assert peak < 512


CRASHES = ["fsync", "rename", "directory", "commit"]


@pytest.mark.parametrize("point", CRASHES)
def test_a_kill_at_any_point_leaves_a_whole_import_or_none(
    store: Store, home: Path, tmp_path: Path, point: str
) -> None:
    path = write(tmp_path / "log.csv", [row(), "broken"])
    crash = subprocess.run(
        [sys.executable, "-m", "tests.monitors.events.crash", point, str(home), str(path)], check=False
    )
    assert crash.returncode == -signal.SIGKILL
    assert ledger.all_segments(store) == []
    assert counts(run(store, home, path)) == (2, 1, 0, 1)
    names = {each.name for each in (home / "events").iterdir() if each.is_file()} - {"lock"}
    assert names == {segment.name for segment in ledger.all_segments(store)}
    assert not list((home / "events" / "scratch" / "import").glob("*"))


def test_a_full_disk_refuses_cleanly(store: Store, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(segments, "publish", full)
    path = write(tmp_path / "log.csv", [row()])
    with pytest.raises(Refusal, match="No space left on device"):
        run(store, home, path)
    monkeypatch.undo()
    assert ledger.all_segments(store) == []
    assert counts(run(store, home, path)) == (1, 1, 0, 0)


def test_a_file_that_changes_while_it_is_read_is_refused(
    store: Store, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "log.csv", [row()])
    monkeypatch.setattr(imports, "state_of", lambda _: (0, 0, 0))
    with pytest.raises(Refusal, match="changed while it was read"):
        run(store, home, path)


def test_a_dry_run_shows_the_rows_and_changes_nothing(store: Store, home: Path, tmp_path: Path) -> None:
    path = write(tmp_path / "log.csv", [row(), "broken"], encoding="cp932")
    shown = imports.preview(path, Wish(system="register"), home=home, zone=TOKYO, store=store)
    assert (shown.format, shown.encoding, shown.mapping) == ("csv", "cp932", "register")
    assert [each["user_id"] for each in shown.rows] == ["s1"]
    assert shown.quarantined == ((3, "the line has a different number of columns than the header"),)
    assert ledger.all_segments(store) == []


CELLS = st.text(st.sampled_from("aS1ａ窓\"',\\;|0９ \x1b\u202e髙\ue000%"), max_size=6)
TIMES = st.sampled_from(
    [
        "2026/11/24 08:31:07",
        "2026-11-24 8:31:7",
        " 2026/11/24 08:31:07",
        "令和8年11月24日 08:31:07",
        "2026/11/24",
        "2026/02/30 00:00:00",
        "0026/11/24 08:31:07",
        "2026/11/24 08:31:60",
        "2026/11/24  08:31:07",
        "infinity",
        "2200/01/01 00:00:00",
        "",
    ]
)


@given(
    rows=st.lists(
        st.tuples(
            TIMES,
            CELLS,
            CELLS,
            st.sampled_from(["検索", "ログイン", "x", ""]),
            CELLS,
            st.sampled_from(["1", "1,204", "-1", "9999999999", "x", "1.5"]),
        ),
        max_size=8,
    ),
    encoding=st.sampled_from(["utf-8", "cp932"]),
)
@settings(max_examples=15, deadline=None, phases=[Phase.generate])
def test_both_roads_read_alike(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, ...]], encoding: str
) -> None:
    from tests.monitors.events.crash import open_store

    lines = []
    for time, user, terminal, action, keys, number in rows:
        cells = {"利用者ID": user, "端末ID": terminal, "処理区分": action, "検索条件": keys, "対象件数": number}
        quoted = ['"' + cells.get(name, "").replace('"', '""') + '"' for name in HEADER.split(",")[1:]]
        lines.append(",".join([time, *quoted]))
    results = []
    for road in ("fast", "python"):
        home = tmp_path_factory.mktemp(road)
        store = open_store(home)
        path = write(home / "log.csv", lines, encoding=encoding)
        with pytest.MonkeyPatch.context() as patch:
            if road == "python":
                patch.setattr("monitors.events.fast_csv.can_read", lambda *_: False)
            report = run(store, home, path, encoding=encoding)
        results.append((counts(report), events(store, home, ", ".join(NAMES)), quarantined(store, home)))
        store.close()
    assert results[0] == results[1]
