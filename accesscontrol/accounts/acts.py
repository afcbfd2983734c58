"""What a request may ask about one user ID, worked out once for show and for real: issue, change, extend, revoke.

The end of what is granted is the earliest of the request's last day and the end that roster, contract or employment
set for the person (AC-USR-03); which of them it was is the rule applied, and the cause is the trigger (AC-USR-01).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Final, TypeAlias
from zoneinfo import ZoneInfo

import msgspec

from accesscontrol.accounts import desired, ledger, reading
from accesscontrol.accounts.lines import open_grants
from accesscontrol.accounts.model import ACCESS, Cause, DisableReason, Person, PersonKind, Terms
from accesscontrol.canonical import JSON
from accesscontrol.clock import end_of_day, start_of_day, to_text
from accesscontrol.messages import N_
from accesscontrol.people.reading import Reader
from accesscontrol.refusals import Refusal
from accesscontrol.store import Transaction

BY_REQUEST: Final = N_("end by the request")
BY_PERSON: Final = N_("end by roster, contract or employment")
NO_END: Final = N_("no end known; it ends with the employment")
_BEGINNINGS: Final[Mapping[PersonKind, frozenset[Cause]]] = {
    PersonKind.EMPLOYEE: frozenset({Cause.APPOINTMENT, Cause.TRANSFER, Cause.LOSS}),
    PersonKind.TEMPORARY: frozenset({Cause.APPOINTMENT, Cause.TRANSFER, Cause.LOSS}),
    PersonKind.CONTRACTOR: frozenset({Cause.CONTRACT_START, Cause.LOSS}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """On what ground an act is done: who decided it, by which request, and by whose hand at which terminal."""

    zone: ZoneInfo
    decided_by: str
    request: str
    actor: str
    terminal: str


class IssueAccount(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="act", tag="issue"):
    """A new ID for a person of the roster, from ``first_day`` (now) to the end of ``last_day``, with ``rights``."""

    title: ClassVar[str] = N_("issue")

    system: str
    user_id: str
    staff_number: str
    cause: Cause
    rights: str = ""
    first_day: date | None = None
    last_day: date | None = None

    def carry_out(self, tx: Transaction, ground: Ground) -> None:
        """Enter the ID and its grants."""
        person = _holder(tx, self.staff_number)
        _check_cause(person, self.cause)
        since = start_of_day(self.first_day, ground.zone) if self.first_day else tx.at
        terms = _terms(person, self.cause, max(since, tx.at), self.last_day, ground)
        rights = names_in(self.rights)
        ledger.issue(
            tx,
            self.system,
            self.user_id,
            self.staff_number,
            rights,
            terms,
            actor=ground.actor,
            terminal=ground.terminal,
        )


class ChangeAccount(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="act", tag="change"
):
    """Rights to add to an ID, to the end of ``last_day``, and rights to take from it."""

    title: ClassVar[str] = N_("change")

    system: str
    user_id: str
    cause: Cause
    add: str = ""
    remove: str = ""
    first_day: date | None = None
    last_day: date | None = None

    def carry_out(self, tx: Transaction, ground: Ground) -> None:
        """Grant and end the rights."""
        adding, removing = names_in(self.add), names_in(self.remove)
        if not adding and not removing:
            raise Refusal(N_("A change names rights to add or to remove."), control="AC-USR-01")
        person = _owner(tx, self.system, self.user_id)
        for right in removing:
            _end(tx, self.system, self.user_id, right, ground)
        since = start_of_day(self.first_day, ground.zone) if self.first_day else tx.at
        for right in adding:
            terms = _terms(person, self.cause, max(since, tx.at), self.last_day, ground)
            ledger.grant(tx, self.system, self.user_id, right, terms, actor=ground.actor, terminal=ground.terminal)


class ExtendAccount(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="act", tag="extend"
):
    """Another last day for an ID; one that lapsed gets its access anew."""

    title: ClassVar[str] = N_("extension")

    system: str
    user_id: str
    cause: Cause
    last_day: date

    def carry_out(self, tx: Transaction, ground: Ground) -> None:
        """Move the end of the ID, or grant access again."""
        person = _owner(tx, self.system, self.user_id)
        terms = _terms(person, self.cause, tx.at, self.last_day, ground)
        alive = any(each.entitlement == ACCESS for each in open_grants(tx, self.system, self.user_id, tx.at))
        if alive:
            ledger.extend(tx, self.system, self.user_id, terms, actor=ground.actor, terminal=ground.terminal)
        else:
            ledger.grant(tx, self.system, self.user_id, ACCESS, terms, actor=ground.actor, terminal=ground.terminal)


class RevokeAccount(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="act", tag="revoke"
):
    """The end of everything that an ID holds or will hold."""

    title: ClassVar[str] = N_("revocation")

    system: str
    user_id: str
    ground: DisableReason

    def carry_out(self, tx: Transaction, ground: Ground) -> None:
        """End every grant of the ID."""
        ended = ledger.revoke(
            tx,
            self.system,
            self.user_id,
            self.ground,
            actor=ground.actor,
            request=ground.request,
            terminal=ground.terminal,
        )
        if not ended:
            raise Refusal(
                N_("{system}/{user_id} has lapsed already: there is nothing to revoke."),
                control="AC-USR-07",
                system=self.system,
                user_id=self.user_id,
            )


Act: TypeAlias = IssueAccount | ChangeAccount | ExtendAccount | RevokeAccount


def names_in(text: str) -> tuple[str, ...]:
    """Return the names in ``text``, which commas separate, each once."""
    return tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))


def owner_of(reader: Reader, act: Act) -> str:
    """Return the staff number of the person whom an act is about, empty when the ID isn't known."""
    if isinstance(act, IssueAccount):
        return act.staff_number
    account = reading.find_account(reader, act.system, act.user_id)
    return account.staff_number if account else ""


