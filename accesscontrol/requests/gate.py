"""The gate: what was approved is what runs, exactly once, or nothing runs.

The gate recomputes the digest from what it is about to run, checks every approval's signature, every approver's role
at this moment, window, locks, places and witness, and moves the request to ``executing`` by one conditional update,
all in one transaction. Only then the act begins.
"""

import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from accesscontrol.canonical import JSON, canonical
from accesscontrol.clock import to_text
from accesscontrol.messages import N_
from accesscontrol.people.roles import Role
from accesscontrol.refusals import Refusal
from accesscontrol.requests import decisions, locks, moves, reading, separation
from accesscontrol.requests.desk import Acting, Desk, check_deciding, check_place, check_role
from accesscontrol.requests.kinds import BrokenOff, Execution, Kind, Rule
from accesscontrol.requests.reading import Approval, Request
from accesscontrol.requests.separation import Part
from accesscontrol.requests.states import TITLES, State
from accesscontrol.rows import DamagedRowError
from accesscontrol.store import Transaction
from accesscontrol.trail import entries
from accesscontrol.trail.append import masked

_BEGINNINGS = frozenset({"request.submitted", "request.broken-glass"})
# What the book says of a request whose approvals have no force any more, whatever its row says.
_ENDS = frozenset(
    f"request.{each}" for each in ("execution-started", "rejected", "revoked", "withdrawn", "lapsed", "interrupted")
)


def _silent(_done: int, _total: int) -> None:
    """Show no progress."""


def execute(desk: Desk, request_id: str, actor: Acting, *, progress: Callable[[int, int], None] = _silent) -> Request:
    """Run an approved request and return it as done or failed.

    Raises ``Refusal`` when the gate stays shut: then nothing has run, and the try is in the book. A failure of the
    act itself is not raised but is the state ``failed``, with the reason as evidence; its approvals are used up.
    """
    try:
        request = reading.get(desk.store, request_id)
        kind = desk.kind(request.kind)
        parameters = kind.read(request.parameters)
        content = _fresh(kind, request, parameters)
        with desk.store.transaction() as tx:
            request = reading.get(tx, request_id)
            _check(desk, tx, kind, request, parameters, content, actor)
            _begin(tx, request, actor)
    except Refusal as error:
        desk.refused(error, "request.execution-refused", actor, request_id)
        raise
    _seal_beginning(desk, request, actor)
    _perform(desk, kind, request, parameters, actor, progress)
    desk.seal()
    return reading.get(desk.store, request_id)


def _fresh(kind: Kind, request: Request, parameters: msgspec.Struct) -> str:
    """Return the digest of what would run now: the artefacts as they are at this moment, the effect if unchanged."""
    effect = request.dry_run
    if kind.dry_run is not None:
        now = kind.dry_run(parameters)
        if not kind.within(request.dry_run, now):
            raise Refusal(
                N_("The data has moved since the approval, so {id} would do something else. Submit it again."),
                id=request.id,
            )
    return reading.content_digest(
        request,
        parameters=msgspec.to_builtins(parameters),
        artefacts=dict(kind.artefacts(parameters)),
        dry_run=effect,
    )


def _check(
    desk: Desk, tx: Transaction, kind: Kind, request: Request, parameters: msgspec.Struct, content: str, actor: Acting
) -> None:
    if request.state is not State.APPROVED:
        raise Refusal(N_("{id} is not approved, or was executed already."), id=request.id)
    if request.emergency and not kind.emergency:
        raise Refusal(N_("{id} is no emergency of this kind, so it needs its approvals."), id=request.id)
    reading.check_whole(request)
    if content != request.digest:
        raise Refusal(
            N_("{id} no longer is what was approved: something that it names has changed. Submit it again."),
            id=request.id,
        )
    rule = request.rule.stricter(Rule.of(kind))
    if not request.not_before <= tx.at < _end(desk, request, rule):
        raise Refusal(N_("{id} may run only in its window."), id=request.id)
    check_role(tx, actor, rule.executors)
    check_place(tx, rule.place, actor.terminal)
    separation.check(request, actor.staff_number, Part.EXECUTOR)
    _check_approvals(tx, request, rule, kind.concerns(parameters))
    _check_book(desk, request)
    if rule.witness:
        _check_witness(tx, request)
    locks.check(desk.store, _touched(kind, request, parameters, actor), tx.at)


