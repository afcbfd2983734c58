"""The tables of reviews. Instants are UTC text as ``accesscontrol.clock`` writes them."""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from accesscontrol.schema import create

migrations = Migrations("accesscontrol.reviews")

_TABLES = """
CREATE TABLE review (
    number INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('inspection', 'id-check')),
    state TEXT NOT NULL CHECK (state IN ('answering', 'remedying', 'closed')),
    instruction TEXT NOT NULL,
    ordered_by TEXT NOT NULL,
    ordered_at TEXT NOT NULL,
    due TEXT NOT NULL,
    digest TEXT NOT NULL,
    rerun_of INTEGER REFERENCES review (number),
    escalated_at TEXT,
    report TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE UNIQUE INDEX review_open ON review (kind) WHERE state != 'closed';
CREATE TABLE review_item (
    review INTEGER NOT NULL REFERENCES review (number),
    number INTEGER NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (review, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE review_decision (
    review INTEGER NOT NULL,
    item INTEGER NOT NULL,
    reviewer TEXT NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('keep', 'change', 'revoke')),
    comment TEXT NOT NULL,
    remove TEXT NOT NULL,
    until TEXT,
    at TEXT NOT NULL,
    PRIMARY KEY (review, item, reviewer),
    FOREIGN KEY (review, item) REFERENCES review_item (review, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE review_remedy (
    review INTEGER NOT NULL,
    item INTEGER NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('change', 'revoke')),
    comment TEXT NOT NULL,
    remove TEXT NOT NULL,
    until TEXT,
    state TEXT NOT NULL CHECK (state IN ('planned', 'executing', 'verified', 'accepted')),
    since TEXT NOT NULL,
    request TEXT NOT NULL DEFAULT '',
    by TEXT NOT NULL DEFAULT '',
    seen TEXT NOT NULL DEFAULT '',
    read_at TEXT,
    reason TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (review, item),
    FOREIGN KEY (review, item) REFERENCES review_item (review, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE review_signature (
    review INTEGER NOT NULL REFERENCES review (number),
    stage TEXT NOT NULL CHECK (stage IN ('settled', 'closed')),
    digest TEXT NOT NULL,
    staff_number TEXT NOT NULL,
    login TEXT NOT NULL,
    terminal TEXT NOT NULL,
    at TEXT NOT NULL,
    key_id TEXT NOT NULL,
    factor TEXT NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (review, stage)
) STRICT, WITHOUT ROWID;
"""


@migrations()
def tables(db: Database) -> None:
    """Create reviews, their frozen items, answers, remedies and signatures."""
    create(db, _TABLES)


@migrations()
def unused_days(db: Database) -> None:
    """Keep with each review after how many days without use an ID counts as unused."""
    db.execute("ALTER TABLE review ADD COLUMN unused_days INTEGER NOT NULL DEFAULT 90")


@migrations()
def withdrawals(db: Database) -> None:
    """Keep who took a review back, when and why; its state is ``closed`` in the table, as that of every ended one."""
    for column in ("withdrawn_at TEXT", "withdrawn_by TEXT NOT NULL DEFAULT ''", "withdrawal TEXT NOT NULL DEFAULT ''"):
        db.execute(f"ALTER TABLE review ADD COLUMN {column}")
