"""Giving people what they sign in with: enrolment, a password of one's own, a temporary one after a loss."""

from dataclasses import dataclass, replace

from accesscontrol.clock import to_text
from accesscontrol.messages import N_
from accesscontrol.people import (
    factors,
    keys,
    operators,
    password_history,
    password_rules,
    passwords,
    proof,
    sign_in_events,
    totp,
)
from accesscontrol.people import session as sessions
from accesscontrol.people.operators import Operator
from accesscontrol.people.policy import SignInPolicy
from accesscontrol.people.sealing import normalised
from accesscontrol.people.secret import Secret
from accesscontrol.people.session import Session
from accesscontrol.people.sign_in_events import Act, Reason, SignInEvent
from accesscontrol.people.similarity import similar
from accesscontrol.refusals import Refusal
from accesscontrol.store import Store, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """What the person takes from the desk. ``password`` is temporary unless the person chose it there."""

    operator: Operator
    password: Secret
    seed: Secret

    @property
    def uri(self) -> Secret:
        """The ``otpauth://`` address of the seed, for an authenticator program."""
        return totp.provisioning_uri(self.seed, self.operator.login)


def enrol(
    store: Store, policy: SignInPolicy, operator: Operator, *, actor: str, password: Secret | None = None
) -> Enrolment:
    """Add ``operator`` with a password and a one-time-code seed, in one transaction.

    Without ``password`` a temporary one is made: one use, 24 hours by default, to be changed at once. With it
    the person has chosen it at the desk: the rules are checked and the signing key is made.
    """
    if password is not None:
        password_rules.check_form(password, operator, policy.passwords)
        password_rules.check_content(password, operator, policy.passwords)
    given = password or passwords.temporary_password()
    hashed = passwords.hash_password(given, operator.login, policy)
    seed = totp.new_seed()
    with store.transaction() as tx:
        operators.add(tx, operator, actor=actor)
        until = None if password is not None else tx.at + policy.passwords.temporary_validity
        passwords.write(tx, operator.login, hashed, temporary_until=until, policy=policy.passwords)
        act = "password.set" if until is None else "password.issued"
        tx.record(act, actor=actor, subject=operator.login, temporary_until=to_text(until) if until else None)
        totp.enrol(tx, operator.login, seed, label="TOTP", policy=policy, actor=actor)
        if until is None:
            keys.issue(tx, operator, hashed.root, actor=actor)
    return Enrolment(operator=operator, password=given, seed=seed)


def issue_temporary_password(store: Store, policy: SignInPolicy, login: str, *, actor: str) -> Secret:
    """Replace a lost password by a temporary one (act ``password.issued``); nobody does it for themselves.

    The signing key goes with the lost password, because nothing opens it any more; open sessions end.
    """
    given = passwords.temporary_password()
    hashed = passwords.hash_password(given, login, policy)
    with store.transaction() as tx:
        operator = operators.get(tx, login)
        operators.not_oneself(operator, actor)
        until = tx.at + policy.passwords.temporary_validity
        passwords.write(tx, login, hashed, temporary_until=until, policy=policy.passwords)
        keys.retire(tx, login, reason="password-lost", actor=actor)
        tx.execute(
            "UPDATE operator_session SET ended_at = ?, end_reason = 'password-lost'"
            " WHERE login = ? AND ended_at IS NULL",
            (to_text(tx.at), login),
        )
        tx.record("password.issued", actor=actor, subject=login, temporary_until=to_text(until))
    return given


def issue_totp(store: Store, policy: SignInPolicy, login: str, *, actor: str) -> Secret:
    """Enrol a new one-time-code seed in the place of earlier ones, and return it; nobody does it for themselves."""
    seed = totp.new_seed()
    with store.transaction() as tx:
        operator = operators.get(tx, login)
        operators.not_oneself(operator, actor)
        for factor in factors.enrolled(tx, login):
            if factor.method == "totp":
                factors.remove(tx, factor.id, reason="replaced", actor=actor)
        totp.enrol(tx, login, seed, label="TOTP", policy=policy, actor=actor)
    return seed


def change_password(store: Store, policy: SignInPolicy, session: Session, *, current: Secret, new: Secret) -> Session:
    """Set a password of one's own and return the session without its due change (act ``password.changed``).

    Refused: a wrong present password (counted as a failure), a form or content against the rules (AC-PWD-03),
    and a password like the present or an earlier one (AC-PWD-02). The signing key is sealed anew, or made when
    there is none. Slow on purpose.
    """
    operator = sessions.require_open(store, session, store.clock.now())
    login = operator.login
    stored = passwords.find(store, login)
    root = passwords.prove(stored, current, login, policy)
    attempt = proof.Attempt(act=Act.PASSWORD_CHANGE, login=login, terminal=session.terminal.name, session=session.id)
    if stored is None or root is None:
        raise proof.refuse(store, policy, attempt, Reason.WRONG_PASSWORD)
    _check_new(store, policy, operator, current=current, new=new)
    hashed = passwords.hash_password(new, login, policy)
    retiring = None
    if stored.temporary_until is None:
        retiring = password_history.hash_shapes(store, login, current, policy)
    with store.transaction() as tx:
        sessions.require_open(tx, session, tx.at)
        present = passwords.find(tx, login)
        if present is None or present.salt != stored.salt:
            raise proof.refusal(Reason.CHANGED_MEANWHILE, in_session=True)
        passwords.write(tx, login, hashed, shapes=retiring, policy=policy.passwords)
        if not keys.reseal(tx, login, old_root=root, new_root=hashed.root):
            keys.issue(tx, operator, hashed.root, actor=operator.staff_number)
        _keep_change(tx, operator, session)
        changed = passwords.find(tx, login)
    return replace(session, must_change=None, password_until=changed.ends(policy.passwords) if changed else None)


def _keep_change(tx: Transaction, operator: Operator, session: Session) -> None:
    event = SignInEvent(
        at=tx.at,
        act=Act.PASSWORD_CHANGE,
        login=operator.login,
        staff_number=operator.staff_number,
        terminal=session.terminal.name,
        session=session.id,
    )
    sign_in_events.write(tx, event)
    tx.record("password.changed", actor=event.staff_number, subject=event.login, terminal=event.terminal)


def _check_new(store: Store, policy: SignInPolicy, operator: Operator, *, current: Secret, new: Secret) -> None:
    password_rules.check_form(new, operator, policy.passwords)
    password_rules.check_content(new, operator, policy.passwords)
    close = similar(normalised(new), normalised(current), minimum_distance=policy.passwords.minimum_distance)
    shapes = password_history.hash_shapes(store, operator.login, new, policy)
    if close or password_history.resembles_earlier(store, operator.login, new, shapes, policy):
        raise Refusal(
            N_("The new password is the same as or similar to the present or an earlier one. Choose another."),
            control="AC-PWD-02",
        )
