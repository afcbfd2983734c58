"""What other people decide about a request: yes, no, taken back, and the witness's statements.

Every yes and every statement is an Ed25519 signature by that person's own key, made after a step-up at that moment,
over bytes that hold the request's digest.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from accesscontrol.canonical import JSON, canonical
from accesscontrol.clock import to_text
from accesscontrol.messages import N_
from accesscontrol.people import keys, security_keys
from accesscontrol.people.keys import Signature
from accesscontrol.people.reading import Reader
from accesscontrol.people.roles import Role
from accesscontrol.refusals import Refusal
from accesscontrol.requests import locks, moves, reading, separation
from accesscontrol.requests.desk import Acting, Desk, check_deciding, check_role
from accesscontrol.requests.kinds import Slot
from accesscontrol.requests.reading import Request
from accesscontrol.requests.separation import Part
from accesscontrol.requests.states import State
from accesscontrol.store import Transaction

BEFORE: Final = "before"
AFTER: Final = "after"
Signing = Callable[[bytes], Signature]


def _hashed(statement: dict[str, JSON]) -> bytes:
    return hashlib.sha256(canonical(statement)).digest()


def approval_message(request: Request, slot: str, approver: str, expires_at: datetime) -> bytes:
    """Return what an approver signs, as a security key would as its challenge: the SHA-256 of the approval."""
    return _hashed(
        {
            "format": "sekisho approval v1",
            "request": request.id,
            "digest": request.digest,
            "slot": slot,
            "approver": approver,
            "expires_at": to_text(expires_at),
        }
    )


def attestation_message(request: Request, phase: str, witness: str, statement: str) -> bytes:
    """Return what a witness signs: the SHA-256 of the attestation."""
    return _hashed(
        {
            "format": "sekisho attestation v1",
            "request": request.id,
            "digest": request.digest,
            "phase": phase,
            "witness": witness,
            "statement": statement,
        }
    )


def signed_by(reader: Reader, person: Acting, message: bytes, signature: bytes, *, key_id: str, at: datetime) -> bool:
    """Tell whether ``signature`` over ``message`` is by a key that was this person's at ``at``."""
    try:
        key = keys.verify(reader, key_id, message, signature, at=at)
    except Refusal:
        return False
    return (key.login, key.staff_number) == (person.login, person.staff_number)


def open_slot(request: Request, roles: frozenset[Role]) -> Slot | None:
    """Return the slot still open that ``roles`` may fill and fewest others may, or None."""
    filled = {approval.slot for approval in request.in_force()}
    fitting = [slot for slot in request.rule.slots if slot.name not in filled and slot.roles & roles]
    return min(fitting, key=lambda slot: len(slot.roles), default=None)


def approve(desk: Desk, request_id: str, actor: Acting, *, seen: str, sign: Signing) -> Request:
    """Say yes to exactly the content whose digest was ``seen``, and return the request.

    ``sign`` performs the step-up and returns the signature. When the last slot is filled the request is approved;
    the approval is sealed in the book before this returns.
    """
    try:
        request = reading.get(desk.store, request_id)
        slot = _check_approval(desk, request, actor, seen, desk.store.clock.now())
        expires_at = request.not_after
        signature = sign(approval_message(request, slot.name, actor.staff_number, expires_at))
        with desk.store.transaction() as tx:
            request = reading.get(tx, request_id)
            slot = _check_approval(desk, request, actor, seen, tx.at)
            message = approval_message(request, slot.name, actor.staff_number, expires_at)
            _check_signature(tx, request, actor, message, signature)
            _insert_approval(tx, request, slot, actor, expires_at, signature)
            if {each.slot for each in request.in_force()} | {slot.name} >= {each.name for each in request.rule.slots}:
                moves.move(tx, request, State.APPROVED)
            moves.record(
                tx,
                "request.approved",
                request,
                actor,
                slot=slot.name,
                key=signature.key_id,
                factor=signature.factor_kind,
                signature=signature.value.hex(),
                key_signature=dict(signature.evidence),
            )
    except Refusal as error:
        desk.refused(error, "request.approval-refused", actor, request_id)
        raise
    desk.seal()
    return reading.get(desk.store, request_id)


def _check_approval(desk: Desk, request: Request, actor: Acting, seen: str, at: datetime) -> Slot:
    if request.state is not State.SUBMITTED:
        raise Refusal(N_("{id} is not waiting for approval."), id=request.id)
    if request.digest != seen:
        raise Refusal(N_("{id} was changed after you looked at it. Read it again, then decide."), id=request.id)
    if request.not_after <= at:
        raise Refusal(N_("The window of {id} has passed. Submit a new request."), id=request.id)
    reading.check_whole(request)
    check_deciding(desk, desk.store, request, actor, at)
    separation.check(request, actor.staff_number, Part.APPROVER)
    slot = open_slot(request, actor.roles(desk.store, at))
    if slot is None:
        raise Refusal(
            N_("You hold no role that {id} still needs an approval from."), control="AC-AUT-03", id=request.id
        )
    kind = desk.kind(request.kind)
    touched = kind.touches(kind.read(request.parameters))
    locks.check(desk.store, (("person", request.requester), *touched), at)
    return slot


