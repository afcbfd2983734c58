"""The tables of rosters. Instants are UTC text as ``accesscontrol.clock`` writes them."""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from accesscontrol.schema import create

migrations = Migrations("accesscontrol.rosters")

_SCRIPT = """
CREATE TABLE roster_batch (
    number INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('personnel', 'contractor')),
    source TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    effective TEXT NOT NULL,
    lines TEXT NOT NULL,
    prepared_at TEXT NOT NULL,
    prepared_by TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('prepared', 'approved', 'held', 'applied', 'cancelled')),
    request TEXT NOT NULL DEFAULT '',
    allowed TEXT NOT NULL DEFAULT '[]',
    finished_at TEXT
) STRICT;
CREATE INDEX roster_batch_open ON roster_batch (effective) WHERE finished_at IS NULL;
CREATE TABLE roster_name (
    staff_number TEXT NOT NULL,
    name TEXT NOT NULL,
    folded TEXT NOT NULL,
    settled_at TEXT NOT NULL,
    settled_by TEXT NOT NULL,
    PRIMARY KEY (staff_number, folded)
) STRICT, WITHOUT ROWID;
CREATE TABLE roster_namesake (
    staff_number TEXT NOT NULL,
    other TEXT NOT NULL,
    settled_at TEXT NOT NULL,
    settled_by TEXT NOT NULL,
    PRIMARY KEY (staff_number, other)
) STRICT, WITHOUT ROWID;
"""


@migrations()
def batches(db: Database) -> None:
    """Create the batches, and what was decided about names: another name of one person, namesakes that are two."""
    create(db, _SCRIPT)
