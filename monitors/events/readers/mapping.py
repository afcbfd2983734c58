"""Mapping files: how the columns of a vendor's log become the fields of an event, as data (TOML)."""

import hashlib
import tomllib
from collections.abc import Collection
from collections.abc import Mapping as Table
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from monitors.events.schema import Action, Key, Outcome
from monitors.events.times import TimeReader

Field = Literal[
    "office",
    "user_id",
    "terminal",
    "src_ip",
    "session",
    "action",
    "outcome",
    "reason",
    "target_count",
    "object",
    "dest_system",
    "factors",
    "sequence",
    "application",
    "detail",
]

_SHIPPED: Final = "monitors.events.mappings"
_KEY_NAMES: Final = {key.name.lower(): key for key in Key if key.name}
_CHOICES: Final[dict[str, frozenset[str]]] = {"action": frozenset(Action), "outcome": frozenset(Outcome)}


class Time(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which columns hold the time (joined by a space), their layouts, and the zone of a time without one."""

    columns: tuple[str, ...]
    layouts: tuple[str, ...]
    zone: str = "Asia/Tokyo"


class Keys(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which column tells what a search was made with, and the words in it for each key."""

    column: str
    words: dict[str, str]


class Mapping(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """One log layout.

    ``fields`` names the column of each event field, ``optional`` those of columns that a layout need not have;
    ``values`` translates a column's words, ``constants`` fills fields that the layout does not have.
    """

    name: str
    title: str
    title_ja: str
    system: str
    format: Literal["csv", "jsonl"] = "csv"
    encoding: str = ""
    delimiter: str = ","
    time: Time
    fields: dict[Field, str]
    optional: dict[Field, str] = msgspec.field(default_factory=dict)
    values: dict[str, dict[str, str]] = msgspec.field(default_factory=dict)
    constants: dict[Field, str] = msgspec.field(default_factory=dict)
    keys: Keys | None = None
    sample: str = ""
    sha256: str = ""

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """All columns that the mapping reads."""
        wanted = [*self.time.columns, *self.fields.values(), *([self.keys.column] if self.keys else [])]
        return tuple(dict.fromkeys(wanted))

    def for_columns(self, names: Collection[str]) -> "Mapping":
        """Return this mapping with those of its optional columns that are among ``names``."""
        found = {field: column for field, column in self.optional.items() if column in names}
        return msgspec.structs.replace(self, fields=self.fields | found, optional={}) if found else self

    @cached_property
    def zone(self) -> ZoneInfo:
        """The zone of times that name none."""
        return ZoneInfo(self.time.zone)

    @cached_property
    def bits(self) -> tuple[tuple[str, int], ...]:
        """The words of the key column with the bit of each."""
        return tuple((word, int(_KEY_NAMES[key])) for word, key in self.keys.words.items()) if self.keys else ()

    def time_reader(self) -> TimeReader:
        """Return the reader of this layout's times."""
        return TimeReader(self.time.layouts, self.zone)

    def fields_of(self, row: Table[str, str]) -> dict[str, str | int]:
        """Return the event fields that ``row`` (column to text) tells.

        An action or outcome that ``values`` does not know becomes ``other`` or ``unknown``; the word itself is kept
        as the detail when the layout has no column for that.
        """
        told: dict[str, str | int] = {str(field): text for field, text in self.constants.items()}
        for field, column in self.fields.items():
            told[field] = self.translated(field, row[column])
        if "detail" not in self.fields and "action" in self.fields:
            told["detail"] = row[self.fields["action"]]
        if self.keys:
            told["key_set"] = self.key_set(row[self.keys.column])
        return told

    def translated(self, field: str, word: str) -> str:
        """Return what ``word`` means in ``field``."""
        if field in self.values:
            return self.values[field].get(word, "" if field in _CHOICES else word)
        return word if field not in _CHOICES or word in _CHOICES[field] else ""

    def key_set(self, told: str) -> int:
        """Return the keys named in ``told`` as bits."""
        bits = 0
        for word, bit in self.bits:
            if word in told:
                bits |= bit
        return bits


def load(path: Path) -> Mapping:
    """Read a mapping file. Raises ``Refusal`` that says what is wrong in it."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Refusal(N_("The mapping {file} can't be read ({reason})."), file=str(path), reason=str(error)) from None
    return parse(data, path.name)


def parse(data: bytes, name: str) -> Mapping:
    """Read a mapping from its bytes; ``name`` is told when something is wrong. Raises ``Refusal``."""
    try:
        table: dict[str, Any] = tomllib.loads(data.decode("utf-8"))
        mapping = msgspec.convert({**table, "sha256": hashlib.sha256(data).hexdigest()}, Mapping)
        _check(mapping)
    except (ValueError, ZoneInfoNotFoundError, msgspec.ValidationError) as error:
        raise Refusal(N_("The mapping {file} is not valid: {reason}"), file=name, reason=str(error)) from None
    return mapping


def _check(mapping: Mapping) -> None:
    mapping.time_reader()
    for field, words in mapping.values.items():
        if field not in mapping.fields | mapping.optional:
            raise ValueError(f"values.{field} has no column in fields")
        for word, meaning in words.items():
            if field in _CHOICES and meaning not in _CHOICES[field]:
                raise ValueError(f"values.{field}: {word} = {meaning}")
    if mapping.keys and (unknown := set(mapping.keys.words.values()) - set(_KEY_NAMES)):
        raise ValueError(f"keys.words: {', '.join(sorted(unknown))}")
    if len(mapping.delimiter) != 1 or mapping.delimiter in '"\r\n':
        raise ValueError("delimiter must be one character")


def shipped() -> dict[str, Mapping]:
    """Return the mappings that ship with the product, by name."""
    found = sorted(files(_SHIPPED).iterdir(), key=lambda file: file.name)
    loaded = (parse(file.read_bytes(), file.name) for file in found if file.name.endswith(".toml"))
    return {mapping.name: mapping for mapping in loaded}
