"""Suppressions: until when the like of a false alarm stays quiet, once a second person has confirmed it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Row
from typing import Final

from accesscontrol import rows
from accesscontrol.people.reading import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """One suppression of what a rule finds in one group, in force when confirmed, up to ``until`` (not included)."""

    until: datetime
    proposed_by: str
    confirmed_at: datetime | None

    def in_force(self, at: datetime) -> bool:
        """Tell whether what was seen last at ``at`` stays quiet."""
        return self.confirmed_at is not None and at < self.until


def every(reader: Reader) -> list[Suppression]:
    """Return all suppressions, the first end first; a damaged one keeps nothing quiet and is noted."""
    return _read(reader, reader.rows("SELECT * FROM suppression ORDER BY until"))


def of(reader: Reader, rule: str, group: str) -> list[Suppression]:
    """Return those of one rule and group, as :func:`every` does."""
    return _read(reader, reader.rows("SELECT * FROM suppression WHERE rule = ? AND grouping = ?", (rule, group)))


def _read(reader: Reader, found: Iterable[Row]) -> list[Suppression]:
    return rows.values(found, _suppression, reader.note_damage)


_suppression: Final = rows.Mapper(Suppression, "suppression", "id")
