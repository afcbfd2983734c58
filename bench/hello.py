"""The smallest Textual program: what any Textual program has to wait for."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import Static

GREETING = "Hello, world"


class Hello(App[None]):
    """One line of text."""

    def compose(self) -> ComposeResult:
        """Show the greeting."""
        yield Static(GREETING)


if __name__ == "__main__":
    Hello().run()
