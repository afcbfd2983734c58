"""The whole life of requests against a plain model: whatever people do in whatever order, the gate agrees with it.

The model knows nothing of digests, signatures or rows. It says who may do what when; the machine tries everything.
"""

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from accesscontrol.clock import FixedClock
from accesscontrol.people import operators
from accesscontrol.people.roles import Role
from accesscontrol.refusals import Refusal
from accesscontrol.requests import decisions, locks, reading, submission
from accesscontrol.requests.states import STEPS, State
from accesscontrol.trail import verification
from accesscontrol.trail.notes import Verifier
from tests.accesscontrol.requests.city import LOG_KEY, OPENING, PEOPLE, ROOM, City, open_city
from tests.accesscontrol.requests.model import EDITABLE, SECOND, SLOTS, STAFF, Expected, Model, staff_number

TARGETS: Final = [
    ("person", "S-mori"),
    ("person", "S-sato"),
    ("person", "S-ogawa"),
    ("terminal", ROOM),
    ("medium", "file"),
]
LOGIN: Final = st.sampled_from(STAFF)


class Road(RuleBasedStateMachine):
    """Everybody tries everything; the model says what must come of it."""

    template: Path
    folder: Path
    opened = 0

    requests = Bundle("requests")
    placed = Bundle("placed")

    def __init__(self) -> None:
        super().__init__()
        type(self).opened += 1
        home = self.folder / str(self.opened)
        home.mkdir()
        shutil.copy(self.template, home / "sekisho.sqlite3")
        self.city: City = open_city(home / "sekisho.sqlite3", FixedClock(OPENING))
        self.city.store._writing.execute("PRAGMA synchronous = OFF")
        self.model = Model(self.city.clock)
        self.city.world.write("file", "0")

    # ---- what people try -----------------------------------------------------------------------------------------

    def attempt(self, allowed: bool, act: Callable[[], Any]) -> Any:  # noqa: FBT001 - the model's verdict
        """Do it; it must come through exactly if the model allows it."""
        before = self.rows()
        try:
            result = act()
        except Refusal as error:
            refusal, result = str(error), None
            assert self.rows() == before
        else:
            refusal = ""
        assert bool(refusal) != allowed, refusal
        return result

    def rows(self) -> list[tuple[Any, ...]]:
        tables = ("request", "request_approval", "request_attestation", "request_execution")
        return [tuple(row) for table in tables for row in self.city.store.rows(f"SELECT * FROM {table}")]

    @rule(target=requests, kind=st.sampled_from(sorted(SLOTS)), login=st.sampled_from(["mori", SECOND, "sato"]))
    def submit(self, kind: str, login: str) -> Any:
        request = self.attempt(self.model.may_submit(kind, login), lambda: self.city.submit(kind, login))
        if request is None:
            return multiple()
        emergency = kind == "emergency"
        state = State.APPROVED if emergency else State.SUBMITTED
        act = "request.broken-glass" if emergency else "request.submitted"
        expected = Expected(
            request.id,
            kind,
            staff_number(login),
            state,
            self.model.content,
            self.model.now + timedelta(days=3),
            acts=[act],
        )
        self.model.known[request.id] = expected
        return expected

    @rule(expected=requests, login=st.sampled_from(["mori", SECOND, "sato"]))
    def edit(self, expected: Expected, login: str) -> None:
        act = lambda: self.city.submit(expected.kind, login, request_id=expected.id)  # noqa: E731 - shown when it fails
        if self.attempt(self.model.may_edit(expected, login), act) is not None:
            expected.state, expected.approvals, expected.before, expected.after = State.SUBMITTED, {}, "", ""
            expected.content, expected.not_after = self.model.content, self.model.now + timedelta(days=3)
            expected.acts.append("request.submitted")

    @rule(expected=requests, login=LOGIN)
    def approve(self, expected: Expected, login: str) -> None:
        slot = self.model.slot_for(expected, login)
        act = lambda: self.city.approve(self.look(expected), login)  # noqa: E731 - shown when it fails
        if self.attempt(self.model.may_approve(expected, login), act) is not None and slot is not None:
            expected.approvals[slot] = login
            expected.acts.append("request.approved")
            if expected.approvals.keys() == SLOTS[expected.kind].keys():
                expected.state = State.APPROVED

    @rule(expected=requests, login=LOGIN)
    def reject(self, expected: Expected, login: str) -> None:
        self.decide(self.model.may_reject(expected, login), self.city.reject, expected, login, State.REJECTED)

    @rule(expected=requests, login=LOGIN)
    def revoke(self, expected: Expected, login: str) -> None:
        own = staff_number(login) in {staff_number(each) for each in expected.approvals.values()}
        self.decide(own and expected.state in EDITABLE, self.city.revoke, expected, login, State.REVOKED)

    @rule(expected=requests, login=LOGIN)
    def withdraw(self, expected: Expected, login: str) -> None:
        own = staff_number(login) == expected.requester
        self.decide(own and expected.state in EDITABLE, self.city.withdraw, expected, login, State.WITHDRAWN)

    @rule(expected=requests, login=LOGIN)
    def report(self, expected: Expected, login: str) -> None:
        if self.decide(self.model.may_report(expected, login), self.city.report, expected, login, State.REPORTED):
            expected.reporter = staff_number(login)

    @rule(expected=requests, login=LOGIN)
    def close(self, expected: Expected, login: str) -> None:
        self.decide(self.model.may_close(expected, login), self.city.close, expected, login, State.CLOSED)

    def decide(self, allowed: bool, act: Callable[..., None], expected: Expected, login: str, to: State) -> bool:  # noqa: FBT001 - the model's verdict
        def whole() -> bool:
            act(self.look(expected), login)
            return True

        if not self.attempt(allowed, whole):
            return False
        expected.state = to
        expected.acts.append(f"request.{to}")
        return True

    @rule(
        expected=requests,
        login=st.sampled_from(["suzuki", "noda", SECOND, "sato"]),
        phase=st.sampled_from(["before", "after"]),
    )
    def attest(self, expected: Expected, login: str, phase: str) -> None:
        may = self.model.may_attest_before if phase == decisions.BEFORE else self.model.may_attest_after
        act = lambda: self.city.attest(self.look(expected), login, phase)  # noqa: E731 - shown when it fails
        if self.attempt(may(expected, login), act) is not None:
            setattr(expected, phase, login)
            expected.witnesses.add(staff_number(login))
            expected.acts.append("request.attested")

    @rule(expected=requests, login=st.sampled_from(["ogawa", "yamada", "mori", SECOND, "sato"]), fails=st.booleans())
    def execute(self, expected: Expected, login: str, *, fails: bool) -> None:
        self.city.world.during = (lambda _: 1 / 0) if fails else (lambda _: None)
        act = lambda: self.city.execute(self.look(expected), login)  # noqa: E731 - shown when it fails
        if self.attempt(self.model.may_execute(expected, login), act) is not None:
            expected.state = State.FAILED if fails else State.DONE
            expected.executor = staff_number(login)
            expected.runs += 1
            expected.acts += ["request.execution-started", f"request.{expected.state}"]

    @rule(expected=requests)
    def the_next_step_is_taken(self, expected: Expected) -> None:
        """Let those who are there for it try what comes next, so that many requests get far."""
        match expected.state:
            case State.SUBMITTED:
                for login in ("sato", "kondo", "hara", "kato"):
                    self.approve(expected, login)
            case State.APPROVED:
                self.attest(expected, "suzuki", decisions.BEFORE)
                self.execute(expected, "mori" if expected.kind == "emergency" else "ogawa", fails=False)
            case State.DONE:
                self.attest(expected, "suzuki", decisions.AFTER)
                self.report(expected, "mori")
            case State.REPORTED | State.WITHDRAWN | State.LAPSED:
                self.close(expected, "tanaka")

    def look(self, expected: Expected) -> reading.Request:
        return reading.get(self.city.store, expected.id)

    # ---- what happens around them --------------------------------------------------------------------------------

    @rule(hours=st.integers(1, 40))
    def time_passes(self, hours: int) -> None:
        self.city.clock.advance(timedelta(hours=hours))

    @rule()
    def silence_is_noticed(self) -> None:
        due = [
            each for each in self.model.known.values() if each.state in EDITABLE and each.not_after <= self.model.now
        ]
        assert sorted(submission.lapse_due(self.city.desk)) == sorted(each.id for each in due)
        for each in due:
            each.state = State.LAPSED
            each.acts.append("request.lapsed")

    @rule()
    def what_they_name_changes(self) -> None:
        self.model.content = 1 - self.model.content
        self.city.world.write("file", str(self.model.content))

    @rule(login=st.sampled_from(["mori", "sato", "kondo", "kato", "suzuki", "ogawa"]))
    def a_role_is_lost_or_comes_back(self, login: str) -> None:
        full = set(PEOPLE[login])
        self.model.roles[login] = {Role.DEPT_HEAD} if self.model.roles[login] == full else full
        with self.city.store.transaction() as tx:
            operators.assign_roles(tx, login, self.model.roles[login], reason="moved", actor="S-hayashi")

    @rule(login=st.sampled_from(["mori", "tanaka", "hara", "ueda", "noda", SECOND]))
    def a_login_is_disabled_or_enabled(self, login: str) -> None:
        change = operators.disable if self.model.enabled[login] else operators.enable
        self.model.enabled[login] = not self.model.enabled[login]
        with self.city.store.transaction() as tx:
            change(tx, login, reason="leave", actor="S-hayashi")

    @rule(target=placed, stopped=st.sampled_from(TARGETS))
    def a_lock_is_put_on(self, stopped: tuple[str, str]) -> int:
        number = locks.place(self.city.store, *stopped, reason="inquiry", actor="S-hayashi")
        self.model.locks[number] = stopped
        return number

    @rule(target=placed, expected=requests)
    def a_request_is_locked(self, expected: Expected) -> int:
        number = locks.place(self.city.store, "request", expected.id, reason="inquiry", actor="S-hayashi")
        self.model.locks[number] = ("request", expected.id)
        return number

    @rule(number=consumes(placed))
    def a_lock_is_lifted(self, number: int) -> None:
        locks.lift(self.city.store, number, reason="cleared", actor="S-hayashi")
        del self.model.locks[number]

    # ---- what is always so ---------------------------------------------------------------------------------------

    @invariant()
    def everything_is_as_the_model_says(self) -> None:
        for expected in self.model.known.values():
            request = self.look(expected)
            assert request.state is expected.state
            assert {each.slot: each.login for each in request.in_force()} == expected.approvals

    @invariant()
    def nothing_ran_twice_or_unasked(self) -> None:
        ran = [each["request"] for each in self.city.world.done]
        assert sorted(ran) == sorted(each.id for each in self.model.known.values() if each.runs)
        assert all(each.runs <= 1 for each in self.model.known.values())

    @invariant()
    def one_person_has_one_part(self) -> None:
        for expected in self.model.known.values():
            approvers = [staff_number(each) for each in expected.approvals.values()]
            witnesses = {staff_number(each) for each in (expected.before, expected.after) if each}
            sides = [expected.requester, *approvers, *witnesses, *({expected.executor} - {""})]
            if expected.kind == "emergency" and expected.executor == expected.requester:
                sides.remove(expected.requester)
            assert len(sides) == len(set(sides))

    @invariant()
    def every_change_of_state_is_in_the_book(self) -> None:
        for expected in self.model.known.values():
            told = [each for each in self.city.acts(expected.id) if not each.endswith("-refused")]
            assert told == expected.acts

    def teardown(self) -> None:
        log = Verifier("city/trail", LOG_KEY.public_key())
        found = verification.verify(self.city.store, log=log)
        self.city.store.close()
        assert found.ok


def test_whatever_people_do_the_gate_agrees_with_the_model(built: Path, tmp_path: Path) -> None:
    template = tmp_path / "template.sqlite3"
    shutil.copy(built, template)
    city = open_city(template, FixedClock(OPENING))
    roles = (Role.SECURITY_OFFICER, Role.WITNESS, Role.SYSTEM_ADMIN, Role.OPERATOR)
    city.hire(SECOND, *roles, staff_number="S-mori")
    city.store.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    city.store.close()
    machine = type("Road", (Road,), {"template": template, "folder": tmp_path})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=15,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
        ),
    )


def test_no_step_leads_out_of_an_end() -> None:
    ends = {State.CLOSED, State.REJECTED, State.REVOKED}
    assert {state for state in State if not STEPS[state]} == ends
    assert STEPS.keys() == set(State)
