"""Checks across records: households, open number requests, update sequences (CHK-LOG-08, 09, 13)."""

from collections.abc import Iterator
from datetime import date, timedelta

from accesscontrol.messages import N_
from registry.checks.model import Check, FileCheck, Found, Settings, Severity, located
from registry.databases.interface import Registry
from registry.files import IDENTITY_INFO, RESIDENT_REGISTER
from registry.files.codes import HEAD_OF_HOUSEHOLD, ChangeReason, Deleted

ONE_HEAD = Check(
    id="CHK-LOG-08",
    title=N_("Household with exactly one head"),
    message=N_("Household has no head, several heads or differing addresses."),
    severity=Severity.warning,
    files=(1,),
    controls=("RG-INT-08",),
)
SEQUENCE = Check(
    id="CHK-LOG-09",
    title=N_("Update sequence without gap"),
    message=N_("Update sequence has a gap or goes back."),
    severity=Severity.warning,
    files=(2,),
    controls=("MO-LOG-02", "RG-INT-09"),
)
NUMBER_REQUESTED = Check(
    id="CHK-LOG-13",
    title=N_("Number still to be assigned"),
    message=N_("Current record without an individual number and without an open request."),
    severity=Severity.warning,
    files=(1,),
    controls=("RG-INT-11",),
)

_WITHOUT_NUMBER_AT_FIRST = (
    ChangeReason.birth,
    ChangeReason.move_in_from_abroad,
    ChangeReason.official_entry,
)


def _heads(registry: Registry, _settings: Settings) -> Iterator[Found]:
    """Find households of living members, each by its first record."""
    items = tuple(
        RESIDENT_REGISTER.item(column).number
        for column in ("household_no", "head_name_kanji", "current_address", "relationship_code")
    )
    sql = """
        SELECT min(record_id) FROM resident_register WHERE deleted_record_class = ? GROUP BY household_no
        HAVING sum(CASE WHEN relationship_code = ? THEN 1 ELSE 0 END) <> 1
            OR min(head_name_kanji) <> max(head_name_kanji)
            OR min(current_address) <> max(current_address)
            OR max(CASE WHEN relationship_code = ? THEN name_kanji END) <> max(head_name_kanji)
    """
    parameters = (Deleted.living, HEAD_OF_HOUSEHOLD, HEAD_OF_HOUSEHOLD)
    yield from located(registry, RESIDENT_REGISTER.table, items, sql, *parameters)


def _sequences(registry: Registry, _settings: Settings) -> Iterator[Found]:
    """Find a record whose history has a gap or goes back in time, and a change event with a missing update."""
    item = IDENTITY_INFO.item
    both = """
        SELECT record_id AS person, update_sequence_no AS place, timestamp AS at FROM identity_info
        WHERE record_id IN (SELECT current_record_id FROM identity_info_history)
        UNION ALL
        SELECT current_record_id, update_sequence_no, timestamp FROM identity_info_history
    """
    sql = f"""
        SELECT DISTINCT person FROM (
            SELECT person, place, at, lag(place) OVER own AS place_before, lag(at) OVER own AS at_before
            FROM ({both}) AS states WINDOW own AS (PARTITION BY person ORDER BY place)
        ) AS steps WHERE place <> place_before + 1 OR at < at_before ORDER BY person
    """  # noqa: S608 - names of our own schema
    sequence, timestamp = item("update_sequence_no").number, item("timestamp").number
    yield from located(registry, IDENTITY_INFO.table, (sequence, timestamp), sql)
    both = """
        SELECT record_id, request_control_no, change_event_update_sequence_no AS place FROM identity_info
        UNION ALL
        SELECT current_record_id, request_control_no, change_event_update_sequence_no FROM identity_info_history
    """
    sql = f"""
        SELECT min(record_id) FROM ({both}) AS states WHERE place IS NOT NULL GROUP BY request_control_no
        HAVING count(*) <> max(place) - min(place) + 1 OR count(DISTINCT place) <> count(*)
    """  # noqa: S608 - names of our own schema
    items = (item("change_event_update_sequence_no").number,)
    yield from located(registry, IDENTITY_INFO.table, items, sql)


def oldest_open_request(settings: Settings) -> date:
    """Return the first day on which a number request that is still open may have been made."""
    day = settings.today - timedelta(days=1)
    while True:
        end = day
        for _ in range(settings.number_request_business_days):
            end = settings.next_business_day(end)
        if end < settings.today:
            return day + timedelta(days=1)
        day -= timedelta(days=1)


def _unnumbered(registry: Registry, settings: Settings) -> Iterator[Found]:
    """Find living people without a number for whom none was asked, or too long ago, or after a wrong change."""
    items = (RESIDENT_REGISTER.item("individual_number").number,)
    reasons = ", ".join("?" * len(_WITHOUT_NUMBER_AT_FIRST))
    sql = f"""
        SELECT r.record_id FROM resident_register AS r
        LEFT JOIN number_request AS n ON n.record_id = r.record_id
        WHERE r.individual_number IS NULL AND r.deleted_record_class = ?
          AND (n.record_id IS NULL OR n.requested_on < ? OR r.change_reason NOT IN ({reasons}))
    """  # noqa: S608 - names of our own schema
    oldest = oldest_open_request(settings).isoformat()
    parameters = (Deleted.living, oldest, *_WITHOUT_NUMBER_AT_FIRST)
    yield from located(registry, RESIDENT_REGISTER.table, items, sql, *parameters)


def file_checks() -> list[FileCheck]:
    """Return the checks that look across records."""
    return [
        FileCheck(ONE_HEAD, _heads),
        FileCheck(SEQUENCE, _sequences),
        FileCheck(NUMBER_REQUESTED, _unnumbered),
    ]
