"""A list of any length costs what its page costs."""

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from textual.app import App, ComposeResult

from console.widgets.details import Section
from console.widgets.list_and_details import ListAndDetails
from console.widgets.order import KEPT, PAGE, Order, Pages
from console.widgets.paged_table import PagedTable
from console.widgets.rows import Cell, Column, ListSource, Query, fitted
from tests.console.demonstration import COLUMNS, Happening, Happenings, fill
from tests.goldens import played, screen_text

MILLION = 1_000_000


@pytest.fixture(scope="module")
def million(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(tmp_path_factory.mktemp("million") / "happenings.sqlite3", MILLION)


def number_of(table: PagedTable[Any]) -> int:
    row = table.row
    assert row is not None
    return int(row.number)


class TableApp(App[None]):
    """One table and what it told."""

    def __init__(self, source: Any, columns: Any = COLUMNS) -> None:
        super().__init__()
        self.table: PagedTable[Any] = PagedTable(columns, source, markable=True)
        self.told: list[object] = []

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return {"row-cursor": "blue", "row-cursor-away": "navy"}

    def compose(self) -> ComposeResult:
        yield self.table

    def on_paged_table_opened(self, event: PagedTable.Opened) -> None:
        self.told.append(event.row)

    def on_paged_table_failed(self, event: PagedTable.Failed) -> None:
        self.told.append(event.reason)


async def test_a_million_rows_open_and_every_place_is_reached_by_reading_a_few_pages(million: Path) -> None:
    source = Happenings(million)
    app = TableApp(source)
    async with app.run_test(size=(80, 24)) as pilot:
        await played(pilot, [])
        table = app.table
        assert table.count == MILLION
        assert table.is_counted
        assert "ログイン 1 " in screen_text(app)
        await played(pilot, ["end"])
        assert table.position == "1,000,000件中 1,000,000件目"
        assert number_of(table) == MILLION
        assert "1,000,000" in screen_text(app).splitlines()[-1]
        table.cursor = 500_000
        await played(pilot, ["enter"])
        assert [row.number for row in app.told if isinstance(row, Happening)] == [500_001]
        assert source.pages_read <= 6
        assert len(table._pages) <= KEPT


async def test_the_first_page_stands_before_the_list_is_counted() -> None:
    class Slow(ListSource[str]):
        """Gives its second batch only when the test says so."""

        def __init__(self) -> None:
            import threading

            super().__init__([f"row {n}" for n in range(1000)])
            self.go_on = threading.Event()

        def index(self, query: Query) -> Iterator[Sequence[int]]:
            yield range(200)
            self.go_on.wait(20)
            yield range(200, 1000)

    source = Slow()
    app = TableApp(source, [Column(title="What", show=str, width=10)])
    async with app.run_test(size=(40, 10)) as pilot:
        while "row 0" not in screen_text(app):
            await pilot.pause(0.01)
        assert not app.table.is_counted
        assert app.table.position == "200+件中 1件目"
        source.go_on.set()
        await played(pilot, [])
        assert app.table.position == "1,000件中 1件目"


async def test_a_row_that_is_not_there_yet_shows_as_an_ellipsis_and_a_gone_one_as_a_dash(tmp_path: Path) -> None:
    path = fill(tmp_path / "rows.sqlite3", 5)
    app = TableApp(Happenings(path))
    async with app.run_test(size=(60, 10)) as pilot:
        await played(pilot, [])
        app.table._pages.clear()
        assert app.table.render_line(1).text.split() == ["▸", "…", "…", "…", "…"]
        with sqlite3.connect(path) as db:
            db.execute("DELETE FROM happening WHERE id = 1")
        db.close()
        app.table._want_pages()
        await played(pilot, [])
        assert app.table.render_line(1).text.split() == ["▸", "-", "-", "-", "-"]
        assert app.table.row is None
        await played(pilot, ["enter"])
        assert app.told == []


async def test_reloading_keeps_the_cursor_on_its_row(tmp_path: Path) -> None:
    path = fill(tmp_path / "rows.sqlite3", 1000)
    app = TableApp(Happenings(path))
    async with app.run_test(size=(60, 10)) as pilot:
        await played(pilot, ["pagedown", "pagedown"])
        number = number_of(app.table)
        with sqlite3.connect(path) as db:
            db.execute("DELETE FROM happening WHERE id < 5")
        db.close()
        app.table.reload()
        await played(pilot, [])
        assert number_of(app.table) == number
        assert app.table.count == 996


async def test_a_concealed_list_holds_no_row_and_comes_back_where_it_was(tmp_path: Path) -> None:
    app = TableApp(Happenings(fill(tmp_path / "rows.sqlite3", 1000)))
    async with app.run_test(size=(60, 10)) as pilot:
        await played(pilot, ["pagedown", "pagedown"])
        number = number_of(app.table)
        app.table.conceal()
        await played(pilot, [])
        assert app.table.count == 0
        assert "田中" not in screen_text(app)
        app.table.reload()
        await played(pilot, [])
        assert number_of(app.table) == number


async def test_a_filter_and_a_sort_are_asked_of_the_source(tmp_path: Path) -> None:
    app = TableApp(Happenings(fill(tmp_path / "rows.sqlite3", 100)))
    async with app.run_test(size=(80, 24)) as pilot:
        await played(pilot, [])
        app.table.ask(Query("ログイン 7"))
        await played(pilot, [])
        assert app.table.count == 11
        await played(pilot, ["s"])
        assert app.table.query_now == Query("ログイン 7", "at")
        assert "▲" in screen_text(app).splitlines()[0]
        await played(pilot, ["s"])
        assert "▼" in screen_text(app).splitlines()[0]
        await played(pilot, ["s"])
        assert app.table.query_now == Query("ログイン 7")


async def test_an_empty_list_says_so() -> None:
    app = TableApp(ListSource([]))
    async with app.run_test(size=(40, 6)) as pilot:
        await played(pilot, ["down", "enter", "end", "space"])
        assert "ありません。" in screen_text(app)
        assert app.table.position == "0件"


async def test_a_source_that_fails_is_told_and_not_lost(tmp_path: Path) -> None:
    app = TableApp(Happenings(tmp_path / "missing.sqlite3"))
    async with app.run_test(size=(40, 6)) as pilot:
        await played(pilot, [])
        assert [type(reason) for reason in app.told] == [sqlite3.OperationalError]


async def test_rows_are_marked_for_one_act_on_many(tmp_path: Path) -> None:
    app = TableApp(Happenings(fill(tmp_path / "rows.sqlite3", 10)))
    async with app.run_test(size=(60, 12)) as pilot:
        await played(pilot, ["space", "down", "space", "up", "space"])
        assert app.table.marked == {1}
        assert app.table.render_line(1).text.startswith(" *")


async def test_unsafe_text_in_a_row_is_shown_and_never_obeyed() -> None:
    evil = "\x1b[2J[/etc/passwd][@click=app.quit]x\u202e\n"
    app = TableApp(ListSource([evil]), [Column(title="What", show=lambda row: Cell(row, "high"), width=50)])
    async with app.run_test(size=(60, 6)) as pilot:
        await played(pilot, [])
        line = app.table.render_line(1).text
        assert "␛[2J[/etc/passwd][@click=app.quit]x␦␊" in line
        assert all(ord(character) >= 0x20 for character in line)


async def test_wide_characters_never_break_a_column(tmp_path: Path) -> None:
    app = TableApp(Happenings(fill(tmp_path / "rows.sqlite3", 10)))
    async with app.run_test(size=(80, 24)) as pilot:
        for width in (20, 41, 79, 100, 140):
            await pilot.resize_terminal(width, 12)
            await played(pilot, [])
            assert {app.table.render_line(y).cell_length for y in range(12)} == {app.table.size.width}


def test_columns_give_way_from_the_right_and_share_what_is_left() -> None:
    def column(width: int, grow: int = 0, from_width: int = 0) -> Column[str]:
        return Column(title="What", show=str, width=width, grow=grow, from_width=from_width)

    columns = [column(10), column(10, grow=1), column(10, from_width=60), column(10, grow=1)]
    assert [cells for _column, cells in fitted(columns, 5)] == [5]
    assert [cells for _column, cells in fitted(columns, 21)] == [10, 10]
    assert [cells for _column, cells in fitted(columns, 40)] == [10, 14, 14]
    assert [cells for _column, cells in fitted(columns, 63)] == [10, 20, 10, 20]


def test_no_more_pages_are_kept_than_is_said() -> None:
    pages: Pages[int] = Pages()
    for number in range(KEPT + 5):
        pages.put(number, [number] * PAGE)
    assert len(pages) == KEPT
    assert pages.row(0) is None
    assert pages.row((KEPT + 4) * PAGE) == KEPT + 4


def test_an_order_knows_where_a_row_stands() -> None:
    order = Order()
    order.ids.extend([7, 9, 8])
    assert (order.place_of(8), order.place_of(5)) == (2, None)
    assert order.page(0) == [7, 9, 8]


async def test_a_list_that_has_become_empty_leaves_no_row_beside_it() -> None:
    source = ListSource(["the last finding"])
    table = PagedTable([Column(title="What", show=str, width=20)], source)
    both = ListAndDetails(table, lambda row: [Section(sentences=[f"about {row}"])], id="both")

    class BothApp(TableApp):
        CSS = "ListAndDetails > Details { display: block; width: 1fr; }"

        def compose(self) -> ComposeResult:
            yield both

    app = BothApp(source)
    async with app.run_test(size=(100, 10)) as pilot:
        await played(pilot, [])
        assert "about the last finding" in screen_text(app)
        table.show(ListSource[str]([]))
        await played(pilot, [])
        assert table.count == 0
        assert "about the last finding" not in screen_text(app)