def _check_signature(tx: Transaction, request: Request, actor: Acting, message: bytes, signature: Signature) -> None:
    if not signed_by(tx, actor, message, signature.value, key_id=signature.key_id, at=tx.at):
        raise Refusal(
            N_("The signature is not yours, or {id} went on while you signed. Look at it again, then decide."),
            control="AC-AUT-03",
            id=request.id,
        )
    check_key_signature(tx, actor.login, message, signature.evidence)


def check_key_signature(reader: Reader, login: str, message: bytes, evidence: Mapping[str, str]) -> None:
    """Refuse what a security key signed if it is not ``message``, or the key not one of this login's (AC-AUT-02).

    A code leaves no evidence, so there is nothing to refuse.
    """
    if evidence and security_keys.verify_evidence(reader, evidence, message) != login:
        raise Refusal(N_("The security key's signature is somebody else's."), control="AC-AUT-02")


def _insert_approval(
    tx: Transaction, request: Request, slot: Slot, actor: Acting, expires_at: datetime, signature: Signature
) -> None:
    tx.db.table("request_approval").insert(
        {
            "request": request.id,
            "slot": slot.name,
            "approver": actor.staff_number,
            "login": actor.login,
            "terminal": actor.terminal,
            "digest": request.digest,
            "at": to_text(tx.at),
            "expires_at": to_text(expires_at),
            "key_id": signature.key_id,
            "factor": signature.factor_kind,
            "signature": signature.value,
        }
    )


def reject(desk: Desk, request_id: str, actor: Acting, *, reason: str) -> None:
    """Say no, finally, with a reason that the requester reads."""
    _needs_reason(reason)
    with desk.store.transaction() as tx:
        request = reading.get(tx, request_id)
        check_deciding(desk, tx, request, actor, tx.at)
        separation.check(request, actor.staff_number, Part.APPROVER)
        check_role(tx, actor, frozenset().union(*(slot.roles for slot in request.rule.slots)))
        moves.move(tx, request, State.REJECTED)
        moves.record(tx, "request.rejected", request, actor, reason=reason)
    desk.seal()


def revoke(desk: Desk, request_id: str, actor: Acting, *, reason: str) -> None:
    """Take one's own approval back before the act has started."""
    _needs_reason(reason)
    with desk.store.transaction() as tx:
        request = reading.get(tx, request_id)
        if actor.staff_number not in {approval.approver for approval in request.in_force()}:
            raise Refusal(N_("Only one who approved {id} can take the approval back."), id=request.id)
        moves.move(tx, request, State.REVOKED)
        moves.record(tx, "request.revoked", request, actor, reason=reason)
    desk.seal()


def attest(desk: Desk, request_id: str, actor: Acting, *, phase: str, statement: str, sign: Signing) -> Request:
    """Sign as witness what was seen before or after the act (BK-MED-05, BK-MED-06), and return the request."""
    try:
        request = reading.get(desk.store, request_id)
        _check_attestation(desk, request, actor, phase, statement)
        signature = sign(attestation_message(request, phase, actor.staff_number, statement))
        with desk.store.transaction() as tx:
            request = reading.get(tx, request_id)
            _check_attestation(desk, request, actor, phase, statement)
            message = attestation_message(request, phase, actor.staff_number, statement)
            _check_signature(tx, request, actor, message, signature)
            tx.db.table("request_attestation").insert(
                {
                    "request": request.id,
                    "phase": phase,
                    "witness": actor.staff_number,
                    "login": actor.login,
                    "terminal": actor.terminal,
                    "digest": request.digest,
                    "statement": statement,
                    "at": to_text(tx.at),
                    "key_id": signature.key_id,
                    "factor": signature.factor_kind,
                    "signature": signature.value,
                }
            )
            moves.record(
                tx,
                "request.attested",
                request,
                actor,
                phase=phase,
                statement=statement,
                key=signature.key_id,
                signature=signature.value.hex(),
                key_signature=dict(signature.evidence),
            )
    except Refusal as error:
        desk.refused(error, "request.attestation-refused", actor, request_id)
        raise
    desk.seal()
    return reading.get(desk.store, request_id)


def _check_attestation(desk: Desk, request: Request, actor: Acting, phase: str, statement: str) -> None:
    if not statement.strip():
        raise Refusal(N_("The witness says in words what was seen."), control="BK-MED-05")
    reading.check_whole(request)
    check_deciding(desk, desk.store, request, actor, desk.store.clock.now())
    wanted = State.APPROVED if phase == BEFORE else State.DONE
    if request.state is not wanted or request.attested(phase) is not None:
        raise Refusal(N_("{id} doesn't wait for a witness now."), id=request.id)
    before = request.attested(BEFORE)
    if phase == AFTER and before is not None and before.witness != actor.staff_number:
        raise Refusal(N_("The witness who attended the beginning also attests the end."), control="BK-MED-06")
    if Role.WITNESS not in actor.roles(desk.store, desk.store.clock.now()):
        raise Refusal(N_("Only one with the role of witness attests."), control="BK-MED-05")
    separation.check(request, actor.staff_number, Part.WITNESS)


def _needs_reason(reason: str) -> None:
    if not reason.strip():
        raise Refusal(N_("Give a reason: it is kept with the entry."))