def require_office(tx: Transaction, act: Act, offices: Collection[str]) -> None:
    """Refuse an act that gives something to a member of another office than ``offices``; none means every office.

    A contractor's worker belongs to no office of the city and goes by the roster (AC-CTR-01).
    """
    takes_only = isinstance(act, RevokeAccount) or (isinstance(act, ChangeAccount) and not act.add)
    person = reading.find_person(tx, owner_of(tx, act))
    if not offices or takes_only or person is None or person.kind is PersonKind.CONTRACTOR:
        return
    if person.office not in offices:
        raise Refusal(
            N_("{name} ({staff_number}) belongs to {office}. IDs on {system} are for members of: {offices}."),
            control="AC-USR-08",
            name=person.name,
            staff_number=person.staff_number,
            office=person.office,
            system=act.system,
            offices=", ".join(offices),
        )


def standing(tx: Transaction, act: Act) -> dict[str, JSON]:
    """Return what the ledger says of the ID of an act: its owner, and each right with its end and the rule of it."""
    account = reading.find_account(tx, act.system, act.user_id)
    if account is None:
        return {}
    entry = desired.entry(tx, act.system, act.user_id)
    lines: list[dict[str, JSON]] = [
        {
            "right": grant.entitlement,
            "from": to_text(grant.valid_from) if grant.valid_from > tx.at else None,
            "until": _text(entry.end_of(grant)),
            "rule": grant.rule,
        }
        for grant in open_grants(tx, act.system, act.user_id, tx.at)
    ]
    lines.sort(key=lambda line: str(line["right"]))
    return {"owner": account.staff_number, "rights": lines}


def _holder(tx: Transaction, staff_number: str) -> Person:
    """Return the person of the roster; for a contractor's worker the roster is the only way in (AC-CTR-01)."""
    person = reading.get_person(tx, staff_number)
    if person.kind is PersonKind.CONTRACTOR and person.valid_until is None:
        raise Refusal(
            N_("{name} ({staff_number}) stands on no roster of a contract in force. Import the roster first."),
            control="AC-CTR-01",
            name=person.name,
            staff_number=staff_number,
        )
    return person


def _owner(tx: Transaction, system: str, user_id: str) -> Person:
    account = reading.get_account(tx, system, user_id)
    return _holder(tx, account.staff_number)


def _check_cause(person: Person, cause: Cause) -> None:
    allowed = _BEGINNINGS[person.kind]
    if cause not in allowed:
        raise Refusal(
            N_("An ID of this person is issued for one of these causes: {causes}."),
            control="AC-USR-01",
            causes=sorted(allowed),
        )


def _terms(person: Person, cause: Cause, since: datetime, last_day: date | None, ground: Ground) -> Terms:
    """Return the terms with the earliest end, and the rule by which it is the end.

    A known end of the person is frozen for contractors and temporary staff: a renewed contract extends nobody's ID
    by itself.
    """
    asked = end_of_day(last_day, ground.zone) if last_day else None
    known = person.valid_until if person.kind is not PersonKind.EMPLOYEE else None
    end = min((each for each in (asked, known) if each is not None), default=None)
    bound = person.valid_until
    if bound is not None and (end is None or bound <= end):
        rule = BY_PERSON
    else:
        rule = BY_REQUEST if end is not None else NO_END
    return Terms(
        cause=cause,
        granted_by=ground.decided_by,
        valid_from=since,
        valid_until=end,
        rule=rule,
        request=ground.request,
    )


def _end(tx: Transaction, system: str, user_id: str, right: str, ground: Ground) -> None:
    found: Iterable[int] = [
        each.number for each in open_grants(tx, system, user_id, tx.at) if each.entitlement == right
    ]
    if not found:
        raise Refusal(
            N_("{system}/{user_id} doesn't have {right}."),
            control="AC-USR-07",
            system=system,
            user_id=user_id,
            right=right,
        )
    for number in found:
        ledger.end_grant(
            tx, number, DisableReason.REPLACED, actor=ground.actor, request=ground.request, terminal=ground.terminal
        )


def _text(at: datetime | None) -> str | None:
    return to_text(at) if at else None
