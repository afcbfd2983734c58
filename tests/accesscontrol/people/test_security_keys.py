"""A fingerprint on a security key: the finger and nothing in its place, a known model, the digest itself signed."""

import dataclasses
import json

import pytest

from accesscontrol.people import factors, fingerprint_keys, security_keys
from accesscontrol.people.factors import Answer, FactorKind
from accesscontrol.people.fingerprint_keys import FingerprintKey
from accesscontrol.people.policy import SecurityKeyPolicy
from accesscontrol.people.secret import Secret
from accesscontrol.people.security_keys import Registration, verify_evidence
from accesscontrol.people.session import Session
from accesscontrol.people.sign_in_events import Reason
from accesscontrol.refusals import Refusal
from tests.accesscontrol.people.software_key import Maker, SoftwareKey
from tests.accesscontrol.people.town import DIGEST, PASSWORD, Town

MAKER = Maker()
STRANGER = Maker(name="Unknown Keys")


@pytest.fixture
def keyed(town: Town) -> Town:
    """A town that admits fingers only, from one maker's keys."""
    town.policy = dataclasses.replace(
        town.policy,
        substitutes_allowed=False,
        security_keys=SecurityKeyPolicy(models=frozenset({str(MAKER.model)}), roots=(MAKER.root(),)),
    )
    town.person("hana")
    return town


@pytest.fixture
def key() -> SoftwareKey:
    return SoftwareKey(maker=MAKER)


def at_hand(key: SoftwareKey, told: list[str] | None = None) -> FingerprintKey:
    return FingerprintKey(key, tell=(told if told is not None else []).append)


def enrol(town: Town, key: SoftwareKey, login: str = "hana", actor: str = "S-1", **changes: object) -> int:
    registration = dataclasses.replace(at_hand(key).register(login, "架空 太郎"), **changes)  # type: ignore[arg-type]  # of any type in a test
    with town.store.transaction() as tx:
        return security_keys.enrol(tx, login, registration, label="blue key", policy=town.policy, actor=actor)


def sign_in(town: Town, key: SoftwareKey, told: list[str] | None = None, login: str = "hana") -> Session:
    return town.sign_in(login, code=at_hand(key, told))


def refused(town: Town, key: SoftwareKey, told: list[str] | None = None, login: str = "hana") -> Reason:
    with pytest.raises(Refusal):
        sign_in(town, key, told, login)
    return town.events()[-1].reason


def test_a_finger_signs_in_where_codes_are_refused_and_is_recorded_as_biometric(keyed: Town, key: SoftwareKey) -> None:
    enrol(keyed, key)
    session = sign_in(keyed, key)
    assert (session.factor_method, session.factor_kind) == ("security-key", "biometric")
    assert keyed.events()[-1].factor_kind == "biometric"
    with pytest.raises(Refusal, match="biometric"):
        keyed.sign_in("hana")


def test_an_approval_carries_the_keys_own_signature_over_the_digest(keyed: Town, key: SoftwareKey) -> None:
    enrol(keyed, key)
    signature = keyed.step_up(sign_in(keyed, key), code=at_hand(key))
    assert signature.factor_kind == "biometric"
    assert verify_evidence(keyed.store, signature.evidence, DIGEST) == "hana"
    with pytest.raises(Refusal, match="does not belong"):
        verify_evidence(keyed.store, signature.evidence, DIGEST[::-1])
    with pytest.raises(Refusal, match="does not belong"):
        verify_evidence(keyed.store, {**signature.evidence, "factor": "99"}, DIGEST)
    with keyed.store.transaction() as tx:
        factors.remove(tx, int(signature.evidence["factor"]), reason="lost", actor="S-1")
    assert verify_evidence(keyed.store, signature.evidence, DIGEST) == "hana"


