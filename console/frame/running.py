"""Running the console so that nothing of it stays on the terminal, however it ends."""

import asyncio
import os
import select
import signal
import sys
import threading
from contextlib import suppress

from textual.drivers import linux_driver

from console.frame.app import FAILED, SekishoApp
from console.frame.pasting import GuardedParser

_CLEAR = "\x1b[2J\x1b[3J\x1b[H"  # the screen, what scrolled off it, and the cursor home
_GRACE = 3.0  # seconds that a dropped line gets to end in order
_LOOK = 1000  # milliseconds between two looks whether the program has ended meanwhile
_ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


def run(app: SekishoApp) -> int:
    """Run ``app`` on the terminal until it ends, clear the screen, and return the exit code.

    SIGTERM, SIGHUP and SIGQUIT end it in order with 128 plus their number; a terminal that goes does so without a
    signal, too. It is given up after three seconds, so that no data stays in memory behind a dropped line.
    """
    try:
        code = asyncio.run(_run(app))
    except Exception as error:  # noqa: BLE001 - whatever it was, its text must not reach the terminal
        app._failed(error)  # noqa: SLF001 - the same account as of any failure inside
        code = FAILED
    _leave_clean(app.parting)
    return code


async def _run(app: SekishoApp) -> int:
    loop = asyncio.get_running_loop()
    for number in _ENDING:
        loop.add_signal_handler(number, _end, app, number)
    over = threading.Event()
    threading.Thread(target=_watch_line, args=(loop, app, over), name="line", daemon=True).start()
    vars(linux_driver)["XTermParser"] = GuardedParser  # the driver makes its parser by this name
    try:
        await app.run_async(mouse=app.profile.mouse)
    finally:
        over.set()
        for number in _ENDING:
            loop.remove_signal_handler(number)
    return app.return_code or 0


def _watch_line(loop: asyncio.AbstractEventLoop, app: SekishoApp, over: threading.Event) -> None:
    """End as SIGHUP does when the terminal goes: only the first program of a terminal gets the signal, not `make`'s."""
    if not sys.stdin.isatty():
        return
    line = select.poll()
    line.register(sys.stdin.fileno(), 0)  # no input is asked for, so that nothing but the end is told
    while not over.is_set():
        if line.poll(_LOOK):
            with suppress(RuntimeError):  # the program has ended just now
                loop.call_soon_threadsafe(_end, app, signal.SIGHUP)
            return


def _end(app: SekishoApp, number: signal.Signals) -> None:
    code = 128 + number
    backstop = threading.Timer(_GRACE, os._exit, (code,))
    backstop.daemon = True
    backstop.start()
    app.exit(return_code=code)


def _leave_clean(parting: str) -> None:
    """Clear a terminal, and say ``parting`` on standard error."""
    try:
        if sys.stdout.isatty():
            sys.stdout.write(_CLEAR)
            sys.stdout.flush()
        if parting:
            sys.stderr.write(f"{parting}\n")
            sys.stderr.flush()
    except OSError:
        os.close(1)  # the terminal is gone, and Python must not try again at its own end
        os.open(os.devnull, os.O_WRONLY)
