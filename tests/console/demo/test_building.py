"""The demo city can be opened at any hour: its story has happened."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from accesscontrol.clock import FixedClock
from accesscontrol.trail import entries
from console.demo import building
from console.demo.building import Wish
from console.wiring import open_site

TOKYO = ZoneInfo("Asia/Tokyo")


@pytest.mark.parametrize("hour", [0, 4, 23])
def test_nothing_in_the_demo_is_still_to_come_at_whatever_hour_it_is_built(hour: int, tmp_path: Path) -> None:
    now = datetime(2026, 11, 25, hour, 5, tzinfo=TOKYO)
    building.build(tmp_path / "home", Wish(residents=10, days=9), now=now)
    site = open_site(tmp_path / "home", FixedClock(now))
    taken = [each.taken_at for each in site.catalogue.page() if each.taken_at]
    assert taken
    assert max(taken) <= now
    assert max(each.at for each in entries.page(site.store, limit=entries.size(site.store))) <= now
    site.store.close()
