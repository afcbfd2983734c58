"""Bringing the list of revoked certificates to its host, reading it back, and proving that the host heeds it.

What should be in place and what was seen there are two things: a host is ``stale`` until its own gate has told the
digest of exactly the list that should be there, and its sshd has refused a certificate with a serial of it; and again
some hours later, since somebody at the host could change it. The list goes to an account of its own, which sessions
don't reach. What a host revokes beyond it stays revoked: this console was restored from older files, and learns it.
"""

import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Final

from accesscontrol.clock import to_text
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.sessions import hosts, ssh
from accesscontrol.sessions.authority import REVOCATIONS_ID, Authority, Credential, revocations_command
from accesscontrol.sessions.hosts import Host
from accesscontrol.sessions.revocation import learn, revocations_of, revoked_serials
from accesscontrol.sessions.ssh import NotLetIn
from accesscontrol.sessions.transport import NOT_RUN
from accesscontrol.store import Store

DELIVERED: Final = "host.revocations-delivered"
UNDELIVERED: Final = "host.revocations-undelivered"
REPLACED: Final = "host.revocations-changed"
_LACKING: Final = "lacking"  # the gate's word before the serials that it keeps revoked
_SERIAL: Final = re.compile("[1-9][0-9]{0,17}")
_MARK_BYTES: Final = 8
_ANSWER_SECONDS: Final = 15.0
_SEEN_FOR: Final = timedelta(hours=6)
_PROOF_WINDOW: Final = timedelta(days=1)  # a clock that is off must not be what refuses it


@dataclass(frozen=True, slots=True)
class Delivered:
    """A list as the host has it now: its digest, and how many certificates it revokes."""

    host: str
    sha256: str
    serials: int


def stale(store: Store, authority: Authority) -> list[Host]:
    """Return the hosts on which a certificate was revoked that is not known to be refused there these hours."""
    since = to_text(store.clock.now() - _SEEN_FOR)
    rows = store.rows("SELECT host, sha256 FROM session_revocations WHERE failure = '' AND delivered_at > ?", (since,))
    seen = {row["host"]: row["sha256"] for row in rows}
    revoked = {row["host"] for row in store.rows("SELECT DISTINCT host FROM session WHERE revoked_at IS NOT NULL")}
    return [
        host
        for host in hosts.listed(store)
        if host.name in revoked and seen.get(host.name) != _digest(revocations_of(store, authority, host.name))
    ]


def deliver(
    store: Store,
    authority: Authority,
    host: Host,
    *,
    actor: str = "system",
    alarmed: Callable[[], object] = lambda: None,
) -> Delivered:
    """Put the list of revoked certificates in place on ``host``, and prove there that it is heeded.

    Raises ``Refusal`` when the host can't be reached, keeps an older list, or lets a revoked certificate in; that is
    written into the trail once, and the host stays stale. ``alarmed`` is told of a host that shows another key, and of
    a list that somebody else has changed there.
    """
    try:
        data, before, learnt = _brought(store, authority, host, actor, alarmed)
        _prove(store, authority, host, alarmed)
    except Refusal as refusal:
        _remember_failure(store, host, _digest(revocations_of(store, authority, host.name)), str(refusal), actor)
        raise
    if _remember(store, host, data, before, actor, learnt=learnt) or learnt:
        alarmed()
    return Delivered(host.name, _digest(data), revoked_count(store, host))


def revoked_count(store: Store, host: Host) -> int:
    """Return how many certificates for ``host`` were revoked."""
    return len(revoked_serials(store, host.name))


def _brought(
    store: Store, authority: Authority, host: Host, actor: str, alarmed: Callable[[], object]
) -> tuple[bytes, str, bool]:
    """Bring the list to the host, with what it revokes beyond it.

    Return the list, the digest of the one before it, and whether there was something beyond it.
    """
    for learnt in (False, True):
        data = revocations_of(store, authority, host.name)
        before, lacking = _handed_over(store, authority, host, data, alarmed)
        if not lacking:
            return data, before, learnt
        learn(store, host.name, lacking, actor=actor)
    raise _kept(host, N_("its list grows meanwhile"))


