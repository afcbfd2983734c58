"""The demo's own terminal: one entry, wherever the demo is opened, as long as nobody else sits at it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from accesscontrol.people import terminals
from console.demo.here import register_here
from console.seat import Seat
from tests.console.city import City


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    city = City.copied_to(tmp_path)
    with city.site.store.transaction() as tx:  # where the tests sit is no terminal of this story
        tx.execute("UPDATE terminal SET fact = 'elsewhere' WHERE fact = ?", (terminals.present_fact(),))
        tx.record("test.moved", actor="system")
    yield city
    city.site.store.close()


def here(city: City) -> list[str]:
    return [each.name for each in terminals.every(city.site.store) if each.name.startswith("server-room-here")]


def opened_at(city: City, fact: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminals, "present_fact", lambda: fact)
    register_here(city.site)


def test_a_demo_opened_elsewhere_keeps_its_one_terminal(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    for fact in ("vm:none", "vm:pts", "vm:tmux(1).%0", "vm:pts"):
        opened_at(city, fact, monkeypatch)
        assert here(city) == ["server-room-here"]
        found = terminals.find_by_fact(city.site.store, fact)
        assert found is not None
        assert found.name == "server-room-here"


def test_whoever_sits_at_it_keeps_it_and_the_next_gets_another(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    opened_at(city, "vm:pts", monkeypatch)
    seat = Seat(city.home)
    seat.__dict__["site"] = city.site
    seat.sign_in("sato", city.password("sato"), city.code("sato"))
    opened_at(city, "vm:192.0.2.7", monkeypatch)
    assert here(city) == ["server-room-here", "server-room-here-2"]
    seat.left(seat.person)
    opened_at(city, "vm:192.0.2.8", monkeypatch)
    assert here(city) == ["server-room-here", "server-room-here-2"]
