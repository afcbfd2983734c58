"""What tasks and checks need of a register's database, whichever it is."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, Self

from accesscontrol.refusals import Refusal
from registry.files.tables import Dialect

TABLES = (
    "resident_register",
    "identity_info",
    "identity_info_history",
    "destination_info",
    "destination_linkage",
    "number_request",
    "registry_account",
)


class CommitUnknown(Refusal):
    """The connection broke while a change was being committed: only the server can tell whether it stands."""


class Registry(Protocol):
    """An open register. One thread uses one of these; close it, or use it as a context manager."""

    dialect: Dialect

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """Return the rows of a query, streaming; placeholders are ``?`` in both databases."""
        ...

    def scan(self, table: str, columns: Sequence[str] = ()) -> Iterator[tuple[Any, ...]]:
        """Return ``record_id`` and the columns (default: all items) of each record of ``table``, streaming."""
        ...

    def reading(self) -> AbstractContextManager[None]:
        """Return the context in which every query sees one and the same state of the register."""
        ...

    def writing(self) -> AbstractContextManager[None]:
        """Return the context of one all-or-nothing change."""
        ...

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Run one changing statement inside :meth:`writing`; return the number of rows it touched."""
        ...

    def fill(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
        """Insert ``rows`` inside :meth:`writing`, streaming; return how many there were."""
        ...

    def columns_of(self, table: str) -> tuple[str, ...]:
        """Return the columns of ``table`` as the database holds them, in order; empty when it is missing."""
        ...

    def meta(self) -> Mapping[str, str]:
        """Return the facts about the register itself: schema version, municipality, and so on."""
        ...

    def counts(self) -> dict[str, int]:
        """Return the number of rows of each table."""
        ...

    def integrity(self) -> list[str]:
        """Return what the database finds damaged in itself; empty when it is sound."""
        ...

    def close(self) -> None:
        """Close the connection."""
        ...

    def __enter__(self) -> Self:
        """Use the register in a ``with`` block that closes it."""
        ...

    def __exit__(self, *exception: object) -> None:
        """Close the register."""
        ...