def _handed_over(
    store: Store, authority: Authority, host: Host, data: bytes, alarmed: Callable[[], object]
) -> tuple[str, list[int]]:
    """Hand the list over to the host's gate; return the digest of the list that it replaced.

    Or, where the gate keeps that list, the serials in it that ``data`` lacks.
    """
    digest = _digest(data)
    mark = secrets.token_hex(_MARK_BYTES)
    credential = authority.certify_revocations(host, digest, at=store.clock.now(), mark=mark)
    try:
        transport = _connected(store, host, credential, alarmed, account=host.keeper)
    except NotLetIn:
        raise Refusal(
            N_(
                "Host {name} does not let the console bring its list of revoked certificates to the account {account}."
                " Compare its clock, and give its administrator the files of `sekisho sessions trust {name}`."
            ),
            control="AC-AUT-03",
            name=host.name,
            account=host.keeper,
        ) from None
    try:
        process = transport.ask(revocations_command(digest))
        process.send(data)
        said, until = b"", time.monotonic() + _ANSWER_SECONDS
        while (part := process.read(max(0.0, until - time.monotonic()))) not in (b"", None):
            said += part or b""
        status = process.wait(0)
    except (OSError, EOFError) as error:
        raise _kept(host, str(error) or type(error).__name__) from None
    finally:
        transport.close()
    before, *after = said.decode("ascii", "replace").split() or [""]
    if status == NOT_RUN and before == _LACKING and after and all(map(_SERIAL.fullmatch, after)):
        return "", [int(serial) for serial in after]
    if status != 0 or after != [digest]:
        raise _kept(host, f"status {status}")
    return before, []


def _kept(host: Host, reason: str) -> Refusal:
    return Refusal(
        N_("Host {name} does not take the list of revoked certificates ({reason}); its own log says why."),
        control="AC-AUT-03",
        name=host.name,
        reason=reason,
    )


def _prove(store: Store, authority: Authority, host: Host, alarmed: Callable[[], object]) -> None:
    """Have the host refuse a new certificate with the newest revoked serial."""
    revoked = revoked_serials(store, host.name)
    if not revoked:
        return
    now = store.clock.now()
    credential = authority.certify(
        host,
        request=REVOCATIONS_ID,
        serial=revoked[-1],
        commands=(),
        tunnel=False,
        not_before=now - _PROOF_WINDOW,
        until=now + _PROOF_WINDOW,
        mark=secrets.token_hex(_MARK_BYTES),
    )
    try:
        _connected(store, host, credential, alarmed).close()
    except NotLetIn:
        return
    raise Refusal(
        N_("Host {name} still lets a revoked certificate in. Check RevokedKeys in its sshd's configuration."),
        control="AC-AUT-03",
        name=host.name,
    )


def _connected(
    store: Store, host: Host, credential: Credential, alarmed: Callable[[], object], account: str = ""
) -> ssh.SshTransport:
    def changed(shown: bytes) -> Refusal:
        refusal = hosts.key_changed(store, host, shown)
        alarmed()
        return refusal

    return ssh.connect(host, credential, changed=changed, account=account)


def _remember(store: Store, host: Host, data: bytes, before: str, actor: str, *, learnt: bool) -> bool:
    """Write down what is in place now; tell whether somebody else had changed the list before.

    One that was ``learnt`` from kept out more, not less: that is told by itself.
    """
    row = store.row("SELECT sha256 FROM session_revocations WHERE host = ? AND sha256 <> ''", (host.name,))
    changed = not learnt and row is not None and before not in (row["sha256"], _digest(data))
    with store.transaction() as tx:
        tx.execute(
            "INSERT INTO session_revocations (host, sha256, delivered_at) VALUES (?, ?, ?) ON CONFLICT (host)"
            " DO UPDATE SET sha256 = excluded.sha256, delivered_at = excluded.delivered_at, failure = ''",
            (host.name, _digest(data), to_text(tx.at)),
        )
        tx.record(DELIVERED, actor=actor, subject=host.name, sha256=_digest(data), replaced=before)
        if changed and row is not None:
            tx.record(REPLACED, actor="system", subject=host.name, outcome="failed", left=row["sha256"], found=before)
    return changed


def _remember_failure(store: Store, host: Host, digest: str, reason: str, actor: str) -> None:
    failure = f"{digest} {reason}"
    row = store.row("SELECT failure FROM session_revocations WHERE host = ?", (host.name,))
    if row is not None and row["failure"] == failure:
        return  # it stands in the trail already
    with store.transaction() as tx:
        tx.execute(
            "INSERT INTO session_revocations (host, delivered_at, failure) VALUES (?, ?, ?) ON CONFLICT (host)"
            " DO UPDATE SET failure = excluded.failure",
            (host.name, to_text(tx.at), failure),
        )
        tx.record(UNDELIVERED, actor=actor, subject=host.name, outcome="failed", sha256=digest, reason=reason)


def _digest(data: bytes) -> str:
    return sha256(data).hexdigest()
