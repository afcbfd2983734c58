"""Yes, no, taken back, and the witness: by the right person, over exactly what was seen, with a signature that holds."""

import dataclasses
from datetime import timedelta

import pytest

from accesscontrol.people import deputies, operators, totp
from accesscontrol.people.keys import Signature
from accesscontrol.people.roles import Role
from accesscontrol.people.secret import Secret
from accesscontrol.people.sign_in import sign_in_place
from accesscontrol.refusals import Refusal
from accesscontrol.requests import decisions, locks
from accesscontrol.requests.desk import Acting
from accesscontrol.requests.reading import Request
from accesscontrol.requests.states import State
from tests.accesscontrol.requests.city import FACTS, OFFICE, PASSWORD, POLICY, ROOM, City


class TestAnApproval:
    def test_of_the_last_slot_approves_the_request(self, city: City) -> None:
        request = city.submit("correction")
        assert city.approve(request, "kondo").state is State.SUBMITTED
        assert city.approve(request, "ueda").state is State.APPROVED

    def test_may_come_in_any_order(self, city: City) -> None:
        request = city.submit("correction")
        city.approve(request, "hara")
        assert city.approve(request, "kondo").state is State.APPROVED

    def test_takes_the_slot_that_fewest_others_could_fill(self, city: City) -> None:
        city.hire("both", Role.IDENTINFO_MANAGER, Role.SECOND_CHECKER)
        kind = city.kinds["correction"]
        city.kinds["correction"] = dataclasses.replace(kind, slots=kind.slots[::-1])
        request = city.submit("correction")
        assert [each.slot for each in city.approve(request, "both").approvals] == ["manager"]
        assert city.approve(request, "hara").state is State.APPROVED

    def test_is_in_the_book_with_its_signature_and_sealed_before_it_is_reported(self, city: City) -> None:
        request = city.approve(city.submit())
        approval = request.approvals[0]
        row = city.store.row("SELECT seq, body FROM trail_entry ORDER BY seq DESC LIMIT 1")
        assert row is not None
        assert approval.signature.hex() in row["body"].decode()
        assert city.store.rows("SELECT max(size) FROM trail_checkpoint")[0][0] == row["seq"]

    def test_by_the_requester_is_refused(self, city: City) -> None:
        city.hire("chief", Role.OPERATOR, Role.SECURITY_OFFICER)
        request = city.submit(login="chief")
        with pytest.raises(Refusal, match="someone else") as refused:
            city.approve(request, "chief")
        assert refused.value.control == "AC-AUT-03"

    def test_by_the_requester_under_a_second_login_is_refused(self, city: City) -> None:
        city.hire("mori2", Role.SECURITY_OFFICER, staff_number="S-mori")
        request = city.submit()
        with pytest.raises(Refusal, match="someone else"):
            city.approve(request, "mori2")

    def test_by_the_requester_as_somebodys_deputy_is_refused(self, city: City) -> None:
        lend(city, Role.SECURITY_OFFICER, "sato", "mori")
        with pytest.raises(Refusal, match="someone else"):
            city.approve(city.submit(), "mori")

    def test_by_a_deputy_counts_while_the_appointment_runs(self, city: City) -> None:
        lend(city, Role.SECURITY_OFFICER, "sato", "ueda", days=1)
        first, second = city.submit(), city.submit()
        assert city.approve(first, "ueda").state is State.APPROVED
        city.clock.advance(timedelta(days=1))
        with pytest.raises(Refusal, match="no role"):
            city.approve(second, "ueda")

    def test_twice_by_one_person_fills_one_slot_only(self, city: City) -> None:
        city.hire("both", Role.IDENTINFO_MANAGER, Role.SECOND_CHECKER)
        city.hire("both2", Role.SUPERIOR, staff_number="S-both")
        request = city.submit("correction")
        city.approve(request, "both")
        for login in ("both", "both2"):
            with pytest.raises(Refusal, match="someone else"):
                city.approve(request, login)

    def test_by_one_whom_the_request_is_about_is_refused(self, city: City) -> None:
        request = city.submit(about="S-sato")
        with pytest.raises(Refusal, match="about themselves"):
            city.approve(request, "sato")
        assert city.approve(request, "tanaka").state is State.APPROVED

    def test_in_the_name_of_a_login_that_is_another_persons_is_refused(self, city: City) -> None:
        request = city.submit()
        actor = Acting("sato", "S-endo", ROOM)
        with pytest.raises(Refusal, match="no role"):
            decisions.approve(city.desk, request.id, actor, seen=request.digest, sign=city.sign("sato"))

    @pytest.mark.parametrize("login", ["ogawa", "endo", "kato", "suzuki"])
    def test_without_the_role_is_refused(self, city: City, login: str) -> None:
        with pytest.raises(Refusal, match="no role"):
            city.approve(city.submit(), login)

    def test_by_one_who_is_disabled_is_refused(self, city: City) -> None:
        request = city.submit()
        with city.store.transaction() as tx:
            operators.disable(tx, "sato", reason="left", actor="S-yamada")
        with pytest.raises(Refusal, match="no role"):
            city.approve(request)

    def test_of_what_the_approver_has_not_seen_is_refused(self, city: City) -> None:
        seen = city.submit(amount=1)
        city.submit(request_id=seen.id, amount=1000)
        with pytest.raises(Refusal, match="changed after you looked"):
            city.approve(seen)
        assert city.now(seen).approvals == []

    def test_of_what_is_edited_while_the_approver_signs_is_refused(self, city: City) -> None:
        request = city.submit(amount=1)

        def slow(message: bytes) -> Signature:
            city.submit(request_id=request.id, amount=1000)
            return city.sign("sato")(message)

        with pytest.raises(Refusal, match="changed after you looked"):
            decide(city, request, "sato", slow)
        assert city.now(request).approvals == []

    def test_for_a_slot_that_another_fills_while_the_approver_signs_is_refused(self, city: City) -> None:
        """Both could fill either slot: the second signature was for the first slot, and must not be put on the second."""
        for login in ("one", "two"):
            city.hire(login, Role.IDENTINFO_MANAGER, Role.SECOND_CHECKER)
        request = city.submit("correction")

        def slow(message: bytes) -> Signature:
            city.approve(request, "one")
            return city.sign("two")(message)

        with pytest.raises(Refusal, match="went on while you signed"):
            decide(city, request, "two", slow)
        assert [each.approver for each in city.now(request).approvals] == ["S-one"]
        assert city.approve(request, "two").state is State.APPROVED

    def test_with_somebody_elses_signature_is_refused(self, city: City) -> None:
        request = city.submit()
        with pytest.raises(Refusal, match="not yours"):
            decide(city, request, "sato", city.sign("tanaka"))

    def test_with_a_signature_over_something_else_is_refused(self, city: City) -> None:
        request = city.submit()
        with pytest.raises(Refusal, match="not yours"):
            decide(city, request, "sato", lambda message: city.sign("sato")(message[::-1]))
        assert city.state(request) is State.SUBMITTED

    def test_whose_step_up_fails_leaves_only_the_attempt(self, city: City) -> None:
        request = city.submit()

        def refuse(message: bytes) -> Signature:
            raise Refusal("The password or the code is wrong.")

        with pytest.raises(Refusal, match="wrong"):
            decide(city, request, "sato", refuse)
        assert city.acts(request.id) == ["request.submitted", "request.approval-refused"]
        assert city.state(request) is State.SUBMITTED

    def test_after_the_window_is_refused(self, city: City) -> None:
        request = city.submit()
        city.clock.advance(timedelta(days=3))
        with pytest.raises(Refusal, match="has passed"):
            city.approve(request)

    def test_of_what_is_decided_already_is_refused(self, city: City) -> None:
        request = city.approved()
        with pytest.raises(Refusal, match="not waiting"):
            city.approve(request, "tanaka")

    @pytest.mark.parametrize(
        "target",
        [("person", "S-sato"), ("person", "S-mori"), ("terminal", ROOM), ("medium", "file"), ("request", None)],
    )
    def test_that_a_lock_touches_is_refused(self, city: City, target: tuple[str, str | None]) -> None:
        request = city.submit()
        locks.place(city.store, target[0], target[1] or request.id, reason="inquiry", actor="S-tanaka")
        with pytest.raises(Refusal, match="inquiry"):
            city.approve(request)

    def test_from_an_unregistered_terminal_is_refused(self, city: City) -> None:
        with pytest.raises(Refusal, match="not registered"):
            city.approve(city.submit(), terminal="kitchen")

    def test_is_given_from_any_office_even_for_the_server_room(self, city: City) -> None:
        assert city.approve(city.submit(), terminal=OFFICE).state is State.APPROVED

    def test_is_made_with_both_factors_at_the_requesters_screen(self, city: City) -> None:
        request = city.submit()
        with city.store.transaction() as tx:
            seed = totp.new_seed()
            totp.enrol(tx, "sato", seed, label="new", policy=POLICY, actor="S-hayashi")

        def in_place(code: Secret) -> decisions.Signing:
            return lambda message: (
                sign_in_place(
                    city.store,
                    POLICY,
                    login="sato",
                    password=PASSWORD,
                    code=code,
                    terminal=FACTS[ROOM],
                    message=message,
                ).signature
            )

        with pytest.raises(Refusal):
            decide(city, request, "sato", in_place(Secret("000000")))
        approved = decide(city, request, "sato", in_place(totp.code_at(seed, city.clock.now())))
        assert (approved.state, approved.approvals[0].factor) == (State.APPROVED, "substitute")
        assert city.execute(approved).state is State.DONE


