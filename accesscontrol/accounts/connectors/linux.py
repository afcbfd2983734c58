"""User IDs of a Linux host: its own accounts, over SSH, through one forced command that checks every argument.

The end of an account there counts in whole days of UTC. PAM refuses from 00:00 UTC of that day, sshd without PAM only
from the day after: the day that is pushed is therefore the first one that begins at or after the end, which never
cuts a last working day short, and the lapse itself is the console's work at the site's midnight.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any, Final

from accesscontrol.accounts.connectors.protocol import (
    Failures,
    ObservedAccount,
    Reading,
    TemporaryPassword,
    Wanted,
)
from accesscontrol.accounts.connectors.ssh_wire import Ask
from accesscontrol.accounts.connectors.unix_crypt import sha512_crypt
from accesscontrol.clock import Clock
from accesscontrol.messages import N_
from accesscontrol.people.secret import concealed
from accesscontrol.refusals import Refusal

_FIRST_NORMAL_UID: Final = 1000
_NO_SHELLS: Final = frozenset({"nologin", "false", "sync", "shutdown", "halt"})
_EPOCH: Final = datetime.fromtimestamp(0, UTC)
_DAY: Final = timedelta(days=1)
_OWNER: Final = "staff="

ZERO: Final = "expires on day 0, which PAM and shadow read differently"
AGED: Final = "its password is too old or must be changed, which stops keys only where sshd uses PAM"
EMPTY: Final = "its password is empty"
SUDOERS: Final = "named in the rules of sudo"
SHARED: Final = "one of its keys opens another account too"


class LinuxConnector:
    """One Linux host. ``ask`` puts a question to its forced command and returns the answer (see ``ssh_wire``)."""

    def __init__(self, system: str, ask: Ask, clock: Clock) -> None:
        self._system, self._ask, self._clock = system, ask, clock

    @property
    def system(self) -> str:
        """The system's name in the settings and the ledger."""
        return self._system

    def read(self) -> Reading:
        """Read every local account, the system's own ones too."""
        began = self._clock.now()
        answer = self._ask({"act": "read"})
        theirs = datetime.fromtimestamp(answer["now"], UTC)
        return Reading(
            system=self.system,
            read_at=began,
            accounts=[observed(each, answer) for each in answer["accounts"]],
            skew=theirs - began,
        )

    def look(self, user_ids: Sequence[str]) -> Mapping[str, ObservedAccount]:
        """Read these accounts freshly."""
        answer = self._ask({"act": "look", "names": list(user_ids)})
        return {each["name"]: observed(each, answer) for each in answer["accounts"]}

    def issue(self, wanted: Wanted, password: TemporaryPassword | None = None) -> None:
        """Make the account under a number that none had before; a first password must be changed at its first use."""
        item = self._item(wanted) | {
            "comment": owner_comment(wanted),
            "taken": [int(each) for each in wanted.native_ids_taken if each.isdecimal()],
            "password": _hash(password) if password else None,
        }
        self._refuse(self._each("issue", [item]))

    def change(self, wanted: Sequence[Wanted]) -> Failures:
        """Open each account up to its day, with exactly these groups."""
        return self._each("change", [self._item(each) for each in wanted])

    def set_password(self, user_id: str, password: TemporaryPassword) -> None:
        """Set a password that must be changed at its first use."""
        self._refuse(self._each("set-password", [{"name": user_id, "password": _hash(password)}]))

    def block(self, user_ids: Sequence[str]) -> Failures:
        """Lock the password, let the account expire in 1970, and take its shell."""
        return self._each("block", [{"name": name} for name in user_ids])

    def end_sessions(self, user_ids: Sequence[str]) -> Failures:
        """Kill every process of the accounts, shared SSH connections among them."""
        return self._each("end-sessions", [{"name": name} for name in user_ids])

    def strip(self, user_ids: Sequence[str]) -> Failures:
        """Remove keys, crontabs, at jobs, user units, and memberships in groups.

        Where the host has a list of revoked keys, the keys enter it: nobody puts one back unseen.
        """
        return self._each("strip", [{"name": name} for name in user_ids])

    def _each(self, act: str, items: Sequence[Mapping[str, Any]]) -> Failures:
        if not items:
            return {}
        failures: Failures = self._ask({"act": act, "items": list(items)})["failures"]
        return failures

    @staticmethod
    def _item(wanted: Wanted) -> dict[str, Any]:
        return {
            "name": wanted.user_id,
            "groups": list(wanted.entitlements),
            "expires": None if wanted.valid_to is None else expiry_day(wanted.valid_to),
        }

    def _refuse(self, failures: Failures) -> None:
        for user_id, reason in failures.items():
            raise Refusal(
                N_("{system} did not take {user_id}: {reason}."), system=self.system, user_id=user_id, reason=reason
            )


