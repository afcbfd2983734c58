"""Checks of what is kept too long, or should not be there at all (CHK-RET-01, 03, 05, 07)."""

from collections.abc import Iterator

from accesscontrol.clock import from_text, local_day
from accesscontrol.messages import N_
from registry.checks.model import Check, FileCheck, Found, Settings, Severity, located
from registry.databases.interface import Registry
from registry.files import DESTINATION_INFO, IDENTITY_INFO, RESIDENT_REGISTER
from registry.files.codes import Deleted, RecordStatus
from registry.files.dates import erasure_cutoff
from registry.files.tables import HISTORY_TABLE

REGISTER_PAST = Check(
    id="CHK-RET-01",
    title=N_("Resident record past 150 years"),
    message=N_("{count} deleted records are past 150 years and await erasure."),
    severity=Severity.warning,
    files=(1,),
    controls=("RG-RET-01",),
)
IDENTITY_PAST = Check(
    id="CHK-RET-03",
    title=N_("Superseded and deleted-person identity information past 150 years"),
    message=N_("{count} expired records remain after the automatic run."),
    severity=Severity.error,
    files=(2,),
    controls=("RG-RET-02",),
)
LINKED_PAST = Check(
    id="CHK-RET-05",
    title=N_("Destination information left after its due day"),
    message=N_("{count} destination records remain after one business day."),
    severity=Severity.error,
    files=(3,),
    controls=("RG-RET-03",),
)
DECEASED = Check(
    id="CHK-RET-07",
    title=N_("No deceased persons in destination information"),
    message=N_("Destination information of a deceased person."),
    severity=Severity.error,
    files=(3,),
    controls=("RG-RET-06",),
)


def _register_past(registry: Registry, settings: Settings) -> Iterator[Found]:
    """Find deleted records whose base date, the later of items 54 and 55, is past; without one, never."""
    items = tuple(RESIDENT_REGISTER.item(column).number for column in ("deletion_change_date", "deletion_notify_date"))
    sql = (
        "SELECT record_id FROM resident_register WHERE deleted_record_class <> ? "
        "AND deletion_change_date < ? AND deletion_notify_date < ?"
    )
    cutoff = erasure_cutoff(settings.today)
    yield from located(registry, RESIDENT_REGISTER.table, items, sql, Deleted.living, cutoff, cutoff)


def _identity_past(registry: Registry, settings: Settings) -> Iterator[Found]:
    """Find history past its supersession, and deleted persons past their change, by 150 years."""
    cutoff = erasure_cutoff(settings.today)
    items = (IDENTITY_INFO.item("change_date").number,)
    history = "SELECT record_id FROM identity_info_history WHERE superseded_on < ?"
    yield from located(registry, HISTORY_TABLE, items, history, cutoff)
    deleted = "SELECT record_id FROM identity_info WHERE record_status_flag <> ? AND change_date < ?"
    yield from located(registry, IDENTITY_INFO.table, items, deleted, RecordStatus.current, cutoff)


def _linked_past(registry: Registry, settings: Settings) -> Iterator[Found]:
    """Find records still there after the first business day after their linkage has ended."""
    sql = (
        "SELECT l.record_id, l.linked_at FROM destination_linkage AS l "
        "JOIN destination_info AS d ON d.record_id = l.record_id"
    )
    for record_id, linked_at in registry.rows(sql):
        if settings.next_business_day(local_day(from_text(linked_at), settings.zone)) < settings.today:
            yield DESTINATION_INFO.table, record_id, ()


def _deceased(registry: Registry, _settings: Settings) -> Iterator[Found]:
    """Find destination records of people whose latest record in the register ended by death."""
    sql = (
        "SELECT DISTINCT d.record_id FROM destination_info AS d "
        "JOIN resident_register AS r ON r.resident_code = d.resident_code WHERE r.deleted_record_class = ?"
    )
    yield from located(registry, DESTINATION_INFO.table, (), sql, Deleted.death)


def file_checks() -> list[FileCheck]:
    """Return the checks of periods."""
    return [
        FileCheck(REGISTER_PAST, _register_past),
        FileCheck(IDENTITY_PAST, _identity_past),
        FileCheck(LINKED_PAST, _linked_past),
        FileCheck(DECEASED, _deceased),
    ]
