"""Who may do what now: by person over all logins, with what deserves a look."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from accesscontrol.people import deputies, factors, operators
from accesscontrol.people.operators import Operator
from accesscontrol.people.roles import Role
from console.evidence import activity, rights
from console.evidence.rights import Concern, Holder
from tests.console.town import Town


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town.copied_to(tmp_path)


def holder(town: Town, staff_number: str) -> Holder:
    found = rights.holders(town.site.store, town.clock.now())
    return next(each for each in found if each.staff_number == staff_number)


def second_login(town: Town, login: str, *roles: Role) -> None:
    first = operators.get(town.site.store, "suzuki")
    other = replace(first, login=login, roles=frozenset(roles))
    with town.site.store.transaction() as tx:
        operators.add(tx, other, actor="system")


def test_two_logins_of_one_person_are_one_holder_with_the_roles_of_both(town: Town) -> None:
    second_login(town, "suzuki2", Role.OUTPUT_MANAGER)
    found = holder(town, "S0104")
    assert [each.operator.login for each in found.logins] == ["suzuki", "suzuki2"]
    assert found.own_roles == {Role.WITNESS, Role.KEY_CUSTODIAN, Role.OUTPUT_MANAGER}


def test_a_disabled_login_counts_for_no_role_and_raises_no_concern(town: Town) -> None:
    with town.site.store.transaction() as tx:
        operators.disable(tx, "suzuki", reason="left", actor="S0102")
    found = holder(town, "S0104")
    assert found.own_roles == frozenset()
    assert found.concerns == ()


def test_a_lent_role_counts_for_the_deputy_while_it_runs(town: Town) -> None:
    with town.site.store.transaction() as tx:
        deputies.appoint(
            tx,
            Role.SECURITY_OFFICER,
            principal="sato",
            deputy="suzuki",
            valid_from=tx.at,
            valid_until=tx.at + timedelta(days=1),
            reason="leave",
            actor="S0102",
        )
    assert Role.SECURITY_OFFICER in holder(town, "S0104").roles
    assert [each.deputy for each in holder(town, "S0101").lent] == ["suzuki"]
    town.clock.advance(timedelta(days=1))
    assert Role.SECURITY_OFFICER not in holder(town, "S0104").roles


def test_roles_that_may_not_meet_are_a_conflict_over_two_logins_too(town: Town) -> None:
    second_login(town, "suzuki2", Role.OUTPUT_MANAGER)
    town.give("suzuki2", Role.AUDITOR)
    found = holder(town, "S0104")
    assert found.concerns[0] is Concern.CONFLICT
    assert found.conflict is not None
    assert Role.AUDITOR in found.conflict


def test_last_use_is_the_last_time_both_factors_were_proven(town: Town) -> None:
    assert holder(town, "S0102").last_use is None
    assert Concern.NEVER_USED in holder(town, "S0102").concerns
    town.seat("yamada")
    first = town.clock.now()
    use = holder(town, "S0102").last_use
    assert use is not None
    assert (use.at, use.factor_kind) == (first, "substitute")
    town.clock.advance(timedelta(days=91))
    assert Concern.LONG_UNUSED in holder(town, "S0102").concerns


def test_a_refused_sign_in_is_no_use_but_among_the_events(town: Town) -> None:
    from accesscontrol.refusals import Refusal

    seat = town.seat("yamada")
    with pytest.raises(Refusal):
        seat.sign_in("ito", "wrong password 1", town.code("ito"))
    assert holder(town, "J0201").last_use is None
    (event,) = activity.recent(town.site.store, "ito")
    assert not event.passed


def test_the_end_of_validity_is_soon_then_past(town: Town) -> None:
    until = operators.get(town.site.store, "ito").valid_until
    assert until is not None
    assert Concern.ENDS_SOON not in holder(town, "J0201").concerns
    town.clock.set(until - timedelta(days=30))
    assert Concern.ENDS_SOON in holder(town, "J0201").concerns
    town.clock.set(until)
    found = holder(town, "J0201").concerns
    assert Concern.ENDED in found
    assert Concern.ENDS_SOON not in found


def test_a_login_without_an_end_is_worth_a_look(town: Town) -> None:
    ito = operators.get(town.site.store, "ito")
    with town.site.store.transaction() as tx:
        operators.set_validity(tx, "ito", valid_from=ito.valid_from, valid_until=None, reason="test", actor="S0102")
    assert Concern.NO_END in holder(town, "J0201").concerns


def test_a_substitute_alone_and_no_factor_at_all_are_told_apart(town: Town) -> None:
    assert Concern.SUBSTITUTE in holder(town, "J0201").concerns
    with town.site.store.transaction() as tx:
        for factor in factors.enrolled(tx, "ito"):
            factors.remove(tx, factor.id, reason="lost", actor="S0102")
    found = holder(town, "J0201").concerns
    assert Concern.NO_FACTOR in found
    assert Concern.SUBSTITUTE not in found


def test_a_lock_is_a_concern(town: Town) -> None:
    town.lock("ito")
    assert Concern.LOCKED in holder(town, "J0201").concerns


def test_rights_follow_from_the_kinds_of_request(town: Town) -> None:
    kinds = town.site.kinds
    officer = {(right.side, right.kind.name) for right in rights.rights({Role.SECURITY_OFFICER}, kinds.values())}
    assert ("approve", "backup-export") in officer
    assert ("ask for", "backup-export") not in officer
    assert rights.rights((), kinds.values()) == []


def test_every_person_of_the_store_is_there_once(town: Town) -> None:
    everybody: list[Operator] = operators.every(town.site.store)
    found = rights.holders(town.site.store, town.clock.now())
    assert sorted(each.staff_number for each in found) == sorted({each.staff_number for each in everybody})
