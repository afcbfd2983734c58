"""Reconciliation of the register (file 1) with the municipal CS (file 2): CHK-REC-01, RG-INT-09, MT-3.

The comparison runs inside the database; what comes out names records by surrogate key and items by number,
never what they hold.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256
from itertools import islice
from operator import itemgetter
from typing import Any

from accesscontrol.messages import N_
from registry.checks.model import Check, Settings, Severity
from registry.databases.interface import Registry
from registry.files import IDENTITY_INFO, RESIDENT_REGISTER
from registry.files.codes import Deleted, RecordStatus

RECONCILED = Check(
    id="CHK-REC-01",
    title=N_("Register against municipal CS"),
    message=N_(
        "Register and municipal CS differ: {missing_in_cs} missing in CS,"
        " {missing_in_register} missing in register, {differing} differing."
    ),
    severity=Severity.error,
    files=(1, 2),
    controls=("RG-INT-09",),
)

# Item of file 1 -> item of file 2: both numbers, the four attributes, the reason of the latest change.
COMPARED: dict[str, str] = {
    "individual_number": "individual_number",
    "name_kanji": "name_kanji",
    "birth_date": "birth_date",
    "sex_code": "sex",
    "current_address": "address",
    "change_reason": "change_reason",
    "former_surname_kanji": "former_surname_kanji",
}
_KEPT = 1000
_HASHED_AT_ONCE = 1000


class Kind(StrEnum):
    """How the two sides differ for one person."""

    missing_in_cs = "missing_in_cs"
    missing_in_register = "missing_in_register"
    differing = "differing"


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference: the records by surrogate key, the items of file 2 that differ, and whether it is young."""

    kind: Kind
    register_id: int | None
    identity_id: int | None
    items: tuple[int, ...]
    pending: bool

    def item_names(self) -> list[str]:
        """Return number and printed name of each differing item of file 2."""
        return [f"{number} {IDENTITY_INFO.items[number - 1].name_ja}" for number in self.items]


@dataclass(slots=True)
class Reconciliation:
    """The result: exact counts, the first differences with their places, and a digest of each side."""

    register_records: int
    identity_records: int
    counts: dict[Kind, int] = field(default_factory=lambda: dict.fromkeys(Kind, 0))
    pending: dict[Kind, int] = field(default_factory=lambda: dict.fromkeys(Kind, 0))
    differences: list[Difference] = field(default_factory=list)
    register_digest: str = ""
    identity_digest: str = ""

    @property
    def agrees(self) -> bool:
        """Tell whether nothing differs but what is still on its way."""
        return all(count == self.pending[kind] for kind, count in self.counts.items())


def transfer_began(settings: Settings) -> str:
    """Return the first day whose changes may still be on their way: the delay is one business day."""
    day = settings.today
    while settings.next_business_day(day - timedelta(days=1)) >= settings.today:
        day -= timedelta(days=1)
    return day.isoformat()


_LATEST = """
    CASE WHEN coalesce(r.address_fixed_change_date, '') > coalesce(r.resident_change_date, '')
    THEN r.address_fixed_change_date ELSE r.resident_change_date END
"""


def _missing_in_cs(registry: Registry, began: str) -> Iterator[Difference]:
    """Find residents whom the municipal CS does not have; one who waits for a number is on the way."""
    sql = f"""
        SELECT r.record_id, coalesce({_LATEST}, '') >= ? OR n.record_id IS NOT NULL
        FROM resident_register AS r LEFT JOIN number_request AS n ON n.record_id = r.record_id
        WHERE r.deleted_record_class = ? AND NOT EXISTS (
            SELECT 1 FROM identity_info AS i
            WHERE i.resident_code = r.resident_code AND i.record_status_flag = ?)
        ORDER BY r.record_id
    """  # noqa: S608 - names of our own schema
    for record_id, young in registry.rows(sql, (began, Deleted.living, RecordStatus.current)):
        yield Difference(Kind.missing_in_cs, record_id, None, (), bool(young))


