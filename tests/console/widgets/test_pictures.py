"""Pictures in text say what the numbers say."""

from hypothesis import given
from hypothesis import strategies as st

from console.text import cells
from console.widgets.pictures import Age, ages_bar, heat_map, sparkline


def test_a_sparkline_shows_the_greatest_of_neighbours_and_dots_for_nothing() -> None:
    assert sparkline([0, 1, 4, 8], 4) == "·▂▅█"
    assert sparkline([0, 0, 8, 0], 2) == "·█"
    assert sparkline([], 5) == ""
    assert sparkline([0, 0], 2) == "··"


@given(st.lists(st.floats(0, 1e12), max_size=50), st.integers(0, 60))
def test_a_sparkline_is_never_wider_than_asked(values: list[float], width: int) -> None:
    assert cells(sparkline(values, width)) == min(width, len(values))


def test_a_heat_map_deepens_with_the_number_without_colour() -> None:
    head, monday, tuesday = [line.plain for line in heat_map(["月", "火"], ["8", "10"], [[0, 1], [8, 4]])]
    assert head == "    8 10"
    assert monday == "月  ·  ░"
    assert tuesday == "火  █  ▒"


def test_the_only_event_of_a_heat_map_is_in_the_deepest_shade_and_not_in_the_faintest() -> None:
    assert heat_map(["Mon"], ["8", "10"], [[0, 1]])[1].plain == "Mon  ·  █"
    assert heat_map(["Mon"], ["8", "10"], [[1, 2]])[1].plain == "Mon  ▒  █"


def test_a_heat_map_of_nothing_is_dots() -> None:
    assert heat_map(["a"], ["b"], [[0]])[1].plain == "a  ·"
    assert [line.plain for line in heat_map([], [], [])] == [""]


def test_an_age_past_its_limit_is_marked() -> None:
    young, old = [line.plain for line in ages_bar([Age("DB", 6, 24, "6h"), Age("証跡", 30, 24, "30h")], 31)]
    assert young == "DB   █████░░░░░░░░░░░░░░░   6h"
    assert old == "証跡 ████████████████████ ! 30h"