@pytest.mark.parametrize("finger", ["wrong", "blocked"])
def test_a_finger_not_recognised_is_a_failure_and_the_pin_is_never_asked(
    keyed: Town, key: SoftwareKey, finger: str
) -> None:
    enrol(keyed, key)
    key.finger = finger
    told: list[str] = []
    assert refused(keyed, key, told) is Reason.WRONG_CODE
    assert key.pins_tried == 0
    assert told[-1] == (fingerprint_keys.BLOCKED if finger == "blocked" else fingerprint_keys.NOT_RECOGNISED)


def test_failing_fingers_lock_the_login_as_wrong_codes_do(keyed: Town, key: SoftwareKey) -> None:
    enrol(keyed, key)
    key.finger = "wrong"
    for _ in range(5):
        refused(keyed, key)
    key.finger = "right"
    assert refused(keyed, key) is Reason.LOCKED


@pytest.mark.parametrize("changes", [{"bio_enroll": False}, {"modality": 0x04}])
def test_a_key_without_an_enrolled_finger_is_neither_enrolled_nor_used(
    keyed: Town, key: SoftwareKey, changes: dict[str, int]
) -> None:
    enrol(keyed, key)
    fingerless = dataclasses.replace(key, **changes)  # type: ignore[arg-type]  # of any type in a test
    with pytest.raises(Refusal, match="no enrolled finger"):
        enrol(keyed, fingerless)
    told: list[str] = []
    assert refused(keyed, fingerless, told) is Reason.WRONG_CODE
    assert told == [fingerprint_keys.NO_FINGER]


def test_a_key_that_leaves_its_means_unnamed_is_taken_by_its_enrolled_finger(keyed: Town, key: SoftwareKey) -> None:
    key.modality = 0
    enrol(keyed, key)
    sign_in(keyed, key)


def test_an_answer_without_the_user_verified_is_refused_at_the_sites_side_too(keyed: Town, key: SoftwareKey) -> None:
    number = enrol(keyed, key)
    key.lies_about_user = True
    assert refused(keyed, key) is Reason.WRONG_CODE
    with pytest.raises(Refusal, match="can't be enrolled"):
        enrol(keyed, key)
    assert number == len(keyed.store.rows("SELECT * FROM factor"))


def test_only_attested_keys_of_a_listed_model_are_enrolled(keyed: Town) -> None:
    with pytest.raises(Refusal, match="UntrustedAttestation"):
        enrol(keyed, SoftwareKey(maker=STRANGER))
    impostor = Maker(name=MAKER.name)
    with pytest.raises(Refusal, match="UntrustedAttestation"):
        enrol(keyed, SoftwareKey(maker=impostor))
    keyed.policy = dataclasses.replace(
        keyed.policy, security_keys=dataclasses.replace(keyed.policy.security_keys, models=frozenset())
    )
    with pytest.raises(Refusal, match="not on the list"):
        enrol(keyed, SoftwareKey(maker=MAKER))


def test_a_registration_for_another_challenge_is_refused(keyed: Town, key: SoftwareKey) -> None:
    with pytest.raises(Refusal, match="challenge"):
        enrol(keyed, key, challenge=b"\x00" * 32)


@pytest.mark.parametrize("response", [{}, {"response": {}}, {"id": "x", "rawId": "!", "response": 3}])
def test_a_malformed_registration_is_refused(keyed: Town, response: dict[str, object]) -> None:
    registration = Registration(challenge=b"\x00" * 32, response=response)
    with pytest.raises(Refusal, match="can't be enrolled"), keyed.store.transaction() as tx:
        security_keys.enrol(tx, "hana", registration, label="x", policy=keyed.policy, actor="S-1")


def test_nobody_enrols_a_key_alone_and_no_key_twice(keyed: Town, key: SoftwareKey) -> None:
    with pytest.raises(Refusal, match="second person"):
        enrol(keyed, key, actor="S-hana")
    registration = at_hand(key).register("hana", "x")
    for expected in (None, "enrolled already"):
        with keyed.store.transaction() as tx:
            if expected is None:
                security_keys.enrol(tx, "hana", registration, label="x", policy=keyed.policy, actor="S-1")
            else:
                with pytest.raises(Refusal, match=expected):
                    security_keys.enrol(tx, "hana", registration, label="x", policy=keyed.policy, actor="S-1")