def host_program() -> bytes:
    """Return the program that a host runs for the console, as its administrator installs it."""
    return (files("accesscontrol.accounts.connectors") / "target" / "sekisho-accounts").read_bytes()


def expiry_day(end: datetime) -> int:
    """Return the day since 1970 (UTC) from which on the host itself refuses: the first that begins at ``end`` or later.

    For an end at midnight in Japan that is the same date, at 09:00 there: nine hours more, and never a day less.
    """
    return max(1, -((_EPOCH - end) // _DAY))


def owner_comment(wanted: Wanted) -> str:
    """Return the comment field that names an owner: the full name first, the staff number in the last part."""
    name = "".join(" " if letter in ",:=" or not letter.isprintable() else letter for letter in wanted.display_name)
    return f"{name},,,,{_OWNER}{wanted.staff_number}" if wanted.staff_number else name


def observed(facts: Mapping[str, Any], answer: Mapping[str, Any]) -> ObservedAccount:
    """Return an account as the host's facts show it.

    It is closed only when its expiry lies wholly behind (also where sshd doesn't ask PAM), or when nothing lets it in:
    no shell, no usable password and no key. A lock alone closes nothing, because keys and certificates pass it by.
    """
    name, _, rest = facts["comment"].partition(",")
    extra = rest.rpartition(",")[2]
    expires, today = facts["expires"], int(answer["now"] // _DAY.total_seconds())
    over = expires is not None and 0 < expires < today
    has_shell = facts["shell"].rpartition("/")[2] not in _NO_SHELLS
    way_in = has_shell or facts["keys"] > 0 or facts["password"] in {"set", "empty"}
    own = facts["name"] == answer["own"]
    return ObservedAccount(
        user_id=facts["name"],
        native_id=str(facts["uid"]),
        enabled=way_in and not over,
        display_name=name,
        staff_number=extra.removeprefix(_OWNER) if extra.startswith(_OWNER) else "",
        valid_to=_EPOCH + expires * _DAY if expires else None,
        entitlements=tuple(facts["groups"]),
        last_use=datetime.fromtimestamp(facts["last_use"], UTC) if facts["last_use"] else None,
        sessions=facts["sessions"],
        remains=tuple(["key"] * facts["keys"] + sorted(facts["jobs"])),
        doubts=_doubts(facts),
        administrator=facts["uid"] == 0 or bool(set(facts["groups"]) & set(answer["administrators"])),
        own=own,
        built_in=facts["uid"] < _FIRST_NORMAL_UID or facts["name"] == "nobody",
        password_waits=facts["must_change"],
    )


def _doubts(facts: Mapping[str, Any]) -> tuple[str, ...]:
    found = {
        ZERO: facts["expires"] == 0,
        AGED: facts["aged"],
        EMPTY: facts["password"] == "empty",  # noqa: S105 - the state of a field
        SUDOERS: facts["in_sudoers"],
        SHARED: facts["shared_key"],
    }
    return tuple(words for words, holds in found.items() if holds)


@concealed
def _hash(password: TemporaryPassword) -> str:
    """Return the hash by which the host knows a password; the password itself stays here."""
    return sha512_crypt(password.secret)
