"""Several lists in one place: parts, filter, order, and rows that keep their number."""

from dataclasses import dataclass
from typing import Any

from console.screens.views import Part, View, ViewSource
from console.widgets.rows import Query


@dataclass(frozen=True)
class Fruit:
    name: str
    weight: int


class Basket:
    """Fruits that change between two readings."""

    def __init__(self) -> None:
        self.fruits = [Fruit("pear", 3), Fruit("Apple", 2), Fruit("plum", 1)]
        self.read = 0

    def source(self) -> ViewSource[Fruit]:
        return ViewSource(
            View[Fruit](
                title="Fruits",
                columns=(),
                read=self._read,
                key=lambda fruit: fruit.name,
                words=lambda fruit: fruit.name,
                explain=lambda _fruit: (),
                parts=(Part("heavy", lambda fruit: fruit.weight > 1),),
                order={"weight": lambda fruit: fruit.weight},
            )
        )

    def _read(self) -> list[Fruit]:
        self.read += 1
        return list(self.fruits)


def shown(source: ViewSource[Fruit], query: Query = Query()) -> list[Any]:  # noqa: B008 - immutable
    (numbers,) = source.index(query)
    return [row.name if row else None for row in source.rows(numbers)]


def test_rows_come_in_their_own_order_unless_sorted() -> None:
    source = Basket().source()
    assert shown(source) == ["pear", "Apple", "plum"]
    assert shown(source, Query(sort="weight")) == ["plum", "Apple", "pear"]
    assert shown(source, Query(sort="weight", descending=True)) == ["pear", "Apple", "plum"]


def test_a_filter_ignores_case_and_a_part_is_kept_with_it() -> None:
    source = Basket().source()
    assert shown(source, Query("P")) == ["pear", "Apple", "plum"]
    source.part = Part("heavy", lambda fruit: fruit.weight > 1)
    assert shown(source, Query("pl")) == ["Apple"]


def test_a_row_keeps_its_number_when_the_list_is_read_anew() -> None:
    basket = Basket()
    source = basket.source()
    (before,) = source.index(Query())
    basket.fruits = [Fruit("cherry", 0), Fruit("plum", 5), Fruit("pear", 3)]
    (after,) = source.index(Query())
    assert after[1] == before[2]
    assert after[2] == before[0]
    assert source.rows([before[1]]) == [None]  # the apple is gone


def test_each_index_reads_anew_and_forgetting_leaves_no_row() -> None:
    basket = Basket()
    source = basket.source()
    (numbers,) = source.index(Query())
    list(source.index(Query()))
    assert basket.read == 2
    source.forget()
    assert source.rows(numbers) == [None, None, None]
