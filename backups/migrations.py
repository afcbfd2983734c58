"""Tables of backups, their checks, and of what left the building."""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

migrations = Migrations("backups")


@migrations()
def create_backups(db: Database) -> None:
    """Create the list of what should be on disk, and of the checks that say what was read there, and when."""
    db.executescript(
        """
        CREATE TABLE backup (
            number          INTEGER PRIMARY KEY AUTOINCREMENT,
            source          TEXT NOT NULL,
            kind            TEXT NOT NULL,
            folder          TEXT NOT NULL,
            state           TEXT NOT NULL CHECK (state IN ('planned', 'taken', 'failed', 'erased')),
            planned_at      TEXT NOT NULL,
            taken_at        TEXT,
            actor           TEXT NOT NULL,
            terminal        TEXT NOT NULL,
            entry_record    TEXT NOT NULL,
            plain_size      INTEGER,
            plain_sha256    TEXT,
            sealed_size     INTEGER,
            sealed_sha256   TEXT,
            manifest_sha256 TEXT,
            signer          TEXT,
            signer_key      BLOB,
            recipients      TEXT NOT NULL DEFAULT '[]',
            failure         TEXT NOT NULL DEFAULT ''
        ) STRICT;
        CREATE INDEX backup_source ON backup (source, taken_at) WHERE state = 'taken';
        CREATE TABLE backup_check (
            number        INTEGER PRIMARY KEY AUTOINCREMENT,
            backup        INTEGER NOT NULL REFERENCES backup (number),
            kind          TEXT NOT NULL CHECK (kind IN ('verify', 'restore', 'drill')),
            at            TEXT NOT NULL,
            seconds       REAL NOT NULL,
            good          INTEGER NOT NULL CHECK (good IN (0, 1)),
            faults        TEXT NOT NULL,
            actor         TEXT NOT NULL,
            terminal      TEXT NOT NULL,
            sealed_sha256 TEXT NOT NULL
        ) STRICT;
        CREATE INDEX backup_check_latest ON backup_check (backup, kind, number);
        """
    )


@migrations()
def create_outputs(db: Database) -> None:
    """Create the ledger of everything written to a medium, broken-off outputs too (BK-MED-06, BK-MED-08)."""
    db.executescript(
        """
        CREATE TABLE output (
            number      INTEGER PRIMARY KEY AUTOINCREMENT,
            request     TEXT NOT NULL UNIQUE,
            requester   TEXT NOT NULL,
            kind        TEXT NOT NULL,
            content     TEXT NOT NULL,
            persons     INTEGER NOT NULL,
            sha256      TEXT NOT NULL,
            size        INTEGER NOT NULL,
            files       TEXT NOT NULL,
            medium      TEXT NOT NULL,
            folder      TEXT NOT NULL,
            carrier     TEXT NOT NULL,
            destination TEXT NOT NULL,
            purpose     TEXT NOT NULL,
            ending      TEXT NOT NULL CHECK (ending IN ('return', 'destroy', 'hand-over')),
            due         TEXT NOT NULL,
            state       TEXT NOT NULL CHECK (
                state IN ('writing', 'out', 'failed', 'returned', 'destroyed', 'handed-over')
            ),
            actor       TEXT NOT NULL,
            terminal    TEXT NOT NULL,
            started_at  TEXT NOT NULL,
            written_at  TEXT,
            ended_at    TEXT,
            ended_by    TEXT,
            note        TEXT NOT NULL DEFAULT ''
        ) STRICT;
        CREATE INDEX output_open ON output (due) WHERE state = 'out';
        CREATE INDEX output_medium ON output (medium, number);
        """
    )


