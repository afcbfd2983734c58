"""The register as the console looks at it: its facts, its checks, its reconciliation, and masked records."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from accesscontrol.canonical import JSON
from accesscontrol.messages import N_
from accesscontrol.people.operators import SYSTEM
from accesscontrol.refusals import Refusal
from accesscontrol.requests.desk import Acting
from accesscontrol.trail import entries
from accesscontrol.trail.entries import Entry
from console.wiring import Installation
from registry import commands
from registry.checks import Fault, Report, Settings, check
from registry.databases import Registry
from registry.files import File, masked
from registry.tasks.reconciliation import Reconciliation, reconcile

Progress = Callable[[int, int], None]

CHECKED: Final = "registry.checked"
RECONCILED: Final = "registry.reconciled"
EXAMINED: Final = "registry.examined"
LOAD_BEGAN: Final = "registry.load-began"
LOAD_ENDED: Final = "registry.load-ended"
LOADING: Final = "registry-load"
_SUBJECT: Final = "registry"
TABLE_TITLES: Final[Mapping[str, str]] = {
    "resident_register": N_("File 1: resident register"),
    "identity_info": N_("File 2: identity information"),
    "identity_info_history": N_("File 2: superseded records"),
    "destination_info": N_("File 3: destination information"),
    "destination_linkage": N_("Linkages of destination information"),
    "number_request": N_("Open requests for a number"),
    "registry_account": N_("Accounts of the register system"),
}


@dataclass(frozen=True, slots=True)
class TableCount:
    """How many rows a table of the register has."""

    name: str
    rows: int

    @property
    def title(self) -> str:
        """The table's title, a msgid."""
        return TABLE_TITLES.get(self.name, self.name)


@dataclass(frozen=True, slots=True)
class RegisterFacts:
    """What the register says of itself at ``at``."""

    at: datetime
    meta: Mapping[str, str]
    tables: Sequence[TableCount]


def settings(site: Installation) -> Settings:
    """Return what the checks must know of the site: its day, its zone, and its business days."""
    return site.register_settings()


def facts(site: Installation) -> RegisterFacts:
    """Return the register's facts and the rows of its tables; a register that can't be opened is refused."""
    with _opened(site) as register:
        counts = [TableCount(name, rows) for name, rows in register.counts().items()]
        return RegisterFacts(site.clock.now(), dict(register.meta()), counts)


def examine(site: Installation, actor: Acting) -> list[str]:
    """Have the database examine itself (act ``registry.examined``); return the damage, nothing when it is sound."""
    with _opened(site) as register:
        damage = register.integrity()
    _record(site, actor, EXAMINED, "damaged" if damage else "sound", damage=len(damage))
    return damage


def run_checks(site: Installation, actor: Acting, progress: Progress | None = None) -> Report:
    """Run every format and logic check over all records (act ``registry.checked``)."""
    with _opened(site) as register:
        report = check(register, settings(site), progress=progress)
    found: dict[str, JSON] = {name: count for name, count in report.by_check.items() if count}
    severities: dict[str, JSON] = dict(report.by_severity)
    outcome = "sound" if report.sound else "faulty"
    _record(site, actor, CHECKED, outcome, records=report.records, by_severity=severities, by_check=found)
    return report


def run_reconciliation(site: Installation, actor: Acting) -> Reconciliation:
    """Compare file 1 with file 2, both ways (act ``registry.reconciled``)."""
    with _opened(site) as register:
        result = reconcile(register, settings(site))
    _record(
        site,
        actor,
        RECONCILED,
        "agrees" if result.agrees else "differs",
        register_digest=result.register_digest,
        identity_digest=result.identity_digest,
        differences={kind.value: count for kind, count in result.counts.items()},
        pending={kind.value: count for kind, count in result.pending.items()},
    )
    return result


def load(site: Installation, actor: Acting, source: Path, *, file_number: int, encoding: str) -> dict[str, Any]:
    """Load the records of a CSV file, all or none, with entries before and after (acts ``registry.load-…``).

    The first entry is written before the register is touched: without it nothing is loaded.
    """
    _record(site, actor, LOAD_BEGAN, "began", file=file_number, source=source.name)
    try:
        with site.register.changing(LOADING, N_("Load records into the register"), actor) as register:
            loaded = commands.load_registry(
                register, source, file_number=file_number, settings=settings(site), encoding=encoding
            )
    except Refusal as refusal:
        _record(site, actor, LOAD_ENDED, "refused", file=file_number, source=source.name, reason=str(refusal))
        raise
    _record(site, actor, LOAD_ENDED, "done", file=file_number, source=source.name, records=loaded["records"])
    return loaded


def record_run(site: Installation, act: str, outcome: str, details: Mapping[str, JSON]) -> None:
    """Write down a run that no signed-in person asked for: one by the host's scheduler, or at the command line."""
    with site.store.transaction() as tx:
        tx.record(act, actor=SYSTEM, subject=_SUBJECT, outcome=outcome, terminal="", **details)


def last_run(site: Installation, act: str) -> Entry | None:
    """Return the newest trail entry of ``act``, or None when it was never done here."""
    found = [entry for entry in entries.about(site.store, _SUBJECT) if entry.act == act]
    return found[-1] if found else None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a fault lies: the record by surrogate key, and its items by number and name, masked where they must be."""

    file: File
    table: str
    record_id: int
    items: Sequence[tuple[str, str]]


def places(site: Installation, faults: Sequence[Fault]) -> list[Place]:
    """Return where ``faults`` lie, with what may be shown of their items; a record that is gone shows no value."""
    with _opened(site) as register:
        return [Place(fault.file, fault.table, fault.record_id, list(_items(register, fault))) for fault in faults]


def _items(register: Registry, fault: Fault) -> Iterator[tuple[str, str]]:
    wanted = [fault.file.items[number - 1] for number in fault.items]
    if not wanted:
        return
    columns = ", ".join(item.column for item in wanted)
    sql = f"SELECT {columns} FROM {fault.table} WHERE record_id = ?"  # noqa: S608 - names of the register's own schema
    for row in register.rows(sql, (fault.record_id,)):
        for item, value in zip(wanted, row, strict=True):
            yield f"{item.number} {item.name_ja}", masked(value, item)


def _opened(site: Installation) -> Registry:
    return site.register.look()


def _record(site: Installation, actor: Acting, act: str, outcome: str, **details: JSON) -> None:
    with site.store.transaction() as tx:
        tx.record(act, actor=actor.staff_number, subject=_SUBJECT, outcome=outcome, terminal=actor.terminal, **details)
