"""Tables of findings."""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from accesscontrol.schema import create

migrations = Migrations("monitors.findings")


@migrations()
def create_findings(db: Database) -> None:
    """Keep each finding with its evidence, what people said of it, and the suppressions that they agreed on."""
    create(
        db,
        """
        CREATE TABLE finding (
            id            INTEGER PRIMARY KEY,
            rule          TEXT NOT NULL,
            rule_version  INTEGER NOT NULL,
            title         TEXT NOT NULL,
            severity      TEXT NOT NULL,
            state         TEXT NOT NULL,
            system        TEXT NOT NULL,
            account       TEXT NOT NULL,
            source        TEXT NOT NULL,
            grouping      TEXT NOT NULL,
            first         TEXT NOT NULL,
            last          TEXT NOT NULL,
            count         INTEGER NOT NULL,
            explanation   TEXT NOT NULL,
            facts         TEXT NOT NULL,
            controls      TEXT NOT NULL,
            raised_at     TEXT NOT NULL,
            changed_at    TEXT NOT NULL,
            assignee      TEXT NOT NULL DEFAULT '',
            disposed_by   TEXT NOT NULL DEFAULT '',
            disposed_at   TEXT,
            reason        TEXT NOT NULL DEFAULT '',
            application   TEXT NOT NULL DEFAULT '',
            suppressed_until TEXT
        ) STRICT;
        CREATE INDEX finding_state ON finding (state, last);
        CREATE INDEX finding_grouping ON finding (rule, grouping, last);
        CREATE TABLE finding_event (
            finding  INTEGER NOT NULL REFERENCES finding (id),
            event    INTEGER NOT NULL,
            PRIMARY KEY (finding, event)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX finding_event_event ON finding_event (event);
        CREATE TABLE finding_evidence (
            digest   TEXT PRIMARY KEY,
            finding  INTEGER NOT NULL REFERENCES finding (id)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE finding_segment (
            finding  INTEGER NOT NULL REFERENCES finding (id),
            sha256   TEXT NOT NULL,
            PRIMARY KEY (finding, sha256)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE finding_comment (
            id       INTEGER PRIMARY KEY,
            finding  INTEGER NOT NULL REFERENCES finding (id),
            at       TEXT NOT NULL,
            author   TEXT NOT NULL,
            text     TEXT NOT NULL
        ) STRICT;
        CREATE TABLE suppression (
            id           INTEGER PRIMARY KEY,
            rule         TEXT NOT NULL,
            grouping     TEXT NOT NULL,
            finding      INTEGER NOT NULL REFERENCES finding (id),
            until        TEXT NOT NULL,
            reason       TEXT NOT NULL,
            proposed_by  TEXT NOT NULL,
            confirmed_by TEXT,
            confirmed_at TEXT
        ) STRICT;
        CREATE INDEX suppression_grouping ON suppression (rule, grouping);
        """,
    )


@migrations()
def create_reviews(db: Database) -> None:
    """Keep the signed checks; a day belongs to one of them only."""
    create(
        db,
        """
        CREATE TABLE finding_review (
            id         INTEGER PRIMARY KEY,
            first_day  TEXT NOT NULL UNIQUE,
            last_day   TEXT NOT NULL UNIQUE,
            findings   INTEGER NOT NULL,
            counts     TEXT NOT NULL,
            digest     TEXT NOT NULL,
            comment    TEXT NOT NULL,
            reviewer   TEXT NOT NULL,
            login      TEXT NOT NULL,
            terminal   TEXT NOT NULL,
            at         TEXT NOT NULL,
            key_id     TEXT NOT NULL,
            factor     TEXT NOT NULL,
            signature  BLOB NOT NULL,
            CHECK (first_day <= last_day)
        ) STRICT;
        """,
    )
