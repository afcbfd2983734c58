"""Tables of requests, approvals, attestations, executions and locks."""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from accesscontrol.schema import create

migrations = Migrations("accesscontrol.requests")


@migrations()
def create_requests(db: Database) -> None:
    """Bind each approval to one digest: an edit makes another, and so leaves old approvals without force."""
    create(
        db,
        """
        CREATE TABLE request (
            id          TEXT PRIMARY KEY,
            kind        TEXT NOT NULL,
            state       TEXT NOT NULL,
            requester   TEXT NOT NULL,
            login       TEXT NOT NULL,
            terminal    TEXT NOT NULL,
            reason      TEXT NOT NULL,
            parameters  TEXT NOT NULL,
            artefacts   TEXT NOT NULL,
            dry_run     TEXT NOT NULL,
            rule        TEXT NOT NULL,
            not_before  TEXT NOT NULL,
            not_after   TEXT NOT NULL,
            nonce       TEXT NOT NULL,
            digest      TEXT NOT NULL,
            emergency   INTEGER NOT NULL,
            created_at  TEXT NOT NULL,
            changed_at  TEXT NOT NULL
        ) STRICT;
        CREATE INDEX request_state ON request (state, changed_at);
        CREATE TABLE request_approval (
            id          INTEGER PRIMARY KEY,
            request     TEXT NOT NULL REFERENCES request (id),
            slot        TEXT NOT NULL,
            approver    TEXT NOT NULL,
            login       TEXT NOT NULL,
            terminal    TEXT NOT NULL,
            digest      TEXT NOT NULL,
            at          TEXT NOT NULL,
            expires_at  TEXT NOT NULL,
            key_id      TEXT NOT NULL,
            factor      TEXT NOT NULL,
            signature   BLOB NOT NULL,
            UNIQUE (request, digest, slot),
            UNIQUE (request, digest, approver)
        ) STRICT;
        CREATE TABLE request_attestation (
            id          INTEGER PRIMARY KEY,
            request     TEXT NOT NULL REFERENCES request (id),
            phase       TEXT NOT NULL,
            witness     TEXT NOT NULL,
            login       TEXT NOT NULL,
            terminal    TEXT NOT NULL,
            digest      TEXT NOT NULL,
            statement   TEXT NOT NULL,
            at          TEXT NOT NULL,
            key_id      TEXT NOT NULL,
            factor      TEXT NOT NULL,
            signature   BLOB NOT NULL,
            UNIQUE (request, digest, phase)
        ) STRICT;
        CREATE TABLE request_execution (
            request     TEXT PRIMARY KEY REFERENCES request (id),
            executor    TEXT NOT NULL,
            login       TEXT NOT NULL,
            terminal    TEXT NOT NULL,
            boot        TEXT NOT NULL,
            process     INTEGER NOT NULL,
            process_start TEXT NOT NULL,
            started_at  TEXT NOT NULL,
            ended_at    TEXT,
            outcome     TEXT,
            evidence    TEXT,
            report      TEXT,
            reporter    TEXT
        ) STRICT;
        CREATE TABLE lock (
            id          INTEGER PRIMARY KEY,
            type        TEXT NOT NULL,
            name        TEXT NOT NULL,
            reason      TEXT NOT NULL,
            placed_by   TEXT NOT NULL,
            placed_at   TEXT NOT NULL,
            until       TEXT,
            lifted_by   TEXT,
            lifted_at   TEXT
        ) STRICT;
        CREATE INDEX lock_target ON lock (type, name) WHERE lifted_at IS NULL;
        """,
    )
