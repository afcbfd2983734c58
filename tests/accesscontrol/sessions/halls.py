"""Sessions of the city hall on a real host: registered, assigned, run in a thread until something ends them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

from accesscontrol.clock import SystemClock, to_text
from accesscontrol.refusals import Refusal
from accesscontrol.sessions import hosts, ledger, reaching
from accesscontrol.sessions.ledger import Assignment, SessionRow
from accesscontrol.sessions.migrations import migrations
from accesscontrol.sessions.supervision import Supervision
from accesscontrol.sessions.transport import Command
from accesscontrol.store import Store
from tests.accesscontrol.requests.city import ZONE, City
from tests.accesscontrol.sessions.targets import SLEEP, Target, sleepers, until

SLEEPING = ("sleep", SLEEP)


def furnish(city: City, target: Target) -> None:
    """Put the city hall on the host's own time, with the managed host registered, where nothing is revoked yet."""
    target.revoke()
    city.clock.set(SystemClock().now())
    city.store.migrate(migrations)
    register(city, target)


def register(city: City, target: Target, **changes: Any) -> None:
    pin(city.store, target, **changes)


def pin(store: Store, target: Target, **changes: Any) -> None:
    """Have the managed host registered in ``store``, as an approved request does."""
    host = replace(target.host, **changes)
    names = [name for name in hosts.Host.__dataclass_fields__ if name not in ("request", "registered_by")]
    with store.transaction() as tx:
        tx.execute("DELETE FROM session_host")
        marks = ", ".join("?" * len(names))
        tx.execute(
            f"INSERT INTO session_host ({', '.join(names)}, request, registered_by, registered_at)"
            f" VALUES ({marks}, 'R', 'S-yamada', ?)",
            (*(getattr(host, name) for name in names), to_text(tx.at)),
        )
        tx.record("host.registered", actor="S-yamada", subject=host.name)


def supervision(city: City, target: Target, **changes: Any) -> Supervision:
    folder = city.store.path.parent / "recordings"
    return replace(reaching.over_ssh(city.store, ZONE, folder, target.authority), **changes)


def assigned(city: City, *commands: tuple[str, ...], **changes: Any) -> Assignment:
    now = city.clock.now()
    given: dict[str, Any] = {
        "request": "R-2026-0001",
        "title": "Care",
        "host": "register-db",
        "executor": city.acting("ogawa"),
        "not_before": now - timedelta(minutes=1),
        "until": now + timedelta(minutes=10),
        "commands": tuple(map(Command.of, commands)),
        "apart": frozenset({"S-mori", "S-sato"}),
    }
    return Assignment(**{**given, **changes})


class Running:
    """A session whose command sleeps, in a thread of its own, until something ends it."""

    def __init__(self, office: Supervision, asked: Assignment) -> None:
        self.refusal: Refusal | None = None
        self._thread = threading.Thread(target=self._run, args=(office, asked), daemon=True)
        self._thread.start()

    def _run(self, office: Supervision, asked: Assignment) -> None:
        try:
            with office.session(asked) as session:
                session.run(SLEEPING)
        except Refusal as error:
            self.refusal = error

    def ended(self, city: City) -> SessionRow:
        """Return the session as the ledger has it once it has ended and nothing of it runs."""
        self._thread.join(20)
        assert not self._thread.is_alive()
        until(lambda: not sleepers())
        assert self.refusal is not None
        return ledger.listed(city.store)[0]


@contextmanager
def sleeping(city: City, target: Target, **changes: Any) -> Iterator[Running]:
    running = Running(supervision(city, target), assigned(city, SLEEPING, **changes))
    until(sleepers)
    yield running
