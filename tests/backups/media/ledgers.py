"""Short ways to put media and outputs into the ledgers without hardware."""

from datetime import date

from accesscontrol.clock import to_text
from accesscontrol.store import Store
from backups import ledger
from backups.ledger import NewOutput

STORES = frozenset({"サーバ室", "倉庫A"})


def medium(store: Store, *, place: str = "サーバ室", keep_until: date | None = None) -> str:
    """Enter a registered medium and return its number."""
    with store.transaction() as tx:
        number = tx.execute(
            "INSERT INTO medium (kind, serial, uuid, filesystem, size, label_sha256, state, place, purpose, virus_check,"
            " keep_until, registered_at, registered_by)"
            " VALUES ('solid-state', 'S5R9', 'uuid', 'ext4', 1, 'x', 'registered', ?, 'p', 'v', ?, ?, 'S-ito')",
            (place, keep_until.isoformat() if keep_until else None, to_text(tx.at)),
        ).lastrowid
        tx.record("medium.registered", actor="S-ito")
    return f"M-{number:04d}"


def output(store: Store, name: str, *, ending: str = "return", request: str = "R-2026-0001") -> int:
    """Enter an output that is out on the medium ``name`` and return its number."""
    number = ledger.begin(
        store,
        NewOutput(
            request=request,
            kind="backup-export",
            content="B-00001",
            sha256="0" * 64,
            size=1,
            files=("B-00001.age",),
            medium=name,
            folder="/mnt",
            carrier="山田",
            destination="〇〇倉庫",
            purpose="月次",
            ending=ending,
            due=date(2026, 12, 24),
            requester="S-yamada",
            actor="S-ogawa",
            terminal="SR-01",
        ),
    )
    ledger.close_writing(store, number)
    return number
