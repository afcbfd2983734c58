"""Record items as frozen values, read once from ``record_items.json`` (appendix 2 of the assessment)."""

import json
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any


class ItemType(StrEnum):
    """What an item holds; a reading, since the assessment gives names only."""

    code = "code"
    text = "text"
    date = "date"
    timestamp = "timestamp"
    number = "number"
    flag = "flag"
    blob = "blob"


class Sensitivity(StrEnum):
    """How much an item tells about its person."""

    high = "high"
    medium = "medium"
    low = "low"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One record item: its printed number and name, its column, and whether it is hidden by default."""

    number: int
    name_ja: str
    column: str
    type: ItemType
    sensitivity: Sensitivity
    mask: bool
    notes: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One specific personal information file with its items in printed order."""

    number: int
    name_ja: str
    name_en: str
    table: str
    items: tuple[Item, ...]
    _by_column: dict[str, Item] = field(default_factory=dict, repr=False, compare=False)

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the column names in printed order, technical columns not among them."""
        return tuple(item.column for item in self.items)

    def item(self, column: str) -> Item:
        """Return the item of ``column``; KeyError when the file has none."""
        return self._by_column[column]

    def of_type(self, *types: ItemType) -> tuple[Item, ...]:
        """Return the items of the given types in printed order."""
        return tuple(item for item in self.items if item.type in types)


def _item(facts: dict[str, Any]) -> Item:
    return Item(
        number=facts["number"],
        name_ja=facts["name_ja"],
        column=facts["column"],
        type=ItemType(facts["type"]),
        sensitivity=Sensitivity(facts["sensitivity"]),
        mask=facts["mask"],
        notes=facts.get("notes", ""),
    )


def _file(facts: dict[str, Any]) -> File:
    items = tuple(_item(item) for item in facts["items"])
    return File(
        number=facts["number"],
        name_ja=facts["name_ja"],
        name_en=facts["name_en"],
        table=facts["table"],
        items=items,
        _by_column={item.column: item for item in items},
    )


_FACTS: dict[str, Any] = json.loads(Path(__file__).with_name("record_items.json").read_text(encoding="utf-8"))

FILES: tuple[File, ...] = tuple(_file(facts) for facts in _FACTS["files"])
RESIDENT_REGISTER, IDENTITY_INFO, DESTINATION_INFO = FILES


@dataclass(frozen=True, slots=True)
class SharedKey:
    """One fact that several files hold: its meaning and, per file number, the item that carries it."""

    meaning: str
    items: dict[int, Item]


def _shared_key(facts: dict[str, Any]) -> SharedKey:
    items = {
        file.number: file.items[facts[f"file_{file.number}"] - 1] for file in FILES if f"file_{file.number}" in facts
    }
    return SharedKey(facts["meaning"], items)


SHARED_KEYS: tuple[SharedKey, ...] = tuple(_shared_key(facts) for facts in _FACTS["shared_keys"])

# What the prefecture and the national body get of file 2: eight items and no more (II-5, CHK-PRV-02).
PREFECTURE_ITEMS: tuple[Item, ...] = tuple(
    IDENTITY_INFO.items[number - 1] for number in _FACTS["provided_item_sets"][0]["items"]
)