class TestARejection:
    def test_is_final(self, city: City) -> None:
        request = city.submit()
        city.reject(request)
        assert city.state(request) is State.REJECTED
        with pytest.raises(Refusal, match="not waiting"):
            city.approve(request, "tanaka")

    def test_needs_a_reason(self, city: City) -> None:
        with pytest.raises(Refusal, match="Give a reason"):
            decisions.reject(city.desk, city.submit().id, city.acting("sato"), reason=" ")

    @pytest.mark.parametrize("login", ["mori", "ogawa", "endo"])
    def test_is_for_those_who_could_approve(self, city: City, login: str) -> None:
        request = city.submit()
        with pytest.raises(Refusal):
            city.reject(request, login)
        assert city.state(request) is State.SUBMITTED

    def test_by_one_whom_it_is_about_is_refused(self, city: City) -> None:
        request = city.submit(about="S-sato")
        with pytest.raises(Refusal, match="about themselves"):
            city.reject(request)

    def test_by_one_who_is_locked_is_refused(self, city: City) -> None:
        request = city.submit()
        locks.place(city.store, "person", "S-sato", reason="inquiry", actor="S-tanaka")
        with pytest.raises(Refusal, match="inquiry"):
            city.reject(request)


class TestTakingAnApprovalBack:
    def test_is_the_approvers_own_and_final(self, city: City) -> None:
        request = city.approved()
        with pytest.raises(Refusal, match="Only one who approved"):
            city.revoke(request, "tanaka")
        city.revoke(request)
        assert city.state(request) is State.REVOKED
        with pytest.raises(Refusal, match="not approved"):
            city.execute(request)

    def test_works_before_the_other_slots_are_filled(self, city: City) -> None:
        request = city.submit("correction")
        city.approve(request, "kondo")
        city.revoke(request, "kondo")
        assert city.state(request) is State.REVOKED

    def test_is_always_open_even_to_one_who_is_locked_or_disabled(self, city: City) -> None:
        request = city.approved()
        locks.place(city.store, "person", "S-sato", reason="inquiry", actor="S-tanaka")
        with city.store.transaction() as tx:
            operators.disable(tx, "sato", reason="left", actor="S-yamada")
        city.revoke(request)
        assert city.state(request) is State.REVOKED

    def test_of_an_earlier_wording_is_empty(self, city: City) -> None:
        request = city.approved()
        city.submit(request_id=request.id)
        with pytest.raises(Refusal, match="Only one who approved"):
            city.revoke(request)

    def test_is_too_late_once_the_act_began(self, city: City) -> None:
        request = city.approved()

        def revoke_meanwhile(_: object) -> None:
            with pytest.raises(Refusal, match="can't be done any more"):
                city.revoke(request)

        city.world.during = revoke_meanwhile
        assert city.execute(request).state is State.DONE

    def test_needs_a_reason(self, city: City) -> None:
        request = city.approved()
        with pytest.raises(Refusal, match="Give a reason"):
            decisions.revoke(city.desk, request.id, city.acting("sato"), reason="")


