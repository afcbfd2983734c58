"""Whatever is killed outright, whenever: what the request says of the register is what the register holds."""

import os
import random
import signal
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest

from accesscontrol.clock import to_text
from accesscontrol.requests import gate, reading
from accesscontrol.requests.states import State
from accesscontrol.sessions import ledger
from tests.accesscontrol.processes import start
from tests.accesscontrol.sessions.targets import Target
from tests.console.approving import approved
from tests.console.second_persons import attending, until
from tests.console.test_maintenance_postgresql import CONSOLE, target, town
from tests.console.town import HERE, Town

__all__ = ["target", "town"]

RESET = "WITH new AS (UPDATE resident_register SET remarks = NULL RETURNING 1) SELECT count(*) FROM new"
CHECKED = "SELECT count(*) FROM resident_register WHERE remarks = 'checked'"
LONGEST = 0.5  # seconds: about as long as the whole work takes
ROUNDS = 2


def asked(database: str, sql: str) -> int:
    """Ask the database for one number, as soon as it takes connections again."""
    end = time.monotonic() + 30
    while True:
        try:
            with psycopg.connect(database) as connection:
                row = connection.execute(sql.encode()).fetchone()
                return int(row[0]) if row else 0
        except psycopg.OperationalError:
            assert time.monotonic() < end
            time.sleep(0.05)


def kill_a_backend(database: str) -> None:
    """Kill the server's process of another connection to the database; its whole cluster then recovers."""
    with psycopg.connect(database) as connection:
        mine = "datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        pids = [row[0] for row in connection.execute(f"SELECT pid FROM pg_stat_activity WHERE {mine}".encode())]
    for pid in pids[:1]:
        os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("victim", ["sshd", "postgresql", "console"])
def test_a_kill_at_any_moment_leaves_true_states(
    town: Town, target: Target, postgresql_database: str, victim: str
) -> None:
    moments = random.Random(f"{victim} {time.time_ns()}")  # another each time
    for _ in range(ROUNDS):
        asked(postgresql_database, RESET)
        request = approved(town)
        console = None

        def strike(_row: Any, moment: float = moments.uniform(0, LONGEST)) -> None:
            time.sleep(moment)
            if victim == "sshd":
                target.kill_servers()
            elif victim == "postgresql":
                kill_a_backend(postgresql_database)

        if victim == "console":
            with attending(town, "suzuki", strike):
                console = start(CONSOLE, town.home, to_text(town.clock.now()), request.id, HERE)
                until(lambda: ledger.listed(town.site.store, running=True))
                time.sleep(moments.uniform(0, 2 * LONGEST))
                console.kill()
                console.communicate(timeout=30)
            gate.recover(town.site.desk)
            ledger.recover(town.site.store, town.site.home.recordings)
        else:
            with attending(town, "suzuki", strike):
                gate.execute(town.site.desk, request.id, town.acting("ito"))
        told = reading.get(town.site.store, request.id)
        evidence = (told.performance.evidence if told.performance else None) or {}
        count = asked(postgresql_database, CHECKED)
        true = {State.DONE: {3}, State.FAILED: {0}, State.INTERRUPTED: {0, 3}}
        assert count in true[told.state], (told.state, evidence)
        if told.state is not State.INTERRUPTED:
            assert evidence.get("committed", False) is (told.state is State.DONE)
        [row] = ledger.listed(town.site.store, request=request.id)
        assert row.state is not ledger.State.RUNNING
        assert Path(town.site.home.recordings / row.recording).read_bytes().count(b"\n") >= 1
