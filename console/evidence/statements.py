"""Statements of named persons about a control: what the office does by hand or keeps elsewhere, signed.

This is where attested controls are stated in the yearly self-inspection, and where the reference of a record on paper
is entered. The trail is the ledger: nothing of it can be changed.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from accesscontrol.canonical import canonical
from accesscontrol.individual_numbers import mask_individual_numbers
from accesscontrol.messages import N_
from accesscontrol.people.keys import Signature
from accesscontrol.people.roles import Role
from accesscontrol.refusals import Refusal
from accesscontrol.requests.decisions import signed_by
from accesscontrol.requests.desk import Acting, check_role
from accesscontrol.store import Store
from accesscontrol.trail.entries import Entry
from console.evidence import controls
from console.evidence.controls import Control

STATED: Final = "control.stated"
_LONGEST: Final = 500
Signing = Callable[[bytes], Signature]


@dataclass(frozen=True, slots=True)
class Statement:
    """What somebody stated about a control: the words, the reference of the record, who and when (UTC)."""

    control: str
    words: str
    reference: str
    staff_number: str
    at: datetime


def enter(store: Store, number: str, words: str, reference: str, actor: Acting, *, sign: Signing) -> Statement:
    """Enter what ``actor`` states about a control (act ``control.stated``), and return it.

    ``reference`` says where the record is kept. ``sign`` proves the person and returns the signature. Refused to
    whoever holds none of the roles that the assessment makes responsible for the control.
    """
    control = controls.get(number)
    words, reference = words.strip(), reference.strip()
    for text in (words, reference):
        _require_line(text, control)
    check = responsible(control)
    if not actor.roles(store, store.clock.now()) & check:
        raise Refusal(N_("This needs a role that you don't hold: {roles}."), control=control.id, roles=sorted(check))
    message = statement(control.id, words, reference, actor)
    signature = sign(message)
    with store.transaction() as tx:
        check_role(tx, actor, check, control.id)
        if not signed_by(tx, actor, message, signature.value, key_id=signature.key_id, at=tx.at):
            raise Refusal(N_("The signature doesn't fit."), control=control.id)
        tx.record(
            STATED,
            actor=actor.staff_number,
            subject=control.id,
            terminal=actor.terminal,
            words=words,
            reference=reference,
            key=signature.key_id,
            factor=signature.factor_kind,
            signature=signature.value.hex(),
        )
        return Statement(control.id, words, reference, actor.staff_number, tx.at)


def statement(control: str, words: str, reference: str, actor: Acting) -> bytes:
    """Return what the person signs: the SHA-256 of the statement."""
    return hashlib.sha256(
        canonical(
            {
                "format": "sekisho control statement v1",
                "control": control,
                "words": words,
                "reference": reference,
                "person": actor.staff_number,
            }
        )
    ).digest()


def of_entry(entry: Entry) -> Statement:
    """Return the statement that an entry of the trail holds."""
    words, reference = str(entry.details.get("words", "")), str(entry.details.get("reference", ""))
    return Statement(entry.subject, words, reference, entry.actor, entry.at)


def latest(store: Store, names: Sequence[str]) -> Mapping[str, Statement]:
    """Return the newest statement about each of the controls ``names`` that has one, from whatever year."""
    marks = ",".join("?" * len(names))
    rows = store.rows(
        # only question marks
        f"SELECT seq, body FROM trail_entry WHERE subject <> '' AND subject IN ({marks}) ORDER BY seq",  # noqa: S608
        tuple(names),
    )
    return {entry.subject: of_entry(entry) for entry in map(Entry.from_row, rows) if entry.act == STATED}


def responsible(control: Control) -> frozenset[Role]:
    """Return the roles whose holders may state something: those that the assessment makes responsible.

    Where it names the system alone, that is whoever administers it.
    """
    return frozenset(Role(role) for role in control.roles if role in set(Role)) or frozenset({Role.SYSTEM_ADMIN})


def _require_line(text: str, control: Control) -> None:
    if not text or len(text) > _LONGEST or not text.replace("\u3000", " ").isprintable():
        raise Refusal(
            N_("Statement and reference are one line each, of at most {most} characters."),
            control=control.id,
            most=_LONGEST,
        )
    if mask_individual_numbers(text) != text:
        raise Refusal(N_("A statement must hold no individual number."), control=control.id)
