"""The databases that hold a register: one interface, SQLite by default, PostgreSQL in production.

A register is named by a path (SQLite) or by a libpq connection string (PostgreSQL).
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from registry.databases import postgresql, sqlite
from registry.databases.interface import Registry
from registry.databases.postgresql import PostgresqlRegistry
from registry.databases.sqlite import SqliteRegistry

__all__ = ["PostgresqlRegistry", "Registry", "SqliteRegistry", "building", "open_registry"]


def open_registry(place: Path | str, *, read_only: bool = False) -> Registry:
    """Open the register at ``place``; :class:`accesscontrol.refusals.Refusal` when there is none."""
    if isinstance(place, Path):
        return SqliteRegistry.open(place, read_only=read_only)
    return PostgresqlRegistry.open(place, read_only=read_only)


def building(place: Path | str, meta: Mapping[str, str]) -> AbstractContextManager[Registry]:
    """Return the context in which a new register is built at ``place``: there whole afterwards, or not at all."""
    return sqlite.building(place, meta) if isinstance(place, Path) else postgresql.building(place, meta)
