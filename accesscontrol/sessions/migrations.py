"""The tables of controlled sessions. Instants are UTC text as ``accesscontrol.clock`` writes them."""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from accesscontrol.schema import create

migrations = Migrations("accesscontrol.sessions")

_TABLES = """
CREATE TABLE session_host (
    name TEXT PRIMARY KEY,
    address TEXT NOT NULL,
    port INTEGER NOT NULL CHECK (port BETWEEN 1 AND 65535),
    account TEXT NOT NULL,
    host_key TEXT NOT NULL,
    seen_from TEXT NOT NULL,
    gate TEXT NOT NULL,
    service TEXT NOT NULL,
    request TEXT NOT NULL,
    registered_by TEXT NOT NULL,
    registered_at TEXT NOT NULL,
    retired_at TEXT
) STRICT, WITHOUT ROWID;
CREATE TABLE session (
    serial INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    request TEXT NOT NULL,
    host TEXT NOT NULL,
    target TEXT NOT NULL,
    title TEXT NOT NULL,
    commands TEXT NOT NULL,
    tunnel INTEGER NOT NULL CHECK (tunnel IN (0, 1)),
    moderated INTEGER NOT NULL CHECK (moderated IN (0, 1)),
    executor TEXT NOT NULL,
    login TEXT NOT NULL,
    terminal TEXT NOT NULL,
    opened_at TEXT NOT NULL,
    until TEXT NOT NULL,
    boot TEXT NOT NULL,
    process INTEGER NOT NULL,
    process_start TEXT NOT NULL,
    state TEXT NOT NULL
        CHECK (state IN ('running', 'ended', 'stopped', 'expired', 'cut', 'failed', 'interrupted')),
    ended_at TEXT,
    ended_by TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    known TEXT NOT NULL DEFAULT '',
    recording TEXT NOT NULL,
    recording_sha256 TEXT NOT NULL DEFAULT '',
    revoked_at TEXT,
    CHECK ((state = 'running') = (ended_at IS NULL))
) STRICT;
CREATE INDEX session_request ON session (request);
CREATE INDEX session_state ON session (state);
"""


@migrations()
def sessions(db: Database) -> None:
    """Create the managed hosts and the ledger of sessions."""
    create(db, _TABLES)


@migrations()
def revocations(db: Database) -> None:
    """Create what was last seen in place of the lists of revoked certificates, by host."""
    create(
        db,
        """
CREATE TABLE session_revocations (
    host TEXT PRIMARY KEY,
    sha256 TEXT NOT NULL DEFAULT '',
    delivered_at TEXT NOT NULL,
    failure TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
""",
    )


@migrations()
def keepers(db: Database) -> None:
    """Name the account that keeps a host's list, and the serials that only its host knew to be revoked."""
    create(
        db,
        """
ALTER TABLE session_host ADD COLUMN keeper TEXT NOT NULL DEFAULT 'sekisho-lists';
CREATE TABLE session_learnt_revocation (
    host TEXT NOT NULL,
    serial INTEGER NOT NULL,
    learnt_at TEXT NOT NULL,
    PRIMARY KEY (host, serial)
) STRICT, WITHOUT ROWID;
""",
    )
