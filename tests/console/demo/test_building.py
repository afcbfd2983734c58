"""The demo city can be opened at any hour: its story has happened."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from accesscontrol.clock import FixedClock
from accesscontrol.trail import entries
from console import detection
from console.demo import building
from console.demo.building import Wish
from console.wiring import Installation, open_site
from monitors.findings import reading as findings

TOKYO = ZoneInfo("Asia/Tokyo")


@pytest.fixture(scope="module", params=[0, 4, 23])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The demo city as it was built at some hour."""
    now = datetime(2026, 11, 25, request.param, 5, tzinfo=TOKYO)
    home = tmp_path_factory.mktemp("demo") / "home"
    building.build(home, Wish(residents=10, days=9), now=now)
    site = open_site(home, FixedClock(now))
    yield site
    site.store.close()


def test_nothing_in_the_demo_is_still_to_come_at_whatever_hour_it_is_built(site: Installation) -> None:
    now = site.clock.now()
    taken = [each.taken_at for each in site.catalogue.page() if each.taken_at]
    assert taken
    assert max(taken) <= now
    assert max(each.at for each in entries.page(site.store, limit=entries.size(site.store))) <= now


def test_whoever_left_the_demo_city_works_there_no_more(site: Installation) -> None:
    with site.store.transaction() as tx:
        tx.execute("UPDATE detection_run SET rules = ''")  # all is looked at again, with what is known by now
        tx.record("clock.stepped", actor="system")
    detection.detect(site)
    assert {each.rule for each in findings.listed(site.store)}.isdisjoint({"retired-id", "lapsed-id"})
