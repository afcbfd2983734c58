"""Writing a request, handing it in, changing it, taking it back, and its lapse in silence."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec

from accesscontrol import written
from accesscontrol.canonical import JSON, canonical
from accesscontrol.clock import to_text
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.requests import locks, moves, reading, separation
from accesscontrol.requests.desk import Acting, Desk, check_place, check_role
from accesscontrol.requests.kinds import Kind, Rule
from accesscontrol.requests.reading import Request
from accesscontrol.requests.states import State
from accesscontrol.store import Transaction

_NONCE_BYTES = 16
_LONGEST_REASON = 2000
_INSERT = """
    INSERT INTO request (id, kind, state, requester, login, terminal, reason, parameters, artefacts, dry_run, rule,
                         not_before, not_after, nonce, digest, emergency, created_at, changed_at)
    VALUES (:id, :kind, :state, :requester, :login, :terminal, :reason, :parameters, :artefacts, :dry_run, :rule,
            :not_before, :not_after, :nonce, :digest, :emergency, :at, :at)
    ON CONFLICT (id) DO UPDATE SET
        state = excluded.state, terminal = excluded.terminal, login = excluded.login, reason = excluded.reason,
        parameters = excluded.parameters, artefacts = excluded.artefacts, dry_run = excluded.dry_run,
        rule = excluded.rule, not_before = excluded.not_before, not_after = excluded.not_after,
        nonce = excluded.nonce, digest = excluded.digest, changed_at = excluded.changed_at
"""


@dataclass(frozen=True, slots=True)
class Window:
    """From when until when (UTC) the act may run; the end defaults to the kind's longest."""

    not_before: datetime | None = None
    not_after: datetime | None = None


def submit(
    desk: Desk,
    kind_name: str,
    parameters: Mapping[str, Any],
    actor: Acting,
    *,
    reason: str,
    window: Window | None = None,
    request_id: str | None = None,
) -> Request:
    """Hand in a new request, or an edited one under its own id, and return it.

    An edit makes another digest, so that every approval of the earlier wording loses its force. An emergency kind
    is approved at once, is loud, and stays open until somebody else has reviewed it.
    """
    kind = desk.kind(kind_name)
    try:
        content = _read_content(kind, parameters)
        with desk.store.transaction() as tx:
            request = _compose(desk, tx, kind, content, actor, reason, window or Window(), request_id)
            _check(desk, tx, kind, content, request, actor)
            _write(tx, request)
            moves.record(
                tx,
                "request.submitted" if not request.emergency else "request.broken-glass",
                request,
                actor,
                kind=kind.name,
                not_after=to_text(request.not_after),
            )
    except Refusal as error:
        desk.refused(error, "request.submission-refused", actor, request_id or kind_name)
        raise
    if request.emergency:
        desk.seal()
    return reading.get(desk.store, request.id)


@dataclass(frozen=True, slots=True)
class _Content:
    typed: msgspec.Struct
    parameters: Mapping[str, Any]
    artefacts: Mapping[str, str]
    dry_run: JSON


def _read_content(kind: Kind, parameters: Mapping[str, Any]) -> _Content:
    """Read everything that the parameters name, before the write lock is taken: hashing may take minutes."""
    typed = kind.read(parameters)
    return _Content(
        typed,
        msgspec.to_builtins(typed),
        dict(kind.artefacts(typed)),
        kind.dry_run(typed) if kind.dry_run else None,
    )


def _compose(
    desk: Desk,
    tx: Transaction,
    kind: Kind,
    content: _Content,
    actor: Acting,
    reason: str,
    window: Window,
    request_id: str | None,
) -> Request:
    old = reading.get(tx, request_id) if request_id else None
    if old is not None:
        _check_own(old, actor, kind)
    not_before = window.not_before or tx.at
    longest = desk.business_days_after(max(not_before, tx.at), kind.lifetime)
    request = Request(
        id=old.id if old else _next_id(desk, tx),
        kind=kind.name,
        state=State.APPROVED if kind.emergency else State.SUBMITTED,
        requester=actor.staff_number,
        login=actor.login,
        terminal=actor.terminal,
        reason=reason.strip(),
        parameters=content.parameters,
        artefacts=content.artefacts,
        dry_run=content.dry_run,
        rule=Rule.of(kind),
        not_before=not_before,
        not_after=min(window.not_after or longest, longest),
        nonce=secrets.token_hex(_NONCE_BYTES),
        digest="",
        emergency=kind.emergency,
        created_at=old.created_at if old else tx.at,
        changed_at=tx.at,
        approvals=(),
        attestations=(),
        performance=None,
    )
    if request.not_after <= max(request.not_before, tx.at):
        raise Refusal(N_("The window ends before it begins, or has passed already. Choose a later end."))
    return replace(
        request,
        digest=reading.content_digest(
            request, parameters=content.parameters, artefacts=content.artefacts, dry_run=content.dry_run
        ),
    )


