"""User IDs of a system without an interface: a work order goes to its operator, and its next account list proves it.

Nothing happens at the system when an order is written. A lapse or issue stays open until an account list that the
operator hands in shows it; a list that says less is never taken for more.
"""

import csv
import io
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from accesscontrol.accounts.connectors.protocol import (
    Failures,
    ObservedAccount,
    Reading,
    TemporaryPassword,
    Unreadable,
    Wanted,
)
from accesscontrol.accounts.connectors.single_step import SingleStepLapse
from accesscontrol.clock import Clock, end_of_day, from_text, local_day, to_text
from accesscontrol.messages import N_, Phrase
from accesscontrol.refusals import Refusal

LIST: Final = "accounts.csv"
ORDERS: Final = "orders.json"
COLUMNS: Final = ("user_id", "display_name", "staff_number", "enabled", "valid_to", "entitlements", "last_use")
ORDER_COLUMNS: Final = ("act", "user_id", "display_name", "staff_number", "entitlements", "valid_to", "ordered_at")
_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")
_NEEDED: Final = ("user_id", "enabled")
_INSTANT: Final = timedelta(microseconds=1)
_SKEW: Final = timedelta(minutes=1)  # as far as the clock of another host that shares the folder may be ahead


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvFormat:
    """How the system's account list is written: its columns by our names, its encoding, and its word for enabled.

    ``separator`` stands between several rights in one cell. Days are ISO or written with slashes.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    encoding: str = "utf-8-sig"
    enabled: Sequence[str] = ("1", "true", "yes", "enabled")
    separator: str = " "

    def column(self, name: str) -> str:
        """Return the heading under which the list has a column of ours."""
        return self.columns.get(name, name)


class CsvLedgerConnector(SingleStepLapse):
    """One system that is known by its account lists in ``folder`` and governed by work orders."""

    def __init__(self, system: str, folder: Path, listed: CsvFormat, zone: ZoneInfo, clock: Clock) -> None:
        super().__init__(system)
        self._folder, self._format, self._zone, self._clock = folder, listed, zone, clock

    def take_list(self, file: Path, *, as_of: datetime) -> int:
        """Take the operator's newest account list in, as it was at ``as_of``; return the number of accounts in it."""
        if as_of > self._clock.now():
            raise Refusal(N_("The account list can't be of a time to come."), control="AC-USR-02")
        try:
            content = file.read_bytes()
        except OSError as error:
            raise Refusal(N_("{file} can't be read: {reason}."), file=str(file), reason=error.strerror) from None
        accounts = self._accounts(content)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = self._folder / f"{LIST}.part"
        part.write_bytes(content)
        os.utime(part, (as_of.timestamp(), as_of.timestamp()))
        part.replace(self._folder / LIST)
        return len(accounts)

    def read(self) -> Reading:
        """Read the newest account list; the reading's time is the list's, however long ago that is."""
        accounts, as_of = self._list()
        self._settle({each.user_id: each for each in accounts}, as_of)
        return Reading(system=self._system, read_at=as_of, accounts=accounts)

    def look(self, user_ids: Sequence[str]) -> Mapping[str, ObservedAccount]:
        """Return what the newest account list says of these IDs."""
        wanted = frozenset(user_ids)
        return {each.user_id: each for each in self._list()[0] if each.user_id in wanted}

    def issue(self, wanted: Wanted, password: TemporaryPassword | None = None) -> None:
        """Order a new ID; its first password is the operator's to hand out."""
        del password
        self._order("issue", [wanted])

    def change(self, wanted: Sequence[Wanted]) -> Failures:
        """Order that these IDs be enabled with exactly these rights and ends."""
        self._order("change", wanted)
        return {}

    def block(self, user_ids: Sequence[str]) -> Failures:
        """Order that these IDs be disabled, their sessions ended and their rights taken, as one line each."""
        known = self.look(user_ids)
        self._order(
            "disable",
            [Wanted(user_id=name, display_name=known[name].display_name) for name in user_ids if name in known],
        )
        return {}

    def work_order(self) -> str:
        """Return the open orders as CSV for the operator, safe to be opened in a spreadsheet."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(ORDER_COLUMNS)
        for order in self._orders().values():
            writer.writerow([safe_cell(order[column]) for column in ORDER_COLUMNS])
        return out.getvalue()

    def _list(self) -> tuple[list[ObservedAccount], datetime]:
        path = self._folder / LIST
        try:
            content, changed = path.read_bytes(), path.stat().st_mtime
        except OSError:
            raise Unreadable(
                N_("There is no account list of {system} yet. Ask its operator for one and take it in."),
                system=self._system,
            ) from None
        as_of = datetime.fromtimestamp(changed, UTC)
        if as_of > self._clock.now() + _SKEW:
            raise Unreadable(
                N_(
                    "The account list of {system} is of a time to come ({as_of}), so it proves nothing yet. Set the"
                    " clock right, then take the list in again."
                ),
                system=self._system,
                as_of=as_of,
            )
        return self._accounts(content), as_of

    def _accounts(self, content: bytes) -> list[ObservedAccount]:
        """Return the accounts of a list; one that can't be read to its end is refused whole."""
        try:
            rows = list(csv.DictReader(io.StringIO(content.decode(self._format.encoding)), strict=True))
            found = [self._observed(row) for row in rows]
        except (UnicodeDecodeError, csv.Error, ValueError, KeyError, AttributeError) as error:
            raise self._unusable(f"{type(error).__name__}: {error}") from None
        if not found:
            raise self._unusable(Phrase(N_("no account stands in it")))
        names = [each.user_id for each in found]
        if "" in names or len(set(names)) < len(names):
            raise self._unusable(Phrase(N_("a user ID is missing or stands twice")))
        return found

    def _unusable(self, reason: str) -> Unreadable:
        return Unreadable(
            N_("The account list of {system} can't be used: {reason}."), system=self._system, reason=reason
        )

    def _observed(self, row: Mapping[str, str]) -> ObservedAccount:
        cells = {
            name: row[self._format.column(name)] if name in _NEEDED else (row.get(self._format.column(name)) or "")
            for name in COLUMNS
        }
        cells = {name: value.strip() for name, value in cells.items()}
        enabled = cells["enabled"].casefold() in {word.casefold() for word in self._format.enabled}
        rights = tuple(sorted(filter(None, cells["entitlements"].split(self._format.separator))))
        return ObservedAccount(
            user_id=cells["user_id"],
            enabled=enabled,
            display_name=cells["display_name"],
            staff_number=cells["staff_number"],
            valid_to=end_of_day(_day(cells["valid_to"]), self._zone) if cells["valid_to"] else None,
            entitlements=rights if enabled else (),
            last_use=self._instant(cells["last_use"]) if cells["last_use"] else None,
        )

    def _instant(self, text: str) -> datetime:
        """Return an instant that the list gives in the site's zone, or with its own offset."""
        found = datetime.fromisoformat(text.replace("/", "-"))
        return (found if found.tzinfo else found.replace(tzinfo=self._zone)).astimezone(UTC)

    def _order(self, act: str, wanted: Sequence[Wanted]) -> None:
        """Put orders into the folder; an order that already stands there keeps its time."""
        orders = self._orders()
        for each in wanted:
            last_day = local_day(each.valid_to - _INSTANT, self._zone).isoformat() if each.valid_to else ""
            order: dict[str, Any] = {
                "act": act,
                "user_id": each.user_id,
                "display_name": each.display_name,
                "staff_number": each.staff_number,
                "entitlements": self._format.separator.join(each.entitlements),
                "valid_to": last_day,
            }
            standing = orders.get(each.user_id)
            if standing is None or {name: standing[name] for name in order} != order:
                orders[each.user_id] = order | {"ordered_at": to_text(self._clock.now())}
        self._keep(orders)

    def _settle(self, seen: Mapping[str, ObservedAccount], as_of: datetime) -> None:
        """Take away the orders that a list made after them shows as done."""
        orders = self._orders()
        left = {
            name: order
            for name, order in orders.items()
            if from_text(order["ordered_at"]) > as_of or not self._done(order, seen.get(name))
        }
        if left != orders:
            self._keep(left)

    def _done(self, order: Mapping[str, str], account: ObservedAccount | None) -> bool:
        if order["act"] == "disable":
            return account is None or account.lapsed
        rights = tuple(sorted(filter(None, order["entitlements"].split(self._format.separator))))
        return account is not None and account.enabled and account.entitlements == rights

    def _orders(self) -> dict[str, dict[str, str]]:
        path = self._folder / ORDERS
        try:
            return msgspec.json.decode(path.read_bytes(), type=dict[str, dict[str, str]])
        except FileNotFoundError:
            return {}
        except msgspec.DecodeError as error:  # left empty by a power cut, for example
            raise Unreadable(
                N_("The open work orders in {file} can't be read ({reason}). Put it back from a backup."),
                file=str(path),
                reason=str(error),
            ) from None

    def _keep(self, orders: Mapping[str, Mapping[str, str]]) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = self._folder / f"{ORDERS}.part"
        with part.open("wb") as file:
            file.write(json.dumps(orders, ensure_ascii=False, indent=1).encode())
            file.flush()
            os.fsync(file.fileno())  # else a power cut may leave the name without what it names
        part.replace(self._folder / ORDERS)


def safe_cell(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULAS) else text


def _day(text: str) -> date:
    return date.fromisoformat(text.replace("/", "-"))
