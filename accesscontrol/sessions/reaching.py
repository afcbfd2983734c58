"""From an approved request to its session over SSH: the assignment it makes, and the certificate it is reached with."""

import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from accesscontrol.refusals import Refusal
from accesscontrol.requests import reading, separation
from accesscontrol.requests.desk import Acting
from accesscontrol.requests.kinds import Execution
from accesscontrol.requests.separation import Part
from accesscontrol.sessions import delivery, hosts, ssh
from accesscontrol.sessions.authority import Authority
from accesscontrol.sessions.ledger import Assignment, SessionRow
from accesscontrol.sessions.ssh import SshTransport
from accesscontrol.sessions.supervision import Supervision
from accesscontrol.sessions.transport import Command
from accesscontrol.store import Store

_MARK_BYTES = 8


def assignment(
    execution: Execution,
    *,
    title: str,
    host: str,
    login: str = "",
    commands: Sequence[Sequence[str]] = (),
    tunnel: bool = False,
    moderated: bool = False,
    touches: Sequence[tuple[str, str]] = (),
) -> Assignment:
    """Return what the session of the request under ``execution`` may do, in the request's own window.

    Neither its requester nor its approvers can be its second person.
    """
    request = reading.get(execution.store, execution.request_id)
    apart = {person for person, part in separation.parts(request).items() if part is not Part.WITNESS}
    return Assignment(
        request=request.id,
        title=title,
        host=host,
        executor=Acting(login, execution.staff_number, execution.terminal),
        not_before=request.not_before,
        until=request.not_after,
        commands=tuple(Command.of(each) for each in commands),
        tunnel=tunnel,
        moderated=moderated,
        apart=frozenset(apart),
        touches=tuple(touches),
    )


def over_ssh(
    store: Store,
    zone: ZoneInfo,
    recordings: Path,
    authority: Authority,
    *,
    alarmed: Callable[[], object] = lambda: None,
) -> Supervision:
    """Return the supervision of sessions that go to registered hosts with certificates of ``authority``.

    ``alarmed`` is called when a host showed another key than its pinned one, or when somebody changed its list of
    revoked certificates: the trail says what.
    """

    def connect(asked: Assignment, row: SessionRow) -> SshTransport:
        return _connect(store, authority, asked, row, alarmed)

    def withdraw(row: SessionRow) -> None:
        delivery.deliver(store, authority, hosts.find(store, row.host), alarmed=alarmed)

    return Supervision(
        store=store,
        zone=zone,
        recordings=recordings,
        target=lambda asked: hosts.find(store, asked.host).target,
        connect=connect,
        withdraw=withdraw,
    )


def _connect(
    store: Store, authority: Authority, asked: Assignment, row: SessionRow, alarmed: Callable[[], object]
) -> SshTransport:
    host = hosts.find(store, asked.host)
    credential = authority.certify(
        host,
        request=asked.request,
        serial=row.serial,
        commands=asked.commands,
        tunnel=asked.tunnel,
        not_before=asked.not_before,
        until=asked.until,
        mark=secrets.token_hex(_MARK_BYTES),
    )

    def changed(shown: bytes) -> Refusal:
        refusal = hosts.key_changed(store, host, shown, session=row.id)
        alarmed()
        return refusal

    return ssh.connect(host, credential, changed=changed)
