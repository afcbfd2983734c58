"""Requests as they are stored: one with all that was decided about it, and lists of them."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

from accesscontrol import rows
from accesscontrol.canonical import JSON, digest
from accesscontrol.clock import to_text
from accesscontrol.messages import N_
from accesscontrol.people.reading import Reader
from accesscontrol.refusals import Refusal
from accesscontrol.requests.kinds import Rule
from accesscontrol.requests.states import State
from accesscontrol.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """One signed yes, bound to one digest."""

    slot: str
    approver: str
    login: str
    terminal: str
    digest: str
    at: datetime
    expires_at: datetime
    key_id: str
    factor: str
    signature: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """What a witness signed, before or after the act."""

    phase: str
    witness: str
    login: str
    digest: str
    statement: str
    at: datetime
    key_id: str
    signature: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """The one execution of a request."""

    executor: str
    login: str
    terminal: str
    started_at: datetime
    ended_at: datetime | None
    outcome: str | None
    evidence: Mapping[str, Any] | None
    report: str | None
    reporter: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request with its approvals. ``digest`` is over everything that an approver signs."""

    id: str
    kind: str
    state: State
    requester: str
    login: str
    terminal: str
    reason: str
    parameters: Mapping[str, Any]
    artefacts: Mapping[str, str]
    dry_run: JSON
    rule: Rule
    not_before: datetime
    not_after: datetime
    nonce: str
    digest: str
    emergency: bool
    created_at: datetime
    changed_at: datetime
    approvals: Sequence[Approval]
    attestations: Sequence[Attestation]
    performance: Performance | None

    def in_force(self) -> list[Approval]:
        """Return the approvals of exactly this content; those of an earlier wording have no force."""
        return [approval for approval in self.approvals if approval.digest == self.digest]

    def attested(self, phase: str) -> Attestation | None:
        """Return the witness's statement of this phase on exactly this content, or None."""
        return next((each for each in self.attestations if each.phase == phase and each.digest == self.digest), None)


def content_digest(
    request: Request, *, parameters: Mapping[str, Any], artefacts: Mapping[str, str], dry_run: JSON
) -> str:
    """Return the digest of ``request`` with the content as given; the stored one must equal it when it runs."""
    return digest(
        {
            "format": "sekisho request v1",
            "id": request.id,
            "kind": request.kind,
            "requester": request.requester,
            "login": request.login,
            "terminal": request.terminal,
            "reason": request.reason,
            "parameters": parameters,
            "artefacts": artefacts,
            "dry_run": dry_run,
            "rule": request.rule.to_json(),
            "not_before": request.not_before.isoformat(),
            "not_after": request.not_after.isoformat(),
            "nonce": request.nonce,
            "emergency": request.emergency,
        }
    )


def check_whole(request: Request) -> None:
    """Refuse a request whose stored content is not what its digest says: nobody signs what the screen doesn't show."""
    content = content_digest(
        request, parameters=request.parameters, artefacts=request.artefacts, dry_run=request.dry_run
    )
    if content != request.digest:
        raise Refusal(
            N_("{id} was altered in the file behind the console's back. Run `sekisho trail verify`, submit it anew."),
            control="MO-LOG-01",
            id=request.id,
        )


def get(reader: Reader, request_id: str) -> Request:
    """Return the request with this id; an unknown one is refused."""
    row = reader.row("SELECT * FROM request WHERE id = ?", (request_id,))
    if row is None:
        raise Refusal(N_("There is no request {id}. `sekisho requests list` shows them."), id=request_id)
    return _request(reader, row)


def listed(reader: Reader, states: Sequence[State] = (), *, limit: int = 500) -> list[Request]:
    """Return the newest requests, those in ``states`` only if any are given; a damaged one is passed over and noted."""
    marks = ",".join("?" * len(states))
    where = f"WHERE state IN ({marks})" if states else ""
    found = reader.rows(
        f"SELECT * FROM request {where} ORDER BY changed_at DESC, id DESC LIMIT ?",  # noqa: S608 - only question marks
        (*states, limit),
    )
    return rows.values(found, partial(_request, reader), reader.note_damage)


def note_unlisted(store: Store) -> None:
    """Note the requests that no list shows, because their state is no word of ours."""
    rows.note_unlisted(store, _content, State)


def past_window(reader: Reader, at: datetime) -> list[Request]:
    """Return the requests that wait for something and whose window is over at ``at``; a damaged one is noted."""
    found = reader.rows(
        "SELECT * FROM request WHERE state IN ('draft', 'submitted', 'approved') AND not_after <= ?", (to_text(at),)
    )
    return rows.values(found, partial(_request, reader), reader.note_damage)


_content: Final = rows.Mapper(Request, "request", "id")
_approval: Final = rows.Mapper(Approval, "request_approval", "id")
_attestation: Final = rows.Mapper(Attestation, "request_attestation", "id")
_performance: Final = rows.Mapper(Performance, "request_execution", "request")


def _request(reader: Reader, row: sqlite3.Row) -> Request:
    def of_it(table: str) -> list[sqlite3.Row]:
        return reader.rows(f"SELECT * FROM {table} WHERE request = ? ORDER BY rowid", (row["id"],))  # noqa: S608 - three names below

    return _content(
        row,
        approvals=rows.values(of_it("request_approval"), _approval),
        attestations=rows.values(of_it("request_attestation"), _attestation),
        performance=next(iter(rows.values(of_it("request_execution"), _performance)), None),
    )
