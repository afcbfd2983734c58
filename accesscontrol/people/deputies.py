"""Deputies: a role of someone absent, lent for a period, with a reason, and never to the same person."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from accesscontrol import rows
from accesscontrol.clock import to_text
from accesscontrol.messages import N_, Phrase
from accesscontrol.people import operators
from accesscontrol.people.operators import Operator
from accesscontrol.people.reading import Reader
from accesscontrol.people.roles import ROLE_TITLES, Role, conflict
from accesscontrol.refusals import Refusal
from accesscontrol.store import Transaction

_LONGEST: Final = timedelta(days=366)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deputy:
    """``deputy`` (a login) may act in ``role`` of ``principal`` (a login) from ``valid_from`` up to ``valid_until``."""

    id: int
    role: Role
    principal: str
    deputy: str
    valid_from: datetime
    valid_until: datetime
    reason: str
    appointed_by: str
    revoked_at: datetime | None = None

    def in_force(self, at: datetime) -> bool:
        """Tell whether the appointment holds at ``at``, as far as it depends on itself."""
        return self.valid_from <= at < self.valid_until and (self.revoked_at is None or at < self.revoked_at)


def appoint(
    tx: Transaction,
    role: Role,
    *,
    principal: str,
    deputy: str,
    valid_from: datetime,
    valid_until: datetime,
    reason: str,
    actor: str,
) -> int:
    """Appoint a deputy (act ``deputy.appointed``) and return the appointment's number.

    Only a role that the principal holds personally can be lent, for at most a year, not to another login of
    the same person, not by the deputy, and not where the deputy's own roles stand against it.
    """
    lender, stand_in = operators.get(tx, principal), operators.get(tx, deputy)
    _check_appointment(tx, role, lender, stand_in, actor)
    if not valid_from < valid_until <= valid_from + _LONGEST:
        raise Refusal(N_("A deputy is appointed for a period of at most a year, with its end after its beginning."))
    if not reason.strip():
        raise Refusal(N_("Give a reason: it is kept with the entry."))
    cursor = tx.execute(
        "INSERT INTO deputy (role, principal, deputy, valid_from, valid_until, reason, appointed_by)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (role.value, principal, deputy, to_text(valid_from), to_text(valid_until), reason, actor),
    )
    number = int(cursor.lastrowid or 0)
    tx.record(
        "deputy.appointed",
        actor=actor,
        subject=deputy,
        appointment=number,
        role=role.value,
        principal=principal,
        valid_from=to_text(valid_from),
        valid_until=to_text(valid_until),
        reason=reason,
    )
    return number


def _check_appointment(tx: Transaction, role: Role, lender: Operator, stand_in: Operator, actor: str) -> None:
    if role not in lender.roles:
        raise Refusal(
            N_("{login} doesn't hold the role {role} personally, so it can't be lent."),
            control="AC-AUT-03",
            login=lender.login,
            role=Phrase(ROLE_TITLES[role]),
        )
    if stand_in.staff_number == lender.staff_number:
        raise Refusal(N_("A person can't be their own deputy, not under another login either."), control="AC-AUT-03")
    if stand_in.staff_number == actor:
        raise Refusal(N_("Nobody appoints themselves. Ask a second person."), control="AC-AUT-03")
    own = frozenset[Role]().union(
        *(login.roles for login in operators.logins_of(tx, stand_in.staff_number)),
    )
    clash = conflict(own | {role})
    if clash is not None:
        raise Refusal(
            N_("One person can't hold the roles {first} and {second} together."),
            control="AC-AUT-03",
            first=Phrase(ROLE_TITLES[clash[0]]),
            second=Phrase(ROLE_TITLES[clash[1]]),
        )


def revoke(tx: Transaction, number: int, *, reason: str, actor: str) -> None:
    """End an appointment now (act ``deputy.revoked``); one that has ended already is refused."""
    changed = tx.execute(
        "UPDATE deputy SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL AND valid_until > ?",
        (to_text(tx.at), number, to_text(tx.at)),
    ).rowcount
    if changed != 1:
        raise Refusal(N_("There is no running appointment {number}."), number=number)
    tx.record("deputy.revoked", actor=actor, subject=str(number), reason=reason)


def running(reader: Reader, at: datetime) -> list[Deputy]:
    """Return the appointments in force at ``at`` whose principal can still sign in and still holds the role.

    A damaged one is not in force, whichever of its columns it is, and is noted.
    """
    appointments = rows.values(reader.rows("SELECT * FROM deputy ORDER BY id"), _deputy, reader.note_damage)
    return [each for each in appointments if each.in_force(at) and _stands(reader, each, at)]


_deputy: Final = rows.Mapper(Deputy, "deputy", "id")


def _stands(reader: Reader, appointment: Deputy, at: datetime) -> bool:
    principal = operators.find(reader, appointment.principal)
    return (
        principal is not None
        and principal.state is not operators.State.DISABLED
        and principal.valid(at)
        and appointment.role in principal.roles
    )


def roles_now(reader: Reader, operator: Operator, at: datetime) -> frozenset[Role]:
    """Return the roles of ``operator`` at ``at``: those of its own and those lent to it."""
    lent = {each.role for each in running(reader, at) if each.deputy == operator.login}
    return operator.roles | lent