def _end(desk: Desk, request: Request, rule: Rule) -> datetime:
    """Return the end of the window, earlier if approvals of this kind live shorter by now."""
    if rule.lifetime == request.rule.lifetime:
        return request.not_after
    since = max(request.not_before, request.created_at)
    return min(request.not_after, desk.business_days_after(since, rule.lifetime))


def _touched(kind: Kind, request: Request, parameters: msgspec.Struct, actor: Acting) -> tuple[tuple[str, str], ...]:
    """Return everything whose lock stops this act: the people in it, terminal, request, and what it touches."""
    people = (("person", staff_number) for staff_number in (*separation.parts(request), actor.staff_number))
    return (*people, ("terminal", actor.terminal), ("request", request.id), *kind.touches(parameters))


def _check_approvals(tx: Transaction, request: Request, rule: Rule, concerned: frozenset[str]) -> None:
    """Demand for every slot one valid approval, all by different people, none of them requester or concerned."""
    if request.emergency:
        return
    by_slot = {approval.slot: approval for approval in request.in_force()}
    people = {approval.approver for approval in by_slot.values()}
    if len(people) != len(by_slot) or request.requester in people or people & concerned:
        raise Refusal(N_("The approvals of {id} are not by different people."), control="AC-AUT-03", id=request.id)
    for slot in rule.slots:
        approval = by_slot.get(slot.name)
        if approval is None or not _stands(tx, request, approval, slot.roles):
            raise Refusal(
                N_("{id} lacks a valid approval ({slot}): it expired, or the approver no longer may give it."),
                control="AC-AUT-03",
                id=request.id,
                slot=slot.title,
            )


def _stands(tx: Transaction, request: Request, approval: Approval, roles: frozenset[Role]) -> bool:
    """Tell whether an approval is by someone who may give it now, in time, and signed over this very content."""
    approver = Acting(approval.login, approval.approver, approval.terminal)
    message = decisions.approval_message(request, approval.slot, approval.approver, approval.expires_at)
    return (
        tx.at < approval.expires_at
        and bool(approver.roles(tx, tx.at) & roles)
        and decisions.signed_by(tx, approver, message, approval.signature, key_id=approval.key_id, at=approval.at)
    )


def _check_book(desk: Desk, request: Request) -> None:
    """Demand that the book knows this content as the last that was asked for, every approval of it, and no use or end.

    Rows alone can be put back or made up.
    """
    told = entries.about(desk.store, request.id)
    asked = [(each.actor, each.details.get("digest")) for each in told if each.act in _BEGINNINGS]
    told = [each for each in told if each.details.get("digest") == request.digest]
    approved = {(each.actor, each.details.get("signature")) for each in told if each.act == "request.approved"}
    given = {(approval.approver, approval.signature.hex()) for approval in request.in_force()}
    known = asked[-1:] == [(request.requester, request.digest)] and given <= approved
    if not known or any(each.act in _ENDS for each in told):
        raise Refusal(
            N_("The trail doesn't confirm that {id} is approved and unused. Run `sekisho trail verify`."),
            control="MO-LOG-01",
            id=request.id,
        )
    for each in told:
        if each.act == "request.approved":
            _check_key(desk, request, str(each.details.get("signature")), each.details.get("key_signature") or {})


def _check_key(desk: Desk, request: Request, signature: str, evidence: Mapping[str, str]) -> None:
    """Demand that the approver's security key, where one was used, signed this very approval."""
    for approval in request.in_force():
        if approval.signature.hex() == signature:
            message = decisions.approval_message(request, approval.slot, approval.approver, approval.expires_at)
            decisions.check_key_signature(desk.store, approval.login, message, evidence)


