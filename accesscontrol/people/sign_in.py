"""Signing in, stepping up before an approval, coming back from the idle lock."""

from dataclasses import dataclass

from accesscontrol.people import keys, password_rules, passwords, terminals
from accesscontrol.people import session as sessions
from accesscontrol.people.factors import Authenticator
from accesscontrol.people.keys import Signature
from accesscontrol.people.operators import Operator
from accesscontrol.people.policy import SignInPolicy
from accesscontrol.people.proof import Attempt, Proof, prove, refuse
from accesscontrol.people.roles import Role
from accesscontrol.people.secret import Secret
from accesscontrol.people.session import MustChange, Session
from accesscontrol.people.sign_in_events import Act, Reason
from accesscontrol.people.terminals import Terminal, TerminalState
from accesscontrol.refusals import Refusal
from accesscontrol.store import Store, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedInPlace:
    """A second person's one decision at the first person's terminal: who it was, and the signature."""

    operator: Operator
    signature: Signature


def sign_in(
    store: Store,
    policy: SignInPolicy,
    *,
    login: str,
    password: Secret,
    code: Secret | Authenticator,
    terminal: str,
) -> Session:
    """Open a session, or raise ``Refusal`` (AC-AUT-01, AC-AUT-04).

    ``terminal`` is the fact that the host observes (``terminals.present_fact()``). Unknown login, wrong password,
    wrong code and locked login are refused in the same words and after the same derivation. A session whose
    ``must_change`` is set is good for a password change only.
    """
    place = _terminal(store, policy, Act.SIGN_IN, login, terminal)
    attempt = Attempt(act=Act.SIGN_IN, login=login, terminal=place.name)

    def open_session(tx: Transaction, proof: Proof) -> Session | Reason:
        reason = _misfit(proof.operator, place) or _use_temporary(tx, proof)
        if reason:
            return reason
        return sessions.start(
            tx,
            proof.operator,
            place,
            factor_method=proof.factor.method,
            factor_kind=proof.factor.kind,
            must_change=_must_change(proof, password, policy),
            password_until=proof.stored.ends(policy.passwords),
        )

    return prove(store, policy, attempt, password, code, open_session)


def step_up(
    store: Store,
    policy: SignInPolicy,
    session: Session,
    *,
    password: Secret,
    code: Secret | Authenticator,
    message: bytes,
) -> Signature:
    """Prove both factors of the session's person again and sign ``message`` with their key.

    ``message`` is the digest of what is decided (SHA-256, 32 octets); a security key signs the same octets as its
    challenge. Failures count as those of a sign-in do. Raises ``Refusal``.
    """
    sessions.require(store, session, store.clock.now())
    attempt = Attempt(
        act=Act.STEP_UP,
        login=session.operator.login,
        terminal=session.terminal.name,
        session=session.id,
        challenge=message,
    )

    def sign(tx: Transaction, proof: Proof) -> Signature:
        sessions.require(tx, session, tx.at)
        sessions.renew(tx, session, factor_method=proof.factor.method, factor_kind=proof.factor.kind)
        return _sign(tx, proof, message)

    return prove(store, policy, attempt, password, code, sign)


def sign_in_place(
    store: Store,
    policy: SignInPolicy,
    *,
    login: str,
    password: Secret,
    code: Secret | Authenticator,
    terminal: str,
    message: bytes,
) -> SignedInPlace:
    """Let a second person decide once at someone else's screen: prove both factors, sign ``message``, no session.

    One code is enough where a sign-in with a step-up would need two. Raises ``Refusal``.
    """
    place = _terminal(store, policy, Act.IN_PLACE, login, terminal)
    attempt = Attempt(act=Act.IN_PLACE, login=login, terminal=place.name, challenge=message)

    def sign(tx: Transaction, proof: Proof) -> SignedInPlace | Reason:
        reason = _misfit(proof.operator, place)
        if reason:
            return reason
        if _must_change(proof, password, policy) is not None:
            return Reason.PASSWORD_DUE
        return SignedInPlace(operator=proof.operator, signature=_sign(tx, proof, message))

    return prove(store, policy, attempt, password, code, sign)


def resume(
    store: Store,
    policy: SignInPolicy,
    session: Session,
    *,
    password: Secret,
    code: Secret | Authenticator,
) -> Session:
    """Open a screen that the idle time has locked: both factors again, the same session goes on (AC-TRM-03)."""
    sessions.require_open(store, session, store.clock.now())
    attempt = Attempt(act=Act.RESUME, login=session.operator.login, terminal=session.terminal.name, session=session.id)

    def renew(tx: Transaction, proof: Proof) -> Session:
        sessions.require_open(tx, session, tx.at)
        return sessions.renew(tx, session, factor_method=proof.factor.method, factor_kind=proof.factor.kind)

    return prove(store, policy, attempt, password, code, renew)


def _terminal(store: Store, policy: SignInPolicy, act: Act, login: str, fact: str) -> Terminal:
    place = terminals.find_by_fact(store, fact)
    if place is None:
        raise refuse(store, policy, Attempt(act=act, login=login, terminal=fact), Reason.UNREGISTERED_TERMINAL)
    if place.state is not TerminalState.REGISTERED:
        raise refuse(store, policy, Attempt(act=act, login=login, terminal=place.name), Reason.TERMINAL_OUT)
    return place


def _misfit(operator: Operator, place: Terminal) -> Reason:
    if Role.TEMPORARY_STAFF in operator.roles and not place.restricted:
        return Reason.UNRESTRICTED_TERMINAL
    return Reason.NONE


def _use_temporary(tx: Transaction, proof: Proof) -> Reason:
    until = proof.stored.temporary_until
    if until is None:
        return Reason.NONE
    if tx.at >= until or not passwords.use_temporary(tx, proof.operator.login):
        return Reason.PASSWORD_LAPSED
    return Reason.NONE


def _must_change(proof: Proof, password: Secret, policy: SignInPolicy) -> MustChange | None:
    if proof.stored.temporary_until is not None:
        return MustChange.TEMPORARY
    ends = proof.stored.ends(policy.passwords)
    if ends is not None and proof.at >= ends:
        return MustChange.EXPIRED
    try:
        password_rules.check_form(password, proof.operator, policy.passwords)
    except Refusal:
        return MustChange.POLICY
    return None


def _sign(tx: Transaction, proof: Proof, message: bytes) -> Signature:
    key_id, value = keys.sign(tx, proof.operator.login, proof.root, message)
    return Signature(
        key_id=key_id,
        login=proof.operator.login,
        staff_number=proof.operator.staff_number,
        at=tx.at,
        value=value,
        factor_method=proof.factor.method,
        factor_kind=proof.factor.kind,
        evidence=proof.factor.evidence,
    )
