"""A small town hall: cheap derivations, a clock that stands still, one terminal in each place."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from accesscontrol.clock import FixedClock
from accesscontrol.people import terminals
from accesscontrol.people.migrations import migrations
from accesscontrol.people.policy import Argon2Parameters, PasswordPolicy, SignInPolicy
from accesscontrol.people.secret import Secret
from accesscontrol.people.terminals import Terminal, TerminalPlace
from accesscontrol.store import Store
from tests.accesscontrol.people.town import OFFICE_FACT, ROOM_FACT, Town

CHEAP = Argon2Parameters(memory_kib=8, iterations=1, lanes=1)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 11, 24, 0, 0, 10, tzinfo=UTC))


@pytest.fixture
def store(tmp_path: Path, clock: FixedClock) -> Iterator[Store]:
    store = Store(tmp_path / "sekisho.sqlite3", clock)
    store.migrate(migrations)
    with store.transaction() as tx:
        terminals.register(tx, Terminal(name="room-1", place=TerminalPlace.SERVER_ROOM, fact=ROOM_FACT), actor="system")
        terminals.register(
            tx,
            Terminal(name="desk-7", place=TerminalPlace.OFFICE, fact=OFFICE_FACT, restricted=True),
            actor="system",
        )
    yield store
    store.close()


@pytest.fixture
def policy() -> SignInPolicy:
    return SignInPolicy(pepper=Secret(bytes(range(32))), passwords=PasswordPolicy(argon2=CHEAP, history_argon2=CHEAP))


@pytest.fixture
def town(store: Store, policy: SignInPolicy, clock: FixedClock) -> Town:
    return Town(store=store, policy=policy, clock=clock)