def _check_witness(tx: Transaction, request: Request) -> None:
    attestation = request.attested(decisions.BEFORE)
    if attestation is None:
        raise Refusal(
            N_("The witness must be seated first: {id} waits for the witness's statement."),
            control="BK-MED-05",
            id=request.id,
        )
    message = decisions.attestation_message(request, attestation.phase, attestation.witness, attestation.statement)
    witness = Acting(attestation.login, attestation.witness, "")
    signed = decisions.signed_by(
        tx, witness, message, attestation.signature, key_id=attestation.key_id, at=attestation.at
    )
    if not signed or Role.WITNESS not in witness.roles(tx, tx.at):
        raise Refusal(N_("The witness's statement on {id} is not valid."), control="BK-MED-05", id=request.id)


def _begin(tx: Transaction, request: Request, actor: Acting) -> None:
    moves.move(tx, request, State.EXECUTING)
    boot, process, start = this_process()
    tx.execute(
        "INSERT INTO request_execution (request, executor, login, terminal, boot, process, process_start, started_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (request.id, actor.staff_number, actor.login, actor.terminal, boot, process, start, to_text(tx.at)),
    )
    moves.record(tx, "request.execution-started", request, actor)


def _seal_beginning(desk: Desk, request: Request, actor: Acting) -> None:
    """Seal the beginning before the act begins; if the seal fails or the second place objects, nothing runs."""
    try:
        sealed = desk.seal()
        if sealed is not None and sealed.contradicted:
            raise Refusal(
                N_("Nothing ran: the trail was cut, put back or rewritten ({reason}). Run `sekisho trail verify`."),
                control="MO-LOG-01",
                reason=sealed.trouble,
            )
    except Exception as error:
        _finish(desk, request.id, State.FAILED, _reason(error), actor)
        raise


def _perform(
    desk: Desk,
    kind: Kind,
    request: Request,
    parameters: msgspec.Struct,
    actor: Acting,
    progress: Callable[[int, int], None],
) -> None:
    touched = _touched(kind, request, parameters, actor)

    def watched(done: int, total: int) -> None:
        locks.check(desk.store, touched, desk.store.clock.now())
        progress(done, total)

    execution = Execution(
        request_id=request.id,
        parameters=parameters,
        staff_number=actor.staff_number,
        terminal=actor.terminal,
        store=desk.store,
        progress=watched,
    )
    try:
        outcome, evidence = State.DONE, dict(kind.execute(execution))
    except BrokenOff as error:
        outcome = State.INTERRUPTED if error.unknown else State.FAILED
        evidence = {**_reason(error), **error.evidence}
    except Exception as error:  # noqa: BLE001 - whatever the act died of is its result, never a crash of the console
        outcome, evidence = State.FAILED, _reason(error)
    try:
        canonical(evidence)
    except ValueError as error:  # it ran, but what it says of itself can't be kept: a person finds out
        outcome, evidence = State.INTERRUPTED, _reason(error)
    try:
        _finish(desk, request.id, outcome, evidence, actor)
    except Refusal as error:
        raise Refusal(
            N_("{id} ran, but its outcome can't be written: {reason} When the console starts again, settle it."),
            control="MO-LOG-01",
            id=request.id,
            reason=str(error),
        ) from error


def _reason(error: Exception) -> dict[str, JSON]:
    text = str(error).encode("utf-8", "backslashreplace").decode()
    return {"error": type(error).__name__, "reason": text}


def _finish(desk: Desk, request_id: str, outcome: State, evidence: Mapping[str, JSON], actor: Acting) -> None:
    """Write the outcome of an execution: state, evidence and entry together."""
    evidence = masked(evidence)  # type: ignore[assignment]  # a mapping stays one
    with desk.store.transaction() as tx:
        request = reading.get(tx, request_id)
        if request.state is not State.EXECUTING:
            raise Refusal(
                N_("{id} is {state}, so this can't be done any more."), id=request_id, state=TITLES[request.state]
            )
        moves.move(tx, request, outcome)
        tx.execute(
            "UPDATE request_execution SET ended_at = ?, outcome = ?, evidence = ? WHERE request = ?",
            (to_text(tx.at), outcome, canonical(evidence).decode(), request_id),
        )
        moves.record(tx, f"request.{outcome}", request, actor, outcome=outcome, evidence=evidence)


