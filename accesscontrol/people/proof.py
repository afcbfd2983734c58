"""The one way in which a person is proven: both factors, judged in one transaction that also keeps the failure."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeVar

from accesscontrol.messages import N_
from accesscontrol.people import deputies, factors, keys, operators, passwords, sign_in_events
from accesscontrol.people.factors import Answer, Authenticator, TypedCode, Verdict
from accesscontrol.people.operators import Operator, State
from accesscontrol.people.passwords import HashedPassword, StoredPassword
from accesscontrol.people.policy import SignInPolicy
from accesscontrol.people.secret import Secret
from accesscontrol.people.security_keys import SecurityKeyMethod
from accesscontrol.people.sign_in_events import Act, Reason, SignInEvent
from accesscontrol.people.totp import TotpMethod
from accesscontrol.refusals import Refusal
from accesscontrol.store import Store, Transaction

_Result = TypeVar("_Result")

METHODS: Final[dict[str, factors.Method]] = {method.name: method for method in (TotpMethod(), SecurityKeyMethod())}

_VAGUE: Final = N_(
    "The sign-in was refused. Check login, password and code; after several failures a login is locked until a"
    " colleague opens it."
)
# Told only to someone whose two factors were right, or whose session already proved who it is.
_CLEAR: Final[dict[Reason, str]] = {
    Reason.USED_CODE: N_("This code has been used. Wait for the next one."),
    Reason.SUBSTITUTE_REFUSED: N_("This site admits biometric factors only. Use your security key."),
    Reason.COUNTER_WENT_BACK: N_("The security key may have been copied. Report it to the security officer."),
    Reason.DISABLED: N_("This login is disabled."),
    Reason.NOT_YET_VALID: N_("This login is not valid yet."),
    Reason.EXPIRED: N_("The validity of this login has ended."),
    Reason.PASSWORD_LAPSED: N_("The temporary password has been used or has lapsed. Ask for a new one."),
    Reason.PASSWORD_DUE: N_("Change your password first."),
    Reason.UNREGISTERED_TERMINAL: N_("This terminal is not registered. Use a registered one."),
    Reason.TERMINAL_OUT: N_("This terminal is marked as taken out of the office."),
    Reason.UNRESTRICTED_TERMINAL: N_("Temporary staff may use only terminals without internet, mail and media."),
}
_CLEAR_IN_SESSION: Final[dict[Reason, str]] = {
    Reason.WRONG_PASSWORD: N_("The password or the code is wrong."),
    Reason.WRONG_CODE: N_("The password or the code is wrong."),
    Reason.LOCKED: N_("This login is locked. A colleague must open it."),
}
_CONTROLS: Final[dict[Reason, str]] = {
    Reason.SUBSTITUTE_REFUSED: "AC-AUT-02",
    Reason.COUNTER_WENT_BACK: "AC-AUT-02",
    Reason.UNREGISTERED_TERMINAL: "AC-AUT-04",
    Reason.TERMINAL_OUT: "AC-TRM-01",
    Reason.UNRESTRICTED_TERMINAL: "AC-TRM-02",
    Reason.EXPIRED: "AC-USR-03",
    Reason.PASSWORD_DUE: "AC-PWD-01",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """Who tries what from where. ``session`` is empty unless a session stands behind the attempt."""

    act: Act
    login: str
    terminal: str
    session: str = ""
    challenge: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A person proven by both factors at ``at``; ``root`` opens what is sealed under the password."""

    operator: Operator
    stored: StoredPassword
    root: Secret
    factor: Verdict
    at: datetime


def prove(
    store: Store,
    policy: SignInPolicy,
    attempt: Attempt,
    password: Secret,
    code: Secret | Authenticator,
    then: Callable[[Transaction, Proof], _Result | Reason],
) -> _Result:
    """Prove both factors, then run ``then`` in the same transaction and return its result.

    Every failure becomes an access event and a trail entry, counts towards the lock, and is raised as a
    ``Refusal`` after they are committed; ``then`` may add a ``Reason`` of its own. The slow derivation runs
    before the transaction, and equally long for a login that doesn't exist.
    """
    stored = passwords.find(store, attempt.login)
    root = passwords.prove(stored, password, attempt.login, policy)
    dearer = _dearer(stored, root, password, policy)
    challenge = attempt.challenge or os.urandom(32)
    answer = _answer(store, attempt, code, challenge)
    with store.transaction() as tx:
        verdict = _judge(tx, attempt, stored, root, answer, challenge, policy)
        if isinstance(verdict, Proof):
            verdict = _raise_cost(tx, verdict, dearer)
            result = then(tx, verdict)
            if not isinstance(result, Reason):
                _keep(tx, attempt, verdict.operator, verdict.factor)
                return result
            refused = replace(verdict.factor, reason=result)
        else:
            refused = verdict
        _refuse(tx, attempt, refused, policy)
    raise refusal(refused.reason, in_session=bool(attempt.session))


def _dearer(
    stored: StoredPassword | None, root: Secret | None, password: Secret, policy: SignInPolicy
) -> HashedPassword | None:
    """Return a new hash of a right password whose stored parameters cost less than the policy's."""
    if stored is None or root is None or not stored.parameters.weaker_than(policy.passwords.argon2):
        return None
    return passwords.hash_password(password, stored.login, policy)