@migrations()
def create_media(db: Database) -> None:
    """Create the register of media, their movements, keys of the store, stocktakings and disposals."""
    db.executescript(
        """
        CREATE TABLE medium (
            number        INTEGER PRIMARY KEY AUTOINCREMENT,
            kind          TEXT NOT NULL,
            serial        TEXT NOT NULL,
            uuid          TEXT NOT NULL,
            filesystem    TEXT NOT NULL,
            size          INTEGER NOT NULL,
            label_sha256  TEXT NOT NULL,
            state         TEXT NOT NULL CHECK (state IN ('planned', 'registered', 'refused', 'disposed')),
            place         TEXT NOT NULL,
            purpose       TEXT NOT NULL,
            virus_check   TEXT NOT NULL,
            keep_until    TEXT,
            registered_at TEXT NOT NULL,
            registered_by TEXT NOT NULL
        ) STRICT;
        CREATE INDEX medium_uuid ON medium (uuid) WHERE state = 'registered';
        CREATE TABLE medium_movement (
            number     INTEGER PRIMARY KEY AUTOINCREMENT,
            medium     INTEGER NOT NULL REFERENCES medium (number),
            direction  TEXT NOT NULL CHECK (direction IN ('out', 'in', 'within')),
            from_place TEXT NOT NULL,
            to_place   TEXT NOT NULL,
            rule       TEXT NOT NULL,
            permission TEXT NOT NULL,
            giver      TEXT NOT NULL,
            receiver   TEXT NOT NULL,
            due        TEXT,
            at         TEXT NOT NULL,
            actor      TEXT NOT NULL,
            terminal   TEXT NOT NULL,
            note       TEXT NOT NULL
        ) STRICT;
        CREATE INDEX medium_movement_latest ON medium_movement (medium, number);
        CREATE TABLE stocktaking (
            number    INTEGER PRIMARY KEY AUTOINCREMENT,
            opened_at TEXT NOT NULL,
            opened_by TEXT NOT NULL,
            closed_at TEXT,
            closed_by TEXT
        ) STRICT;
        CREATE TABLE stocktaking_line (
            stocktaking INTEGER NOT NULL REFERENCES stocktaking (number),
            medium      INTEGER NOT NULL REFERENCES medium (number),
            expected    TEXT NOT NULL,
            found       TEXT,
            seen_at     TEXT,
            seen_by     TEXT,
            note        TEXT NOT NULL DEFAULT '',
            PRIMARY KEY (stocktaking, medium)
        ) STRICT;
        CREATE TABLE medium_disposal (
            number       INTEGER PRIMARY KEY AUTOINCREMENT,
            medium       INTEGER NOT NULL UNIQUE REFERENCES medium (number),
            method       TEXT NOT NULL CHECK (method IN ('clear', 'purge', 'destroy')),
            technique    TEXT NOT NULL,
            tool         TEXT NOT NULL,
            verification TEXT NOT NULL,
            place        TEXT NOT NULL,
            performer    TEXT NOT NULL,
            witness      TEXT NOT NULL,
            day          TEXT NOT NULL,
            certificate  TEXT NOT NULL,
            evidence     TEXT NOT NULL,
            contents     TEXT NOT NULL,
            at           TEXT NOT NULL,
            actor        TEXT NOT NULL,
            terminal     TEXT NOT NULL
        ) STRICT;
        """
    )


@migrations()
def create_store_ledgers(db: Database) -> None:
    """Create the ledgers of the locked store's keys and of printed forms (BK-MED-08, BK-DSP-03)."""
    db.executescript(
        """
        CREATE TABLE storage_key (
            name  TEXT PRIMARY KEY,
            place TEXT NOT NULL
        ) STRICT;
        CREATE TABLE storage_key_loan (
            number      INTEGER PRIMARY KEY AUTOINCREMENT,
            key         TEXT NOT NULL REFERENCES storage_key (name),
            holder      TEXT NOT NULL,
            purpose     TEXT NOT NULL,
            lent_by     TEXT NOT NULL,
            lent_at     TEXT NOT NULL,
            due         TEXT NOT NULL,
            returned_at TEXT,
            received_by TEXT
        ) STRICT;
        CREATE UNIQUE INDEX storage_key_lent ON storage_key_loan (key) WHERE returned_at IS NULL;
        CREATE TABLE form_batch (
            number     INTEGER PRIMARY KEY AUTOINCREMENT,
            form       TEXT NOT NULL,
            sheets     INTEGER NOT NULL CHECK (sheets > 0),
            keep_until TEXT NOT NULL,
            state      TEXT NOT NULL CHECK (state IN ('issued', 'handed-over', 'stored', 'disposed')),
            place      TEXT NOT NULL
        ) STRICT;
        CREATE TABLE form_step (
            number   INTEGER PRIMARY KEY AUTOINCREMENT,
            batch    INTEGER NOT NULL REFERENCES form_batch (number),
            state    TEXT NOT NULL,
            at       TEXT NOT NULL,
            actor    TEXT NOT NULL,
            terminal TEXT NOT NULL,
            partner  TEXT NOT NULL,
            place    TEXT NOT NULL,
            method   TEXT NOT NULL,
            UNIQUE (batch, state)
        ) STRICT;
        """
    )


