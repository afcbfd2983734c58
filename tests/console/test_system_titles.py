"""Systems go by the titles that the site gave them; their names stay beside them where commands need them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from console.system_titles import in_full, title_of
from console.text import draw_kanji
from tests.console.city import City


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    city = City.copied_to(tmp_path)
    yield city
    city.site.store.close()
    draw_kanji(True)


def test_a_system_goes_by_its_title_and_by_its_name_where_it_has_none(city: City) -> None:
    titles = {each.name: each.title for each in city.site.settings.systems}
    assert title_of(city.site, "cs") == titles["cs"] != "cs"
    assert in_full(city.site, "cs") == f"{titles['cs']} (cs)"
    assert in_full(city.site, "servers") == "servers"


def test_the_register_has_one_title_in_its_ledger_and_in_its_log(city: City) -> None:
    assert title_of(city.site, "register") == title_of(city.site, "registry") != "registry"


def test_a_terminal_without_kanji_names_systems_by_what_it_can_draw(city: City) -> None:
    draw_kanji(False)
    assert in_full(city.site, "cs") == "cs"
