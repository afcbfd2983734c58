"""Screens as text, kept in ``tests/console/goldens`` so that a change of a screen reads as a diff.

A test that shows a screen asks for the ``golden`` fixture (``from tests.goldens import golden  # noqa: F401``)::

    async def test_the_findings(golden: Golden) -> None:
        await golden("findings", app_of, press=["enter", "4"])

``app_of(profile)`` builds the app anew for each of the two languages and the two sizes; ``press`` are keys
(``"wait"`` lets workers end). ``UPDATE_GOLDENS=1 pytest …`` writes the files.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

import pytest
from textual.app import App
from textual.pilot import Pilot

from console.terminal import Glyphs, Profile
from console.text import cells

FOLDER = Path(__file__).parent / "console" / "goldens"
SIZES = ((80, 24), (120, 40))
LANGUAGES = ("ja", "en")


class Golden(Protocol):
    """Compares a screen with its files, in each language and size."""

    async def __call__(
        self,
        name: str,
        app_of: Callable[[Profile], App[Any]],
        *,
        press: Sequence[str] = (),
        sizes: Iterable[tuple[int, int]] = SIZES,
        profiles: Iterable[Profile] | None = None,
    ) -> None: ...


def screen_text(app: App[Any]) -> str:
    """Return what ``app`` shows now, without the spaces at the ends of lines."""
    strips = app.screen._compositor.render_strips()
    filters = app.get_line_filters()
    background = app.screen.background_colors[1]
    if filters:
        strips = [strip.apply_filter(each, background) for strip in strips for each in filters]
    return "\n".join(strip.text.rstrip() for strip in strips) + "\n"


async def settled(pilot: Pilot[Any]) -> None:
    """Let all work in threads end, and wait until the screen stays as it is."""
    app = pilot.app
    before = None
    while True:
        await pilot.pause()
        if any(worker._thread_worker and worker.is_running for worker in app.workers):
            await pilot.pause(0.01)
        elif not app.is_running or (now := (app.screen, screen_text(app))) == before:
            return
        else:
            before = now


async def played(pilot: Pilot[Any], keys: Sequence[str]) -> None:
    """Press ``keys``, each after the one before it had its effect."""
    await settled(pilot)
    for key in keys:
        await pilot.press(key)
        await settled(pilot)


@pytest.fixture
def golden() -> Golden:
    """Return the comparison."""

    async def compare(
        name: str,
        app_of: Callable[[Profile], App[Any]],
        *,
        press: Sequence[str] = (),
        sizes: Iterable[tuple[int, int]] = SIZES,
        profiles: Iterable[Profile] | None = None,
    ) -> None:
        different = []
        for profile in profiles or [Profile(language=language) for language in LANGUAGES]:
            for width, height in sizes:
                app = app_of(profile)
                async with app.run_test(size=(width, height)) as pilot:
                    await played(pilot, press)
                    shown = screen_text(app)
                assert all(cells(line) <= width for line in shown.splitlines())
                glyphs = "" if profile.glyphs is Glyphs.UNICODE else f".{profile.glyphs}"
                path = FOLDER / f"{name}.{profile.language}{glyphs}.{width}x{height}.txt"
                if os.environ.get("UPDATE_GOLDENS") == "1":
                    FOLDER.mkdir(parents=True, exist_ok=True)
                    path.write_text(shown, encoding="utf-8")
                elif not path.is_file() or path.read_text(encoding="utf-8") != shown:
                    different.append(f"{path.name}:\n{shown}")
        assert not different, "other than its golden (UPDATE_GOLDENS=1 writes it):\n" + "\n".join(different)

    return compare
