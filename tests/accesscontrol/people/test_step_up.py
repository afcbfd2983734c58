"""Stepping up: fresh factors, one signature by a key that only the password opens, verifiable for ever."""

from typing import Any

import pytest

from accesscontrol.people import keys, operators
from accesscontrol.people.credentials import change_password, issue_temporary_password
from accesscontrol.people.keys import Signature
from accesscontrol.people.roles import Role
from accesscontrol.people.sealing import BrokenSealError
from accesscontrol.people.secret import Secret
from accesscontrol.people.session import Session, sign_out
from accesscontrol.people.sign_in import sign_in_place
from accesscontrol.people.sign_in_events import Act, Reason
from accesscontrol.refusals import Refusal
from tests.accesscontrol.people.town import DIGEST, PASSWORD, ROOM_FACT, Town

WRONG = Secret("Walnut&9sails#lanterns")
NEXT = Secret("Meadow?41cranes+harbour")


def check(town: Town, signature: Signature, message: bytes = DIGEST) -> keys.SigningKey:
    return keys.verify(town.store, signature.key_id, message, signature.value, at=signature.at)


def refused(town: Town, session: Session, **changes: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        town.step_up(session, **changes)
    return caught.value


def test_a_step_up_signs_exactly_the_message_with_the_persons_own_key(town: Town) -> None:
    town.person("hana")
    signature = town.step_up(town.sign_in("hana"))
    assert check(town, signature).staff_number == signature.staff_number == "S-hana"
    assert (signature.factor_method, signature.factor_kind) == ("totp", "substitute")
    with pytest.raises(Refusal, match="does not belong"):
        check(town, signature, DIGEST[::-1])


def test_the_code_of_the_sign_in_does_not_serve_again_for_the_step_up(town: Town) -> None:
    town.person("hana")
    code = town.code("hana")
    opened = town.sign_in("hana")
    assert "has been used" in str(refused(town, opened, code=code))
    assert town.events()[-1].reason is Reason.USED_CODE


@pytest.mark.parametrize("changes", [{"password": WRONG}, {"code": Secret("12345")}])
def test_a_step_up_needs_both_factors_and_five_failures_lock(town: Town, changes: dict[str, Any]) -> None:
    town.person("hana")
    opened = town.sign_in("hana")
    for _ in range(5):
        assert "wrong" in str(refused(town, opened, **changes))
    assert town.events()[-1].act is Act.STEP_UP
    assert operators.get(town.store, "hana").state is operators.State.LOCKED
    assert "locked" in str(refused(town, opened))


def test_a_session_that_has_ended_steps_up_no_more(town: Town) -> None:
    town.person("hana")
    opened = town.sign_in("hana")
    sign_out(town.store, opened)
    assert "ended" in str(refused(town, opened))


def test_two_logins_of_one_person_sign_under_one_staff_number(town: Town) -> None:
    town.person("hana")
    town.person("hana.admin", Role.SYSTEM_ADMIN, staff_number="S-hana")
    first = town.step_up(town.sign_in("hana"))
    second = town.step_up(town.sign_in("hana.admin"))
    assert first.key_id != second.key_id
    assert first.staff_number == second.staff_number


def test_a_changed_password_keeps_the_key_and_the_old_one_opens_it_no_more(town: Town) -> None:
    town.person("hana")
    opened = town.sign_in("hana")
    first = town.step_up(opened)
    changed = change_password(town.store, town.policy, opened, current=PASSWORD, new=NEXT)
    town.next_step()
    second = town.step_up(changed, password=NEXT)
    assert second.key_id == first.key_id
    town.next_step()
    refused(town, changed)


def test_a_lost_password_retires_the_key_and_old_signatures_stay_verifiable(town: Town) -> None:
    town.person("hana")
    first = town.step_up(town.sign_in("hana"))
    temporary = issue_temporary_password(town.store, town.policy, "hana", actor="S-1")
    row = town.store.row("SELECT sealed, nonce FROM signing_key WHERE id = ?", (first.key_id,))
    assert row is not None
    assert tuple(row) == (None, None)
    town.next_step()
    opened = town.sign_in("hana", password=temporary)
    changed = change_password(town.store, town.policy, opened, current=temporary, new=NEXT)
    second = town.step_up(changed, password=NEXT)
    assert second.key_id != first.key_id
    assert check(town, first).valid_until is not None
    assert check(town, second).valid_until is None
    with pytest.raises(Refusal, match="not valid at that time"):
        keys.verify(town.store, first.key_id, DIGEST, first.value, at=second.at)
    with pytest.raises(Refusal, match="not valid at that time"):
        keys.verify(town.store, second.key_id, DIGEST, second.value, at=first.at)


def test_a_signature_is_not_taken_for_another_persons(town: Town) -> None:
    town.person("hana")
    town.person("ken")
    ours = town.step_up(town.sign_in("hana"))
    theirs = town.step_up(town.sign_in("ken"))
    with pytest.raises(Refusal, match="does not belong"):
        keys.verify(town.store, theirs.key_id, DIGEST, ours.value, at=ours.at)
    with pytest.raises(Refusal, match="not valid"):
        keys.verify(town.store, "unknown", DIGEST, ours.value, at=ours.at)


def test_a_sealed_key_moved_to_another_row_opens_nothing(town: Town) -> None:
    town.person("hana")
    town.person("ken")
    opened = town.sign_in("ken")
    with town.store.transaction() as tx:
        tx.execute(
            "UPDATE signing_key SET (nonce, sealed) = (SELECT nonce, sealed FROM signing_key WHERE login = 'hana')"
        )
        tx.record("test.tampered", actor="system")
    with pytest.raises(BrokenSealError):
        town.step_up(opened)


def test_a_password_row_moved_to_another_login_proves_nothing(town: Town) -> None:
    town.person("hana")
    town.person("ken", password=NEXT)
    with town.store.transaction() as tx:
        tx.execute(
            "UPDATE password SET (salt, verifier) = (SELECT salt, verifier FROM password WHERE login = 'hana')"
            " WHERE login = 'ken'"
        )
        tx.record("test.tampered", actor="system")
    with pytest.raises(Refusal):
        town.sign_in("ken", password=PASSWORD)


def in_place(town: Town, login: str, **changes: Any) -> Any:
    given = {"password": PASSWORD, "code": town.code(login), "terminal": ROOM_FACT, "message": DIGEST, **changes}
    return sign_in_place(town.store, town.policy, login=login, **given)


def test_a_second_person_decides_once_at_the_first_ones_screen_with_one_code(town: Town) -> None:
    town.person("hana")
    town.person("boss", Role.SUPERIOR)
    town.sign_in("hana")
    decided = in_place(town, "boss")
    assert decided.operator.roles == {Role.SUPERIOR}
    assert check(town, decided.signature).login == "boss"
    assert len(town.store.rows("SELECT * FROM operator_session")) == 1


def test_a_second_person_with_a_temporary_password_or_a_wrong_factor_decides_nothing(town: Town) -> None:
    temporary = town.person("boss", Role.SUPERIOR, password=None).password
    with pytest.raises(Refusal, match="Change your password"):
        in_place(town, "boss", password=temporary)
    with pytest.raises(Refusal, match="Check login"):
        in_place(town, "boss", password=temporary, code=Secret("1"))
    with pytest.raises(Refusal, match="not registered"):
        in_place(town, "boss", terminal="elsewhere")
    assert [event.reason for event in town.events()] == [
        Reason.PASSWORD_DUE,
        Reason.WRONG_CODE,
        Reason.UNREGISTERED_TERMINAL,
    ]
