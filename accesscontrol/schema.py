"""Creating tables inside a migration's own transaction."""

import sqlite3

from sqlite_utils import Database


def create(db: Database, script: str) -> None:
    """Run each statement of ``script`` in the transaction that is open.

    ``executescript`` would commit it first, so that a migration that fails half-way would stay half done.
    """
    statement = ""
    for piece in script.split(";"):
        statement += piece + ";"
        if sqlite3.complete_statement(statement):
            if statement.strip(" \n;"):
                db.execute(statement)
            statement = ""
