"""The tables of the three files and of what the register keeps beside them, for two databases.

The tables of the files carry one technical column, ``record_id``, and then the items exactly as printed
(CHK-CNT-01). Everything else that the product needs to know of a record stands in a table of its own and
is never part of an export.
"""

from enum import StrEnum

from registry.files.items import FILES, IDENTITY_INFO, File, ItemType

SCHEMA_VERSION = 1


class Dialect(StrEnum):
    """The databases that hold a register."""

    sqlite = "sqlite"
    postgresql = "postgresql"


_TYPES = {
    Dialect.sqlite: {ItemType.number: "INTEGER", ItemType.flag: "INTEGER", ItemType.blob: "BLOB"},
    Dialect.postgresql: {ItemType.number: "bigint", ItemType.flag: "bigint", ItemType.blob: "bytea"},
}
_TEXT = {Dialect.sqlite: "TEXT", Dialect.postgresql: "text"}
_INTEGER = {Dialect.sqlite: "INTEGER", Dialect.postgresql: "bigint"}
_ENDING = {Dialect.sqlite: " STRICT", Dialect.postgresql: ""}

HISTORY_TABLE = "identity_info_history"


def _item_columns(file: File, dialect: Dialect) -> list[str]:
    # Dates are text in both: a birth date may be partly unknown, and a faulty date must be found, not lost.
    types = _TYPES[dialect]
    return [f"{item.column} {types.get(item.type, _TEXT[dialect])}" for item in file.items]


def _table(name: str, columns: list[str], dialect: Dialect) -> str:
    body = ",\n  ".join(columns)
    return f"CREATE TABLE {name} (\n  {body}\n){_ENDING[dialect]}"


def create_statement(file: File, dialect: Dialect = Dialect.sqlite) -> str:
    """Return the statement that creates the table of ``file``: ``record_id`` and the items as printed."""
    return _table(file.table, [f"record_id {_INTEGER[dialect]} PRIMARY KEY", *_item_columns(file, dialect)], dialect)


def _history(dialect: Dialect) -> str:
    """Return the table of superseded records of file 2, each with its person and its end (RG-RET-02)."""
    integer, text = _INTEGER[dialect], _TEXT[dialect]
    columns = [
        f"record_id {integer} PRIMARY KEY",
        f"current_record_id {integer} NOT NULL",
        f"superseded_on {text} NOT NULL",
        *_item_columns(IDENTITY_INFO, dialect),
    ]
    return _table(HISTORY_TABLE, columns, dialect)


def _companions(dialect: Dialect) -> list[str]:
    integer, text = _INTEGER[dialect], _TEXT[dialect]
    return [
        _table("registry_meta", [f"name {text} PRIMARY KEY", f"value {text} NOT NULL"], dialect),
        _table(  # when a destination record went to the card management system (RG-RET-03)
            "destination_linkage",
            [f"record_id {integer} PRIMARY KEY", f"batch {text} NOT NULL", f"linked_at {text} NOT NULL"],
            dialect,
        ),
        _table(  # open requests for an individual number (CHK-LOG-13)
            "number_request",
            [f"record_id {integer} PRIMARY KEY", f"requested_on {text} NOT NULL"],
            dialect,
        ),
        _table(  # the register system's own operator accounts
            "registry_account",
            [
                f"login {text} PRIMARY KEY",
                f"display_name {text} NOT NULL",
                f"staff_number {text}",
                f"office {text} NOT NULL",
                f"profile {text} NOT NULL",
                f"enabled {integer} NOT NULL",
                f"valid_until {text}",
                f"created_at {text} NOT NULL",
                f"last_sign_in_at {text}",
            ],
            dialect,
        ),
    ]


def index_statements() -> list[str]:
    """Return the statements for the indexes that matching, checks and households need; the same in both."""
    indexed = {
        "resident_register": (
            ("resident_code", "deleted_record_class", "individual_number"),
            ("individual_number", "deleted_record_class"),
            ("household_no",),
        ),
        "identity_info": (
            ("resident_code", "record_status_flag", "individual_number"),
            ("individual_number", "record_status_flag"),
        ),
        HISTORY_TABLE: (("current_record_id",), ("resident_code",)),
        "destination_info": (("resident_code",), ("destination_control_no",)),
    }
    return [
        f"CREATE INDEX {table}_{columns[0]} ON {table} ({', '.join(columns)})"
        for table, indexes in indexed.items()
        for columns in indexes
    ]


def create_statements(dialect: Dialect = Dialect.sqlite) -> list[str]:
    """Return the statements that create every table of a register, indexes not included."""
    return [*(create_statement(file, dialect) for file in FILES), _history(dialect), *_companions(dialect)]
