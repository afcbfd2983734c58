"""What was last read from the targets, as it is kept: whole accounts with their situation, and readings with times."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from sqlite3 import Row
from typing import Any, Final, TypeAlias

from accesscontrol import rows
from accesscontrol.accounts.connectors.protocol import ObservedAccount
from accesscontrol.accounts.correlation import Match
from accesscontrol.accounts.model import Situation
from accesscontrol.accounts.trouble import Trouble
from accesscontrol.clock import to_text
from accesscontrol.people.reading import Reader
from accesscontrol.store import Transaction

Line: TypeAlias = tuple[Any, ...]

_COLUMNS: Final = (
    "user_id",
    "situation",
    "candidates",
    "enabled",
    "native_id",
    "display_name",
    "staff_number",
    "valid_to",
    "entitlements",
    "last_use",
    "sessions",
    "remains",
    "doubts",
    "administrator",
    "own",
    "built_in",
    "missing_since",
)
_NAMES: Final = ", ".join(_COLUMNS)
_LAST_USE: Final = _COLUMNS.index("last_use")
_NATIVE_ID: Final = _COLUMNS.index("native_id")
_EMPTY: Final = "[]"
_UPSERT: Final = (
    # names of ours
    f"INSERT INTO observed_account (system, {_NAMES}) VALUES ({', '.join('?' * (len(_COLUMNS) + 1))})"  # noqa: S608
    " ON CONFLICT (system, user_id) DO UPDATE SET " + ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS[1:])
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """An account as it was last read; ``missing_since`` is the first reading in which it was gone."""

    system: str
    account: ObservedAccount
    situation: Situation
    candidates: tuple[str, ...] = ()
    missing_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LastReading:
    """The newest attempt to read a system and the newest reading that succeeded, both with their instants (UTC).

    ``trouble`` is why the newest attempt failed, None when it didn't.
    """

    system: str
    tried_at: datetime
    trouble: Trouble | None
    read_at: datetime | None
    accounts: int
    skew: timedelta

    def fresh(self, at: datetime, limit: timedelta) -> bool:
        """Tell whether what is known of the system may be believed at ``at``."""
        return self.trouble is None and self.read_at is not None and at - self.read_at <= limit


def last_readings(reader: Reader) -> dict[str, LastReading]:
    """Return the newest reading of each system that was ever tried; of a damaged one nothing is known."""
    found = rows.values(reader.rows("SELECT * FROM account_reading"), _last_reading, reader.note_damage)
    return {each.system: each for each in found}


def _last_reading(row: Row) -> LastReading:
    return _reading(row, skew=timedelta(seconds=row["skew_seconds"]))


_reading: Final = rows.Mapper(LastReading, "account_reading", "system")


def observations(reader: Reader, system: str = "", user_ids: Iterable[str] | None = None) -> list[Observation]:
    """Return what was last read of one system or of all, or of some IDs of one, gone accounts too.

    A damaged line is passed over and noted: the next reading writes it anew.
    """
    if user_ids is None:
        found = reader.rows(
            "SELECT * FROM observed_account WHERE ? = '' OR system = ? ORDER BY system, user_id", (system, system)
        )
    else:
        found = reader.rows(
            "SELECT * FROM observed_account WHERE system = ? AND user_id IN (SELECT value FROM json_each(?))",
            (system, json.dumps(list(user_ids))),
        )
    return rows.values(found, _observation, reader.note_damage)


def lines(tx: Transaction, system: str) -> dict[str, Line]:
    """Return the stored lines of a system by user ID, to be compared with new ones."""
    found = tx.execute(f"SELECT {_NAMES} FROM observed_account WHERE system = ?", (system,))  # noqa: S608 - own columns
    found.row_factory = None  # plain tuples: the lines to compare are such, and there are many
    return {row[0]: row for row in found}


def line(account: ObservedAccount, match: Match, missing_since: str | None = None) -> Line:
    """Return the line that is stored of an account as it was read."""
    return (
        account.user_id,
        match.situation.value,
        _packed(match.candidates) if match.candidates else _EMPTY,
        int(account.enabled),
        account.native_id,
        account.display_name,
        account.staff_number,
        _instant(account.valid_to),
        _packed(account.entitlements) if account.entitlements else _EMPTY,
        _instant(account.last_use) if account.last_use else None,
        account.sessions,
        _packed(account.remains) if account.remains else _EMPTY,
        _packed(account.doubts) if account.doubts else _EMPTY,
        int(account.administrator),
        int(account.own),
        int(account.built_in),
        missing_since,
    )


def remembering(new: Line, old: Line | None) -> Line:
    """Return a new line with the newest use that was ever seen of it: many targets know of the open sessions only."""
    if old is None or old[_LAST_USE] is None or old[_NATIVE_ID] != new[_NATIVE_ID]:
        return new
    if new[_LAST_USE] is not None and old[_LAST_USE] <= new[_LAST_USE]:
        return new
    return (*new[:_LAST_USE], old[_LAST_USE], *new[_LAST_USE + 1 :])


def gone(old: Line, at: datetime, *, expected: bool) -> Line:
    """Return the line of an account that a good reading didn't find any more."""
    situation = Situation.DELETED.value if expected else old[1]
    return (*old[:1], situation, old[2], 0, *old[4:10], 0, *old[11:-1], old[-1] or to_text(at))


def write(tx: Transaction, system: str, changed: Sequence[Line]) -> None:
    """Store the lines of a system that changed; whoever calls records the reading."""
    for each in changed:
        tx.execute(_UPSERT, (system, *each))


def rewrite(tx: Transaction, observed: Mapping[str, ObservedAccount], system: str) -> None:
    """Store what a fresh look at single accounts showed; their situations stay as they were."""
    old = {each.account.user_id: each for each in observations(tx, system, observed)}
    for user_id, account in observed.items():
        known = old.get(user_id)
        match = Match(known.situation, known.candidates) if known else Match(Situation.LINKED)
        before = line(known.account, match) if known else None
        tx.execute(_UPSERT, (system, *remembering(line(account, match), before)))


@lru_cache(maxsize=4096)  # many accounts share an end
def _instant(at: datetime | None) -> str | None:
    return to_text(at) if at is not None else None


@lru_cache(maxsize=4096)
def _packed(values: tuple[str, ...]) -> str:
    return json.dumps(values, ensure_ascii=False)


_observed: Final = rows.Mapper(ObservedAccount, "observed_account", "system", "user_id")
_around: Final = rows.Mapper(Observation, "observed_account", "system", "user_id")


def _observation(row: Row) -> Observation:
    return _around(row, account=_observed(row, password_waits=None))