def test_another_persons_key_opens_nothing(keyed: Town, key: SoftwareKey) -> None:
    keyed.person("ken")
    enrol(keyed, key)
    other = SoftwareKey(maker=MAKER)
    enrol(keyed, other, login="ken")
    assert refused(keyed, other) is Reason.WRONG_CODE
    sign_in(keyed, other, login="ken")


def test_someone_without_a_key_is_asked_alike_and_refused(keyed: Town, key: SoftwareKey) -> None:
    told: list[str] = []
    assert refused(keyed, key, told) is Reason.NO_FACTOR
    assert refused(keyed, key, told, login="nobody") is Reason.UNKNOWN_LOGIN
    assert told[: len(told) // 2] == told[len(told) // 2 :] != []


def test_a_counter_that_goes_back_is_the_alarm_of_a_copied_key(keyed: Town, key: SoftwareKey) -> None:
    enrol(keyed, key)
    sign_in(keyed, key)
    key.counter -= 1
    assert refused(keyed, key) is Reason.COUNTER_WENT_BACK


def test_a_key_that_does_not_count_is_accepted(keyed: Town, key: SoftwareKey) -> None:
    key.counting = False
    enrol(keyed, key)
    sign_in(keyed, key)
    sign_in(keyed, key)


class Replayed:
    """Gives an answer recorded earlier, whatever the challenge."""

    def __init__(self, answer: Answer) -> None:
        self.recorded = answer

    def answer(self, challenge: bytes, credentials: object) -> Answer:
        return self.recorded


def test_an_answer_recorded_for_one_challenge_answers_no_other(keyed: Town, key: SoftwareKey) -> None:
    enrol(keyed, key)
    credentials = [factor.credential for factor in factors.enrolled(keyed.store, "hana") if factor.credential]
    recorded = Replayed(at_hand(key).answer(DIGEST, credentials))
    with pytest.raises(Refusal):
        keyed.sign_in("hana", code=recorded)
    session = sign_in(keyed, key)
    with pytest.raises(Refusal):
        keyed.step_up(session, message=DIGEST[::-1], code=recorded)
    with pytest.raises(Refusal):
        keyed.step_up(session, code=recorded)
    assert [event.reason for event in keyed.events()] == [
        Reason.WRONG_CODE,
        Reason.NONE,
        Reason.WRONG_CODE,
        Reason.COUNTER_WENT_BACK,
    ]


@pytest.mark.parametrize("content", ["", "null", "[]", "{", json.dumps({"response": {}}), "\udcff", "1"])
def test_a_malformed_answer_is_a_failure(keyed: Town, key: SoftwareKey, content: str) -> None:
    enrol(keyed, key)
    with pytest.raises(Refusal):
        keyed.sign_in("hana", code=Replayed(Answer(method="security-key", content=Secret(content))))
    assert keyed.events()[-1].reason is Reason.WRONG_CODE


def test_the_enrolled_factor_says_what_it_is(keyed: Town, key: SoftwareKey) -> None:
    enrol(keyed, key)
    kinds = [(factor.method, factor.kind) for factor in factors.enrolled(keyed.store, "hana")]
    assert kinds == [("totp", FactorKind.SUBSTITUTE), ("security-key", FactorKind.BIOMETRIC)]


def test_a_wrong_password_needs_no_right_finger_to_be_refused(keyed: Town, key: SoftwareKey) -> None:
    enrol(keyed, key)
    with pytest.raises(Refusal):
        keyed.sign_in("hana", password=Secret("wrong"), code=at_hand(key))
    assert keyed.events()[-1].reason is Reason.WRONG_PASSWORD
    keyed.sign_in("hana", password=PASSWORD, code=at_hand(key))


def test_the_keys_of_this_host_can_be_listed() -> None:
    assert isinstance(fingerprint_keys.connected(), list)
