"""The tables of user IDs. Instants are UTC text as ``accesscontrol.clock`` writes them."""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from accesscontrol.schema import create

migrations = Migrations("accesscontrol.accounts")

_DESIRED = """
CREATE TABLE person (
    staff_number TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    name_kana TEXT NOT NULL,
    office TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('employee', 'contractor', 'temporary')),
    company TEXT NOT NULL,
    pledge TEXT NOT NULL,
    valid_from TEXT NOT NULL,
    valid_until TEXT,
    end_reason TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE account (
    system TEXT NOT NULL,
    user_id TEXT NOT NULL,
    staff_number TEXT REFERENCES person (staff_number),
    purpose TEXT NOT NULL CHECK (purpose IN ('personal', 'break-glass')),
    native_id TEXT NOT NULL DEFAULT '',
    issued_at TEXT NOT NULL,
    issued_by TEXT NOT NULL,
    discarded_at TEXT,
    discarded_by TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (system, user_id),
    CHECK ((purpose = 'personal') = (staff_number IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX account_person ON account (staff_number);
CREATE UNIQUE INDEX account_folded ON account (system, lower(user_id));
CREATE TABLE account_grant (
    number INTEGER PRIMARY KEY,
    system TEXT NOT NULL,
    user_id TEXT NOT NULL,
    staff_number TEXT NOT NULL REFERENCES person (staff_number),
    entitlement TEXT NOT NULL,
    valid_from TEXT NOT NULL,
    valid_until TEXT,
    cause TEXT NOT NULL,
    rule TEXT NOT NULL,
    request TEXT NOT NULL,
    granted_by TEXT NOT NULL,
    granted_at TEXT NOT NULL,
    ended_at TEXT,
    ended_by TEXT NOT NULL DEFAULT '',
    end_reason TEXT,
    held INTEGER NOT NULL DEFAULT 0 CHECK (held IN (0, 1)),
    held_until TEXT,
    FOREIGN KEY (system, user_id) REFERENCES account (system, user_id)
) STRICT;
CREATE INDEX account_grant_account ON account_grant (system, user_id);
CREATE INDEX account_grant_held ON account_grant (system, user_id) WHERE held;
CREATE TABLE account_suspension (
    number INTEGER PRIMARY KEY,
    system TEXT NOT NULL,
    user_id TEXT NOT NULL,
    reason TEXT NOT NULL,
    note TEXT NOT NULL,
    since TEXT NOT NULL,
    suspended_by TEXT NOT NULL,
    lifted_at TEXT,
    lifted_by TEXT NOT NULL DEFAULT '',
    FOREIGN KEY (system, user_id) REFERENCES account (system, user_id)
) STRICT;
CREATE UNIQUE INDEX account_suspension_open ON account_suspension (system, user_id) WHERE lifted_at IS NULL;
CREATE TABLE account_exception (
    number INTEGER PRIMARY KEY,
    system TEXT NOT NULL,
    user_id TEXT NOT NULL,
    reason TEXT NOT NULL,
    until TEXT NOT NULL,
    allowed_by TEXT NOT NULL,
    allowed_at TEXT NOT NULL
) STRICT;
CREATE INDEX account_exception_account ON account_exception (system, user_id);
"""

_OBSERVED = """
CREATE TABLE account_reading (
    system TEXT PRIMARY KEY,
    tried_at TEXT NOT NULL,
    trouble TEXT NOT NULL,
    read_at TEXT,
    accounts INTEGER NOT NULL,
    skew_seconds REAL NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE observed_account (
    system TEXT NOT NULL,
    user_id TEXT NOT NULL,
    situation TEXT NOT NULL,
    candidates TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    native_id TEXT NOT NULL,
    display_name TEXT NOT NULL,
    staff_number TEXT NOT NULL,
    valid_to TEXT,
    entitlements TEXT NOT NULL,
    last_use TEXT,
    sessions INTEGER NOT NULL,
    remains TEXT NOT NULL,
    doubts TEXT NOT NULL,
    administrator INTEGER NOT NULL,
    own INTEGER NOT NULL,
    built_in INTEGER NOT NULL,
    missing_since TEXT,
    PRIMARY KEY (system, user_id)
) STRICT, WITHOUT ROWID;
"""

_JOBS = """
CREATE TABLE account_job (
    number INTEGER PRIMARY KEY,
    system TEXT NOT NULL,
    user_id TEXT NOT NULL,
    act TEXT NOT NULL CHECK (act IN ('issue', 'change', 'lapse')),
    reason TEXT NOT NULL,
    scheduled_for TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'blocked', 'verified', 'cancelled')),
    attempts INTEGER NOT NULL DEFAULT 0,
    tried_at TEXT,
    trouble TEXT NOT NULL DEFAULT '',
    finished_at TEXT
) STRICT;
CREATE UNIQUE INDEX account_job_open ON account_job (system, user_id) WHERE finished_at IS NULL;
CREATE INDEX account_job_account ON account_job (system, user_id, number);
"""

_FIRST_PASSWORDS = """
CREATE TABLE first_password (
    number INTEGER PRIMARY KEY,
    system TEXT NOT NULL,
    user_id TEXT NOT NULL,
    issued_at TEXT NOT NULL,
    until TEXT NOT NULL,
    ended_at TEXT,
    outcome TEXT CHECK (outcome IN ('changed', 'replaced', 'refused', 'lapsed')),
    CHECK ((ended_at IS NULL) = (outcome IS NULL)),
    FOREIGN KEY (system, user_id) REFERENCES account (system, user_id)
) STRICT;
CREATE UNIQUE INDEX first_password_open ON first_password (system, user_id) WHERE ended_at IS NULL;
"""

_PAPERS = """
CREATE TABLE paper (
    number INTEGER PRIMARY KEY,
    paper TEXT NOT NULL,
    subject TEXT NOT NULL,
    day TEXT NOT NULL,
    reference TEXT NOT NULL,
    entered_at TEXT NOT NULL,
    entered_by TEXT NOT NULL
) STRICT;
CREATE INDEX paper_subject ON paper (paper, subject, day);
"""


@migrations()
def desired(db: Database) -> None:
    """Create persons, accounts, grants, suspensions and exceptions: what should be."""
    create(db, _DESIRED)


@migrations()
def observed(db: Database) -> None:
    """Create readings and observed accounts: what was last read, and when."""
    create(db, _OBSERVED)


@migrations()
def jobs(db: Database) -> None:
    """Create the jobs that bring a target to what should be; they outlive crashes and never go away."""
    create(db, _JOBS)


@migrations()
def first_passwords(db: Database) -> None:
    """Create the first passwords that wait for their change; the passwords themselves are kept nowhere."""
    create(db, _FIRST_PASSWORDS)


@migrations()
def papers(db: Database) -> None:
    """Create the papers that lie outside the console: of whom, of which day, and where."""
    create(db, _PAPERS)
