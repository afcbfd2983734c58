"""Tables of the trail."""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from accesscontrol.schema import create

migrations = Migrations("accesscontrol.trail")


@migrations()
def create_trail(db: Database) -> None:
    """Keep entries as raw canonical bytes; what lists and filters need is computed from those, never kept beside."""
    create(
        db,
        """
        CREATE TABLE trail_entry (
            seq     INTEGER PRIMARY KEY,
            body    BLOB NOT NULL,
            leaf    BLOB NOT NULL,
            chain   BLOB NOT NULL,
            at      TEXT GENERATED ALWAYS AS (json_extract(CAST(body AS TEXT), '$.at')) VIRTUAL,
            act     TEXT GENERATED ALWAYS AS (json_extract(CAST(body AS TEXT), '$.act')) VIRTUAL,
            actor   TEXT GENERATED ALWAYS AS (json_extract(CAST(body AS TEXT), '$.actor')) VIRTUAL,
            subject TEXT GENERATED ALWAYS AS (json_extract(CAST(body AS TEXT), '$.subject')) VIRTUAL
        ) STRICT;
        CREATE INDEX trail_entry_subject ON trail_entry (subject, seq) WHERE subject <> '';
        CREATE TRIGGER trail_entry_kept BEFORE DELETE ON trail_entry
            BEGIN SELECT RAISE(ABORT, 'the trail is append-only'); END;
        CREATE TRIGGER trail_entry_unchanged BEFORE UPDATE ON trail_entry
            BEGIN SELECT RAISE(ABORT, 'the trail is append-only'); END;
        CREATE TABLE trail_checkpoint (
            size     INTEGER PRIMARY KEY,
            at       TEXT NOT NULL,
            note     TEXT NOT NULL,
            frontier BLOB NOT NULL
        ) STRICT;
        """,
    )


@migrations()
def mark_the_end(db: Database) -> None:
    """Keep the mark of the last row, one row that each entry puts anew."""
    create(
        db,
        """
        CREATE TABLE trail_end (
            one  INTEGER PRIMARY KEY CHECK (one = 1),
            seq  INTEGER NOT NULL,
            mark BLOB NOT NULL
        ) STRICT;
        """,
    )
