"""A second person's stop, through the store and the supervision, to the end of the host's process.

The reference is the shortest way there is: the ssh client killed outright, with the same task gate on the host.
"""

from __future__ import annotations

import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from accesscontrol.sessions import ledger
from accesscontrol.sessions.watching import ask_stop
from bench.harness import Figure, timed
from tests.accesscontrol.requests.city import build_city
from tests.accesscontrol.sessions.halls import SLEEPING, furnish, sleeping
from tests.accesscontrol.sessions.targets import running_target, sleepers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


_APART = 1_000_000  # a serial that no session has: those die with their sessions


def _awaited(there: bool) -> None:  # noqa: FBT001 - there or gone
    while bool(sleepers()) is not there:
        time.sleep(0.002)


@contextmanager
def figure(folder: Path) -> Iterator[Figure]:
    """Yield the figure; the aim of half a second for the whole way stands in the architecture's promises."""
    city = build_city(folder / "sekisho.sqlite3")
    with running_target() as target:
        furnish(city, target)
        client = target.client(target.certify(" ".join(SLEEPING), serial=_APART), folder)

        def stopped() -> float:
            with sleeping(city, target) as running:
                ask_stop(city.store, ledger.listed(city.store)[0].id, city.acting("suzuki"), reason="measured")
                seconds = timed(lambda: _awaited(there=False))
                running.ended(city)
                return seconds

        def killed() -> float:
            with subprocess.Popen([*client, " ".join(SLEEPING)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as ssh:
                _awaited(there=True)
                ssh.kill()
                return timed(lambda: _awaited(there=False))

        yield Figure(
            name="session: stop to process gone",
            reference="ssh client killed, same task gate",
            aim=4,
            ours=stopped,
            against=killed,
            runs=7,
        )
    city.store.close()
