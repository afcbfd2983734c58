"""The databases that hold a register: one interface, SQLite by default, PostgreSQL in production."""

from registry.databases.interface import Registry
from registry.databases.sqlite import SqliteRegistry

__all__ = ["Registry", "SqliteRegistry"]
