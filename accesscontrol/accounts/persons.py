"""Persons who may hold user IDs, keyed by staff number, and the rules on what may be granted to whom."""

from accesscontrol.accounts import reading
from accesscontrol.accounts.lines import require_name
from accesscontrol.accounts.model import Person, PersonKind, Terms
from accesscontrol.canonical import JSON
from accesscontrol.clock import to_text
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.store import Transaction


def enter_person(tx: Transaction, person: Person, *, actor: str, terminal: str = "") -> None:
    """Enter a person, or bring a known one to these facts (acts ``person.entered``, ``person.changed``)."""
    require_name(person.staff_number)
    if not person.name.strip() or not person.name.replace("\u3000", " ").isprintable():
        raise Refusal(N_("A person needs a name, without control characters."), control="AC-USR-01")
    before = reading.find_person(tx, person.staff_number)
    if before == person:
        return
    values = _columns(person)
    tx.execute(
        f"INSERT INTO person ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})"  # noqa: S608 - own columns
        " ON CONFLICT (staff_number) DO UPDATE SET "
        + ", ".join(f"{column} = excluded.{column}" for column in values if column != "staff_number"),
        tuple(values.values()),
    )
    if before is None:
        facts: dict[str, JSON] = dict(values)
        tx.record("person.entered", actor=actor, subject=person.staff_number, terminal=terminal, facts=facts)
        return
    was = _columns(before)
    changed = [column for column in values if values[column] != was[column]]
    tx.record(
        "person.changed",
        actor=actor,
        subject=person.staff_number,
        terminal=terminal,
        before={column: was[column] for column in changed},
        after={column: values[column] for column in changed},
    )


def require_holder(tx: Transaction, staff_number: str, terms: Terms) -> Person:
    """Return the person who may hold a grant on these terms, or refuse it."""
    person = reading.get_person(tx, staff_number)
    begins = max(terms.valid_from, tx.at)
    if terms.valid_until is not None and terms.valid_until <= begins:
        raise Refusal(N_("The end must be later than the beginning, and still to come."), control="AC-USR-03")
    if person.valid_until is not None and person.valid_until <= begins:
        raise Refusal(
            N_("{name} ({staff_number}) will not be there any more then. Nothing can be granted to them."),
            control="AC-USR-06",
            name=person.name,
            staff_number=staff_number,
        )
    if person.kind is not PersonKind.EMPLOYEE and terms.valid_until is None and person.valid_until is None:
        raise Refusal(
            N_("An ID of a contractor's worker or of temporary staff needs an end. Give its last day."),
            control="AC-USR-03",
        )
    if person.kind is PersonKind.CONTRACTOR and not person.pledge:
        raise Refusal(
            N_("{name} ({staff_number}) has handed in no pledge. Enter its reference in the roster first."),
            control="AC-CTR-02",
            name=person.name,
            staff_number=staff_number,
        )
    return person


def _columns(person: Person) -> dict[str, str | None]:
    return {
        "staff_number": person.staff_number,
        "name": person.name,
        "name_kana": person.name_kana,
        "office": person.office,
        "kind": person.kind.value,
        "company": person.company,
        "pledge": person.pledge,
        "valid_from": to_text(person.valid_from),
        "valid_until": to_text(person.valid_until) if person.valid_until else None,
        "end_reason": person.end_reason.value,
    }