def _answer(store: Store, attempt: Attempt, code: Secret | Authenticator, challenge: bytes) -> Answer:
    authenticator = TypedCode(code) if isinstance(code, Secret) else code
    credentials = [each.credential for each in factors.enrolled(store, attempt.login) if each.credential]
    return authenticator.answer(challenge, credentials)


def _judge(
    tx: Transaction,
    attempt: Attempt,
    stored: StoredPassword | None,
    root: Secret | None,
    answer: Answer,
    challenge: bytes,
    policy: SignInPolicy,
) -> Proof | Verdict:
    operator = operators.find(tx, attempt.login)
    present = passwords.find(tx, attempt.login)
    reason = _password_reason(operator, stored, present, root)
    if operator is None or present is None or root is None or reason is not Reason.NONE:
        return Verdict(reason=reason)
    verdict = factors.judge(tx, METHODS, attempt.login, answer, challenge=challenge, policy=policy)
    standing = _standing(operator, tx.at)
    if not verdict.passed or standing is not Reason.NONE:
        return verdict if not verdict.passed else replace(verdict, reason=standing)
    operator = replace(operator, roles=deputies.roles_now(tx, operator, tx.at))
    return Proof(operator=operator, stored=present, root=root, factor=verdict, at=tx.at)


def _password_reason(
    operator: Operator | None,
    stored: StoredPassword | None,
    present: StoredPassword | None,
    root: Secret | None,
) -> Reason:
    """Say why the login and password don't pass; ``stored`` was proven, ``present`` is there now."""
    if operator is None:
        return Reason.UNKNOWN_LOGIN
    if operator.state is State.LOCKED:
        return Reason.LOCKED
    if stored is None or present is None or root is None:
        return Reason.WRONG_PASSWORD
    return Reason.NONE if present.salt == stored.salt else Reason.CHANGED_MEANWHILE


def _standing(operator: Operator, at: datetime) -> Reason:
    if operator.state is State.DISABLED:
        return Reason.DISABLED
    if at < operator.valid_from:
        return Reason.NOT_YET_VALID
    return Reason.NONE if operator.valid(at) else Reason.EXPIRED


def _raise_cost(tx: Transaction, proof: Proof, dearer: HashedPassword | None) -> Proof:
    if dearer is None:
        return proof
    login = proof.operator.login
    passwords.rehash(tx, login, dearer)
    keys.reseal(tx, login, old_root=proof.root, new_root=dearer.root)
    tx.record("password.cost-raised", actor=operators.SYSTEM, subject=login)
    return replace(proof, root=dearer.root)


def _keep(tx: Transaction, attempt: Attempt, operator: Operator, factor: Verdict) -> None:
    sign_in_events.write(
        tx,
        SignInEvent(
            at=tx.at,
            act=attempt.act,
            login=operator.login,
            staff_number=operator.staff_number,
            terminal=attempt.terminal,
            factor_method=factor.method,
            factor_kind=factor.kind,
            session=attempt.session,
        ),
    )
    tx.record(
        f"{attempt.act.value}.passed",
        actor=operator.staff_number,
        subject=operator.login,
        terminal=attempt.terminal,
        factor_method=factor.method,
        factor_kind=factor.kind,
        session=attempt.session,
    )


def refuse(store: Store, policy: SignInPolicy, attempt: Attempt, reason: Reason) -> Refusal:
    """Keep a failure that needed no proof (an unregistered terminal) and return the refusal to raise."""
    with store.transaction() as tx:
        _refuse(tx, attempt, Verdict(reason=reason), policy)
    return refusal(reason, in_session=bool(attempt.session))


def _refuse(tx: Transaction, attempt: Attempt, verdict: Verdict, policy: SignInPolicy) -> None:
    operator = operators.find(tx, attempt.login)
    login = operator.login if operator else ""
    sign_in_events.write(
        tx,
        SignInEvent(
            at=tx.at,
            act=attempt.act,
            login=login,
            staff_number=operator.staff_number if operator else "",
            terminal=attempt.terminal,
            reason=verdict.reason,
            factor_method=verdict.method,
            factor_kind=verdict.kind,
            session=attempt.session,
        ),
    )
    tx.record(
        f"{attempt.act.value}.refused",
        actor=operators.SYSTEM,
        subject=login,
        outcome="refused",
        terminal=attempt.terminal,
        reason=verdict.reason.value,
        session=attempt.session,
    )
    if operator is not None and operator.state is State.ENABLED and verdict.reason in sign_in_events.COUNTED:
        since = tx.at - policy.failure_window
        if sign_in_events.failures_in_a_row(tx, login, since=since) >= policy.failures:
            operators.lock(tx, login, reason="failures")


def refusal(reason: Reason, *, in_session: bool) -> Refusal:
    """Return the refusal to show: vague where clear words would help someone who guesses."""
    clear = {**_CLEAR, **_CLEAR_IN_SESSION} if in_session else _CLEAR
    return Refusal(clear.get(reason, _VAGUE), control=_CONTROLS.get(reason, "AC-AUT-01"))
