"""Running the console so that nothing of it stays on the terminal, however it ends."""

import asyncio
import os
import signal
import sys
import threading

from console.frame.app import FAILED, SekishoApp

_CLEAR = "\x1b[2J\x1b[3J\x1b[H"  # the screen, what scrolled off it, and the cursor home
_GRACE = 3.0  # seconds that a dropped line gets to end in order
_ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


def run(app: SekishoApp) -> int:
    """Run ``app`` on the terminal until it ends, clear the screen, and return the exit code.

    SIGTERM, SIGHUP and SIGQUIT end it in order with 128 plus their number. A terminal that is gone is
    given up after three seconds, so that no data stays in memory behind a dropped line.
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
    try:
        await app.run_async(mouse=app.profile.mouse)
    finally:
        for number in _ENDING:
            loop.remove_signal_handler(number)
    return app.return_code or 0


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
