"""Plain text: drawn when it changes, in its words or in its style alone."""

from textual.app import App, ComposeResult

from console.widgets.plain import Plain, styled


class Clock(App[None]):
    def compose(self) -> ComposeResult:
        yield Counted("00:01")


class Counted(Plain):
    drawn = 0

    def refresh(self, *regions: object, **how: object) -> "Counted":
        self.drawn += 1
        return super().refresh(*regions, **how)  # type: ignore[arg-type]  # of any type in a test


async def test_what_shows_already_is_not_drawn_again() -> None:
    async with Clock().run_test() as pilot:
        clock = pilot.app.query_one(Counted)
        before = clock.drawn
        for _ in range(10):
            clock.say("00:01")
        assert clock.drawn == before
        clock.say("00:02")
        assert clock.drawn > before


async def test_a_change_of_style_alone_is_drawn() -> None:
    async with Clock().run_test() as pilot:
        clock = pilot.app.query_one(Counted)
        clock.say(styled("00:01", "bold"))
        before = clock.drawn
        clock.say(styled("00:01"))
        assert clock.drawn > before
