"""Rows of the store as values: a row that no act wrote is named in words, and holds up nothing but itself.

Words of an enumeration, JSON and instants in a table were written by this program. Where one can't be read, somebody
reached the file, or the disk lost a bit. Whoever needs exactly that row is refused; lists and sweeps go on with the
others, and the store remembers the damaged row so that it is told (``Store.damage``).
"""

from collections.abc import Callable, Iterable
from functools import wraps
from sqlite3 import Row
from typing import Final, ParamSpec, TypeAlias, TypeVar

import msgspec

from accesscontrol.individual_numbers import mask_individual_numbers
from accesscontrol.messages import N_
from accesscontrol.store import DamagedError

_Given = ParamSpec("_Given")
_Value = TypeVar("_Value")

_UNREADABLE: Final = (ValueError, TypeError, LookupError, AttributeError, OverflowError, msgspec.MsgspecError)
_LONGEST_REASON: Final = 120


class DamagedRowError(DamagedError):
    """A row holds what nothing here writes. ``row`` is it as far as it can be read."""

    def __init__(self, table: str, key: str, row: Row, reason: str) -> None:
        super().__init__(
            N_(
                "Row {row} of the table {table} is damaged ({reason}): no act wrote it so. Run `sekisho trail verify`,"
                " find out who reached the file, and restore the newest backup."
            ),
            control="MO-LOG-01",
            table=table,
            row=key,
            reason=reason,
        )
        self.row = row


Note: TypeAlias = Callable[[DamagedRowError], None]
"""What is told of a damaged row that is passed over, such as a store's ``note_damage``."""


def of(table: str, *key: str) -> Callable[[Callable[_Given, _Value]], Callable[_Given, _Value]]:
    """Decorate a function that makes a value of a row of ``table``, one of its arguments.

    What can't be read in it is raised as :class:`DamagedRowError`, which names the row by its columns ``key``.
    """

    def decorated(make: Callable[_Given, _Value]) -> Callable[_Given, _Value]:
        @wraps(make)
        def call(*args: _Given.args, **kwargs: _Given.kwargs) -> _Value:
            try:
                return make(*args, **kwargs)
            except _UNREADABLE as error:
                row = next(each for each in args if isinstance(each, Row))
                name = "/".join(str(row[column]) for column in key)
                reason = mask_individual_numbers(str(error))[:_LONGEST_REASON]
                raise DamagedRowError(table, name, row, reason) from None

        return call

    return decorated


def values(found: Iterable[Row], make: Callable[[Row], _Value], note: Note | None = None) -> list[_Value]:
    """Return a value of each row. A damaged one is refused, or passed over and told to ``note`` where that is given."""
    if note is None:
        return [make(row) for row in found]
    whole = []
    for row in found:
        try:
            whole.append(make(row))
        except DamagedRowError as damage:
            note(damage)
    return whole
