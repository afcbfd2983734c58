"""Signing in: both factors, a registered terminal, the same silence for every wrong guess."""

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accesscontrol.people import deputies, operators, sealing, session, terminals
from accesscontrol.people.credentials import issue_temporary_password
from accesscontrol.people.roles import Role
from accesscontrol.people.secret import Secret
from accesscontrol.people.session import sign_out
from accesscontrol.people.sign_in import resume
from accesscontrol.people.sign_in_events import Act, Reason
from accesscontrol.people.terminals import TerminalState
from accesscontrol.refusals import Refusal
from tests.accesscontrol.people.town import OFFICE_FACT, PASSWORD, ROOM_FACT, Town

WRONG = Secret("Walnut&9sails#lanterns")


def refused(town: Town, login: str = "hana", **changes: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        town.sign_in(login, **changes)
    return caught.value


def test_both_factors_on_a_registered_terminal_open_a_session_that_holds_both_times(town: Town) -> None:
    town.person("hana", Role.SECURITY_OFFICER)
    at = town.clock.now()
    opened = town.sign_in("hana")
    assert (opened.operator.login, opened.terminal.name) == ("hana", "room-1")
    assert opened.since == opened.password_at == opened.factor_at == at
    assert (opened.factor_method, opened.factor_kind) == ("totp", "substitute")
    assert opened.must_change is None
    assert opened.days_left(at) == 90


def test_a_sign_in_is_an_access_event_and_a_trail_entry(town: Town) -> None:
    town.person("hana")
    town.sign_in("hana")
    event = town.events()[-1]
    assert (event.act, event.login, event.staff_number, event.terminal) == (Act.SIGN_IN, "hana", "S-hana", "room-1")
    assert event.passed
    assert event.factor_kind == "substitute"
    assert "sign-in.passed" in town.acts()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"password": WRONG}, Reason.WRONG_PASSWORD),
        ({"code": Secret("abc")}, Reason.WRONG_CODE),
        ({"code": Secret("")}, Reason.WRONG_CODE),
        ({"password": Secret("\udcff")}, Reason.WRONG_PASSWORD),
        ({"password": Secret("x" * 1_000_000)}, Reason.WRONG_PASSWORD),
        ({"code": Secret("\udcff12345")}, Reason.WRONG_CODE),
    ],
)
def test_one_factor_alone_is_refused_and_the_event_names_the_one_that_failed(
    town: Town, changes: dict[str, Any], reason: Reason
) -> None:
    town.person("hana")
    refused(town, **changes)
    event = town.events()[-1]
    assert (event.passed, event.reason, event.login) == (False, reason, "hana")
    assert "sign-in.refused" in town.acts()
    assert not town.store.rows("SELECT * FROM operator_session")


def test_an_unknown_login_a_wrong_password_a_wrong_code_and_a_lock_sound_alike(town: Town) -> None:
    town.person("hana")
    told = {
        str(refused(town, "nobody")),
        str(refused(town, password=WRONG)),
        str(refused(town, code=Secret("000"))),
    }
    with town.store.transaction() as tx:
        operators.lock(tx, "hana", reason="suspicion", actor="S-1")
    told.add(str(refused(town)))
    assert len(told) == 1


