"""What each login of the console has done lately, from the console's own access events."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from accesscontrol.clock import from_text
from accesscontrol.people.reading import Reader
from accesscontrol.people.sign_in_events import Act, SignInEvent, event_of

_MOST: Final = 20


@dataclass(frozen=True, slots=True)
class LastUse:
    """The last time that a login was proven by both factors, and by which kind of second factor."""

    at: datetime
    factor_method: str
    factor_kind: str


def last_uses(reader: Reader) -> dict[str, LastUse]:
    """Return the last use of each login that was ever used: a sign-in, or a decision at a colleague's screen."""
    rows = reader.rows(
        "SELECT login, max(at) AS at, factor_method, factor_kind FROM sign_in_event"
        " WHERE outcome = 'passed' AND act IN (?, ?) GROUP BY login",
        (Act.SIGN_IN, Act.IN_PLACE),
    )  # SQLite takes the other columns from the row of the maximum
    return {row["login"]: LastUse(from_text(row["at"]), row["factor_method"], row["factor_kind"]) for row in rows}


def recent(reader: Reader, login: str, limit: int = _MOST) -> list[SignInEvent]:
    """Return the last events of ``login``, newest first."""
    rows = reader.rows("SELECT * FROM sign_in_event WHERE login = ? ORDER BY at DESC, id DESC LIMIT ?", (login, limit))
    return [event_of(row) for row in rows]
