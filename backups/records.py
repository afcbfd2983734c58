"""The list of backups: what should be there, what was last read there, and how far each can be trusted."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from sqlite3 import Row
from types import MappingProxyType
from typing import Any, Final, Protocol

import msgspec

from accesscontrol import rows
from accesscontrol.canonical import JSON
from accesscontrol.clock import from_text, to_text
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.store import DamagedError, Transaction
from backups.sources import Fault

_SELECT = """
    SELECT b.*, (SELECT file FROM pragma_database_list WHERE name = 'main') AS store_file,
        (SELECT json_object('at', at, 'faults', json(faults)) FROM backup_check
            WHERE backup = b.number ORDER BY number DESC LIMIT 1) AS last_check,
        (SELECT max(at) FROM backup_check WHERE backup = b.number AND good) AS last_good,
        (SELECT max(at) FROM backup_check WHERE backup = b.number AND good AND kind <> 'verify') AS last_restored
    FROM backup AS b
"""


class Health(StrEnum):
    """How far a backup can be trusted; the worst that was seen last wins."""

    PLANNED = "planned"
    FAILED = "failed"
    ERASED = "erased"
    DAMAGED = "damaged"
    UNPROVEN = "unproven"
    PROVEN = "proven"


class HealthTitle(StrEnum):
    """What people read for a health: each a msgid."""

    PLANNED = N_("being taken")
    FAILED = N_("failed")
    ERASED = N_("erased")
    DAMAGED = N_("damaged")
    UNPROVEN = N_("never restored")
    PROVEN = N_("restored and equal")


HEALTH_TITLES: Final[Mapping[Health, HealthTitle]] = MappingProxyType(
    {health: HealthTitle[health.name] for health in Health}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """One line of the list. Sizes are bytes, hashes SHA-256 in hex; they are empty until it was taken."""

    number: int
    source: str
    kind: str
    folder: Path
    health: Health
    planned_at: datetime
    taken_at: datetime | None
    actor: str
    terminal: str
    plain_size: int = 0
    plain_sha256: str = ""
    sealed_size: int = 0
    sealed_sha256: str = ""
    manifest_sha256: str = ""
    signer: str = ""
    signer_key: bytes = b""
    recipients: tuple[str, ...]
    failure: str
    checked_at: datetime | None
    verified_at: datetime | None
    restored_at: datetime | None
    faults: Sequence[Fault]

    @property
    def id(self) -> str:
        """The name under which people know it."""
        return backup_id(self.number)

    @property
    def sealed(self) -> Path:
        """The sealed file."""
        return self.folder / f"{self.id}.age"

    @property
    def manifest(self) -> Path:
        """The manifest."""
        return self.folder / f"{self.id}.manifest.jsonl"

    @property
    def signature(self) -> Path:
        """The SSHSIG of the manifest."""
        return self.folder / f"{self.id}.manifest.jsonl.sig"

    @property
    def files(self) -> tuple[Path, Path, Path]:
        """All that belongs to this backup on disk."""
        return self.sealed, self.manifest, self.signature

    def to_json(self) -> dict[str, JSON]:
        """Return the line as plain values for ``--json``."""
        return {
            "id": self.id,
            "number": self.number,
            "source": self.source,
            "kind": self.kind,
            "health": self.health.value,
            "taken_at": _text(self.taken_at),
            "actor": self.actor,
            "terminal": self.terminal,
            "file": str(self.sealed),
            "size": self.sealed_size,
            "sha256": self.sealed_sha256,
            "plain_size": self.plain_size,
            "plain_sha256": self.plain_sha256,
            "manifest_sha256": self.manifest_sha256,
            "signer": self.signer,
            "recipients": list(self.recipients),
            "checked_at": _text(self.checked_at),
            "verified_at": _text(self.verified_at),
            "restored_at": _text(self.restored_at),
            "faults": [str(fault) for fault in self.faults],
            "failure": self.failure,
        }


class Reader(Protocol):
    """A store or a transaction, for reading."""

    def rows(self, sql: str, parameters: Any = ..., /) -> list[Row]:
        """Return all rows of a query."""
        ...

    def row(self, sql: str, parameters: Any = ..., /) -> Row | None:
        """Return the first row of a query, or None."""
        ...

    def note_damage(self, damage: DamagedError, /) -> None:
        """Remember a row that can't be read and was passed over."""
        ...


def backup_id(number: int) -> str:
    """Return the name of the backup with this ledger number."""
    return f"B-{number:05d}"


