"""Operators of the console: who they are, what they may do, and until when.

The staff number is the person; several logins may belong to one staff number, and every rule of separation
looks at the staff number. A login is never given out again.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from sqlite3 import Row
from typing import Final

from accesscontrol import rows
from accesscontrol.clock import to_text
from accesscontrol.individual_numbers import mask_individual_numbers
from accesscontrol.messages import N_, Phrase
from accesscontrol.people import sign_in_events
from accesscontrol.people.reading import Reader
from accesscontrol.people.roles import ROLE_TITLES, Role, conflict
from accesscontrol.people.sign_in_events import Act, SignInEvent
from accesscontrol.refusals import Refusal
from accesscontrol.rows import Note
from accesscontrol.store import Transaction

SYSTEM: Final = "system"
_LOGIN: Final = re.compile(r"[a-z][a-z0-9._-]{1,31}")
_STAFF_NUMBER: Final = re.compile(r"[0-9A-Za-z-]{1,20}")
_LONGEST_NAME: Final = 100
# Without a holder of these nobody could issue an ID or unlock a colleague again.
_INDISPENSABLE: Final = (Role.SYSTEM_ADMIN, Role.IDPW_CUSTODIAN)


class State(StrEnum):
    """Where a login stands: locked is the work of failures and opens again, disabled is a decision."""

    ENABLED = "enabled"
    LOCKED = "locked"
    DISABLED = "disabled"


STATE_TITLES: Final[Mapping[State, str]] = {
    State.ENABLED: N_("enabled"),
    State.LOCKED: N_("locked"),
    State.DISABLED: N_("disabled"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """One login of one person. Validity runs from ``valid_from`` up to, not including, ``valid_until`` (UTC)."""

    staff_number: str
    login: str
    name: str
    name_kana: str
    office: str
    roles: frozenset[Role]
    valid_from: datetime
    valid_until: datetime | None = None
    state: State = State.ENABLED

    def valid(self, at: datetime) -> bool:
        """Tell whether the login's period of validity holds at ``at``."""
        return self.valid_from <= at and (self.valid_until is None or at < self.valid_until)

    def usable(self, at: datetime) -> bool:
        """Tell whether the login is enabled and valid at ``at``; enabling never outranks an end of validity."""
        return self.state is State.ENABLED and self.valid(at)


def find(reader: Reader, login: str) -> Operator | None:
    """Return the operator with this login, with the roles of its own (deputies aside), or None."""
    found = _read(reader, "WHERE login = ?", None, login)
    return found[0] if found else None


def get(reader: Reader, login: str) -> Operator:
    """Return the operator with this login; an unknown login is refused."""
    operator = find(reader, login)
    if operator is None:
        raise Refusal(N_("There is no operator with the login {login}."), login=login)
    return operator


def every(reader: Reader, *, whole: bool = False) -> list[Operator]:
    """Return all operators in order of office and login, disabled ones too.

    A damaged one is passed over and noted; where the list must be ``whole`` it is refused.
    """
    return _read(reader, "", None if whole else reader.note_damage)


def logins_of(reader: Reader, staff_number: str) -> list[Operator]:
    """Return all logins of one person."""
    return _read(reader, "WHERE staff_number = ?", None, staff_number)


def holders(reader: Reader, role: Role, at: datetime) -> list[Operator]:
    """Return the operators who hold ``role`` themselves and can sign in at ``at``."""
    return [operator for operator in every(reader) if role in operator.roles and operator.usable(at)]


def _read(reader: Reader, where: str, note: Note | None, *parameters: str) -> list[Operator]:
    found = reader.rows(
        # where is one of three constants above
        "SELECT *, (SELECT group_concat(role) FROM operator_role r WHERE r.login = operator.login) AS roles"  # noqa: S608
        f" FROM operator {where} ORDER BY office, login",
        parameters,
    )
    return rows.values(found, _operator, note)


_stored: Final = rows.Mapper(Operator, "operator", "login")


@rows.of("operator", "login")
def _operator(row: Row) -> Operator:
    return _stored(row, roles=frozenset(Role(name) for name in (row["roles"] or "").split(",") if name))


