"""From what a reader understood to a row of the event schema: folding, defaults, the site's day and minute."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from monitors.events.readers.readings import Reading
from monitors.events.schema import COLUMNS, NAMES, Action, Outcome, search_keys
from monitors.events.times import local_parts

EVENTS_PER_FILE: Final = 1 << 32
_COUNT: Final = re.compile("[0-9]{1,9}")
_SEQUENCE: Final = re.compile("[0-9]{1,18}")
_FACTOR: Final = re.compile("[0-9]")
_EMPTY: Final = tuple(column.empty for column in COLUMNS)
_PLACE: Final = {name: place for place, name in enumerate(NAMES)}

Row = tuple[str | int, ...]


@lru_cache(maxsize=65536)
def fold(identifier: str) -> str:
    """Return a user or terminal ID as rules compare it: NFKC, lower case, without surrounding spaces.

    Engines fold letters differently (full-width ones in DuckDB only), so it is done here, once.
    """
    return unicodedata.normalize("NFKC", identifier).strip(" ").lower()


def count(text: str | int) -> int:
    """Return a number of persons as told: up to nine digits, commas allowed; anything else tells nothing (0)."""
    if isinstance(text, int):
        return text if 0 <= text < 10**9 else 0
    digits = text.replace(",", "").strip(" ")
    return int(digits) if _COUNT.fullmatch(digits) else 0


def running_number(text: str | int, form: re.Pattern[str] = _SEQUENCE) -> int:
    """Return a number of that many digits as told; anything else tells nothing (0)."""
    told = str(text).strip(" ")
    return int(told) if form.fullmatch(told) else 0


class Normaliser:
    """Makes rows of one file's readings; ``zone`` is the site's, for its calendar day and minute."""

    def __init__(self, *, system: str, source_id: int, zone: ZoneInfo) -> None:
        self._system = system
        self._source_id = source_id
        self._parts = local_parts(zone)

    def rows(self, reading: Reading, place: int) -> Iterator[Row]:
        """Yield a row for each event that ``reading`` tells of; the first one has ``place`` in the file."""
        row = self._row(reading)
        for each in range(reading.events):
            yield (self._source_id * EVENTS_PER_FILE + place + each, *row[1:])

    def _row(self, reading: Reading) -> Row:
        row: list[str | int] = [*_EMPTY]
        for name, value in reading.fields.items():
            row[_PLACE[name]] = value
        told = reading.fields
        action, outcome = str(told.get("action") or Action.OTHER), str(told.get("outcome") or Outcome.UNKNOWN)
        keys = int(told.get("key_set", 0))
        day, minute = self._parts(reading.ts)
        settled: dict[str, str | int] = {
            "ts": reading.ts,
            "ts_raw": reading.ts_raw,
            "zone": reading.zone,
            "day": day,
            "minute": minute,
            "system": self._system,
            "action": action,
            "outcome": outcome,
            "target_count": count(told.get("target_count", "")),
            "factors": running_number(told.get("factors", ""), _FACTOR),
            "sequence": running_number(told.get("sequence", "")),
            "key_set": keys,
            "search_keys": search_keys(keys) if "key_set" in told and action == Action.SEARCH else -1,
            "source_id": self._source_id,
            "line_no": reading.line_no,
        }
        for name in ("user", "terminal"):
            folded_name = "user_id" if name == "user" else name
            raw = str(told.get(folded_name, ""))
            settled[folded_name] = folded = fold(raw)
            settled[f"{name}_raw"] = raw if raw != folded else ""
        for name, value in settled.items():
            row[_PLACE[name]] = value
        return tuple(row)