def backup_number(name: str) -> int:
    """Return the ledger number in a name such as ``B-00012``; Refusal when it is none."""
    head, _, digits = name.partition("-")
    if head != "B" or not (digits.isascii() and digits.isdecimal()):
        raise Refusal(N_("{name} is not the name of a backup (B-00001)."), name=name[:40])
    return int(digits)


def find(reader: Reader, number: int) -> Backup:
    """Return one backup; Refusal when there is none of that number."""
    row = reader.row(f"{_SELECT} WHERE b.number = ?", (number,))
    if row is None:
        raise Refusal(N_("There is no backup {backup}."), backup=backup_id(number))
    return _backup(row)


def page(reader: Reader, *, before: int | None = None, limit: int = 100) -> list[Backup]:
    """Return up to ``limit`` backups, newest first, older than the number ``before``."""
    found = reader.rows(
        f"{_SELECT} WHERE b.number < ? ORDER BY b.number DESC LIMIT ?",
        (before if before is not None else 1 << 62, limit),
    )
    return rows.values(found, _backup, reader.note_damage)


def in_state(reader: Reader, state: str, folder: str) -> list[Backup]:
    """Return the backups whose row stands at ``state`` and names ``folder`` (as from :func:`folder_name`)."""
    found = reader.rows(f"{_SELECT} WHERE b.state = ? AND b.folder = ?", (state, folder))
    return rows.values(found, _backup, reader.note_damage)


def folder_name(folder: Path, store_file: Path) -> str:
    """Return how the list names a folder: from the store's own folder on where it lies in it, else absolute.

    So the backups of a home that was copied or moved are those beside its own store, never the original's.
    """
    folder, home = folder.absolute(), store_file.absolute().parent
    return folder.relative_to(home).as_posix() if folder.is_relative_to(home) else str(folder)


def newest(reader: Reader, source: str, at: datetime) -> Backup | None:
    """Return the newest backup of ``source`` that was taken by ``at``, whatever its health."""
    row = reader.row(
        f"{_SELECT} WHERE b.source = ? AND b.taken_at <= ? AND b.state = 'taken' ORDER BY b.taken_at DESC LIMIT 1",
        (source, to_text(at)),
    )
    return _backup(row) if row else None


def note_check(
    tx: Transaction,
    backup: Backup,
    kind: str,
    faults: Sequence[Fault],
    *,
    actor: str,
    terminal: str,
    sealed_sha256: str,
    began: datetime | None = None,
) -> int:
    """Keep what a check saw, with its trail entry, and return the check's ledger number."""
    texts = [{"message": fault.message, "fields": dict(fault.fields)} for fault in faults]
    columns = "backup, kind, at, seconds, good, faults, actor, terminal, sealed_sha256"
    number = tx.execute(
        f"INSERT INTO backup_check ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - fixed names
        (
            backup.number,
            kind,
            to_text(tx.at),
            (tx.at - began).total_seconds() if began else 0.0,
            int(not faults),
            json.dumps(texts, ensure_ascii=False),
            actor,
            terminal,
            sealed_sha256,
        ),
    ).lastrowid
    tx.record(
        {"verify": "backup.verified", "restore": "backup.restored", "drill": "backup.drilled"}[kind],
        actor=actor,
        terminal=terminal,
        subject=backup.id,
        outcome="failed" if faults else "done",
        sealed_sha256=sealed_sha256,
        faults=[str(fault) for fault in faults],
    )
    return int(number or 0)


_stored: Final = rows.Mapper(
    Backup, "backup", "number", given=["folder"], verified_at="last_good", restored_at="last_restored"
)


class _Check(msgspec.Struct):
    """The newest check of a backup, as ``last_check`` holds it."""

    at: str
    faults: tuple[Fault, ...]


_check: Final = msgspec.json.Decoder(_Check)


@rows.of("backup", "number")
def _backup(row: Row) -> Backup:
    check = _check.decode(row["last_check"]) if row["last_check"] else None
    faults = list(check.faults) if check else []
    return _stored(
        row,
        folder=Path(row["store_file"]).parent / row["folder"],
        health=_health(row["state"], faults, restored=row["last_restored"] is not None),
        checked_at=from_text(check.at) if check else None,
        faults=faults,
    )


def _health(state: str, faults: Sequence[Fault], *, restored: bool) -> Health:
    if state != "taken":
        return Health(state)
    if faults:
        return Health.DAMAGED
    return Health.PROVEN if restored else Health.UNPROVEN


def _text(instant: datetime | None) -> str | None:
    return to_text(instant) if instant else None
