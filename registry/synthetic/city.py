"""Mihon-shi: a city that does not exist, written into a new register, streaming, in constant memory."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from registry.databases import Registry, building
from registry.files import DESTINATION_INFO, FILES, RESIDENT_REGISTER
from registry.files.tables import HISTORY_TABLE
from registry.synthetic.accounts import registry_accounts
from registry.synthetic.destinations import destination_records
from registry.synthetic.households import Population
from registry.synthetic.identity import identity_records
from registry.synthetic.people import Household
from registry.synthetic.register import Record, register_record
from registry.synthetic.stock import stock

MIHON: Final[dict[str, str]] = stock("places")["city"]
ZONE: Final = ZoneInfo("Asia/Tokyo")  # its day, wherever the machine stands

_ROWS_AT_ONCE = 2000
_HOUSEHOLDS_PER_DESTINATION = 80
_RESIDENTS_PER_DEPARTED = 6
_RESIDENTS_PER_ANCIENT = 2000
_FEWEST_ANCIENT = 3
_MOST_RESIDENTS = 20_000_000  # what the synthetic ranges of numbers hold, with room
_SATURDAY = 5

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """A table that is filled in batches."""

    name: str
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


class _Writer:
    """Puts records in the order of their tables' columns and inserts them in batches."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._tables = {file.table: _table(file.table, ("record_id", *file.columns)) for file in FILES}
        history = ("record_id", "current_record_id", "superseded_on", *FILES[1].columns)
        self._tables[HISTORY_TABLE] = _table(HISTORY_TABLE, history)
        self._tables["destination_linkage"] = _table("destination_linkage", ("record_id", "batch", "linked_at"))
        self._tables["number_request"] = _table("number_request", ("record_id", "requested_on"))
        self._next = Counter(dict.fromkeys(self._tables, 0))

    def next_key(self, table: str) -> int:
        """Return the surrogate key that the next record of ``table`` gets."""
        return self._next[table] + 1

    def add(self, table: str, record: Record) -> int:
        """Add one record; return its surrogate key."""
        target = self._tables[table]
        self._next[table] += 1
        key: int = record.setdefault("record_id", self._next[table])
        target.rows.append(tuple(map(record.get, target.columns)))
        if len(target.rows) >= _ROWS_AT_ONCE:
            self._flush(target)
        return key

    def finish(self) -> None:
        """Insert what is left."""
        for table in self._tables.values():
            self._flush(table)

    def _flush(self, table: _Table) -> None:
        self._registry.fill(table.name, table.columns, table.rows)
        table.rows.clear()


def _table(name: str, columns: tuple[str, ...]) -> _Table:
    return _Table(name=name, columns=columns, rows=[])


def last_weekday_before(day: date) -> date:
    """Return the last day before ``day`` that is not a Saturday or Sunday."""
    day -= timedelta(days=1)
    while day.weekday() >= _SATURDAY:
        day -= timedelta(days=1)
    return day


def fill_city(registry: Registry, *, residents: int, seed: int, today: date, progress: Progress | None = None) -> None:
    """Write the city into an empty register, inside a transaction that is open already."""
    writer, population = _Writer(registry), Population(seed, today)
    done = 0
    linked = last_weekday_before(today)
    for count, household in enumerate(population.households(residents)):
        _write_household(writer, household, today)
        if count % _HOUSEHOLDS_PER_DESTINATION == 0:
            linked_on = linked if count % (2 * _HOUSEHOLDS_PER_DESTINATION) == 0 else None
            _write_destination(writer, household, linked if linked_on else today, linked_on)
        done += len(household.members)
        if progress and count % _ROWS_AT_ONCE == 0:
            progress(done, residents)
    for _ in range(residents // _RESIDENTS_PER_DEPARTED):
        _write_household(writer, population.former_household(), today)
    for _ in range(max(_FEWEST_ANCIENT, residents // _RESIDENTS_PER_ANCIENT)):
        _write_household(writer, population.ancient_household(), today)
    writer.finish()
    accounts = registry_accounts(today)
    registry.fill("registry_account", tuple(accounts[0]), [tuple(account.values()) for account in accounts])
    if progress:
        progress(residents, residents)


def _write_household(writer: _Writer, household: Household, today: date) -> None:
    events: Counter[str] = Counter()
    for person in (*household.members, *household.departed):
        addressee = writer.next_key(RESIDENT_REGISTER.table)
        at = writer.add(RESIDENT_REGISTER.table, register_record(person, household, addressee, today))
        if person.number_requested:
            requested = {"record_id": at, "requested_on": person.number_requested.isoformat()}
            writer.add("number_request", requested)
        states = identity_records(person, household, events)
        if not states:
            continue
        current = writer.add("identity_info", states[-1])
        for state, following in pairwise(states):
            past = {**state, "current_record_id": current, "superseded_on": following["change_date"]}
            writer.add(HISTORY_TABLE, past)


def _write_destination(writer: _Writer, household: Household, processed: date, linked_on: date | None) -> None:
    for record in destination_records(household, processed):
        at = writer.add(DESTINATION_INFO.table, record)
        if linked_on:
            linked_at = f"{linked_on}T00:10:00.000000+00:00"
            batch = f"L{linked_on:%Y%m%d}"
            writer.add("destination_linkage", {"record_id": at, "batch": batch, "linked_at": linked_at})


def create_city(place: Path | str, *, residents: int, seed: int, today: date, progress: Progress | None = None) -> None:
    """Create the register of Mihon-shi at ``place``: the same for the same size, seed and day.

    ``residents`` living people, one deleted record for every 6 of them and some records past their 150
    years. :class:`Refusal` when the size is out of range or a register is there already.
    """
    if not 1 <= residents <= _MOST_RESIDENTS:
        raise Refusal(N_("The number of residents must be between {least} and {most}."), least=1, most=_MOST_RESIDENTS)
    meta = {
        "municipality_code": MIHON["code"],
        "municipality_name": MIHON["name"],
        "synthetic": "yes",
        "seed": str(seed),
        "as_of": today.isoformat(),
    }
    with building(place, meta) as registry:
        fill_city(registry, residents=residents, seed=seed, today=today, progress=progress)
