"""The three specific personal information files, item by item, from one data file."""

from registry.files.items import (
    DESTINATION_INFO,
    FILES,
    IDENTITY_INFO,
    RESIDENT_REGISTER,
    File,
    Item,
    ItemType,
    Sensitivity,
)
from registry.files.masking import PLACEHOLDER, masked, masked_record
from registry.files.tables import Dialect, create_statements

__all__ = [
    "DESTINATION_INFO",
    "FILES",
    "IDENTITY_INFO",
    "PLACEHOLDER",
    "RESIDENT_REGISTER",
    "Dialect",
    "File",
    "Item",
    "ItemType",
    "Sensitivity",
    "create_statements",
    "masked",
    "masked_record",
]
