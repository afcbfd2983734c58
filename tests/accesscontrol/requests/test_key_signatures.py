"""A decision by security key: the key itself signs the digest, the book keeps it, and the gate asks for it again."""

import dataclasses
from collections.abc import Callable

import pytest

from accesscontrol.people import factors, security_keys
from accesscontrol.people.fingerprint_keys import FingerprintKey
from accesscontrol.people.keys import Signature
from accesscontrol.people.policy import SecurityKeyPolicy
from accesscontrol.people.security_keys import SecurityKeyMethod, verify_evidence
from accesscontrol.refusals import Refusal
from accesscontrol.requests import decisions
from accesscontrol.requests.states import State
from accesscontrol.trail import entries
from tests.accesscontrol.people.software_key import Maker, SoftwareKey
from tests.accesscontrol.requests.city import POLICY, City

MAKER = Maker()
KEYED = dataclasses.replace(
    POLICY, security_keys=SecurityKeyPolicy(models=frozenset({str(MAKER.model)}), roots=(MAKER.root(),))
)
Signing = Callable[[bytes], Signature]


@pytest.fixture
def by_key(city: City) -> Callable[[str], Signing]:
    """Give somebody a security key and return how they sign with it."""

    def enrol(login: str) -> Signing:
        key = FingerprintKey(SoftwareKey(maker=MAKER), tell=lambda _: None)
        with city.store.transaction() as tx:
            registration = key.register(login, login)
            security_keys.enrol(tx, login, registration, label="key", policy=KEYED, actor="S-hayashi")

        def sign(message: bytes) -> Signature:
            enrolled = [each for each in factors.enrolled(city.store, login) if each.method == security_keys.METHOD]
            answer = key.answer(message, [each.credential for each in enrolled])
            with city.store.transaction() as tx:
                tx.record("step-up.passed", actor=f"S-{login}", subject=login)
                verdict = SecurityKeyMethod().judge(tx, enrolled, answer.content, challenge=message, policy=KEYED)
            assert verdict.passed
            plain = city.sign(login)(message)
            return dataclasses.replace(plain, factor_kind="biometric", evidence=verdict.evidence)

        return sign

    return enrol


def test_the_keys_signature_over_the_approval_stands_in_the_book_and_holds_at_the_gate(
    city: City, by_key: Callable[[str], Signing]
) -> None:
    request, sign = city.submit(), by_key("sato")
    request = decisions.approve(city.desk, request.id, city.acting("sato"), seen=request.digest, sign=sign)
    [entry] = [each for each in entries.about(city.store, request.id) if each.act == "request.approved"]
    [approval] = request.in_force()
    message = decisions.approval_message(request, approval.slot, approval.approver, approval.expires_at)
    assert verify_evidence(city.store, entry.details["key_signature"], message) == "sato"
    assert city.execute(request).state is State.DONE


def test_a_key_that_signed_something_else_or_is_somebody_elses_approves_nothing(
    city: City, by_key: Callable[[str], Signing]
) -> None:
    request = city.submit()
    own, other = by_key("sato"), by_key("tanaka")

    def elsewhere(message: bytes) -> Signature:
        return dataclasses.replace(city.sign("sato")(message), evidence=own(message[::-1]).evidence)

    def borrowed(message: bytes) -> Signature:
        return dataclasses.replace(city.sign("sato")(message), evidence=other(message).evidence)

    for sign, words in ((elsewhere, "does not belong"), (borrowed, "somebody else's")):
        with pytest.raises(Refusal, match=words):
            decisions.approve(city.desk, request.id, city.acting("sato"), seen=request.digest, sign=sign)
    assert city.state(request) is State.SUBMITTED