def _check(desk: Desk, tx: Transaction, kind: Kind, content: _Content, request: Request, actor: Acting) -> None:
    if not request.reason or len(request.reason) > _LONGEST_REASON:
        raise Refusal(N_("A request needs a reason of at most {most} characters."), most=_LONGEST_REASON)
    written.check(request.reason, written.WORDS["reason"])
    written.check_parameters(content.parameters, kind.labels)
    check_role(tx, actor, kind.requesters)
    check_place(tx, kind.place, actor.terminal)
    own = (("person", actor.staff_number), ("terminal", actor.terminal), ("request", request.id))
    locks.check(desk.store, (*own, *kind.touches(content.typed)), tx.at)
    kind.admits(tx, request)
    concerned = kind.concerns(content.typed)
    if not kind.emergency:
        separation.check_approvers_exist(tx, kind, request.rule, actor.staff_number, concerned)
    elif actor.staff_number in concerned:
        raise Refusal(N_("Nobody decides about themselves."), control="AC-AUT-03")


def _check_own(old: Request, actor: Acting, kind: Kind) -> None:
    if old.requester != actor.staff_number:
        raise Refusal(N_("Only the requester changes {id}."), control="AC-AUT-03", id=old.id)
    if old.kind != kind.name or old.state not in {State.DRAFT, State.SUBMITTED, State.APPROVED} or old.emergency:
        raise Refusal(N_("{id} can't be changed any more. Submit a new request."), id=old.id)


def _next_id(desk: Desk, tx: Transaction) -> str:
    year = tx.at.astimezone(desk.zone).year
    row = tx.row("SELECT max(CAST(substr(id, 8) AS INTEGER)) FROM request WHERE id LIKE ?", (f"R-{year}-%",))
    return f"R-{year}-{(row[0] or 0) + 1 if row else 1:04d}"


def _write(tx: Transaction, request: Request) -> None:
    tx.execute(
        _INSERT,
        {
            "id": request.id,
            "kind": request.kind,
            "state": request.state,
            "requester": request.requester,
            "login": request.login,
            "terminal": request.terminal,
            "reason": request.reason,
            "parameters": canonical(request.parameters).decode(),
            "artefacts": canonical(request.artefacts).decode(),
            "dry_run": json.dumps(request.dry_run),
            "rule": canonical(request.rule.to_json()).decode(),
            "not_before": to_text(request.not_before),
            "not_after": to_text(request.not_after),
            "nonce": request.nonce,
            "digest": request.digest,
            "emergency": request.emergency,
            "at": to_text(tx.at),
        },
    )


def withdraw(desk: Desk, request_id: str, actor: Acting, *, reason: str = "") -> None:
    """Take one's own request back before it runs."""
    with desk.store.transaction() as tx:
        request = reading.get(tx, request_id)
        if request.requester != actor.staff_number:
            raise Refusal(N_("Only the requester withdraws {id}."), control="AC-AUT-03", id=request.id)
        moves.move(tx, request, State.WITHDRAWN)
        moves.record(tx, "request.withdrawn", request, actor, reason=reason)


def lapse_due(desk: Desk) -> list[str]:
    """Let every request whose window has passed lapse, and return their ids: silence is never consent."""
    with desk.store.transaction() as tx:
        due = reading.past_window(tx, tx.at)
        for request in due:
            moves.move(tx, request, State.LAPSED)
            tx.record("request.lapsed", actor="system", subject=request.id, digest=request.digest)
    return [request.id for request in due]
