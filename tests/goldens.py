"""Screens as text, kept in ``tests/console/goldens`` so that a change of a screen reads as a diff.

A test that shows a screen asks for the ``golden`` fixture::

    async def test_the_findings(golden: Golden) -> None:
        await golden("findings", app_of, press=["enter", "4"])

``app_of(profile)`` builds the app anew for each of the two languages and the two sizes; ``press`` are keys
(``"wait"`` lets workers end). ``UPDATE_GOLDENS=1 pytest …`` writes the files.
"""

import asyncio
import os
import threading
import unicodedata
from collections.abc import Callable, Iterable, Sequence, Sized
from pathlib import Path
from typing import Any, Protocol

import pytest
from textual import events
from textual.app import App
from textual.keys import REPLACED_KEYS, _character_to_key, _get_unicode_name_from_key
from textual.pilot import Pilot

from console.frame.progress import LOOK
from console.terminal import Glyphs, Profile
from console.text import cells

FOLDER = Path(__file__).parent / "console" / "goldens"
SIZES = ((80, 24), (120, 40))
LANGUAGES = ("ja", "en")
PATIENCE = 60  # seconds
RESTS = 2  # looks in a row at which nothing moves any more
A_MOMENT = 0.005  # seconds


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
    """Return what ``app`` shows now, without the spaces at the ends of lines.

    What a dialog covers is laid out anew only when it comes back; here it is, so that no picture hangs on the moment.
    """
    for covered in app.screen_stack[:-1]:
        covered._refresh_layout()
    strips = app.screen._compositor.render_strips()
    filters = app.get_line_filters()
    background = app.screen.background_colors[1]
    if filters:
        strips = [strip.apply_filter(each, background) for strip in strips for each in filters]
    return "\n".join(strip.text.rstrip() for strip in strips) + "\n"


async def settled(pilot: Pilot[Any]) -> None:
    """Let all work in threads and all that follows from it come to its end, and the screen be drawn."""
    app, rests = pilot.app, 0
    async with asyncio.timeout(PATIENCE):  # a thread that waits for the person at the keyboard never comes to its end
        while rests < RESTS and app.is_running:
            await asyncio.sleep(A_MOMENT)  # for what nobody knows of yet: a timer that is due, the answer of a thread
            await _all_tasks_wait()
            app.screen._on_timer_update()
            rests = rests + 1 if _at_rest(app) else 0


async def _all_tasks_wait() -> None:
    """Return when no task of the loop can go on by itself any more."""
    ready: Sized = asyncio.get_running_loop()._ready  # type: ignore[attr-defined]  # its types lack it
    await asyncio.sleep(0)
    while len(ready):  # noqa: ASYNC110 - there is no event for it
        await asyncio.sleep(0)


def _at_rest(app: App[Any]) -> bool:
    """Tell whether no thread works for ``app``, and nothing of its screen is still to be drawn."""
    screen = app.screen
    drawn = not (
        screen._dirty_widgets
        or screen._layout_required
        or screen._scroll_required
        or screen._repaint_required
        or screen._recompose_required
        or screen._callbacks
    )
    working = any(worker._thread_worker and worker.is_running for worker in app.workers)
    working = working or any(_awaits_a_thread(task) for task in asyncio.all_tasks())
    return drawn and not working and LOOK not in {thread.name for thread in threading.enumerate()}


def _awaits_a_thread(task: asyncio.Task[Any]) -> bool:
    """Tell whether ``task`` goes on when what it has handed to ``asyncio.to_thread`` has come to its end."""
    waiting: Any = task.get_coro()
    while waiting is not None and getattr(waiting, "cr_code", None) is not asyncio.to_thread.__code__:
        waiting = getattr(waiting, "cr_await", None)
    return waiting is not None


async def played(pilot: Pilot[Any], keys: Sequence[str]) -> None:
    """Press ``keys``, each after the one before it had its effect."""
    await settled(pilot)
    for key in keys:
        send(pilot.app, key)
        await settled(pilot)


def send(app: App[Any], key: str) -> None:
    """Send one key by name or letter, as the terminal does, without the pauses that Pilot makes for animations."""
    named = _character_to_key(key) if len(key) == 1 and not key.isalnum() else key
    character: str | None
    try:
        character = unicodedata.lookup(_get_unicode_name_from_key(REPLACED_KEYS.get(named, named)))
    except KeyError:
        character = key if len(key) == 1 else None
    event = events.Key(named, character)
    event.set_sender(app)
    assert app._driver is not None
    app._driver.send_message(event)


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