class TestAWitness:
    def test_is_seated_before_and_the_same_person_attests_the_end(self, city: City) -> None:
        request = city.execute(city.approved("medium"))
        with pytest.raises(Refusal, match="attended the beginning"):
            city.attest(request, "noda", decisions.AFTER)
        request = city.attest(request, "suzuki", decisions.AFTER)
        assert [each.phase for each in request.attestations] == ["before", "after"]

    @pytest.mark.parametrize("login", ["sato", "ogawa", "endo"])
    def test_without_the_role_attests_nothing(self, city: City, login: str) -> None:
        request = city.approve(city.submit("medium"), "kato")
        with pytest.raises(Refusal, match="role of witness"):
            city.attest(request, login)

    @pytest.mark.parametrize("other", ["mori", "kato"])
    def test_has_no_other_part(self, city: City, other: str) -> None:
        city.hire("second", Role.WITNESS, staff_number=f"S-{other}")
        request = city.approve(city.submit("medium"), "kato")
        with pytest.raises(Refusal, match="someone else"):
            city.attest(request, "second")

    def test_attests_no_act_that_is_about_the_witness(self, city: City) -> None:
        request = city.approve(city.submit("medium", about="S-suzuki"), "kato")
        with pytest.raises(Refusal, match="about themselves"):
            city.attest(request)

    def test_says_in_words_what_was_seen(self, city: City) -> None:
        request = city.approve(city.submit("medium"), "kato")
        with pytest.raises(Refusal, match="says in words"):
            decisions.attest(
                city.desk, request.id, city.acting("suzuki"), phase="before", statement=" ", sign=city.sign("suzuki")
            )

    def test_attests_each_phase_once_and_none_at_the_wrong_time(self, city: City) -> None:
        waiting = city.submit("medium")
        for phase in (decisions.BEFORE, decisions.AFTER):
            with pytest.raises(Refusal, match="doesn't wait for a witness"):
                city.attest(waiting, phase=phase)
        approved = city.attest(city.approve(waiting, "kato"))
        for login, phase in (("suzuki", decisions.BEFORE), ("noda", decisions.BEFORE), ("suzuki", decisions.AFTER)):
            with pytest.raises(Refusal, match="doesn't wait for a witness"):
                city.attest(approved, login, phase)

    def test_signs_personally(self, city: City) -> None:
        request = city.approve(city.submit("medium"), "kato")
        with pytest.raises(Refusal, match="not yours"):
            decisions.attest(
                city.desk, request.id, city.acting("suzuki"), phase="before", statement="Seen.", sign=city.sign("noda")
            )
        assert city.now(request).attestations == []

    def test_who_is_locked_attests_nothing(self, city: City) -> None:
        request = city.approve(city.submit("medium"), "kato")
        locks.place(city.store, "person", "S-suzuki", reason="inquiry", actor="S-tanaka")
        with pytest.raises(Refusal, match="inquiry"):
            city.attest(request)

    def test_has_attested_only_the_wording_that_stood_then(self, city: City) -> None:
        request = city.approved("medium")
        edited = city.approve(city.submit("medium", request_id=request.id, amount=9), "kato")
        assert edited.attested(decisions.BEFORE) is None
        with pytest.raises(Refusal, match="must be seated first"):
            city.execute(edited)


def decide(city: City, request: Request, login: str, sign: decisions.Signing) -> Request:
    return decisions.approve(city.desk, request.id, city.acting(login), seen=request.digest, sign=sign)


def lend(city: City, role: Role, principal: str, deputy: str, days: int = 30) -> None:
    with city.store.transaction() as tx:
        deputies.appoint(
            tx,
            role,
            principal=principal,
            deputy=deputy,
            valid_from=tx.at,
            valid_until=tx.at + timedelta(days=days),
            reason="holiday",
            actor="S-yamada",
        )
