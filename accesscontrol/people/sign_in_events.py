"""The console's own access events: every sign-in, refusal, step-up and sign-out, for the monitors to read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from accesscontrol import rows
from accesscontrol.clock import to_text
from accesscontrol.messages import N_
from accesscontrol.people.reading import Reader
from accesscontrol.store import Transaction


class Act(StrEnum):
    """What was attempted."""

    SIGN_IN = "sign-in"
    SIGN_OUT = "sign-out"
    STEP_UP = "step-up"
    RESUME = "resume"
    IN_PLACE = "in-place"
    PASSWORD_CHANGE = "password-change"  # noqa: S105 - the name of an act
    UNLOCK = "unlock"


class Reason(StrEnum):
    """Why it was refused; the event names the factor that failed (AC-AUT-01), the screen of a sign-in doesn't."""

    NONE = ""
    UNKNOWN_LOGIN = "unknown-login"
    WRONG_PASSWORD = "wrong-password"  # noqa: S105 - the name of a reason
    WRONG_CODE = "wrong-code"
    USED_CODE = "used-code"
    NO_FACTOR = "no-factor"
    COUNTER_WENT_BACK = "counter-went-back"
    SUBSTITUTE_REFUSED = "substitute-refused"
    LOCKED = "locked"
    DISABLED = "disabled"
    NOT_YET_VALID = "not-yet-valid"
    EXPIRED = "expired"
    PASSWORD_LAPSED = "password-lapsed"  # noqa: S105 - the name of a reason
    PASSWORD_DUE = "password-due"  # noqa: S105 - the name of a reason
    CHANGED_MEANWHILE = "changed-meanwhile"
    UNREGISTERED_TERMINAL = "unregistered-terminal"
    TERMINAL_OUT = "terminal-out"
    UNRESTRICTED_TERMINAL = "unrestricted-terminal"


ACT_TITLES: Final[Mapping[Act, str]] = {
    Act.SIGN_IN: N_("Sign-in"),
    Act.SIGN_OUT: N_("Sign-out"),
    Act.STEP_UP: N_("Step-up before a decision"),
    Act.RESUME: N_("Return from the screen lock"),
    Act.IN_PLACE: N_("Decision at a colleague's screen"),
    Act.PASSWORD_CHANGE: N_("Password change"),
    Act.UNLOCK: N_("Opening of a locked login"),
}

REASON_TITLES: Final[Mapping[Reason, str]] = {
    Reason.NONE: N_("passed"),
    Reason.UNKNOWN_LOGIN: N_("unknown login"),
    Reason.WRONG_PASSWORD: N_("wrong password"),
    Reason.WRONG_CODE: N_("wrong second factor"),
    Reason.USED_CODE: N_("code used before"),
    Reason.COUNTER_WENT_BACK: N_("counter of the security key went back"),
    Reason.NO_FACTOR: N_("second factor not enrolled"),
    Reason.SUBSTITUTE_REFUSED: N_("not a biometric factor"),
    Reason.LOCKED: N_("login locked"),
    Reason.DISABLED: N_("login disabled"),
    Reason.NOT_YET_VALID: N_("login not valid yet"),
    Reason.EXPIRED: N_("validity ended"),
    Reason.PASSWORD_LAPSED: N_("temporary password used or lapsed"),
    Reason.PASSWORD_DUE: N_("password change due"),
    Reason.CHANGED_MEANWHILE: N_("password changed meanwhile"),
    Reason.UNREGISTERED_TERMINAL: N_("terminal not registered"),
    Reason.TERMINAL_OUT: N_("terminal taken out"),
    Reason.UNRESTRICTED_TERMINAL: N_("terminal not restricted"),
}

COUNTED: Final = (Reason.WRONG_PASSWORD, Reason.WRONG_CODE, Reason.USED_CODE)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInEvent:
    """One access event. ``login`` and ``staff_number`` are empty when the login is unknown.

    What was typed for an unknown login is not kept, because people type passwords into that field.
    ``terminal`` is the registered name, or the observed fact of one that isn't registered.
    """

    at: datetime
    act: Act
    login: str = ""
    staff_number: str = ""
    terminal: str = ""
    reason: Reason = Reason.NONE
    factor_method: str = ""
    factor_kind: str = ""
    session: str = ""

    @property
    def passed(self) -> bool:
        """Tell whether the attempt succeeded."""
        return self.reason is Reason.NONE


def write(tx: Transaction, event: SignInEvent) -> None:
    """Append ``event``. The caller records the act in the trail."""
    tx.execute(
        "INSERT INTO sign_in_event (at, act, login, staff_number, terminal, outcome, reason, factor_method,"
        " factor_kind, session) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            to_text(event.at),
            event.act.value,
            event.login,
            event.staff_number,
            event.terminal,
            "passed" if event.passed else "refused",
            event.reason.value,
            event.factor_method,
            event.factor_kind,
            event.session,
        ),
    )


def failures_in_a_row(reader: Reader, login: str, *, since: datetime) -> int:
    """Return the number of wrong passwords and codes of ``login`` after ``since`` and after its last proof."""
    marks = ", ".join("?" for _ in COUNTED)
    row = reader.row(
        # only question marks
        f"SELECT count(*) FROM sign_in_event WHERE login = ? AND at > ? AND reason IN ({marks})"  # noqa: S608
        " AND id > (SELECT coalesce(max(id), 0) FROM sign_in_event WHERE login = ? AND outcome = 'passed'"
        " AND act <> 'sign-out')",
        (login, to_text(since), *(reason.value for reason in COUNTED), login),
    )
    return int(row[0]) if row is not None else 0


def read(reader: Reader, *, after: int = 0, limit: int = 1000) -> list[tuple[int, SignInEvent]]:
    """Return up to ``limit`` events with their numbers, in order, from the one after number ``after``."""
    found = reader.rows("SELECT * FROM sign_in_event WHERE id > ? ORDER BY id LIMIT ?", (after, limit))
    return rows.values(found, lambda row: (int(row["id"]), event_of(row)), reader.note_damage)


event_of: Final = rows.Mapper(SignInEvent, "sign_in_event", "id")
"""Return the event of a row of ``sign_in_event``, all columns selected."""
