"""Operators: one person behind every login, roles that may not meet, and no act on oneself."""

import dataclasses
from datetime import timedelta
from typing import Any

import pytest

from accesscontrol.people import deputies, operators
from accesscontrol.people.deputies import appoint
from accesscontrol.people.operators import Operator, State
from accesscontrol.people.roles import ROLE_TITLES, Role, conflict
from accesscontrol.refusals import Refusal
from tests.accesscontrol.people.town import Town, operator


def add(town: Town, person: Operator, actor: str = "system") -> None:
    with town.store.transaction() as tx:
        operators.add(tx, person, actor=actor)


def assign(town: Town, login: str, *roles: Role, actor: str = "S-1") -> None:
    with town.store.transaction() as tx:
        operators.assign_roles(tx, login, roles, reason="moved", actor=actor)


def disable(town: Town, login: str) -> None:
    with town.store.transaction() as tx:
        operators.disable(tx, login, reason="left", actor="S-1")


def test_the_nineteen_roles_each_have_a_title() -> None:
    assert len(Role) == 19
    assert set(ROLE_TITLES) == set(Role)
    assert len(set(ROLE_TITLES.values())) == 19


def test_an_operator_is_read_back_as_entered(town: Town) -> None:
    person = operator("hana", Role.WITNESS, Role.SUPERIOR, valid_until=town.clock.now() + timedelta(days=9))
    add(town, person)
    assert operators.get(town.store, "hana") == person
    assert operators.every(town.store) == [person]
    assert operators.holders(town.store, Role.WITNESS, town.clock.now()) == [person]
    assert operators.find(town.store, "nobody") is None
    with pytest.raises(Refusal, match="no operator"):
        operators.get(town.store, "nobody")


@pytest.mark.parametrize(
    "changes",
    [
        {"login": "Hana"},
        {"login": "h"},
        {"login": "hana; rm"},
        {"login": "9hana"},
        {"staff_number": ""},
        {"staff_number": "system"},
        {"staff_number": "123456789018"},
        {"staff_number": "S 1"},
        {"name": " "},
        {"name": "x\x1b[2J"},
        {"name_kana": "ア" * 101},
        {"office": "\u202e"},
    ],
)
def test_a_malformed_operator_is_refused(town: Town, changes: dict[str, Any]) -> None:
    with pytest.raises(Refusal):
        add(town, dataclasses.replace(operator("hana"), **changes))
    assert not operators.every(town.store)


def test_a_period_that_ends_before_it_begins_is_refused(town: Town) -> None:
    person = operator("hana")
    with pytest.raises(Refusal, match="after its beginning"):
        add(town, dataclasses.replace(person, valid_until=person.valid_from))


def test_a_login_is_never_given_out_again(town: Town) -> None:
    add(town, operator("hana"))
    disable(town, "hana")
    with pytest.raises(Refusal, match="never given out again"):
        add(town, operator("hana", staff_number="S-other"))


def test_nobody_adds_a_login_roles_or_validity_to_themselves(town: Town) -> None:
    add(town, operator("hana"))
    with pytest.raises(Refusal, match="second person"):
        add(town, operator("hana2", staff_number="S-hana"), actor="S-hana")
    with pytest.raises(Refusal, match="second person"):
        assign(town, "hana", Role.SECURITY_OFFICER, actor="S-hana")
    with pytest.raises(Refusal, match="second person"), town.store.transaction() as tx:
        operators.set_validity(
            tx, "hana", valid_from=town.clock.now(), valid_until=None, reason="longer", actor="S-hana"
        )


@pytest.mark.parametrize(
    "roles",
    [
        {Role.AUDITOR, Role.OPERATOR},
        {Role.RESIDENT_OPERATOR, Role.SYSTEM_ADMIN},
        {Role.RESIDENT_OPERATOR, Role.IDPW_CUSTODIAN},
        {Role.TEMPORARY_STAFF, Role.OUTPUT_MANAGER},
    ],
)
def test_roles_that_may_not_meet_do_not_meet_in_one_login_nor_over_two(town: Town, roles: set[Role]) -> None:
    with pytest.raises(Refusal, match="together"):
        add(town, operator("hana", *roles))
    first, second = roles
    add(town, operator("ken", first))
    add(town, operator("hana", first))
    with pytest.raises(Refusal, match="together"):
        add(town, operator("hana2", second, staff_number="S-hana"))
    disable(town, "hana")
    add(town, operator("hana2", second, staff_number="S-hana"))
    with pytest.raises(Refusal, match="together"), town.store.transaction() as tx:
        operators.enable(tx, "hana", reason="back", actor="S-1")


def test_temporary_staff_may_be_operators() -> None:
    assert conflict(frozenset({Role.TEMPORARY_STAFF, Role.OPERATOR})) is None


@pytest.mark.parametrize("role", [Role.SYSTEM_ADMIN, Role.IDPW_CUSTODIAN])
def test_the_last_administrator_stays(town: Town, role: Role) -> None:
    add(town, operator("hana", role))
    add(town, operator("ken", role, valid_until=town.clock.now()))
    with pytest.raises(Refusal, match="last one"):
        disable(town, "hana")
    with pytest.raises(Refusal, match="last one"):
        assign(town, "hana", Role.OPERATOR)
    with pytest.raises(Refusal, match="last one"), town.store.transaction() as tx:
        operators.set_validity(
            tx,
            "hana",
            valid_from=operator("hana").valid_from,
            valid_until=town.clock.now(),
            reason="left",
            actor="S-1",
        )
    add(town, operator("mio", role))
    disable(town, "hana")