def add(tx: Transaction, operator: Operator, *, actor: str) -> None:
    """Enter a new login (act ``operator.added``). A login that exists or ever existed is refused (AC-USR-01)."""
    _check_identity(operator)
    not_oneself(operator, actor)
    if find(tx, operator.login) is not None:
        raise Refusal(
            N_("The login {login} is or was in use. A login is never given out again."),
            control="AC-USR-01",
            login=operator.login,
        )
    _check_roles(tx, operator, operator.roles)
    tx.db.table("operator").insert(
        {
            "login": operator.login,
            "staff_number": operator.staff_number,
            "name": operator.name,
            "name_kana": operator.name_kana,
            "office": operator.office,
            "state": State.ENABLED,
            "valid_from": to_text(operator.valid_from),
            "valid_until": to_text(operator.valid_until) if operator.valid_until else None,
        }
    )
    _write_roles(tx, operator.login, operator.roles)
    tx.record(
        "operator.added",
        actor=actor,
        subject=operator.login,
        staff_number=operator.staff_number,
        office=operator.office,
        roles=sorted(operator.roles),
        valid_from=to_text(operator.valid_from),
        valid_until=to_text(operator.valid_until) if operator.valid_until else None,
    )


def assign_roles(tx: Transaction, login: str, roles: Iterable[Role], *, reason: str, actor: str) -> None:
    """Give the login exactly these roles (act ``roles.assigned``); nobody assigns roles to themselves."""
    operator = get(tx, login)
    wanted = frozenset(roles)
    _needs_reason(reason)
    not_oneself(operator, actor)
    _check_roles(tx, operator, wanted)
    for role in operator.roles - wanted:
        _not_the_last(tx, operator, role)
    tx.execute("DELETE FROM operator_role WHERE login = ?", (login,))
    _write_roles(tx, login, wanted)
    tx.record(
        "roles.assigned",
        actor=actor,
        subject=login,
        before=sorted(operator.roles),
        after=sorted(wanted),
        reason=reason,
    )


def disable(tx: Transaction, login: str, *, reason: str, actor: str) -> None:
    """Disable the login and end its sessions (act ``operator.disabled``); the last administrator stays."""
    operator = get(tx, login)
    _needs_reason(reason)
    for role in operator.roles:
        _not_the_last(tx, operator, role)
    _move(tx, operator, State.DISABLED, reason)
    tx.execute(
        "UPDATE operator_session SET ended_at = ?, end_reason = 'disabled' WHERE login = ? AND ended_at IS NULL",
        (to_text(tx.at), login),
    )
    tx.record("operator.disabled", actor=actor, subject=login, reason=reason)


def enable(tx: Transaction, login: str, *, reason: str, actor: str) -> None:
    """Enable a disabled login again (act ``operator.enabled``); its end of validity stays as it is."""
    operator = get(tx, login)
    _needs_reason(reason)
    not_oneself(operator, actor)
    _expect(operator, State.DISABLED)
    _check_roles(tx, operator, operator.roles)
    _move(tx, operator, State.ENABLED, reason)
    tx.record("operator.enabled", actor=actor, subject=login, reason=reason)


def unlock(tx: Transaction, login: str, *, reason: str, actor: str) -> None:
    """Open a login that failures have locked (act ``operator.unlocked``); it takes a second person."""
    operator = get(tx, login)
    _needs_reason(reason)
    not_oneself(operator, actor)
    _expect(operator, State.LOCKED)
    _move(tx, operator, State.ENABLED, reason)
    opened = SignInEvent(at=tx.at, act=Act.UNLOCK, login=login, staff_number=operator.staff_number)
    sign_in_events.write(tx, opened)
    tx.record("operator.unlocked", actor=actor, subject=login, reason=reason)


def lock(tx: Transaction, login: str, *, reason: str, actor: str = SYSTEM) -> None:
    """Lock an enabled login (act ``operator.locked``); its open sessions prove nothing more until it is opened."""
    operator = get(tx, login)
    _expect(operator, State.ENABLED)
    _move(tx, operator, State.LOCKED, reason)
    tx.record("operator.locked", actor=actor, subject=login, reason=reason)