def test_an_unknown_login_costs_the_same_derivation_as_a_wrong_password(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.person("hana")
    costs: list[tuple[int, int, int]] = []

    original = Argon2id

    def counted(**settings: Any) -> Any:
        costs.append((settings["memory_cost"], settings["iterations"], settings["lanes"]))
        return original(**settings)

    monkeypatch.setattr(sealing, "Argon2id", counted)
    refused(town, "nobody")
    unknown, costs[:] = list(costs), []
    refused(town, password=WRONG)
    assert unknown == costs == [(8, 1, 1)]


def test_what_is_typed_for_an_unknown_login_is_kept_nowhere(town: Town) -> None:
    refused(town, "Tortoise&9brews#lanterns")
    assert town.events()[-1].login == ""
    assert b"Tortoise" not in town.store.path.read_bytes()
    assert b"Tortoise" not in town.store.path.with_name(town.store.path.name + "-wal").read_bytes()


def test_an_unregistered_terminal_is_refused_whoever_asks(town: Town) -> None:
    town.person("hana")
    assert refused(town, terminal="registry-01:203.0.113.9").control == "AC-AUT-04"
    event = town.events()[-1]
    assert (event.reason, event.terminal) == (Reason.UNREGISTERED_TERMINAL, "registry-01:203.0.113.9")


def test_a_terminal_that_is_out_or_removed_opens_no_session_and_ends_those_it_had(town: Town) -> None:
    town.person("hana")
    opened = town.sign_in("hana")
    with town.store.transaction() as tx:
        terminals.set_state(tx, "room-1", TerminalState.OUT, reason="repair", actor="S-1")
    assert refused(town).control == "AC-TRM-01"
    with pytest.raises(Refusal):
        session.require(town.store, opened, town.clock.now())
    with town.store.transaction() as tx:
        terminals.set_state(tx, "room-1", TerminalState.REMOVED, reason="scrapped", actor="S-1")
    assert refused(town).control == "AC-AUT-04"


def test_temporary_staff_sign_in_only_on_restricted_terminals(town: Town) -> None:
    town.person("hana", Role.TEMPORARY_STAFF)
    assert refused(town, terminal=ROOM_FACT).control == "AC-TRM-02"
    town.next_step()
    assert town.sign_in("hana", terminal=OFFICE_FACT).terminal.restricted


def test_a_code_serves_once(town: Town) -> None:
    town.person("hana")
    code = town.code("hana")
    town.sign_in("hana", code=code)
    refused(town, code=code)
    assert town.events()[-1].reason is Reason.USED_CODE


def test_a_code_of_one_step_before_or_after_is_right_and_of_two_is_wrong(town: Town) -> None:
    town.person("hana")
    for steps in (-2, 2):
        refused(town, code=town.code("hana", steps=steps))
        assert town.events()[-1].reason is Reason.WRONG_CODE
    town.sign_in("hana", code=town.code("hana", steps=-1))
    town.sign_in("hana", code=town.code("hana", steps=1))


def test_an_older_code_is_refused_after_a_newer_one_was_used(town: Town) -> None:
    town.person("hana")
    older = town.code("hana")
    town.sign_in("hana", code=town.code("hana", steps=1))
    refused(town, code=older)
    assert town.events()[-1].reason is Reason.USED_CODE


def test_a_wrong_password_does_not_use_the_code_up(town: Town) -> None:
    town.person("hana")
    code = town.code("hana")
    refused(town, password=WRONG, code=code)
    town.sign_in("hana", code=code)


def test_a_code_typed_full_width_or_with_a_space_is_the_same_code(town: Town) -> None:
    town.person("hana")
    digits = town.code("hana").text().translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    town.sign_in("hana", code=Secret(f"{digits[:3]} {digits[3:]}"))


def test_five_failures_in_ten_minutes_lock_the_login_even_for_the_right_factors(town: Town) -> None:
    town.person("hana")
    for _ in range(5):
        refused(town, password=WRONG)
    assert operators.get(town.store, "hana").state is operators.State.LOCKED
    assert "operator.locked" in town.acts()
    refused(town)
    assert town.events()[-1].reason is Reason.LOCKED


def test_failures_spread_over_more_than_the_window_do_not_lock(town: Town) -> None:
    town.person("hana")
    for _ in range(12):
        refused(town, password=WRONG)
        town.clock.advance(timedelta(minutes=2, seconds=31))
    town.sign_in("hana")


def test_a_success_starts_the_count_anew_and_a_sign_out_does_not(town: Town) -> None:
    town.person("hana")
    opened = town.sign_in("hana")
    for _ in range(4):
        refused(town, password=WRONG)
    sign_out(town.store, opened)
    town.sign_in("hana")
    for _ in range(4):
        refused(town, password=WRONG)
    sign_out(town.store, opened)
    refused(town, password=WRONG)
    assert operators.get(town.store, "hana").state is operators.State.LOCKED


def test_only_a_second_person_opens_a_locked_login(town: Town) -> None:
    town.person("hana")
    town.person("hana2", staff_number="S-hana")
    for _ in range(5):
        refused(town, code=Secret("1"))
    with pytest.raises(Refusal, match="second person"), town.store.transaction() as tx:
        operators.unlock(tx, "hana", reason="mistyped", actor="S-hana")
    with town.store.transaction() as tx:
        operators.unlock(tx, "hana", reason="mistyped", actor="S-1")
    refused(town, password=WRONG)
    town.sign_in("hana")


def test_the_number_and_window_of_failures_are_the_policys(town: Town) -> None:
    town.policy = dataclasses.replace(town.policy, failures=1)
    town.person("hana")
    refused(town, password=WRONG)
    assert operators.get(town.store, "hana").state is operators.State.LOCKED


def test_a_disabled_login_is_refused_and_told_so_only_after_both_factors(town: Town) -> None:
    town.person("hana")
    opened = town.sign_in("hana")
    with town.store.transaction() as tx:
        operators.disable(tx, "hana", reason="transferred", actor="S-1")
    assert "disabled" not in str(refused(town, password=WRONG))
    assert "disabled" in str(refused(town))
    with pytest.raises(Refusal, match="ended"):
        session.require(town.store, opened, town.clock.now())


def test_validity_begins_and_ends_to_the_microsecond(town: Town) -> None:
    begin = datetime(2026, 12, 1, tzinfo=UTC)
    end = datetime(2026, 12, 31, 15, tzinfo=UTC)
    town.person("hana", valid_from=begin, valid_until=end)
    moment = timedelta(microseconds=1)
    for at, reason in (
        (begin - moment, Reason.NOT_YET_VALID),
        (begin, Reason.NONE),
        (end - moment, Reason.NONE),
        (end, Reason.EXPIRED),
    ):
        town.clock.set(at)
        if reason is Reason.NONE:
            town.sign_in("hana")
        else:
            refused(town, code=town.code("hana", steps=1 if at == end else 0))
            assert town.events()[-1].reason is reason


def test_enabling_never_outranks_the_end_of_validity(town: Town) -> None:
    end = town.clock.now() + timedelta(days=1)
    town.person("hana", valid_until=end)
    with town.store.transaction() as tx:
        operators.disable(tx, "hana", reason="leave", actor="S-1")
    town.clock.set(end)
    with town.store.transaction() as tx:
        operators.enable(tx, "hana", reason="back", actor="S-1")
    refused(town)
    assert town.events()[-1].reason is Reason.EXPIRED


def test_a_session_lives_no_longer_than_the_login(town: Town) -> None:
    end = town.clock.now() + timedelta(hours=1)
    town.person("hana", valid_until=end)
    opened = town.sign_in("hana")
    session.require(town.store, opened, end - timedelta(microseconds=1))
    with pytest.raises(Refusal, match="ended"):
        session.require(town.store, opened, end)


def test_a_right_removed_during_a_session_is_gone_at_the_next_act(town: Town) -> None:
    town.person("hana", Role.WITNESS, Role.OPERATOR)
    opened = town.sign_in("hana")
    with town.store.transaction() as tx:
        operators.assign_roles(tx, "hana", {Role.OPERATOR}, reason="moved", actor="S-1")
    assert session.require(town.store, opened, town.clock.now()).roles == {Role.OPERATOR}


def test_a_lent_role_is_there_during_its_period_only(town: Town) -> None:
    town.person("hana")
    town.person("boss", Role.SUPERIOR)
    opened = town.sign_in("hana")
    start = town.clock.now() + timedelta(days=1)
    with town.store.transaction() as tx:
        deputies.appoint(
            tx,
            Role.SUPERIOR,
            principal="boss",
            deputy="hana",
            valid_from=start,
            valid_until=start + timedelta(days=1),
            reason="business trip",
            actor="S-1",
        )
    for at, lent in (
        (start - timedelta(microseconds=1), False),
        (start, True),
        (start + timedelta(days=1), False),
    ):
        assert (Role.SUPERIOR in session.require(town.store, opened, at).roles) is lent


def test_a_site_that_admits_biometric_factors_only_refuses_codes(town: Town) -> None:
    town.policy = dataclasses.replace(town.policy, substitutes_allowed=False)
    town.person("hana")
    assert refused(town).control == "AC-AUT-02"


def test_a_session_resumes_with_both_factors_and_not_with_one(town: Town) -> None:
    town.person("hana")
    opened = town.sign_in("hana")
    with pytest.raises(Refusal):
        resume(town.store, town.policy, opened, password=WRONG, code=town.code("hana"))
    resumed = resume(town.store, town.policy, opened, password=PASSWORD, code=town.code("hana"))
    assert (resumed.id, resumed.since) == (opened.id, opened.since)
    assert resumed.factor_at == town.clock.now()


def test_after_signing_out_the_session_does_nothing_more(town: Town) -> None:
    town.person("hana")
    opened = town.sign_in("hana")
    sign_out(town.store, opened)
    sign_out(town.store, opened)
    with pytest.raises(Refusal, match="ended"):
        session.require(town.store, opened, town.clock.now())
    assert [event.act for event in town.events()] == [Act.SIGN_IN, Act.SIGN_OUT]


def test_a_reset_password_ends_sessions_and_is_no_work_of_the_person_itself(town: Town) -> None:
    town.person("hana")
    opened = town.sign_in("hana")
    with pytest.raises(Refusal, match="second person"):
        issue_temporary_password(town.store, town.policy, "hana", actor="S-hana")
    temporary = issue_temporary_password(town.store, town.policy, "hana", actor="S-1")
    with pytest.raises(Refusal, match="ended"):
        session.require(town.store, opened, town.clock.now())
    refused(town)
    town.sign_in("hana", password=temporary)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(typed=st.text(max_size=40), code=st.text(max_size=12))
def test_no_other_text_passes_for_password_or_code(town: Town, typed: str, code: str) -> None:
    if "hana" not in town.enrolments:
        town.policy = dataclasses.replace(town.policy, failures=1_000_000)
        town.person("hana")
    right = {town.code("hana", steps=steps).text() for steps in (-1, 0, 1)}
    if code not in right:
        refused(town, code=Secret(code))
    if typed != PASSWORD.text():
        refused(town, password=Secret(typed))
    assert not town.store.rows("SELECT * FROM operator_session")
