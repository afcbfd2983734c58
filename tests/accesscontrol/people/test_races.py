"""Two processes at once: a code and a temporary password let exactly one of them in."""

import multiprocessing
from datetime import datetime
from pathlib import Path

import pytest

from accesscontrol.clock import FixedClock
from accesscontrol.people import totp
from accesscontrol.people.policy import SignInPolicy
from accesscontrol.people.secret import Secret
from accesscontrol.people.sign_in import sign_in
from accesscontrol.people.sign_in_events import Reason
from accesscontrol.refusals import Refusal
from accesscontrol.store import Store
from tests.accesscontrol.people.conftest import CHEAP
from tests.accesscontrol.people.town import PASSWORD, ROOM_FACT, Town

PROCESSES = 3
_spawn = multiprocessing.get_context("fork")


def _attempt(
    path: Path, at: datetime, policy_octets: bytes, password: str, code: str, gate: object, said: object
) -> None:
    from accesscontrol.people.policy import PasswordPolicy

    policy = SignInPolicy(pepper=Secret(policy_octets), passwords=PasswordPolicy(argon2=CHEAP, history_argon2=CHEAP))
    store = Store(path, FixedClock(at))
    gate.wait(30)  # type: ignore[attr-defined]  # its types lack it
    try:
        sign_in(store, policy, login="hana", password=Secret(password), code=Secret(code), terminal=ROOM_FACT)
    except Refusal:
        said.put("refused")  # type: ignore[attr-defined]  # its types lack it
    else:
        said.put("in")  # type: ignore[attr-defined]  # its types lack it
    store.close()


def race(town: Town, passwords: list[Secret], codes: list[Secret]) -> list[str]:
    gate, said = _spawn.Barrier(len(codes)), _spawn.Queue()
    runners = [
        _spawn.Process(
            target=_attempt,
            args=(
                town.store.path,
                town.clock.now(),
                town.policy.pepper.octets(),
                password.text(),
                code.text(),
                gate,
                said,
            ),
        )
        for password, code in zip(passwords, codes, strict=True)
    ]
    for runner in runners:
        runner.start()
    results = [said.get(timeout=60) for _ in runners]
    for runner in runners:
        runner.join(60)
    return sorted(results)


@pytest.mark.parametrize("_", range(3))
def test_of_processes_with_the_same_code_exactly_one_gets_in(town: Town, _: int) -> None:
    town.person("hana")
    code = town.code("hana")
    results = race(town, [PASSWORD] * PROCESSES, [code] * PROCESSES)
    assert results == ["in"] + ["refused"] * (PROCESSES - 1)
    reasons = [event.reason for event in town.events()]
    assert sorted(reasons) == sorted([Reason.NONE] + [Reason.USED_CODE] * (PROCESSES - 1))
    assert len(town.store.rows("SELECT * FROM operator_session")) == 1


def test_of_processes_with_the_same_temporary_password_exactly_one_gets_in(town: Town) -> None:
    enrolment = town.person("hana", password=None)
    codes = [town.code("hana", steps=steps) for steps in (-1, 0, 1)]
    assert len({code.text() for code in codes}) == 3
    results = race(town, [enrolment.password] * 3, codes)
    assert results == ["in", "refused", "refused"]
    assert totp.STEP_SECONDS == 30
