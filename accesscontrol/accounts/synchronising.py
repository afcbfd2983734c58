"""Reading the targets and laying what they show beside the ledger. A target that is down is unreadable, never clean."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from accesscontrol.accounts import observations, reading
from accesscontrol.accounts.connectors.protocol import Connector, Reading
from accesscontrol.accounts.correlation import Directory, correlate
from accesscontrol.accounts.model import Account, Situation
from accesscontrol.accounts.trouble import Trouble
from accesscontrol.clock import to_text
from accesscontrol.people.operators import SYSTEM
from accesscontrol.store import Store, Transaction

OK, UNREADABLE = "ok", "unreadable"
_PRINTED: Final = (Situation.LINKED, Situation.UNMATCHED, Situation.DISPUTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Synchronised:
    """The outcome for one system. The counts are those of ``read_at``; ``trouble`` says why there is no newer one.

    ``unreadable`` is the number of its IDs of which nothing is known now.
    """

    system: str
    read_at: datetime | None
    accounts: int
    counts: Mapping[Situation, int]
    trouble: Trouble | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the outcome as the command line prints it; what is left of ``accounts`` is unlinked."""
        return {
            "read_at": self.read_at and to_text(self.read_at),
            "state": UNREADABLE if self.trouble else OK,
            "accounts": self.accounts,
            **{each.value: self.counts.get(each, 0) for each in _PRINTED},
            "unreadable": self.accounts if self.trouble else 0,
        }


def synchronise(
    store: Store, connectors: Iterable[Connector], directory: Directory | None = None, *, actor: str = SYSTEM
) -> list[Synchronised]:
    """Read every target once and keep what it shows (acts ``accounts.read``, ``accounts.unreadable``).

    The unreadable ones come first in the answer. A person's act by ``actor``, or the scheduler's.
    """
    known = directory or Directory.of(reading.persons(store, note=store.note_damage))
    found = [_one(store, connector, known, actor) for connector in connectors]
    return sorted(found, key=lambda each: (not each.trouble, each.system))


def _one(store: Store, connector: Connector, directory: Directory, actor: str) -> Synchronised:
    try:
        read = connector.read()
    except Exception as error:  # noqa: BLE001 - whatever one system does, the others are read
        return _unreadable(store, connector.system, Trouble.of(error), actor)
    with store.transaction() as tx:
        return keep(tx, read, directory, actor=actor)


def keep(tx: Transaction, read: Reading, directory: Directory, *, actor: str = SYSTEM) -> Synchronised:
    """Keep one reading: only lines that changed are written, and an account that is gone is kept as such."""
    ledger = {account.user_id: account for account in reading.accounts(tx, read.system, note=tx.note_damage)}
    old = observations.lines(tx, read.system)
    new = {
        account.user_id: observations.line(account, correlate(account, ledger.get(account.user_id), directory))
        for account in read.accounts
    }
    for user_id in old.keys() - new.keys():
        new[user_id] = observations.gone(old[user_id], read.read_at, expected=_expected(tx, ledger.get(user_id)))
    differing = [user_id for user_id, line in new.items() if old.get(user_id) != line]
    known = {user_id: observations.remembering(new[user_id], old.get(user_id)) for user_id in differing}
    changed = [line for user_id, line in known.items() if old.get(user_id) != line]
    observations.write(tx, read.system, changed)
    _remember_native_ids(tx, read, ledger)
    situations = Counter(line[1] for line in new.values() if line[-1] is None or line[1] == Situation.DELETED)
    outcome = Synchronised(
        system=read.system,
        read_at=read.read_at,
        accounts=len(read.accounts),
        counts={situation: situations[situation.value] for situation in Situation},
    )
    tx.execute(
        "INSERT INTO account_reading (system, tried_at, trouble, read_at, accounts, skew_seconds)"
        " VALUES (?, ?, '', ?, ?, ?) ON CONFLICT (system) DO UPDATE SET tried_at = excluded.tried_at, trouble = '',"
        " read_at = excluded.read_at, accounts = excluded.accounts, skew_seconds = excluded.skew_seconds",
        (read.system, to_text(tx.at), to_text(read.read_at), len(read.accounts), read.skew.total_seconds()),
    )
    tx.record(
        "accounts.read",
        actor=actor,
        subject=read.system,
        changed=len(changed),
        read_at=to_text(read.read_at),
        accounts=outcome.accounts,
        found={situation.value: count for situation, count in outcome.counts.items()},
    )
    return outcome


def _expected(tx: Transaction, account: Account | None) -> bool:
    """Tell whether the ledger says that the account should be at the target."""
    if account is None or account.discarded_at is not None:
        return False
    granted = reading.grants(tx, account.system, account.user_id, note=tx.note_damage)
    return any(each.held for each in granted)


def _remember_native_ids(tx: Transaction, read: Reading, ledger: Mapping[str, Account]) -> None:
    """Keep the number under which the target knows an ID, so that it is never given to another one."""
    unknown = {user_id for user_id, account in ledger.items() if not account.native_id}
    for each in read.accounts if unknown else ():
        if each.native_id and each.user_id in unknown:
            tx.execute(
                "UPDATE account SET native_id = ? WHERE system = ? AND user_id = ?",
                (each.native_id, read.system, each.user_id),
            )


def _unreadable(store: Store, system: str, trouble: Trouble, actor: str) -> Synchronised:
    with store.transaction() as tx:
        tx.execute(
            "INSERT INTO account_reading (system, tried_at, trouble, read_at, accounts, skew_seconds)"
            " VALUES (?, ?, ?, NULL, 0, 0) ON CONFLICT (system) DO UPDATE"
            " SET tried_at = excluded.tried_at, trouble = excluded.trouble",
            (system, to_text(tx.at), trouble.to_text()),
        )
        tx.record("accounts.unreadable", actor=actor, subject=system, outcome="failed", trouble=str(trouble))
    known = observations.last_readings(store)[system]
    return Synchronised(system=system, read_at=known.read_at, accounts=known.accounts, counts={}, trouble=trouble)
