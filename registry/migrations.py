"""What the console keeps of the register's maintenance: differences that are worked off, permitted pairs, row counts.

No table here holds a value of a record: records are named by surrogate key, items by number.
"""

import json
from pathlib import Path

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from accesscontrol.schema import create

migrations = Migrations("registry")


@migrations()
def create_differences(db: Database) -> None:
    """Create the reports of differences and their lines, each with its state and who decided it."""
    create(
        db,
        """
        CREATE TABLE difference_report (
            number   INTEGER PRIMARY KEY AUTOINCREMENT,
            task     TEXT NOT NULL,
            made_at  TEXT NOT NULL,
            actor    TEXT NOT NULL,
            counts   TEXT NOT NULL,
            sha256   TEXT NOT NULL
        ) STRICT;
        CREATE TABLE difference_line (
            report   INTEGER NOT NULL REFERENCES difference_report (number),
            line     INTEGER NOT NULL,
            kind     TEXT NOT NULL,
            place    TEXT NOT NULL,
            items    TEXT NOT NULL,
            state    TEXT NOT NULL CHECK (state IN ('open', 'pending', 'explained', 'handled', 'escalated')),
            note     TEXT NOT NULL DEFAULT '',
            actor    TEXT NOT NULL DEFAULT '',
            at       TEXT NOT NULL DEFAULT '',
            PRIMARY KEY (report, line)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX difference_line_open ON difference_line (state, report) WHERE state IN ('open', 'escalated')
        """,
    )


@migrations()
def create_permitted_pairs(db: Database) -> None:
    """Create the table of permitted provisions and transfers, with those that the assessment names (RG-PRV-01)."""
    create(
        db,
        """
        CREATE TABLE permitted_pair (
            number    INTEGER PRIMARY KEY AUTOINCREMENT,
            file      INTEGER NOT NULL CHECK (file IN (1, 2, 3)),
            way       TEXT NOT NULL CHECK (way IN ('provision', 'transfer')),
            recipient TEXT NOT NULL,
            ground    TEXT NOT NULL,
            purpose   TEXT NOT NULL,
            method    TEXT NOT NULL,
            timing    TEXT NOT NULL,
            items     TEXT NOT NULL,
            request   TEXT NOT NULL DEFAULT '',
            since     TEXT NOT NULL,
            ended_at  TEXT,
            ended_by  TEXT NOT NULL DEFAULT '',
            CHECK (NOT (way = 'transfer' AND file IN (2, 3)))
        ) STRICT;
        CREATE UNIQUE INDEX permitted_pair_valid ON permitted_pair (file, way, recipient, purpose, method)
            WHERE ended_at IS NULL
        """,
    )
    delivered = json.loads(Path(__file__).with_name("tasks").joinpath("permitted_pairs.json").read_text("utf-8"))
    for pair in delivered:
        values = {"items": [], **pair}
        db.execute(
            "INSERT INTO permitted_pair (file, way, recipient, ground, purpose, method, timing, items, since)"
            " VALUES (:file, :way, :recipient, :ground, :purpose, :method, :timing, :items, '')",
            {**values, "items": json.dumps(values["items"])},
        )


@migrations()
def create_row_counts(db: Database) -> None:
    """Create the row counts after each task, so that a fall without an erasure is seen (CHK-RET-09)."""
    create(
        db,
        """
        CREATE TABLE register_count (
            name     TEXT PRIMARY KEY,
            rows     INTEGER NOT NULL,
            at       TEXT NOT NULL,
            task     TEXT NOT NULL
        ) STRICT
        """,
    )


@migrations()
def leave_undecided_lines_without_a_moment(db: Database) -> None:
    """Write nothing, and no empty text, as the moment of a line that nobody has decided yet."""
    create(
        db,
        """
        CREATE TABLE decided_line (
            report   INTEGER NOT NULL REFERENCES difference_report (number),
            line     INTEGER NOT NULL,
            kind     TEXT NOT NULL,
            place    TEXT NOT NULL,
            items    TEXT NOT NULL,
            state    TEXT NOT NULL CHECK (state IN ('open', 'pending', 'explained', 'handled', 'escalated')),
            note     TEXT NOT NULL DEFAULT '',
            actor    TEXT NOT NULL DEFAULT '',
            at       TEXT,
            PRIMARY KEY (report, line)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO decided_line SELECT report, line, kind, place, items, state, note, actor, nullif(at, '')
            FROM difference_line;
        DROP TABLE difference_line;
        ALTER TABLE decided_line RENAME TO difference_line;
        CREATE INDEX difference_line_open ON difference_line (state, report) WHERE state IN ('open', 'escalated')
        """,
    )
