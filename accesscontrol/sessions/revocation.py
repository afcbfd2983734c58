"""Revoked sessions: the list (KRL, OpenSSH's PROTOCOL.krl) by which a target's sshd refuses a certificate for good.

An early end is two things: whoever runs is stopped (``watching.ask_stop``), and the serial enters this list, so that
nothing signs in with that certificate again although its window is not over, and the task gate there ends what did.
Each session whose window outlives it is revoked with its end (``ledger.finish``); ``delivery`` brings the list to its
host.
"""

import struct
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from accesscontrol.clock import from_text, to_text
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.requests.desk import Acting, check_role
from accesscontrol.sessions import ledger
from accesscontrol.sessions.authority import Authority
from accesscontrol.sessions.hosts import key_blob
from accesscontrol.sessions.watching import WATCHERS
from accesscontrol.store import Store

_MAGIC: Final = b"SSHKRL\n\0"
_FORMAT: Final = 1
_CERTIFICATES: Final = 1
_SERIALS: Final = 0x20
LEARNT: Final = "host.revocations-learnt"
_REVOKED: Final = (
    "SELECT serial, revoked_at FROM session WHERE host = ? AND revoked_at IS NOT NULL"
    " UNION SELECT serial, learnt_at FROM session_learnt_revocation WHERE host = ?"
)


def revoke(store: Store, session: str, actor: Acting, *, reason: str) -> None:
    """Revoke the certificate of ``session``; one that is revoked already stays as it is."""
    if not reason.strip():
        raise Refusal(N_("Give a reason: it is kept with the entry."))
    with store.transaction() as tx:
        check_role(tx, actor, WATCHERS)
        row = ledger.get(tx, session)
        if row.revoked_at is not None:
            return
        tx.execute("UPDATE session SET revoked_at = ? WHERE id = ?", (to_text(tx.at), session))
        tx.record(
            "session.revoked",
            actor=actor.staff_number,
            subject=session,
            terminal=actor.terminal,
            serial=row.serial,
            reason=reason,
        )


def revocations_of(store: Store, authority: Authority, host: str) -> bytes:
    """Return the list of every certificate for ``host`` that was revoked; the same ones give the same list."""
    rows = store.rows(_REVOKED, (host, host))
    newest = max((from_text(row["revoked_at"]) for row in rows), default=datetime.fromtimestamp(0, UTC))
    return revocation_list(authority.public_line, [row["serial"] for row in rows], at=newest)


def revoked_serials(store: Store, host: str) -> list[int]:
    """Return the serials of every certificate for ``host`` that was revoked, the newest last."""
    return sorted(row["serial"] for row in store.rows(_REVOKED, (host, host)))


def learn(store: Store, host: str, serials: Sequence[int], *, actor: str) -> None:
    """Keep revoked what ``host`` already revokes and this console does not know: it was restored from older files."""
    with store.transaction() as tx:
        for serial in serials:
            tx.execute(
                "INSERT INTO session_learnt_revocation (host, serial, learnt_at) VALUES (?, ?, ?)"
                " ON CONFLICT DO NOTHING",
                (host, serial, to_text(tx.at)),
            )
        tx.record(LEARNT, actor=actor, subject=host, serials=[str(serial) for serial in serials])


def revocation_list(authority_line: str, serials: Sequence[int], *, at: datetime) -> bytes:
    """Return the list in OpenSSH's form, for the certificates of the CA whose public line is given.

    ``at`` is its version and date. An empty list is one too: sshd refuses every key when the file is missing.
    """
    seconds = int(at.timestamp())
    head = _MAGIC + struct.pack(">IQQQ", _FORMAT, seconds, seconds, 0) + _string(b"") + _string(b"sekisho sessions")
    if not serials:
        return head
    listed = b"".join(struct.pack(">Q", serial) for serial in sorted(serials))
    section = _string(key_blob(authority_line)) + _string(b"") + bytes([_SERIALS]) + _string(listed)
    return head + bytes([_CERTIFICATES]) + _string(section)


def _string(value: bytes) -> bytes:
    return struct.pack(">I", len(value)) + value
