"""The masking policy: what a screen, a list, a log or a preview may show of an item."""

from collections.abc import Mapping

from registry.files.items import File, Item, ItemType

PLACEHOLDER = "\uff0a" * 8  # full-width asterisks, one width whatever is hidden
_MOST_SHOWN = 2
_SHORTEST_PART_SHOWN = 8  # of a shorter code two characters would tell too much


def masked(value: object, item: Item, *, last: int = 0) -> str:
    """Return what may be shown of ``value`` without a right, a reason and a trail entry.

    An item that is not masked is shown as it is. A masked one becomes a placeholder of fixed width, also
    when it is empty, since emptiness tells something too (a nationality, a former name). ``last`` shows
    that many last characters of a code of 8 or more characters, at most 2; ValueError when more is asked.
    """
    if not 0 <= last <= _MOST_SHOWN:
        raise ValueError(f"at most the last {_MOST_SHOWN} characters of a code may be shown")
    if not item.mask:
        return "" if value is None else str(value)
    if last and item.type is ItemType.code and isinstance(value, str) and len(value) >= _SHORTEST_PART_SHOWN:
        return PLACEHOLDER[:-last] + value[-last:]
    return PLACEHOLDER


def masked_record(record: Mapping[str, object], file: File) -> dict[str, str]:
    """Return the items of ``record`` that belong to ``file``, each as :func:`masked` shows it."""
    return {item.column: masked(record[item.column], item) for item in file.items if item.column in record}