def set_validity(
    tx: Transaction,
    login: str,
    *,
    valid_from: datetime,
    valid_until: datetime | None,
    reason: str,
    actor: str,
) -> None:
    """Set the period of validity (act ``operator.validity-set``); nobody extends their own."""
    operator = get(tx, login)
    _needs_reason(reason)
    not_oneself(operator, actor)
    _check_period(valid_from, valid_until)
    if valid_until is not None and valid_until <= tx.at:
        for role in operator.roles:
            _not_the_last(tx, operator, role)
    tx.execute(
        "UPDATE operator SET valid_from = ?, valid_until = ? WHERE login = ?",
        (to_text(valid_from), to_text(valid_until) if valid_until else None, login),
    )
    tx.record(
        "operator.validity-set",
        actor=actor,
        subject=login,
        valid_from=to_text(valid_from),
        valid_until=to_text(valid_until) if valid_until else None,
        reason=reason,
    )


def _write_roles(tx: Transaction, login: str, roles: frozenset[Role]) -> None:
    for role in sorted(roles):
        tx.execute("INSERT INTO operator_role (login, role) VALUES (?, ?)", (login, role))


def _move(tx: Transaction, operator: Operator, state: State, reason: str) -> None:
    tx.execute("UPDATE operator SET state = ?, reason = ? WHERE login = ?", (state.value, reason, operator.login))


def _expect(operator: Operator, state: State) -> None:
    if operator.state is not state:
        raise Refusal(
            N_("The login {login} is {state}, so this can't be done."),
            login=operator.login,
            state=Phrase(STATE_TITLES[operator.state]),
        )


def _needs_reason(reason: str) -> None:
    if not reason.strip():
        raise Refusal(N_("Give a reason: it is kept with the entry."))


def not_oneself(operator: Operator, actor: str) -> None:
    """Refuse an act on a login of the actor's own, under whichever login it is done."""
    if actor == operator.staff_number:
        raise Refusal(
            N_("Nobody does this for a login of their own. Ask a second person."),
            control="AC-AUT-03",
            login=operator.login,
        )


def _not_the_last(tx: Transaction, operator: Operator, role: Role) -> None:
    if role in _INDISPENSABLE and operator.usable(tx.at):
        others = [other for other in holders(tx, role, tx.at) if other.login != operator.login]
        if not others:
            raise Refusal(
                N_("{login} is the last one with the role {role}. Give the role to someone else first."),
                control="AC-USR-01",
                login=operator.login,
                role=Phrase(ROLE_TITLES[role]),
            )


def _check_roles(tx: Transaction, operator: Operator, wanted: frozenset[Role]) -> None:
    others = [
        other
        for other in logins_of(tx, operator.staff_number)
        if other.login != operator.login and other.state is not State.DISABLED
    ]
    clash = conflict(wanted.union(*(other.roles for other in others)))
    if clash is not None:
        raise Refusal(
            N_("One person can't hold the roles {first} and {second} together."),
            control="AC-AUT-03",
            first=Phrase(ROLE_TITLES[clash[0]]),
            second=Phrase(ROLE_TITLES[clash[1]]),
        )


def _check_period(valid_from: datetime, valid_until: datetime | None) -> None:
    if valid_until is not None and valid_until <= valid_from:
        raise Refusal(N_("The end of validity must lie after its beginning."), control="AC-USR-03")


def _check_identity(operator: Operator) -> None:
    _check_period(operator.valid_from, operator.valid_until)
    if not _LOGIN.fullmatch(operator.login):
        raise Refusal(
            N_("A login has 2 to 32 characters: small letters, digits, dot, hyphen, underscore; a letter first.")
        )
    masked = mask_individual_numbers(operator.staff_number) != operator.staff_number
    if masked or not _STAFF_NUMBER.fullmatch(operator.staff_number) or operator.staff_number == SYSTEM:
        raise Refusal(N_("A staff number has 1 to 20 letters, digits or hyphens, and is no individual number."))
    for text in (operator.name, operator.name_kana, operator.office):
        # the ideographic space stands between family and given name; Python does not count it as printable
        if not text.strip() or len(text) > _LONGEST_NAME or not text.replace("\u3000", " ").isprintable():
            raise Refusal(N_("Name, reading and office are needed, without control characters, up to 100 each."))
