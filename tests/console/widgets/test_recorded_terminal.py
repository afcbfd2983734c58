"""The recorded screen inside ours: what was drawn while it was hidden is there when it is shown."""

from textual.app import App, ComposeResult

from accesscontrol.sessions.replaying import OUTPUT, Event
from console.widgets.recorded_terminal import RecordedTerminal


class _Stage(App[None]):
    def compose(self) -> ComposeResult:
        yield RecordedTerminal()


async def test_what_was_drawn_while_it_was_hidden_stands_at_its_top_when_it_is_shown() -> None:
    app = _Stage()
    async with app.run_test(size=(80, 18)) as pilot:
        terminal = app.query_one(RecordedTerminal)
        terminal.display = False
        await pilot.pause()
        await terminal.draw([Event(0.0, OUTPUT, f"line {number}\r\n", 1, 0) for number in range(3)])
        terminal.display = True
        await pilot.pause()
        assert terminal.render_line(0).text.rstrip() == "line 0"
