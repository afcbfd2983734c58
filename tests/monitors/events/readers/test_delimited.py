from pathlib import Path
from typing import Any

import pytest

from accesscontrol.store import Store
from monitors.events.expressions import NOTHING_ASKED
from monitors.events.imports import import_file
from monitors.events.paging import Listing
from monitors.events.plans import Wish
from tests.monitors.conftest import TOKYO

LAYOUT = """
name = "tabbed"
title = "tabbed"
title_ja = "tabbed"
system = "tax"
delimiter = "\\t"
time = {columns = ["日時"], layouts = ["%Y/%m/%d %H:%M:%S", "%EY年%m月%d日 %H:%M:%S"]}
fields = {user_id = "職員", action = "処理", detail = "備考"}
values = {action = {"照会" = "view"}}
"""


@pytest.fixture(params=["fast", "python"])
def road(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read delimited files on both roads."""
    if request.param == "python":
        monkeypatch.setattr("monitors.events.fast_csv.can_read", lambda *_: False)


def brought(store: Store, home: Path, *rows: str) -> tuple[int, list[dict[str, Any]]]:
    """Import these rows in CP932 and return how many were quarantined, and the events."""
    (home / "mappings").mkdir()
    (home / "mappings" / "tabbed.toml").write_text(LAYOUT)
    path = home.parent / "log.tsv"
    path.write_bytes("\n".join(("日時\t職員\t処理\t備考", *rows)).encode("cp932"))
    report = import_file(store, home, path, Wish(system="tax"), actor="1", zone=TOKYO)
    assert report.read == report.imported + report.quarantined == len(rows)
    listing = Listing(store, home, NOTHING_ASKED, oldest_first=True)
    found = [dict(event) for event in listing.stream()]
    listing.close()
    return report.quarantined, found


@pytest.mark.usefixtures("road")
def test_columns_may_stand_between_tabs(store: Store, home: Path) -> None:
    bad, (event,) = brought(store, home, "2026/11/24 09:00:00\tS1\t照会\ta,b\\", "2026/11/24 09:00:00\tS1\t照会")
    assert bad == 1
    assert (event["user_id"], event["action"], event["detail"]) == ("s1", "view", "a,b\\")


@pytest.mark.usefixtures("road")
@pytest.mark.parametrize("text", ["2026/11/24 00:10:07", "令和8年11月24日 00:10:07"])
def test_a_time_keeps_how_it_was_written_the_zone_that_was_assumed_and_the_sites_own_day(
    store: Store, home: Path, text: str
) -> None:
    _, (event,) = brought(store, home, f"{text}\tS1\t照会\t")
    told = {name: event[name] for name in ("ts", "ts_raw", "zone", "day", "minute")}
    assert told == {
        "ts": 1_795_446_607_000,  # 2026-11-23T15:10:07Z
        "ts_raw": text,
        "zone": "Asia/Tokyo",
        "day": 20_781,
        "minute": 10,
    }