def this_process() -> tuple[str, int, str]:
    """Return (boot, pid, start time) of this process: together they never name another one."""
    process = os.getpid()
    return _boot(), process, _start(process) or ""


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()


def _start(process: int) -> str | None:
    """Return the kernel's start time of a process (field 22 of proc(5) stat), or None when it doesn't run."""
    with suppress(OSError):
        fields = Path(f"/proc/{process}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        return None if fields[0] in {"Z", "X"} else fields[19]
    return None


def lives(boot: str, process: int, start: str) -> bool:
    """Tell whether the process that :func:`this_process` once named still runs."""
    return boot == _boot() and _start(process) == start


def recover(desk: Desk) -> list[str]:
    """Mark every execution whose process is gone as interrupted, and return the ids: never run anything again.

    A damaged request is passed over and noted: it runs nowhere, and nobody can run it.
    """
    found = []
    with desk.store.transaction() as tx:
        running = tx.rows(
            "SELECT e.* FROM request_execution e JOIN request r ON r.id = e.request WHERE r.state = 'executing'"
        )
        for row in running:
            if lives(row["boot"], row["process"], row["process_start"]):
                continue
            try:
                request = reading.get(tx, row["request"])
            except DamagedRowError as damage:
                tx.note_damage(damage)
                continue
            moves.move(tx, request, State.INTERRUPTED)
            tx.record(
                "request.interrupted",
                actor="system",
                subject=request.id,
                outcome="unknown",
                digest=request.digest,
                executor=row["executor"],
                started_at=row["started_at"],
            )
            found.append(request.id)
    if found:
        desk.seal()
    return found


def settle(desk: Desk, request_id: str, actor: Acting, *, outcome: State, statement: str) -> None:
    """Decide, as a person who may approve and neither asked for nor executed it, what an interrupted act came to."""
    if outcome not in {State.DONE, State.FAILED}:
        raise Refusal(N_("An interrupted act was done or has failed; choose one."))
    if not statement.strip():
        raise Refusal(N_("Say how the result was found out."))
    with desk.store.transaction() as tx:
        request = reading.get(tx, request_id)
        if request.state is not State.INTERRUPTED:
            raise Refusal(N_("{id} was not interrupted."), id=request.id)
        check_deciding(desk, tx, request, actor, tx.at)
        doers = {request.requester} | ({request.performance.executor} if request.performance else set())
        if actor.staff_number in doers:
            raise Refusal(N_("Someone else than requester and executor settles this."), control="AC-AUT-03")
        slots = (*request.rule.slots, *(desk.kind(request.kind).slots))
        check_role(tx, actor, frozenset({Role.SECURITY_OFFICER}).union(*(slot.roles for slot in slots)))
        evidence = _evidence(tx, request_id) | {"settled_by": actor.staff_number, "statement": statement}
        moves.move(tx, request, outcome)
        tx.execute(
            "UPDATE request_execution SET ended_at = ?, outcome = ?, evidence = ? WHERE request = ?",
            (to_text(tx.at), outcome, canonical(evidence).decode(), request_id),
        )
        moves.record(tx, "request.settled", request, actor, outcome=outcome, statement=statement)
    desk.seal()


def _evidence(tx: Transaction, request_id: str) -> dict[str, Any]:
    row = tx.row("SELECT evidence FROM request_execution WHERE request = ?", (request_id,))
    return dict(json.loads(row["evidence"])) if row and row["evidence"] else {}


def window_left(request: Request, at: datetime) -> float:
    """Return the seconds that the window of ``request`` still lasts at ``at``, never below zero."""
    return max(0.0, (request.not_after - at).total_seconds())
