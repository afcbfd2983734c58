"""Sign-in attempts of sshd, each told once: what one connection writes over several lines belongs together.

How many lines tell one attempt depends on the server and on how many came before. Of a name that may not come in
"Invalid user ..." is written, and "Failed ..." may follow or not; a server that takes only keys writes neither, and an
attempt shows only in that a connection with a name ends before anybody is in; of a refusal by PAM there is one line or
two. So for each connection (host and process) it is remembered whose it is: the first line that shows an attempt tells
it, and the lines that say the same again do not. A key that does not fit is an offer, of which an honest client makes
several, and no attempt of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from monitors.events.readers.dialects import GAVE_UP, NOT_ALLOWED, PAM, PAM_REFUSED, ROOT_REFUSED, SSHD, auth, said
from monitors.events.readers.syslog import Message
from monitors.events.schema import Action, Outcome

_REMEMBERED: Final = 10_000  # connections
_UNKNOWN: Final = ("Invalid user", "Illegal user")
_FIRST: Final = (*_UNKNOWN, "Connection from")
_OFFERS: Final = ("Failed publickey", "Failed none")
_KEYBOARD: Final = "Failed keyboard-interactive/pam"
_TOO_MANY: Final = "Disconnecting: Too many authentication failures"
_LAST: Final = ("Connection closed", "Connection reset", "Disconnected from", "Disconnecting")

Fields = Mapping[str, str | int]


@dataclass(slots=True)
class _Connection:
    """What is known of one connection: the name and the address it came with, and what was told of it."""

    user: str = ""
    address: str = ""
    is_refused: bool = False  # a password or a key did not fit
    is_told: bool = False
    is_announced: bool = False  # an attempt was told, of which the "Failed ..." line may still come
    refused_by_pam: int = 0  # of which no "Failed keyboard-interactive/pam" came yet


@dataclass(slots=True)
class AuthLog:
    """Reads the messages of one log in their order, as :func:`~monitors.events.readers.dialects.auth` does each."""

    _connections: dict[tuple[str, str], _Connection] = field(default_factory=dict)

    def __call__(self, message: Message) -> Fields:
        """Return what a message tells, an attempt only where it was not told before."""
        fields = auth(message)
        if message.program.rsplit("/", 1)[-1] not in SSHD or not message.pid:
            return fields
        text, key = said(message), (message.host, message.pid)
        connection = self._connections.get(key)
        if connection is None or text.startswith(_FIRST):  # a process' number serves again
            if len(self._connections) >= _REMEMBERED:
                del self._connections[next(iter(self._connections))]
            connection = self._connections[key] = _Connection()
        connection.user = str(fields.get("user_id", "")) or connection.user
        connection.address = str(fields.get("src_ip", "")) or connection.address
        told = _attempt(connection, fields, text) if fields["outcome"] != Outcome.SUCCESS else fields
        connection.is_told |= told["action"] == Action.LOGIN
        if text.startswith(_LAST):
            self._connections.pop(key, None)
        return told


def _attempt(connection: _Connection, fields: Fields, text: str) -> Fields:
    """Return ``fields`` of a message that is no success, as a failed sign-in if it is the first to show one."""
    reason = str(fields.get("reason", ""))
    nothing = {**fields, "action": Action.OTHER}
    if text.startswith(_UNKNOWN) or reason == ROOT_REFUSED or (reason.startswith(NOT_ALLOWED) and fields["src_ip"]):
        connection.is_announced = True
        return {**fields, "action": Action.LOGIN}
    if text.startswith(_OFFERS) and (connection.is_told or "invalid" not in reason):
        connection.is_refused = True
        return nothing
    if fields["action"] == Action.LOGIN:
        if text.startswith(_KEYBOARD) and connection.refused_by_pam:
            connection.refused_by_pam -= 1
            return nothing
        connection.refused_by_pam += reason == PAM_REFUSED
        is_said_again, connection.is_announced = connection.is_announced, False
        return nothing if is_said_again else fields
    connection.is_refused |= reason == PAM or text.startswith(_TOO_MANY)
    if reason in GAVE_UP and not connection.is_told and (connection.user or connection.is_refused):
        gave_up = {"reason": "gave up", "user_id": connection.user, "src_ip": connection.address}
        return {**fields, **gave_up, "action": Action.LOGIN, "outcome": Outcome.FAILURE}
    return fields
