"""Every public function that changes anything leaves its entry: all of them are called, and all tables are compared."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from types import FunctionType
from typing import Any, Final

import pytest

import accesscontrol
from accesscontrol.people import credentials, deputies, factors, keys, operators, sign_in, terminals, totp
from accesscontrol.people import session as sessions
from accesscontrol.people.operators import Operator
from accesscontrol.people.roles import Role
from accesscontrol.people.secret import Secret
from accesscontrol.people.terminals import Terminal, TerminalPlace, TerminalState
from accesscontrol.requests import decisions, gate, locks, reports, submission
from accesscontrol.requests.reading import Request
from accesscontrol.requests.states import State
from accesscontrol.store import Transaction
from tests.accesscontrol.requests.city import FACTS, OPENING, PASSWORD, POLICY, ROOM, City

Call = Callable[[City], object]
NEW = Secret("Cabbage?42walks%under bridges")

# Not acts of their own: each writes inside an act of another function's, which records it.
PARTS: Final = {
    "accesscontrol.people.factors.advance",
    "accesscontrol.people.keys.reseal",
    "accesscontrol.people.password_history.retire",
    "accesscontrol.people.passwords.rehash",
    "accesscontrol.people.passwords.use_temporary",
    "accesscontrol.people.passwords.write",
    "accesscontrol.people.proof.prove",
    "accesscontrol.people.proof.refuse",
    "accesscontrol.people.session.renew",
    "accesscontrol.people.session.start",
    "accesscontrol.people.sign_in_events.write",
    "accesscontrol.requests.moves.move",
    "accesscontrol.requests.terminal_kinds.take_out_kind",
}


def inside(call: Callable[[Transaction], object]) -> Call:
    """Return a call that gives a transaction of its own to ``call``."""

    def run(city: City) -> None:
        with city.store.transaction() as tx:
            call(tx)

    return run


def person(login: str) -> Operator:
    return Operator(
        staff_number=f"S-{login}",
        login=login,
        name="架空 花子",
        name_kana="カクウ ハナコ",
        office="市民課",
        roles=frozenset({Role.OPERATOR}),
        valid_from=OPENING,
    )


def signed_in(city: City, login: str = "sato") -> tuple[sessions.Session, Secret]:
    """Sign in with a new code seed, wait for the next code, and return the session with the seed."""
    seed = credentials.issue_totp(city.store, POLICY, login, actor="S-hayashi")
    session = sign_in.sign_in(
        city.store, POLICY, login=login, password=PASSWORD, code=code(city, seed), terminal=FACTS[ROOM]
    )
    city.clock.advance(timedelta(seconds=30))
    return session, seed


def code(city: City, seed: Secret) -> Secret:
    return totp.code_at(seed, city.clock.now())


def with_session(call: Callable[[City, sessions.Session, Secret], object]) -> Call:
    return lambda city: call(city, *signed_in(city))


def interrupted(city: City) -> str:
    def die(_: object) -> None:
        raise KeyboardInterrupt

    city.world.during = die
    request = city.approved()
    with pytest.raises(KeyboardInterrupt):
        city.execute(request)
    with city.store.bookkeeping() as connection:
        connection.execute("UPDATE request_execution SET boot = 'earlier'")
    return request.id


def settle(city: City) -> None:
    request_id = interrupted(city)
    gate.recover(city.desk)
    gate.settle(city.desk, request_id, city.acting("sato"), outcome=State.DONE, statement="I looked.")


def lapse(city: City) -> None:
    city.submit()
    city.clock.advance(timedelta(days=3))
    submission.lapse_due(city.desk)


def lift(city: City) -> None:
    number = locks.place(city.store, "medium", "file", reason="inquiry", actor="S-sato")
    locks.lift(city.store, number, reason="cleared", actor="S-sato")


def appoint(tx: Transaction) -> int:
    return deputies.appoint(
        tx,
        Role.SECURITY_OFFICER,
        principal="sato",
        deputy="ueda",
        valid_from=tx.at,
        valid_until=tx.at + timedelta(days=9),
        reason="holiday",
        actor="S-yamada",
    )


def disable_and_enable(tx: Transaction) -> None:
    operators.disable(tx, "sato", reason="left", actor="S-yamada")
    operators.enable(tx, "sato", reason="back", actor="S-yamada")


def lock_and_unlock(tx: Transaction) -> None:
    operators.lock(tx, "sato", reason="failures")
    operators.unlock(tx, "sato", reason="known", actor="S-yamada")


def report(city: City) -> Request:
    request = city.execute(city.approved("correction"))
    city.report(request)
    return request


CALLS: Final[dict[object, Call]] = {
    operators.add: inside(lambda tx: operators.add(tx, person("new"), actor="S-hayashi")),
    operators.assign_roles: inside(
        lambda tx: operators.assign_roles(tx, "sato", [Role.SUPERIOR], reason="moved", actor="S-yamada")
    ),
    operators.disable: inside(lambda tx: operators.disable(tx, "sato", reason="left", actor="S-yamada")),
    operators.enable: inside(disable_and_enable),
    operators.lock: inside(lambda tx: operators.lock(tx, "sato", reason="failures")),
    operators.unlock: inside(lock_and_unlock),
    operators.set_validity: inside(
        lambda tx: operators.set_validity(
            tx, "sato", valid_from=OPENING, valid_until=OPENING + timedelta(days=9), reason="contract", actor="S-yamada"
        )
    ),
    deputies.appoint: inside(appoint),
    deputies.revoke: inside(lambda tx: deputies.revoke(tx, appoint(tx), reason="back", actor="S-yamada")),
    terminals.register: inside(
        lambda tx: terminals.register(
            tx, Terminal(name="new", place=TerminalPlace.OFFICE, fact="registry-01:tty9"), actor="S-yamada"
        )
    ),
    terminals.set_state: inside(
        lambda tx: terminals.set_state(tx, ROOM, TerminalState.OUT, reason="repair", actor="S-yamada")
    ),
    credentials.enrol: lambda city: credentials.enrol(city.store, POLICY, person("new"), actor="S-hayashi"),
    credentials.issue_temporary_password: lambda city: credentials.issue_temporary_password(
        city.store, POLICY, "sato", actor="S-hayashi"
    ),
    credentials.issue_totp: lambda city: credentials.issue_totp(city.store, POLICY, "sato", actor="S-hayashi"),
    credentials.change_password: with_session(
        lambda city, session, _: credentials.change_password(city.store, POLICY, session, current=PASSWORD, new=NEW)
    ),
    totp.enrol: inside(
        lambda tx: totp.enrol(tx, "sato", totp.new_seed(), label="new", policy=POLICY, actor="S-hayashi")
    ),
    factors.remove: inside(lambda tx: factors.remove(tx, 1, reason="lost", actor="S-hayashi")),
    keys.issue: inside(lambda tx: keys.issue(tx, operators.get(tx, "sato"), Secret(bytes(32)), actor="S-hayashi")),
    keys.retire: inside(lambda tx: keys.retire(tx, "sato", reason="lost", actor="S-hayashi")),
    sign_in.sign_in: with_session(lambda *_: None),
    sign_in.step_up: with_session(
        lambda city, session, seed: sign_in.step_up(
            city.store, POLICY, session, password=PASSWORD, code=code(city, seed), message=bytes(32)
        )
    ),
    sign_in.sign_in_place: with_session(
        lambda city, _, seed: sign_in.sign_in_place(
            city.store,
            POLICY,
            login="sato",
            password=PASSWORD,
            code=code(city, seed),
            terminal=FACTS[ROOM],
            message=bytes(32),
        )
    ),
    sign_in.resume: with_session(
        lambda city, session, seed: sign_in.resume(
            city.store, POLICY, session, password=PASSWORD, code=code(city, seed)
        )
    ),
    sessions.sign_out: with_session(lambda city, session, _: sessions.sign_out(city.store, session)),
    submission.submit: lambda city: city.submit(),
    submission.withdraw: lambda city: city.withdraw(city.submit()),
    submission.lapse_due: lapse,
    decisions.approve: lambda city: city.approved(),
    decisions.reject: lambda city: city.reject(city.submit()),
    decisions.revoke: lambda city: city.revoke(city.approved()),
    decisions.attest: lambda city: city.approved("medium"),
    gate.execute: lambda city: city.execute(city.approved()),
    gate.recover: lambda city: (interrupted(city), gate.recover(city.desk)),
    gate.settle: settle,
    reports.report: report,
    reports.close: lambda city: city.close(report(city)),
    locks.place: lambda city: locks.place(city.store, "medium", "file", reason="inquiry", actor="S-sato"),
    locks.lift: lift,
}


def public_functions() -> Iterator[tuple[str, FunctionType]]:
    for package in ("people", "requests"):
        for module in pkgutil.iter_modules([f"{accesscontrol.__path__[0]}/{package}"]):
            loaded = importlib.import_module(f"accesscontrol.{package}.{module.name}")
            for name, value in vars(loaded).items():
                if isinstance(value, FunctionType) and value.__module__ == loaded.__name__ and not name.startswith("_"):
                    yield f"{loaded.__name__}.{name}", value


def writes_without_recording(function: FunctionType) -> bool:
    """Tell whether the function's own text opens a transaction or writes in one, and records nothing itself."""
    text = inspect.getsource(function)
    writes = any(word in text for word in (".transaction()", "INSERT", "UPDATE", "DELETE", "tx.db"))
    return writes and "tx.record(" not in text


def snapshot(city: City) -> dict[str, list[tuple[Any, ...]]]:
    tables = city.store.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'trail_%'")
    return {row["name"]: [tuple(each) for each in city.store.rows(f"SELECT * FROM {row['name']}")] for row in tables}


@pytest.mark.parametrize("function", CALLS, ids=lambda each: f"{each.__module__.rpartition('.')[2]}.{each.__name__}")
def test_a_change_of_any_table_has_its_entry(city: City, function: object) -> None:
    before, entries = snapshot(city), len(city.acts())
    CALLS[function](city)
    after = snapshot(city)
    assert after != before
    assert len(city.acts()) > entries


def test_every_function_that_writes_records_it_or_is_a_part_of_one_that_does() -> None:
    called = {f"{each.__module__}.{each.__name__}" for each in CALLS}  # type: ignore[attr-defined]  # its types lack it
    silent = {name for name, function in public_functions() if writes_without_recording(function)}
    assert silent - called <= PARTS
