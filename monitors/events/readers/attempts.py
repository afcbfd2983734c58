"""Sign-in attempts of sshd, each told once: what one connection writes over several lines belongs together.

A server that takes only keys writes no "Failed ..." line: an attempt then shows only in that a connection with a name
ends before anybody is in. And of a refusal by PAM sshd writes one line or two, depending on how many came before. So
for each connection (host and process) it is remembered whose it is and whether an attempt was told.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from monitors.events.readers.dialects import GAVE_UP, NOT_ALLOWED, PAM_REFUSED, SSHD, auth
from monitors.events.readers.syslog import Message
from monitors.events.schema import Action, Outcome

_REMEMBERED: Final = 10_000  # connections
_FIRST: Final = ("Invalid user", "Illegal user")
_KEYBOARD: Final = "Failed keyboard-interactive/pam"
_LAST: Final = ("Connection closed", "Connection reset", "Disconnected from", "Disconnecting")

Fields = Mapping[str, str | int]


@dataclass(slots=True)
class _Connection:
    """What is known of one connection: the name and the address it came with, and what was told of it."""

    user: str = ""
    address: str = ""
    is_told: bool = False
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
        key = (message.host, message.pid)
        connection = self._connections.get(key)
        if connection is None or message.text.startswith(_FIRST):  # a process' number serves again
            if len(self._connections) >= _REMEMBERED:
                self._connections.clear()
            connection = self._connections[key] = _Connection()
        fields = _told(fields, connection, by_keyboard=message.text.startswith(_KEYBOARD))
        if message.text.startswith(_LAST):
            self._connections.pop(key, None)
        return fields


def _told(fields: Fields, connection: _Connection, *, by_keyboard: bool) -> Fields:
    reason, is_success = str(fields.get("reason", "")), fields["outcome"] == Outcome.SUCCESS
    connection.user = str(fields.get("user_id", "")) or connection.user
    connection.address = str(fields.get("src_ip", "")) or connection.address
    if fields["action"] == Action.LOGIN:
        if reason.startswith(NOT_ALLOWED):
            return {**fields, "action": Action.OTHER}  # the attempts themselves follow
        if by_keyboard and connection.refused_by_pam:
            connection.refused_by_pam -= 1
            return {**fields, "action": Action.OTHER}
        connection.refused_by_pam += reason == PAM_REFUSED
        connection.is_told = True
    elif reason in GAVE_UP and not is_success and connection.user and not connection.is_told:
        connection.is_told = True
        return {
            **fields,
            "action": Action.LOGIN,
            "outcome": Outcome.FAILURE,
            "reason": "gave up",
            "user_id": connection.user,
            "src_ip": connection.address,
        }
    return fields
