"""The tables of people. Instants are UTC text as ``accesscontrol.clock`` writes them."""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from accesscontrol.schema import create

migrations = Migrations("accesscontrol.people")

_OPERATORS = """
CREATE TABLE operator (
    login TEXT PRIMARY KEY,
    staff_number TEXT NOT NULL,
    name TEXT NOT NULL,
    name_kana TEXT NOT NULL,
    office TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('enabled', 'locked', 'disabled')),
    valid_from TEXT NOT NULL,
    valid_until TEXT,
    reason TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX operator_staff_number ON operator (staff_number);
CREATE TABLE operator_role (
    login TEXT NOT NULL REFERENCES operator (login),
    role TEXT NOT NULL,
    PRIMARY KEY (login, role)
) STRICT, WITHOUT ROWID;
CREATE TABLE deputy (
    id INTEGER PRIMARY KEY,
    role TEXT NOT NULL,
    principal TEXT NOT NULL REFERENCES operator (login),
    deputy TEXT NOT NULL REFERENCES operator (login),
    valid_from TEXT NOT NULL,
    valid_until TEXT NOT NULL,
    reason TEXT NOT NULL,
    appointed_by TEXT NOT NULL,
    revoked_at TEXT
) STRICT;
CREATE INDEX deputy_deputy ON deputy (deputy);
CREATE TABLE terminal (
    name TEXT PRIMARY KEY,
    place TEXT NOT NULL CHECK (place IN ('server_room', 'office')),
    fact TEXT NOT NULL,
    restricted INTEGER NOT NULL CHECK (restricted IN (0, 1)),
    state TEXT NOT NULL CHECK (state IN ('registered', 'out', 'removed'))
) STRICT;
CREATE UNIQUE INDEX terminal_fact ON terminal (fact) WHERE state <> 'removed';
"""

_CREDENTIALS = """
CREATE TABLE password (
    login TEXT PRIMARY KEY REFERENCES operator (login),
    salt BLOB NOT NULL,
    memory_kib INTEGER NOT NULL,
    iterations INTEGER NOT NULL,
    lanes INTEGER NOT NULL,
    verifier BLOB NOT NULL,
    set_at TEXT NOT NULL,
    temporary_until TEXT,
    used_at TEXT
) STRICT;
CREATE TABLE password_history (
    id INTEGER PRIMARY KEY,
    login TEXT NOT NULL REFERENCES operator (login),
    retired_at TEXT NOT NULL,
    salt BLOB NOT NULL,
    memory_kib INTEGER NOT NULL,
    iterations INTEGER NOT NULL,
    lanes INTEGER NOT NULL,
    verifier BLOB NOT NULL
) STRICT;
CREATE INDEX password_history_login ON password_history (login, id);
CREATE TABLE password_history_salt (
    login TEXT PRIMARY KEY REFERENCES operator (login),
    salt BLOB NOT NULL,
    memory_kib INTEGER NOT NULL,
    iterations INTEGER NOT NULL,
    lanes INTEGER NOT NULL
) STRICT;
CREATE TABLE password_history_shape (
    entry INTEGER NOT NULL REFERENCES password_history (id) ON DELETE CASCADE,
    shape BLOB NOT NULL,
    PRIMARY KEY (entry, shape)
) STRICT, WITHOUT ROWID;
CREATE TABLE factor (
    id INTEGER PRIMARY KEY,
    login TEXT NOT NULL REFERENCES operator (login),
    method TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('biometric', 'substitute')),
    label TEXT NOT NULL,
    nonce BLOB,
    sealed BLOB,
    credential TEXT,
    counter INTEGER NOT NULL,
    enrolled_at TEXT NOT NULL,
    enrolled_by TEXT NOT NULL,
    removed_at TEXT
) STRICT;
CREATE INDEX factor_login ON factor (login);
CREATE TABLE signing_key (
    id TEXT PRIMARY KEY,
    login TEXT NOT NULL REFERENCES operator (login),
    staff_number TEXT NOT NULL,
    public BLOB NOT NULL,
    nonce BLOB,
    sealed BLOB,
    valid_from TEXT NOT NULL,
    valid_until TEXT
) STRICT;
CREATE UNIQUE INDEX signing_key_live ON signing_key (login) WHERE valid_until IS NULL;
"""

_SIGN_IN = """
CREATE TABLE operator_session (
    id TEXT PRIMARY KEY,
    login TEXT NOT NULL REFERENCES operator (login),
    terminal TEXT NOT NULL REFERENCES terminal (name),
    since TEXT NOT NULL,
    password_at TEXT NOT NULL,
    factor_at TEXT NOT NULL,
    factor_method TEXT NOT NULL,
    factor_kind TEXT NOT NULL,
    ended_at TEXT,
    end_reason TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX operator_session_open ON operator_session (login) WHERE ended_at IS NULL;
CREATE TABLE sign_in_event (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    act TEXT NOT NULL,
    login TEXT NOT NULL,
    staff_number TEXT NOT NULL,
    terminal TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('passed', 'refused')),
    reason TEXT NOT NULL,
    factor_method TEXT NOT NULL,
    factor_kind TEXT NOT NULL,
    session TEXT NOT NULL
) STRICT;
CREATE INDEX sign_in_event_login ON sign_in_event (login, at);
CREATE INDEX sign_in_event_at ON sign_in_event (at);
"""

_OUTINGS = """
CREATE TABLE terminal_outing (
    number INTEGER PRIMARY KEY,
    terminal TEXT NOT NULL REFERENCES terminal (name),
    staff_number TEXT NOT NULL,
    purpose TEXT NOT NULL,
    due TEXT NOT NULL,
    request TEXT NOT NULL,
    out_at TEXT NOT NULL,
    back_at TEXT,
    back_by TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE UNIQUE INDEX terminal_outing_open ON terminal_outing (terminal) WHERE back_at IS NULL;
"""


@migrations()
def operators_and_terminals(db: Database) -> None:
    """Create operators, their roles and deputies, and the register of terminals."""
    create(db, _OPERATORS)


@migrations()
def credentials(db: Database) -> None:
    """Create passwords with their history, second factors and signing keys."""
    create(db, _CREDENTIALS)


@migrations()
def sign_in(db: Database) -> None:
    """Create sessions and the access events of the console itself."""
    create(db, _SIGN_IN)


@migrations()
def outings(db: Database) -> None:
    """Create the takings-out of terminals, with who carries one and when it is back (AC-TRM-01)."""
    create(db, _OUTINGS)
