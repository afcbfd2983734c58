"""Records of file 2 (identity information), the present one and its history, consistent with file 1."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

from registry.files import IDENTITY_INFO
from registry.files.characters import count_external, without_voiced_marks
from registry.files.codes import CODE_LISTS, ChangeReason, RecordStatus
from registry.synthetic.departures import CODES_SINCE, NUMBERS_SINCE
from registry.synthetic.people import Household, Person
from registry.synthetic.places import Address
from registry.synthetic.register import Record

_BY_NOTIFICATION = "01"
_OPERATORS, _TERMINALS = 40, 24
_COUNTS = tuple(column for column in IDENTITY_INFO.columns if column.startswith("gaiji_count"))


def identity_records(person: Person, household: Household, events: Counter[str]) -> list[Record]:
    """Return the states of ``person`` in file 2 since the network began, oldest first, the present one last.

    ``events`` counts the records of each change event of the household, for item 30. Empty when the person
    left before the network began, or still waits for an individual number.
    """
    changes = person.changes()
    kept = [at for at in range(len(changes)) if changes[at + 1 :] == [] or changes[at + 1][0] >= CODES_SINCE]
    waiting = person.number_requested is not None
    gone_before = person.departure is not None and person.departure.changed < CODES_SINCE
    if waiting or gone_before:
        return []
    states = list(_states(person, household))
    records = [states[at] for at in kept]
    for sequence, record in enumerate(records, start=1):
        _trace(record, sequence, household, events)
    return records


def _states(person: Person, household: Household) -> Iterator[Record]:
    """Yield each state, oldest first: the present one with what later changes altered undone."""
    changes = person.changes()
    present = _present(person, household)
    states: list[Record] = []
    superseded: date | None = None
    for day, reason in reversed(changes):
        status = RecordStatus.history if superseded else present["record_status_flag"]
        state = present | {"change_reason": reason, "change_date": day.isoformat(), "record_status_flag": status}
        if superseded and superseded < NUMBERS_SINCE:
            state["individual_number"] = None
        states.append(state)
        superseded = day
        present = present | _before(reason, person)
    return reversed(states)


def _before(reason: str, person: Person) -> Record:
    """Return the items that a change altered, as they were before it."""
    if reason == ChangeReason.move_within:
        settled = person.became_resident.isoformat()
        old = {"address_fixed_date": settled, "notify_date": settled}
        return old | (_residence(person.lived_before) if person.lived_before else {})
    if reason == ChangeReason.resident_code_change:
        unused = {"old_resident_code": None, "resident_code_use_date": None}
        return {"resident_code": person.old_resident_code, **unused}
    if reason == ChangeReason.former_surname_entry:
        columns = ("former_surname_kanji", "former_surname_furigana", "former_surname_gaiji_change_seq")
        return {**dict.fromkeys(columns), "gaiji_count_former_surname": 0}
    return {}


def _residence(address: Address) -> Record:
    return {
        "town_block_code": address.town_code,
        "postal_code": address.postal_code,
        "address": address.text,
        "gaiji_count_address": count_external(address.text),
    }


def _origin(address: Address | None) -> Record:
    if address is None:
        return {"gaiji_count_prev_address": 0}
    return {
        "prev_municipality_code": address.municipality_code,
        "prev_address": address.text,
        "gaiji_count_prev_address": count_external(address.text),
    }


def _former_surname(person: Person) -> Record:
    if person.former_surname_since is None or person.maiden is None:
        return {"gaiji_count_former_surname": 0}
    count = count_external(person.maiden.kanji)
    return {
        "former_surname_kanji": person.maiden.kanji,
        "former_surname_furigana": person.maiden.kana,
        "gaiji_count_former_surname": count,
        "former_surname_gaiji_change_seq": 1 if count else 0,
    }


def _present(person: Person, household: Household) -> Record:
    deleted = person.departure is not None
    return {
        "resident_code": person.resident_code,
        "individual_number": person.individual_number,
        "name_kanji": person.name.kanji,
        "gaiji_count_name": count_external(person.name.kanji),
        "name_furigana": person.name.hiragana,
        "name_kana_normalized": without_voiced_marks(person.name.hiragana),
        "birth_date": person.birth_text,
        "sex": person.sex,
        "municipality_code": household.address.municipality_code,
        **_residence(household.address),
        "became_resident_date": person.became_resident.isoformat(),
        "address_fixed_date": person.address_fixed.isoformat(),
        "notify_date": person.address_fixed.isoformat(),
        **_origin(person.came_from),
        "relationship": CODE_LISTS["relationship"][person.relationship],
        "change_reason_detail": _BY_NOTIFICATION,
        "old_resident_code": person.old_resident_code,
        "resident_code_use_date": person.code_changed.isoformat() if person.code_changed else None,
        "update_forbidden_flag": 0,
        "planned_person_flag": 0,
        "exclusive_lock_flag": 0,
        "record_status_flag": RecordStatus.deleted if deleted else RecordStatus.current,
        **_former_surname(person),
    }


def _trace(record: Record, sequence: int, household: Household, events: Counter[str]) -> None:
    """Fill in who made the record, where, when, and its place in the order of updates."""
    day: str = record["change_date"]
    event = f"{household.number}{day.replace('-', '')}"
    events[event] += 1
    turn = int(household.number) + int(day[-2:])
    made: dict[str, Any] = {
        "request_control_no": event,
        "operator_id": f"S{turn % _OPERATORS + 1:04}",
        "operator_terminal_id": f"T{turn % _TERMINALS + 1:03}",
        "update_sequence_no": sequence,
        "change_event_update_sequence_no": events[event],
        # Office hours in Japan are 00 to 08 in UTC; the sequence keeps the order within one day.
        "timestamp": f"{max(day, CODES_SINCE.isoformat())}T{sequence % 9:02}:{turn % 60:02}:00.000000+00:00",
        "gaiji_flag": int(any(record[column] for column in _COUNTS)),
    }
    record.update(made)
