"""Facts stand in one column, and a list and its details share a screen where there is room."""

from pathlib import Path

import pytest

from console.frame.app import SekishoApp
from console.terminal import Profile
from console.text import cells
from console.widgets.details import Fact, Section, laid_out
from console.widgets.severity import severity_cell, severity_words
from tests.console.demonstration import build
from tests.goldens import played, screen_text, send, settled


def plain(sections: list[Section], width: int) -> list[str]:
    return [line if isinstance(line, str) else line.plain for line in laid_out(sections, width)]


def test_values_stand_in_one_column_and_wrap_in_it() -> None:
    section = Section("媒体", [Fact("媒体", "M-0031"), Fact("製造番号", "S5R9 \x1b[2J 0123456789")], ["以上です。"])
    assert plain([section], 24) == [
        "媒体",
        "媒体      M-0031",
        "製造番号  S5R9 ␛[2J",
        "          0123456789",
        "",
        "以上です。",
    ]


def test_a_long_label_wraps_beside_its_value_and_is_not_cut() -> None:
    label = "Fingerprint of the host key"
    drawn = plain([Section("", [Fact(label, "SHA256:abc"), Fact("Day", "today")])], 46)
    assert [line.rstrip() for line in drawn] == [
        "Fingerprint of the  SHA256:abc",
        "host key",
        "Day                 today",
    ]


def test_a_sentence_behind_a_dash_wraps_below_its_own_words() -> None:
    assert plain([Section("", sentences=["- 付与の根拠（管理要領）", "  二行目"])], 14) == [
        "- 付与の根拠",
        "  （管理要領）",
        "  二行目",
    ]


@pytest.mark.parametrize("width", [4, 11, 40, 120])
def test_no_line_passes_the_width(width: int) -> None:
    section = Section("", [Fact("とても長い見出しのついた項目", "値" * 30)], ["文" * 100])
    assert all(cells(line) <= width for line in plain([section], width))


def test_severity_is_a_mark_and_a_word_besides_its_colour() -> None:
    assert severity_cell("high").text == "[!!] 高"
    assert severity_cell("medium").text == "[! ] 中"
    assert severity_cell("unheard-of").text == "[? ] unheard-of"
    assert severity_words("low").plain == "[  ] 低"


@pytest.fixture
def app(tmp_path: Path) -> SekishoApp:
    return build(tmp_path, rows=30, profile=Profile())


async def test_from_a_hundred_columns_the_details_follow_the_cursor(app: SekishoApp) -> None:
    async with app.run_test(size=(100, 24)) as pilot:
        await played(pilot, ["enter", "4"])
        assert "ID    田中1" in screen_text(app)
        await played(pilot, ["down"])
        assert "ID    田中2" in screen_text(app)


async def test_below_that_enter_shows_them_in_the_lists_place_and_esc_goes_back(app: SekishoApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await played(pilot, ["enter", "4"])
        assert "ID    田中1" not in screen_text(app)
        await played(pilot, ["enter"])
        assert "ID    田中1" in screen_text(app)
        await played(pilot, ["escape"])
        assert "ID    田中1" not in screen_text(app)
        assert "30件中 1件目" in screen_text(app)


async def test_a_filter_is_typed_in_its_line_and_stays_in_sight_while_it_is_in_force(app: SekishoApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await played(pilot, ["enter", "4", "slash", "3", "0", "enter"])
        assert "1件中 1件目" in screen_text(app)
        assert "絞込" in screen_text(app)
        await played(pilot, ["slash", "backspace", "backspace", "enter"])
        assert "30件中" in screen_text(app)


@pytest.mark.parametrize("key", ["down", "end", "pagedown", "up"])
async def test_a_key_that_moves_the_cursor_draws_list_details_and_lines_together(app: SekishoApp, key: str) -> None:
    drawn: list[set[str]] = []

    def note() -> None:
        drawn.append({type(each).__name__ for each in app.screen._dirty_widgets})

    async with app.run_test(size=(120, 24)) as pilot:
        await played(pilot, ["enter", "4", "down"])
        app.post_display_hook = note  # type: ignore[method-assign]  # the test stands in for it
        send(app, key)
        await settled(pilot)
    assert len(drawn) == 1
    assert {"PagedTable", "Details", "StatusLine"} <= drawn[0]


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize(("before", "key"), [([], "enter"), (["enter"], "escape")])
async def test_a_key_that_changes_the_layout_draws_it_once_with_all_that_follows(
    app: SekishoApp, before: list[str], key: str, width: int
) -> None:
    drawn: list[set[str]] = []

    def note() -> None:
        drawn.append({type(each).__name__ for each in app.screen._dirty_widgets})

    async with app.run_test(size=(width, 24)) as pilot:
        await played(pilot, ["enter", "4", "down", *before])
        app.post_display_hook = note  # type: ignore[method-assign]  # the test stands in for it
        send(app, key)
        await settled(pilot)
    assert len(drawn) == 1
    assert "ListScreen" in drawn[0]  # the whole of it, the line of keys included
