"""A row becomes a value by the types of its fields; what no act wrote is damage, and a fault of the program is none."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum

import pytest

from accesscontrol import rows
from accesscontrol.rows import DamagedRowError, Mapper
from accesscontrol.store import Store


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True, kw_only=True)
class Thing:
    number: int
    group: str
    colour: Colour
    at: datetime
    day: date | None
    sealed: bytes = b""
    shut: bool = False
    size: float = 0.5
    names: tuple[str, ...] = ()
    facts: Mapping[str, int] | None = None
    note: str | None = None
    parts: tuple[str, ...] = ()


WRITTEN: Mapping[str, object] = {
    "number": 7,
    "grouping": "a",
    "colour": "red",
    "at": "2026-11-24T00:12:00.000000+00:00",
    "day": "2026-11-24",
    "sealed": b"\xff",
    "shut": 1,
    "size": 2.0,
    "names": '["x", "y"]',
    "facts": '{"n": 1}',
    "note": "",
}


@pytest.fixture
def thing(monkeypatch: pytest.MonkeyPatch) -> Mapper[Thing]:
    monkeypatch.setattr(rows, "_mappers", [])  # no table of a store
    return Mapper(Thing, "thing", "number", group="grouping")


def row(**changed: object) -> sqlite3.Row:
    values = {**WRITTEN, **changed}
    connection = sqlite3.connect(":memory:")
    connection.row_factory = sqlite3.Row
    found = connection.execute(f"SELECT {', '.join(f'? AS {name}' for name in values)}", [*values.values()]).fetchone()
    connection.close()
    assert isinstance(found, sqlite3.Row)
    return found


def test_each_field_is_read_by_its_type_and_what_stands_elsewhere_is_handed_in(thing: Mapper[Thing]) -> None:
    assert thing(row(), parts=("p",)) == Thing(
        number=7,
        group="a",
        colour=Colour.RED,
        at=datetime(2026, 11, 24, 0, 12, tzinfo=UTC),
        day=date(2026, 11, 24),
        sealed=b"\xff",
        shut=True,
        size=2.0,
        names=("x", "y"),
        facts={"n": 1},
        note="",
        parts=("p",),
    )


def test_null_is_none_where_it_may_be_and_else_the_default(thing: Mapper[Thing]) -> None:
    found = thing(row(day=None, facts="", sealed=None, names=None), parts=())
    assert (found.day, found.facts, found.sealed, found.names) == (None, None, b"", ())


@pytest.mark.parametrize(
    ("column", "stored", "told"),
    [
        ("number", "7", "number: Expected `int`"),
        ("number", None, "number: "),
        ("grouping", 5, "grouping: Expected `str`"),
        ("colour", "rad", "colour: 'rad' is not a valid Colour"),
        ("at", "2026-11-24T00:12:00", "at: an instant must be aware"),
        ("at", "x", "at: "),
        ("at", 5, "at: Expected `str`"),
        ("at", "0001-01-01T00:00:00+09:00", "at: "),
        ("day", "2026-13-01", "day: "),
        ("day", "", "day: "),
        ("sealed", "YWJj", "sealed: Expected `bytes`"),
        ("shut", 2, "shut: 2 is neither 0 nor 1"),
        ("shut", "1", "shut: "),
        ("names", "[", "names: "),
        ("names", "[1]", "names: Expected `str`"),
        ("facts", "[]", "facts: Expected `object`"),
    ],
)
def test_what_a_column_can_not_hold_is_damage_and_named(
    thing: Mapper[Thing], column: str, stored: object, told: str
) -> None:
    with pytest.raises(
        DamagedRowError, match="Row 7 of the table thing" if column != "number" else "table thing"
    ) as found:
        thing(row(**{column: stored}), parts=())
    assert told in str(found.value)


def test_a_column_that_is_not_there_is_a_fault_of_the_program(thing: Mapper[Thing]) -> None:
    with pytest.raises(IndexError):
        thing(row())  # parts


@pytest.mark.parametrize("fault", [KeyError("x"), TypeError("x"), AttributeError("x"), IndexError("x")])
def test_a_fault_of_a_function_that_reads_rows_never_passes_for_damage(fault: Exception) -> None:
    @rows.of("thing", "number")
    def read(_row: sqlite3.Row) -> Thing:
        raise fault

    with pytest.raises(type(fault)):
        read(row())


def test_damaged_rows_are_told_and_hold_up_no_others(thing: Mapper[Thing]) -> None:
    told: list[DamagedRowError] = []
    found = rows.values([row(), row(number=8, colour="x")], lambda each: thing(each, parts=()), told.append)
    assert [each.number for each in found] == [7]
    assert [each.row["number"] for each in told] == [8]


def test_a_table_is_examined_as_far_as_its_fields_stand_in_it(thing: Mapper[Thing], store: Store) -> None:
    columns = dict.fromkeys(WRITTEN, "TEXT") | {
        "sealed": "BLOB",
        "number": "INTEGER",
        "shut": "INTEGER",
        "size": "REAL",
    }
    with store.transaction() as tx:
        tx.execute(f"CREATE TABLE thing ({', '.join(f'{name} {kind}' for name, kind in columns.items())}) STRICT")
        for number, colour in ((7, "red"), (8, "rad")):
            line = {**WRITTEN, "number": number, "colour": colour}
            tx.execute(f"INSERT INTO thing VALUES ({', '.join('?' * len(line))})", tuple(line.values()))
        tx.record("thing.made", actor="system")
    assert rows.mappers() == (thing,)
    thing.examine(store)
    assert [str(each)[:27] for each in store.damage.values()] == ["Row 8 of the table thing is"]