def _missing_in_register(registry: Registry, began: str) -> Iterator[Difference]:
    sql = """
        SELECT i.record_id, coalesce(i.change_date, '') >= ? FROM identity_info AS i
        WHERE i.record_status_flag = ? AND NOT EXISTS (
            SELECT 1 FROM resident_register AS r
            WHERE r.resident_code = i.resident_code AND r.deleted_record_class = ?)
        ORDER BY i.record_id
    """
    for record_id, young in registry.rows(sql, (began, RecordStatus.current, Deleted.living)):
        yield Difference(Kind.missing_in_register, None, record_id, (), bool(young))


def _differing(registry: Registry, began: str) -> Iterator[Difference]:
    differs = [f"r.{one} IS DISTINCT FROM i.{two}" for one, two in COMPARED.items()]
    sql = f"""
        SELECT r.record_id, i.record_id, coalesce({_LATEST}, '') >= ? OR coalesce(i.change_date, '') >= ?,
               {", ".join(differs)}
        FROM resident_register AS r
        JOIN identity_info AS i ON i.resident_code = r.resident_code AND i.record_status_flag = ?
        WHERE r.deleted_record_class = ? AND ({" OR ".join(differs)})
        ORDER BY r.record_id
    """  # noqa: S608 - names of our own schema
    numbers = [IDENTITY_INFO.item(column).number for column in COMPARED.values()]
    parameters = (began, began, RecordStatus.current, Deleted.living)
    for register_id, identity_id, young, *flags in registry.rows(sql, parameters):
        items = tuple(number for number, differs in zip(numbers, flags, strict=True) if differs)
        yield Difference(Kind.differing, register_id, identity_id, items, bool(young))


def _digest(registry: Registry, table: str, columns: list[str], status: str, current: str) -> str:
    """Return the SHA-256 of one side's compared items in the order of resident codes, put together by the database.

    Records of one resident code come in the order of what they hold, so that equal sides have equal digests.
    """
    record = " || '\x1f' || ".join(f"coalesce({column}, '')" for column in ["resident_code", *columns])
    order = "resident_code NULLS FIRST, 1"
    sql = f"SELECT {record} FROM {table} WHERE {status} = ? ORDER BY {order}"  # noqa: S608 - names of ours
    records = map(itemgetter(0), registry.rows(sql, (current,)))
    digest = sha256()
    while batch := list(islice(records, _HASHED_AT_ONCE)):
        digest.update(("\x1e".join(batch) + "\x1e").encode())
    return digest.hexdigest()


def _count(registry: Registry, table: str, status: str, current: str) -> int:
    sql = f"SELECT count(*) FROM {table} WHERE {status} = ?"  # noqa: S608 - names of our own schema
    count: int = next(registry.rows(sql, (current,)))[0]
    return count


def reconcile(registry: Registry, settings: Settings, *, keep: int = _KEPT, digests: bool = True) -> Reconciliation:
    """Compare the living residents of file 1 with the current records of file 2, both ways, by resident code.

    A difference not older than one business day of the site's calendar is pending, not an error. Counts are
    exact, the places of the first ``keep`` differences are kept. Equal sides have equal digests. Both sides are seen
    as they were at one moment.
    """
    with registry.reading():
        return _reconciled(registry, settings, keep=keep, digests=digests)


def _reconciled(registry: Registry, settings: Settings, *, keep: int, digests: bool) -> Reconciliation:
    sides: list[tuple[str, list[Any], str, str]] = [
        (RESIDENT_REGISTER.table, list(COMPARED), "deleted_record_class", Deleted.living),
        (IDENTITY_INFO.table, list(COMPARED.values()), "record_status_flag", RecordStatus.current),
    ]
    register, identity = (_count(registry, table, status, current) for table, _, status, current in sides)
    result = Reconciliation(register_records=register, identity_records=identity)
    began = transfer_began(settings)
    for find in (_missing_in_cs, _missing_in_register, _differing):
        for difference in find(registry, began):
            result.counts[difference.kind] += 1
            result.pending[difference.kind] += difference.pending
            if len(result.differences) < keep:
                result.differences.append(difference)
    if digests:
        result.register_digest, result.identity_digest = (_digest(registry, *side) for side in sides)
    return result
