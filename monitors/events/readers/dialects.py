# ruff: noqa: E501 - a pattern is read on one line
"""What the messages of sshd, sudo, su and PAM mean. Names in them come from the outside: nothing is trusted.

One attempt is one ``login`` event: sshd writes several lines about a failed one, of which only the "Failed ..."
line counts as the attempt; the others are kept as ``other``, so that a burst is counted right. What can be told only
by looking at the lines before stands in ``attempts``.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from monitors.events.readers import postgresql
from monitors.events.readers.syslog import Message
from monitors.events.schema import Action, Outcome

Fields = Mapping[str, str | int]
Rule = tuple[re.Pattern[str], Callable[[dict[str, str]], Fields]]

SSHD: Final = frozenset({"sshd", "sshd-session"})
PAM: Final = "pam"
PAM_REFUSED: Final = "refused by PAM"
NOT_ALLOWED: Final = "not allowed because "
ROOT_REFUSED: Final = "root not allowed"
GAVE_UP: Final = frozenset({"disconnect", "preauth", "maximum authentication attempts exceeded"})

# A name that nobody has is greedy, so that " from 192.0.2.1 port 1" in it can't pose as the address. One that somebody
# has holds nothing of the kind, but what the client says of itself or of its key may follow and do it.
_PLACE: Final = r" from (?P<ip>\S+)(?: port \d+)?"
_FROM: Final = rf"(?P<user>.*){_PLACE}"
_SSH: Final = r"(?: ssh[12]?)?(?:: .*)?"


def _event(action: Action, outcome: Outcome, reason: str = "") -> Callable[[dict[str, str]], Fields]:
    def fields(found: dict[str, str]) -> Fields:
        return {
            "action": action,
            "outcome": outcome,
            "reason": found.get("reason") or reason,
            "user_id": found.get("user", "") or found.get("by", ""),
            "src_ip": found.get("ip", "").removeprefix("::ffff:"),
            "object": found.get("object", ""),
        }

    return fields


def _rule(pattern: str, action: Action, outcome: Outcome, reason: str = "") -> Rule:
    return re.compile(pattern, re.DOTALL), _event(action, outcome, reason)


_SSHD: Final = (
    _rule(rf"Accepted (?P<reason>\S+) for (?P<user>.*?){_PLACE}{_SSH}", Action.LOGIN, Outcome.SUCCESS),
    _rule(
        rf"Failed \S+ for (?P<reason>invalid user|illegal user) {_FROM}{_SSH}",
        Action.LOGIN,
        Outcome.FAILURE,
    ),
    _rule(rf"Failed (?P<reason>\S+) for (?P<user>.*?){_PLACE}{_SSH}", Action.LOGIN, Outcome.FAILURE),
    _rule(
        r"PAM: .* for (?:illegal user |invalid user )?(?P<user>.*) from (?P<ip>\S+)(?: via \S+)?",
        Action.LOGIN,
        Outcome.FAILURE,
        PAM_REFUSED,
    ),
    _rule(r"(?P<user>ROOT) LOGIN REFUSED FROM (?P<ip>\S+)(?: port \d+)?", Action.OTHER, Outcome.FAILURE, ROOT_REFUSED),
    _rule(rf"(?:Invalid|Illegal) user {_FROM}", Action.OTHER, Outcome.FAILURE, "invalid user"),
    _rule(
        r"input_userauth_request: (?:invalid|illegal) user (?P<user>.*?)",
        Action.OTHER,
        Outcome.FAILURE,
        "invalid user",
    ),
    _rule(
        rf"(?P<reason>maximum authentication attempts exceeded) for (?:invalid user )?{_FROM}.*",
        Action.OTHER,
        Outcome.FAILURE,
    ),
    _rule(rf"User (?P<user>.*) from (?P<ip>\S+) (?P<reason>{NOT_ALLOWED}.*)", Action.LOGIN, Outcome.FAILURE),
    _rule(rf"User (?P<user>.*?) (?P<reason>{NOT_ALLOWED}.*)", Action.OTHER, Outcome.FAILURE),
    _rule(
        r"Disconnecting: Too many authentication failures(?: for (?:invalid user )?(?P<user>.*?))?",
        Action.OTHER,
        Outcome.FAILURE,
        "preauth",
    ),
    _rule(
        r"(?:Connection (?:closed|reset) by|Disconnected from|Disconnecting) (?:authenticating|invalid) user (?P<user>.*) (?P<ip>\S+) port \d+(?::.*)?",
        Action.OTHER,
        Outcome.FAILURE,
        "preauth",
    ),
    _rule(r"Disconnected from user (?P<user>.*) (?P<ip>\S+) port \d+", Action.LOGOUT, Outcome.SUCCESS),
    _rule(
        r"(?:Connection (?:closed|reset) by|Disconnected from|Received disconnect from|Did not receive identification string from) (?P<ip>\S+?):?(?: .*)?",
        Action.OTHER,
        Outcome.UNKNOWN,
        "disconnect",
    ),
    _rule(  # somebody who never came as far as a name
        r"(?:refused connect from (?:\S+@)?|Unable to negotiate with |(?:Bad protocol version|banner exchange: |Magic value)(?:.* |)(?:from|Connection from) |Connection from )(?P<ip>\S+?)(?:,? port \d+.*| \([^)]*\))?",
        Action.OTHER,
        Outcome.UNKNOWN,
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
_PAM_SAYS: Final = r"(?:pam_\w+(?:\([^)]*\))?: |\(pam_unix\) )?"
_PAM_FAILED: Final = (
    # As PAM writes it, so that a hostile name can't pose as the address, and whatever comes close to it. Some programs
    # tell PAM the name that somebody came with as that of the other side, and of an unknown name nothing else stands.
    rf"{_PAM_SAYS}authentication failure; logname=\S* uid=\d+ euid=\d+ tty=\S* ruser=(?P<by>\S*) rhost=(?P<ip>\S*) *(?: user=(?P<user>.*))?",
    rf"{_PAM_SAYS}authentication failure;.* rhost=(?P<ip>\S*)(?: +user=(?P<user>.*?)(?: +msg=.*)?)?",
)
_PAM_SESSION: Final = rf"{_PAM_SAYS}(?P<reason>session {{}}) for user (?P<user>[^ (]+).*"
_PAM: Final = (  # of a program that tells its sign-ins itself
    *(_rule(pattern, Action.OTHER, Outcome.FAILURE, PAM) for pattern in _PAM_FAILED),
    _rule(_PAM_SESSION.format("(?:opened|closed)"), Action.OTHER, Outcome.SUCCESS),
)
_PAM_ALONE: Final = (  # of a program whose sign-ins PAM alone tells
    *(_rule(pattern, Action.LOGIN, Outcome.FAILURE, PAM) for pattern in _PAM_FAILED),
    _rule(_PAM_SESSION.format("opened"), Action.LOGIN, Outcome.SUCCESS),
    _rule(_PAM_SESSION.format("closed"), Action.LOGOUT, Outcome.SUCCESS),
)
_PAM_OF_ANY: Final = _PAM_ALONE[: len(_PAM_FAILED)] + _PAM[len(_PAM_FAILED) :]  # sessions may be those of jobs
_TOLD_BY_PAM: Final = frozenset(
    {"login", "gdm", "gdm-password", "lightdm", "sddm", "xdm", "vsftpd", "proftpd", "pure-ftpd", "ftpd"}
)
_PROGRAMS: Final[dict[str, tuple[Rule, ...]]] = {
    **dict.fromkeys(SSHD, _SSHD + _PAM),
    **dict.fromkeys(_TOLD_BY_PAM, _PAM_ALONE),
    "sshd(pam_unix)": _PAM_ALONE,  # an older syslog, which keeps what sshd says itself in another file
    "sudo": _SUDO + _PAM,
    "su": _SU + _PAM,
}
_BY_ITSELF: Final = re.compile(
    r"(?:\[ID \d+ \w+\.\w+\] )?(?:(?:error|fatal): )?(?P<said>.*?)(?: \[preauth\])?\s*", re.DOTALL
)
_POSTGRESQL: Final = frozenset({"postgres", "postgresql"})
_UNKNOWN: Final[Fields] = {"action": Action.OTHER, "outcome": Outcome.UNKNOWN}


def said(message: Message) -> str:
    """Return what sshd said, without what Solaris puts before it, its own "error: " and the mark of its inner process."""
    found = _BY_ITSELF.fullmatch(message.text)
    return found["said"] if found else message.text


def auth(message: Message) -> Fields:
    """Return what a message of the authentication log tells; of any other message nothing but its text."""
    program = message.program.rsplit("/", 1)[-1]
    if program in _POSTGRESQL:
        return postgresql.by_syslog(message.text)
    rules = _PROGRAMS.get(program) or _PROGRAMS.get(program.removesuffix("(pam_unix)"), _PAM_OF_ANY)
    text = said(message) if program in SSHD else message.text
    for pattern, fields in rules:
        found = pattern.fullmatch(text)
        if found:
            return fields({name: value or "" for name, value in found.groupdict().items()})
    return _UNKNOWN


def plain(message: Message) -> Fields:
    """Return nothing but the text: for logs whose programs we do not know."""
    del message
    return _UNKNOWN
