"""The second person of a moderated session in tests: seated in a thread as soon as the session waits for them."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from accesscontrol.people import sign_in, terminals
from accesscontrol.people.keys import Signature
from accesscontrol.people.secret import Secret
from accesscontrol.sessions import ledger, watching
from accesscontrol.sessions.ledger import SessionRow
from accesscontrol.sessions.watching import Watch
from tests.console.town import PASSWORD, Town

_SECONDS = 30.0


def signing(town: Town, login: str) -> Callable[[bytes], Signature]:
    """Return what signs as a person of the town, with both factors in place."""
    return lambda message: (
        sign_in.sign_in_place(
            town.site.store,
            town.site.policy,
            login=login,
            password=Secret(PASSWORD),
            code=Secret(town.code(login)),
            terminal=terminals.present_fact(),
            message=message,
        ).signature
    )


def until(holds: Callable[[], object]) -> None:
    """Wait for something that happens in another thread."""
    end = time.monotonic() + _SECONDS
    while not holds():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def running(town: Town) -> SessionRow:
    """Return the session that runs, as soon as there is one."""
    until(lambda: ledger.listed(town.site.store, running=True))
    return ledger.listed(town.site.store, running=True)[0]


@contextmanager
def attending(town: Town, login: str, then: Callable[[SessionRow], None] = lambda _: None) -> Iterator[None]:
    """Have a person watch the next session while it runs, and do something in it."""
    watches: list[Watch] = []
    trouble: list[BaseException] = []

    def attend() -> None:
        try:
            row = running(town)
            folder = town.site.home.recordings
            sign = signing(town, login)
            watches.append(
                watching.watch(town.site.store, folder, row.id, town.acting(login), executor=row.executor, sign=sign)
            )
            then(row)
        except BaseException as error:  # noqa: BLE001 - told in the test's own thread
            trouble.append(error)

    thread = threading.Thread(target=attend, daemon=True)
    thread.start()
    yield
    thread.join(_SECONDS)
    for each in watches:
        each.leave()
    assert not trouble, trouble
