"""A line takes all that is pasted into it, as one line."""

import pytest
from textual import events
from textual.app import App, ComposeResult

from console.widgets.line_input import LineInput


class OneLine(App[None]):
    """Nothing but a line."""

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Give the line the one colour of ours that it names."""
        return {"row-cursor": "blue"}

    def compose(self) -> ComposeResult:
        """Show it."""
        yield LineInput(value="seen ")


@pytest.mark.parametrize(
    ("pasted", "value"),
    [
        ("UPDATE t SET a = 1\nWHERE b = 2\r\nAND c = 3\n", "seen UPDATE t SET a = 1 WHERE b = 2 AND c = 3"),
        ("one", "seen one"),
        ("", "seen "),
        ("\n", "seen "),
    ],
)
async def test_several_lines_become_one_and_none_is_lost(pasted: str, value: str) -> None:
    async with OneLine().run_test() as pilot:
        line = pilot.app.query_one(LineInput)
        line.cursor_position = len(line.value)
        line.post_message(events.Paste(pasted))
        await pilot.pause()
        assert line.value == value


async def test_what_is_pasted_takes_the_place_of_what_is_selected() -> None:
    async with OneLine().run_test() as pilot:
        line = pilot.app.query_one(LineInput)
        line.select_all()
        line.post_message(events.Paste("anew"))
        await pilot.pause()
        assert line.value == "anew"
