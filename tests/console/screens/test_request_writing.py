"""Which requests can be written by answering questions, one field for each parameter."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from accesscontrol.requests.kinds import Kind
from console.screens.requests.listing import RequestsScreen
from console.screens.requests.writing import _is_a_form, kinds_of, write_request_of
from console.translation import _
from console.widgets.plain import Plain
from tests.console.city import City, press, said
from tests.console.town import Town
from tests.goldens import settled

NARROW = (80, 24)


@pytest.fixture
def kinds(tmp_path: Path) -> dict[str, Kind]:
    return dict(Town.copied_to(tmp_path).site.kinds)


def test_one_id_is_asked_for_in_a_form_and_many_come_from_a_file(kinds: dict[str, Kind]) -> None:
    forms = {name for name, kind in kinds.items() if _is_a_form(kind)}
    assert {"account-issue", "account-change", "account-extend", "account-revoke", "roster-import"} <= forms
    assert "accounts-bulk" in set(kinds) - forms


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    city = City.copied_to(tmp_path)
    yield city
    city.site.store.close()


async def test_every_kind_of_request_opens_its_form(city: City) -> None:
    seat = city.seat("yamada")
    kinds = kinds_of(seat)
    assert len(kinds) > 20
    async with city.sitting(RequestsScreen, "yamada", language="ja", size=NARROW) as pilot:
        screen = pilot.app.screen
        assert isinstance(screen, RequestsScreen)
        for kind in kinds:
            writing = screen.run_worker(write_request_of(screen, seat, kind))
            await settled(pilot)
            assert "申請する" in said(pilot)
            assert _(kind.title) in str(pilot.app.screen.query_one("#title", Plain).render())
            pilot.app.screen.dismiss(None)
            assert await writing.wait() == ""


def narrow(pilot: Pilot[None], words: str) -> None:
    """Type ``words`` over what was typed."""
    line = pilot.app.focused
    assert isinstance(line, Input)
    line.value = words


async def test_a_kind_is_found_by_a_part_of_its_name_in_either_language(city: City) -> None:
    async with city.sitting(RequestsScreen, "yamada", language="ja", size=NARROW) as pilot:
        await press(pilot, "n")
        for typed in ("設定", "change of a setting"):
            narrow(pilot, typed)
            await settled(pilot)
            assert "▸ 設定の変更" in said(pilot)
        narrow(pilot, "no such thing")
        await settled(pilot)
        assert "その名前のものはありません" in await press(pilot, "enter")
        await press(pilot, "escape")
