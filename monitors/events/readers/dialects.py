# ruff: noqa: E501 - a pattern is read on one line
"""What the messages of sshd, sudo, su and PAM mean. Names in them come from the outside: nothing is trusted.

One attempt is one ``login`` event: sshd writes several lines about a failed one, of which only the "Failed ..."
line counts as the attempt; the others are kept as ``other``, so that a burst is counted right.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from monitors.events.readers.syslog import Message
from monitors.events.schema import Action, Outcome

Fields = Mapping[str, str | int]
Rule = tuple[re.Pattern[str], Callable[[dict[str, str]], Fields]]

# The name is greedy, so that a hostile name with " from 192.0.2.1 port 1" in it can't pose as the address.
_FROM: Final = r"(?P<user>.*) from (?P<ip>\S+)(?: port (?P<port>\d+))?"


def _event(action: Action, outcome: Outcome, reason: str = "") -> Callable[[dict[str, str]], Fields]:
    def fields(found: dict[str, str]) -> Fields:
        return {
            "action": action,
            "outcome": outcome,
            "reason": found.get("reason") or reason,
            "user_id": found.get("user", ""),
            "src_ip": found.get("ip", ""),
            "object": found.get("object", ""),
        }

    return fields


def _rule(pattern: str, action: Action, outcome: Outcome, reason: str = "") -> Rule:
    return re.compile(pattern, re.DOTALL), _event(action, outcome, reason)


_SSHD: Final = (
    _rule(rf"Accepted (?P<reason>\S+) for {_FROM}(?: ssh2?)?(?:: .*)?", Action.LOGIN, Outcome.SUCCESS),
    _rule(
        rf"Failed \S+ for (?P<reason>invalid user|illegal user) {_FROM}(?: ssh2?)?(?:: .*)?",
        Action.LOGIN,
        Outcome.FAILURE,
    ),
    _rule(rf"Failed (?P<reason>\S+) for {_FROM}(?: ssh2?)?(?:: .*)?", Action.LOGIN, Outcome.FAILURE),
    _rule(rf"(?:Invalid|Illegal) user {_FROM}", Action.OTHER, Outcome.FAILURE, "invalid user"),
    _rule(
        rf"(?:error: )?(?P<reason>maximum authentication attempts exceeded) for (?:invalid user )?{_FROM}.*",
        Action.OTHER,
        Outcome.FAILURE,
    ),
    _rule(r"User (?P<user>.*) from (?P<ip>\S+) (?P<reason>not allowed because .*)", Action.LOGIN, Outcome.FAILURE),
    _rule(
        r"(?:Connection (?:closed|reset)|Disconnected|Disconnecting) (?:by|from) (?:authenticating|invalid) user (?P<user>.*) (?P<ip>\S+) port \d+(?::.*)?(?: \[preauth\])?",
        Action.OTHER,
        Outcome.FAILURE,
        "preauth",
    ),
    _rule(r"Disconnected from user (?P<user>.*) (?P<ip>\S+) port \d+", Action.LOGOUT, Outcome.SUCCESS),
    _rule(
        r"(?:Connection closed by|Disconnected from|Received disconnect from|Did not receive identification string from) (?P<ip>\S+).*",
        Action.OTHER,
        Outcome.UNKNOWN,
        "disconnect",
    ),
)
_SUDO: Final = (
    _rule(
        r" *(?P<user>\S+) : (?P<reason>user NOT in sudoers|command not allowed|\d+ incorrect password attempts?) ;.* COMMAND=(?P<object>.*)",
        Action.ADMIN,
        Outcome.FAILURE,
    ),
    _rule(r" *(?P<user>\S+) : (?:TTY|PWD)=.* COMMAND=(?P<object>.*)", Action.ADMIN, Outcome.SUCCESS),
)
_SU: Final = (
    _rule(r"FAILED SU \(to (?P<object>[^)]*)\) (?P<user>\S+) on .*", Action.ADMIN, Outcome.FAILURE),
    _rule(r"\(to (?P<object>[^)]*)\) (?P<user>\S+) on .*", Action.ADMIN, Outcome.SUCCESS),
)
_PAM: Final = (
    _rule(
        r"pam_unix\([^)]*\): authentication failure;.* rhost=(?P<ip>\S*)(?: +user=(?P<user>.*))?",
        Action.OTHER,
        Outcome.FAILURE,
        "pam",
    ),
    _rule(
        r"pam_unix\([^)]*\): (?P<reason>session (?:opened|closed)) for user (?P<user>[^ (]+).*",
        Action.OTHER,
        Outcome.SUCCESS,
    ),
)
_PROGRAMS: Final[dict[str, tuple[Rule, ...]]] = {
    "sshd": _SSHD + _PAM,
    "sshd-session": _SSHD + _PAM,
    "sudo": _SUDO + _PAM,
    "su": _SU + _PAM,
}
_UNKNOWN: Final[Fields] = {"action": Action.OTHER, "outcome": Outcome.UNKNOWN}


def auth(message: Message) -> Fields:
    """Return what a message of the authentication log tells; of any other message nothing but its text."""
    for pattern, fields in _PROGRAMS.get(message.program.rsplit("/", 1)[-1], _PAM):
        found = pattern.fullmatch(message.text)
        if found:
            return fields({name: value or "" for name, value in found.groupdict().items()})
    return _UNKNOWN


def plain(message: Message) -> Fields:
    """Return nothing but the text: for logs whose programs we do not know."""
    del message
    return _UNKNOWN
