"""A signed-in person at a terminal: what the session was proven with, and whether it still holds."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from accesscontrol.clock import to_text
from accesscontrol.messages import N_
from accesscontrol.people import deputies, operators, sign_in_events, terminals
from accesscontrol.people.operators import Operator, State
from accesscontrol.people.reading import Reader
from accesscontrol.people.sign_in_events import Act, SignInEvent
from accesscontrol.people.terminals import Terminal, TerminalState
from accesscontrol.refusals import Refusal
from accesscontrol.store import Store, Transaction


class MustChange(StrEnum):
    """Why the password must be changed before anything else (AC-PWD-01, AC-PWD-03)."""

    TEMPORARY = "temporary"
    EXPIRED = "expired"
    POLICY = "policy"


MUST_CHANGE_TITLES: Final[Mapping[MustChange, str]] = {
    MustChange.TEMPORARY: N_("Your password is temporary. Choose one of your own."),
    MustChange.EXPIRED: N_("The period of your password has ended. Choose a new one."),
    MustChange.POLICY: N_("The rules for passwords are stricter now. Choose a new one."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A person at a terminal since an instant (UTC), with both factors and their times (AC-AUT-01).

    ``operator`` has the roles of the moment of signing in, lent ones too; acts ask :func:`require` for those of
    now. ``password_until`` is None when passwords don't age.
    """

    id: str
    operator: Operator
    terminal: Terminal
    since: datetime
    password_at: datetime
    factor_at: datetime
    factor_method: str
    factor_kind: str
    must_change: MustChange | None = None
    password_until: datetime | None = None

    def days_left(self, at: datetime) -> int | None:
        """Return the whole days until the password must be changed, or None when it doesn't age."""
        return None if self.password_until is None else max(0, (self.password_until - at) // timedelta(days=1))


def start(
    tx: Transaction,
    operator: Operator,
    terminal: Terminal,
    *,
    factor_method: str,
    factor_kind: str,
    must_change: MustChange | None,
    password_until: datetime | None,
) -> Session:
    """Open a session in the store. The caller records the act."""
    session = Session(
        id=secrets.token_hex(16),
        operator=operator,
        terminal=terminal,
        since=tx.at,
        password_at=tx.at,
        factor_at=tx.at,
        factor_method=factor_method,
        factor_kind=factor_kind,
        must_change=must_change,
        password_until=password_until,
    )
    at = to_text(tx.at)
    tx.execute(
        "INSERT INTO operator_session (id, login, terminal, since, password_at, factor_at, factor_method, factor_kind)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (session.id, operator.login, terminal.name, at, at, at, factor_method, factor_kind),
    )
    return session


def renew(tx: Transaction, session: Session, *, factor_method: str, factor_kind: str) -> Session:
    """Note that both factors were proven again now. The caller records the act."""
    at = to_text(tx.at)
    tx.execute(
        "UPDATE operator_session SET password_at = ?, factor_at = ?, factor_method = ?, factor_kind = ? WHERE id = ?",
        (at, at, factor_method, factor_kind, session.id),
    )
    return replace(
        session,
        password_at=tx.at,
        factor_at=tx.at,
        factor_method=factor_method,
        factor_kind=factor_kind,
    )


def require(reader: Reader, session: Session, at: datetime) -> Operator:
    """Return the session's operator with the roles of ``at``, or refuse: ask before every act (AC-AUT-03, AC-AUT-04).

    Refused when the session was ended, the login is locked, disabled or out of its period, the terminal has left
    the register or the office, or a password change is due.
    """
    if session.must_change is not None:
        raise Refusal(N_("Change your password first."), control="AC-PWD-01")
    return require_open(reader, session, at)


def require_open(reader: Reader, session: Session, at: datetime) -> Operator:
    """Do as :func:`require` does, for the acts that a person with a due password change may still do."""
    row = reader.row("SELECT ended_at FROM operator_session WHERE id = ?", (session.id,))
    operator = operators.find(reader, session.operator.login)
    if operator is not None and operator.state is State.LOCKED:
        raise Refusal(N_("This login is locked. A colleague must open it."), control="AC-AUT-01")
    if row is None or row["ended_at"] is not None or operator is None or not operator.usable(at):
        raise Refusal(N_("This session has ended. Sign in again."), control="AC-AUT-03")
    terminal = terminals.find(reader, session.terminal.name)
    if terminal is None or terminal.state is not TerminalState.REGISTERED:
        raise Refusal(N_("This terminal may not be used any more."), control="AC-AUT-04")
    return replace(operator, roles=deputies.roles_now(reader, operator, at))


def sign_out(store: Store, session: Session, *, reason: str = "signed-out") -> None:
    """End the session (act ``session.closed``); one that has ended already stays as it ended."""
    with store.transaction() as tx:
        changed = tx.execute(
            "UPDATE operator_session SET ended_at = ?, end_reason = ? WHERE id = ? AND ended_at IS NULL",
            (to_text(tx.at), reason, session.id),
        ).rowcount
        if changed != 1:
            return
        operator, terminal = session.operator, session.terminal.name
        sign_in_events.write(
            tx,
            SignInEvent(
                at=tx.at,
                act=Act.SIGN_OUT,
                login=operator.login,
                staff_number=operator.staff_number,
                terminal=terminal,
                session=session.id,
            ),
        )
        tx.record(
            "session.closed",
            actor=operator.staff_number,
            subject=operator.login,
            terminal=terminal,
            session=session.id,
            reason=reason,
        )