@migrations()
def create_custody(db: Database) -> None:
    """Create the records of who holds shares of which identity, of each opening, and of its destruction."""
    db.executescript(
        """
        CREATE TABLE custody (
            number    INTEGER PRIMARY KEY AUTOINCREMENT,
            recipient TEXT NOT NULL,
            threshold INTEGER NOT NULL CHECK (threshold >= 2),
            holders   TEXT NOT NULL,
            at        TEXT NOT NULL,
            actor     TEXT NOT NULL,
            terminal  TEXT NOT NULL
        ) STRICT;
        CREATE INDEX custody_recipient ON custody (recipient, number);
        CREATE TABLE custody_opening (
            number       INTEGER PRIMARY KEY AUTOINCREMENT,
            custody      INTEGER NOT NULL REFERENCES custody (number),
            participants TEXT NOT NULL,
            purpose      TEXT NOT NULL,
            at           TEXT NOT NULL,
            actor        TEXT NOT NULL,
            terminal     TEXT NOT NULL
        ) STRICT;
        CREATE TABLE identity_destruction (
            number    INTEGER PRIMARY KEY AUTOINCREMENT,
            recipient TEXT NOT NULL UNIQUE,
            performer TEXT NOT NULL,
            witness   TEXT NOT NULL,
            statement TEXT NOT NULL,
            at        TEXT NOT NULL,
            actor     TEXT NOT NULL,
            terminal  TEXT NOT NULL
        ) STRICT;
        """
    )


@migrations()
def create_sightings(db: Database) -> None:
    """Create the list of media that were seen attached and are in no register, each once an attachment (BK-MED-03)."""
    db.executescript(
        """
        CREATE TABLE medium_sighting (
            number    INTEGER PRIMARY KEY AUTOINCREMENT,
            identity  TEXT NOT NULL,
            node      TEXT NOT NULL,
            folder    TEXT NOT NULL,
            serial    TEXT NOT NULL,
            uuid      TEXT NOT NULL,
            medium    TEXT NOT NULL,
            wrong     TEXT NOT NULL,
            at        TEXT NOT NULL,
            gone_at   TEXT,
            closed_at TEXT,
            closed_by TEXT,
            note      TEXT NOT NULL DEFAULT ''
        ) STRICT;
        CREATE INDEX medium_sighting_open ON medium_sighting (number) WHERE closed_at IS NULL;
        """
    )


@migrations()
def name_folders_from_the_store_on(db: Database) -> None:
    """Name the folder of each backup from the store's own folder on, so that a copied home reads its own files.

    Earlier versions wrote its whole path, and only ever wrote into the folder ``backups`` beside the store.
    """
    db.execute("UPDATE backup SET folder = 'backups' WHERE folder LIKE '/%/backups'")


@migrations()
def create_openings(db: Database) -> None:
    """Create the list of restores, each entered before its first plain byte (BK-BAK-04)."""
    db.executescript(
        """
        CREATE TABLE backup_opening (
            number   INTEGER PRIMARY KEY AUTOINCREMENT,
            backup   INTEGER NOT NULL REFERENCES backup (number),
            folder   TEXT NOT NULL,
            at       TEXT NOT NULL,
            actor    TEXT NOT NULL,
            terminal TEXT NOT NULL,
            ended_at TEXT
        ) STRICT;
        CREATE INDEX backup_opening_open ON backup_opening (number) WHERE ended_at IS NULL;
        """
    )


@migrations()
def create_periods(db: Database) -> None:
    """Create the ledger of storage periods of media that were lengthened by request (BK-DSP-01)."""
    db.executescript(
        """
        CREATE TABLE medium_period (
            number     INTEGER PRIMARY KEY AUTOINCREMENT,
            medium     INTEGER NOT NULL REFERENCES medium (number),
            request    TEXT NOT NULL UNIQUE,
            before     TEXT,
            keep_until TEXT NOT NULL,
            reason     TEXT NOT NULL,
            at         TEXT NOT NULL,
            actor      TEXT NOT NULL,
            terminal   TEXT NOT NULL
        ) STRICT;
        CREATE INDEX medium_period_latest ON medium_period (medium, number);
        """
    )