def test_states_move_only_along_their_paths(town: Town) -> None:
    add(town, operator("hana"))
    moves: dict[str, Any] = {
        "enable": operators.enable,
        "unlock": operators.unlock,
        "lock": operators.lock,
    }
    legal = {
        State.ENABLED: {"lock": State.LOCKED},
        State.LOCKED: {"unlock": State.ENABLED},
        State.DISABLED: {"enable": State.ENABLED},
    }
    for state, allowed in legal.items():
        for name, move in moves.items():
            with town.store.transaction() as tx:
                tx.execute("UPDATE operator SET state = ?", (state.value,))
                tx.record("test.arranged", actor="system")
            try:
                with town.store.transaction() as tx:
                    move(tx, "hana", reason="because", actor="S-1")
            except Refusal:
                assert name not in allowed
                assert operators.get(town.store, "hana").state is state
            else:
                assert operators.get(town.store, "hana").state is allowed[name]


def test_every_change_needs_a_reason_and_is_in_the_trail(town: Town) -> None:
    add(town, operator("hana"))
    with pytest.raises(Refusal, match="reason"), town.store.transaction() as tx:
        operators.disable(tx, "hana", reason=" ", actor="S-1")
    assign(town, "hana", Role.WITNESS)
    disable(town, "hana")
    assert {"operator.added", "roles.assigned", "operator.disabled"} <= set(town.acts())


def lend(town: Town, **changes: Any) -> int:
    now = town.clock.now()
    given: dict[str, Any] = {
        "principal": "boss",
        "deputy": "hana",
        "valid_from": now,
        "valid_until": now + timedelta(days=7),
        "reason": "leave",
        "actor": "S-1",
        **changes,
    }
    with town.store.transaction() as tx:
        return appoint(tx, given.pop("role", Role.SUPERIOR), **given)


def test_a_deputy_is_appointed_for_a_period_and_can_be_revoked(town: Town) -> None:
    add(town, operator("boss", Role.SUPERIOR))
    add(town, operator("hana"))
    number = lend(town)
    now = town.clock.now()
    assert [each.id for each in deputies.running(town.store, now)] == [number]
    assert Role.SUPERIOR in deputies.roles_now(town.store, operators.get(town.store, "hana"), now)
    with town.store.transaction() as tx:
        deputies.revoke(tx, number, reason="back early", actor="S-1")
    assert not deputies.running(town.store, now)
    with pytest.raises(Refusal, match="no running"), town.store.transaction() as tx:
        deputies.revoke(tx, number, reason="again", actor="S-1")


@pytest.mark.parametrize(
    ("column", "damaged"),
    [("revoked_at", "r026-11-24T00:00:10"), ("valid_until", "r026-11-24T00:00:10"), ("valid_from", "0026-13-24")],
)
def test_a_damaged_appointment_lends_nothing_and_is_told(town: Town, column: str, damaged: str) -> None:
    add(town, operator("boss", Role.SUPERIOR))
    add(town, operator("hana"))
    number = lend(town)
    with town.store.transaction() as tx:
        deputies.revoke(tx, number, reason="back early", actor="S-1")
    with town.store.bookkeeping() as connection:
        connection.execute(f"UPDATE deputy SET {column} = ?", (damaged,))
    assert not deputies.running(town.store, town.clock.now())
    (told,) = map(str, town.store.damage.values())
    assert "Row 1 of the table deputy is damaged" in told


def test_a_lent_role_falls_with_its_principal(town: Town) -> None:
    add(town, operator("boss", Role.SUPERIOR))
    add(town, operator("hana"))
    lend(town)
    assign(town, "boss", Role.OPERATOR)
    assert not deputies.running(town.store, town.clock.now())
    assign(town, "boss", Role.SUPERIOR)
    disable(town, "boss")
    assert not deputies.running(town.store, town.clock.now())


def test_an_appointment_against_the_rules_is_refused(town: Town) -> None:
    add(town, operator("boss", Role.SUPERIOR))
    add(town, operator("boss2", staff_number="S-boss"))
    add(town, operator("hana"))
    add(town, operator("audit", Role.AUDITOR))
    now = town.clock.now()
    cases: list[tuple[dict[str, Any], str]] = [
        ({"role": Role.SECURITY_OFFICER}, "doesn't hold"),
        ({"deputy": "boss2"}, "own deputy"),
        ({"actor": "S-hana"}, "themselves"),
        ({"deputy": "audit"}, "together"),
        ({"reason": ""}, "reason"),
        ({"valid_until": now}, "period"),
        ({"valid_until": now + timedelta(days=367)}, "period"),
        ({"deputy": "nobody"}, "no operator"),
    ]
    for changes, words in cases:
        with pytest.raises(Refusal, match=words):
            lend(town, **changes)
    assert not town.store.rows("SELECT * FROM deputy")
