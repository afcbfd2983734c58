"""Rows of the store as values: a row that no act wrote is named in words, and holds up nothing but itself.

Words of an enumeration, JSON and instants in a table were written by this program. Where one can't be read, somebody
reached the file, or the disk lost a bit. Whoever needs exactly that row is refused; lists and sweeps go on with the
others, and the store remembers the damaged row so that it is told (``Store.damage``).
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from enum import Enum, StrEnum
from functools import cached_property, partial, wraps
from inspect import Parameter, signature
from sqlite3 import Row
from types import NoneType, UnionType
from typing import Any, Final, Generic, ParamSpec, TypeAlias, TypeVar, get_args, get_type_hints

import msgspec

from accesscontrol.clock import from_text
from accesscontrol.individual_numbers import mask_individual_numbers
from accesscontrol.messages import N_
from accesscontrol.store import DamagedError, Store

_Given = ParamSpec("_Given")
_Value = TypeVar("_Value")
_Read: TypeAlias = Callable[[Any], Any]

_UNREADABLE: Final = (ValueError, OverflowError)  # anything else is a fault of the program, and no damage
_LONGEST_REASON: Final = 120
_AS_STORED: Final = (str, int, float, bytes)
_TEXTS: Final[Mapping[Any, _Read]] = {datetime: from_text, date: date.fromisoformat}


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


class Mapper(Generic[_Value]):
    """Makes a value of a row: each field from the column of its name, by the field's type.

    An instant is read by ``clock.from_text``, a flag from 0 and 1, and whatever is more than one value from JSON. An
    optional field is None where its column is NULL, a word or JSON also where it is empty; another one has its default
    where the column is NULL. What a column can't hold is raised as :class:`DamagedRowError`.
    """

    def __init__(self, kind: type[_Value], table: str, *key: str, given: Collection[str] = (), **columns: str) -> None:
        """``key`` are the columns that name a row, ``columns`` those that are called otherwise than their field.

        ``given`` are the fields that are handed in although a column has their name.
        """
        self._kind = kind
        self.table = table
        self._key = key
        self._given = given
        self._columns = columns
        _mappers.append(self)

    @cached_property
    def _readings(self) -> Sequence[tuple[str, str, type | None, _Read, Any]]:
        """Each field, its column, the type that is taken as it is stored, how another one is read, and NULL's value.

        That is ``empty`` where the column must not be NULL.
        """
        hints = get_type_hints(self._kind)
        return [
            (name, self._columns.get(name, name), *_reading(hints[name], field.default))
            for name, field in signature(self._kind).parameters.items()
            if name not in self._given
        ]

    def __call__(self, row: Row, **others: Any) -> _Value:
        """Return the value of ``row``, with the fields ``others`` that don't stand in it."""
        return self._kind(**self._read(row, others))

    def examine(self, store: Store, where: str = "TRUE", parameters: Sequence[str] = ()) -> None:
        """Read every row of the table, as far as the fields stand in the table itself; note what is damaged."""
        found = store.rows(f"SELECT * FROM {self.table} WHERE {where}", parameters)  # noqa: S608 - words of the program
        for row in found:
            there = frozenset(row.keys())
            elsewhere = {name for name, column, *_ in self._readings if column not in there}
            try:
                self._read(row, dict.fromkeys(elsewhere))
            except DamagedRowError as damage:
                store.note_damage(damage)

    def _read(self, row: Row, values: dict[str, Any]) -> dict[str, Any]:
        column = ""
        try:
            for name, column, plain, read, null in self._readings:  # many thousands of rows are read at once
                if name in values:
                    continue
                stored = row[column]
                if type(stored) is plain:
                    values[name] = stored
                else:
                    values[name] = null if stored is None and null is not Parameter.empty else read(stored)
        except _UNREADABLE as error:
            raise _damage(self.table, self._key, row, f"{column}: {error}") from None
        return values


_mappers: Final[list[Mapper[Any]]] = []


def note_unlisted(store: Store, mapper: Mapper[Any], states: type[StrEnum]) -> None:
    """Note the rows whose ``state`` is no word of ``states``: no list of those in some of them would show them."""
    mapper.examine(store, f"state NOT IN ({', '.join('?' * len(states))})", tuple(states))


def mappers() -> Sequence[Mapper[Any]]:
    """Return the mappers of all modules that were imported, so that every table can be examined."""
    return tuple(_mappers)


def _reading(hint: Any, default: Any) -> tuple[type | None, _Read, Any]:
    """Return what is taken as it is stored in a column of the type ``hint``, how else it is read, and NULL's value."""
    kinds = [each for each in get_args(hint) if each is not NoneType] if isinstance(hint, UnionType) else [hint]
    kind = kinds[0] if len(kinds) == 1 else Any
    plain, read = kind if kind in _AS_STORED else None, _read(kind)
    if NoneType not in get_args(hint):
        return plain, read, default
    strict = kind is str or kind in _TEXTS
    return plain, (read if strict else lambda stored: read(stored) if stored != "" else None), None


def _read(kind: Any) -> _Read:
    if kind in _AS_STORED:
        return partial(msgspec.convert, type=kind, builtin_types=(bytes,))
    if isinstance(kind, type) and issubclass(kind, bool | Enum):
        return kind if kind is not bool else _flag
    read = _TEXTS.get(kind) or msgspec.json.Decoder(kind).decode
    return lambda stored: read(stored if type(stored) is str else msgspec.convert(stored, str))


def _flag(stored: Any) -> bool:
    if stored not in {0, 1}:
        raise ValueError(f"{stored!r} is neither 0 nor 1")
    return bool(stored)


def of(table: str, *key: str) -> Callable[[Callable[_Given, _Value]], Callable[_Given, _Value]]:
    """Decorate a function that makes a value of a row of ``table``, one of its arguments, where no Mapper can.

    What can't be read in it is raised as :class:`DamagedRowError`, which names the row by its columns ``key``.
    """

    def decorated(make: Callable[_Given, _Value]) -> Callable[_Given, _Value]:
        @wraps(make)
        def call(*args: _Given.args, **kwargs: _Given.kwargs) -> _Value:
            try:
                return make(*args, **kwargs)
            except _UNREADABLE as error:
                row = next(each for each in args if isinstance(each, Row))
                raise _damage(table, key, row, str(error)) from None

        return call

    return decorated


def _damage(table: str, key: Iterable[str], row: Row, reason: str) -> DamagedRowError:
    name = "/".join(str(row[column]) for column in key)
    return DamagedRowError(table, name, row, mask_individual_numbers(reason)[:_LONGEST_REASON])


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
