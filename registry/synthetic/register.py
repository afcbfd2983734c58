"""Records of file 1 (resident register) from what is known of a person."""

from datetime import date, timedelta
from typing import Any

from registry.files.codes import CODE_LISTS, ChangeReason, Deleted
from registry.files.dates import in_era
from registry.synthetic.names import Written
from registry.synthetic.people import Departure, Foreign, Household, Person
from registry.synthetic.places import Address, remark

Record = dict[str, Any]

_NOTIFIED, _OFFICIAL = "1", "2"
_YEAR = timedelta(days=365.2425)
_NONE, _ACQUIRED = "0", "1"
_PENSION_FROM, _PENSION_UNTIL, _CARE_FROM, _LATE_FROM, _ALLOWANCE_UNTIL = 20, 60, 65, 75, 18


def _address(prefix: str, address: Address | None) -> Record:
    if address is None:
        return {}
    return {
        f"{prefix}_municipality_code": address.municipality_code,
        f"{prefix}_postal_code": address.postal_code,
        f"{prefix}_address": address.text,
        f"{prefix}_address_extra": address.extra,
    }


def _residence(person: Person, household: Household) -> Record:
    address = household.address
    return {
        "household_no": household.number,
        "head_name_kana": household.head.name.katakana,
        "head_name_kanji": household.head.name.kanji,
        "admin_district_code": address.district,
        "current_postal_code": address.postal_code,
        "current_municipality_code": address.municipality_code,
        "current_town_code": address.town_code,
        "current_address": address.text,
        "current_address_extra_code": address.extra_code,
        "current_address_extra": address.extra,
        "resident_change_date": person.became_resident.isoformat(),
        "resident_notify_date": person.became_resident.isoformat(),
        "address_fixed_change_date": person.address_fixed.isoformat(),
        "address_fixed_change_reason": person.fixed_reason,
        "address_fixed_notify_date": person.address_fixed.isoformat(),
        "address_fixed_notify_reason": _NOTIFIED,
    }


def _identity(person: Person, household: Household) -> Record:
    domicile = household.address
    return {
        "name_kana": person.name.katakana,
        "name_kanji": person.name.kanji,
        "sex_code": person.sex,
        "birth_date": person.birth_text,
        "relationship_code": person.relationship,
        "resident_code": person.resident_code,
        "individual_number": person.individual_number,
        "domicile_municipality_code": None if person.foreign else domicile.municipality_code,
        "domicile_postal_code": None if person.foreign else domicile.postal_code,
        "domicile": None if person.foreign else domicile.text,
        "family_register_head_kanji": None if person.foreign else household.head.name.kanji,
        "former_family_name_kanji": person.maiden.kanji if person.maiden else None,
    }


def _former_surname(maiden: Written | None, since: date | None) -> Record:
    if maiden is None or since is None:
        return {}
    return {"former_surname_kanji": maiden.kanji, "former_surname_furigana": maiden.kana}


def _foreign(person: Person, foreign: Foreign | None) -> Record:
    if foreign is None:
        return {}
    alias = foreign.alias
    period = None if foreign.period_years is None else f"{foreign.period_years:02}0000"
    return {
        "foreign_real_name_kana": person.name.katakana,
        "foreign_real_name_kanji": person.name.kanji,
        "foreign_alias_kana": alias.katakana if alias else None,
        "foreign_alias_kanji": alias.kanji if alias else None,
        "nationality_code": foreign.land.code,
        "nationality_kanji": foreign.land.name,
        "residence_card_no": foreign.card,
        "residence_status_code": foreign.status,
        "residence_status_kanji": CODE_LISTS["residence_status"][foreign.status],
        "article_30_45_class": foreign.legal_class,
        "stay_period": period,
        "stay_expiry_date": foreign.stay_expiry.isoformat() if foreign.stay_expiry else None,
        "foreign_birth_date": person.birth_text,
        "foreign_resident_change_date": person.became_resident.isoformat(),
        "foreign_resident_notify_date": person.became_resident.isoformat(),
        "foreign_address_fixed_change_date": person.address_fixed.isoformat(),
        "foreign_address_fixed_change_reason": person.fixed_reason,
        "foreign_address_fixed_notify_date": person.address_fixed.isoformat(),
        "foreign_address_fixed_notify_reason": _NOTIFIED,
        "residence_notice_flag": 1,
        "alias_history": f"{in_era(person.became_resident)}\u3000{alias.kanji}" if alias else None,
    }


def _deletion(departure: Departure | None) -> Record:
    if departure is None:
        return {"deleted_record_class": Deleted.living}
    return {
        "deleted_record_class": departure.deleted_class,
        "deletion_change_date": departure.changed.isoformat(),
        "deletion_notify_date": departure.notified.isoformat(),
        "deletion_change_reason": departure.reason,
        "deletion_notify_reason": _OFFICIAL if departure.deleted_class == Deleted.official else _NOTIFIED,
        **_address("moveout_planned", departure.planned),
        **_address("moveout_confirmed", departure.confirmed),
    }


def _insurance(person: Person, age: int) -> Record:
    def from_to(lowest: int, highest: int = 200) -> str:
        return _ACQUIRED if lowest <= age < highest else _NONE

    adult = age >= _PENSION_FROM
    return {
        "nhi_eligibility_class": from_to(0, _LATE_FROM) if person.pension_number[-1] in "012" else _NONE,
        "nhi_retiree_medical_class": _NONE,
        "care_insurance_eligibility_class": from_to(_CARE_FROM),
        "pension_symbol_no": person.pension_number if adult else None,
        "pension_type_class": "123"[int(person.pension_number[-1]) % 3] if adult else _NONE,
        "pension_insurance_class": from_to(_PENSION_FROM, _PENSION_UNTIL),
        "pension_receipt_class": from_to(_CARE_FROM),
        "child_allowance_eligibility_class": from_to(0, _ALLOWANCE_UNTIL),
        "late_elderly_eligibility_class": from_to(_LATE_FROM),
        "welfare_medical_eligibility_class": _NONE,
    }


_REMARKS: dict[str, str] = {
    ChangeReason.birth: "born",
    ChangeReason.official_entry: "entered",
}


def _remarks(person: Person) -> str:
    lines = [remark(_REMARKS.get(person.became_reason, "moved_in"), in_era(person.became_resident))]
    later: list[tuple[str, date | None]] = [
        ("code_changed", person.code_changed),
        ("former_surname", person.former_surname_since),
    ]
    lines.extend(remark(kind, in_era(day)) for kind, day in later if day)
    return "\u3000".join(lines)


def register_record(person: Person, household: Household, addressee_no: int, today: date) -> Record:
    """Return the record of ``person`` in file 1; items that are empty are left out."""
    departure = person.departure
    until = departure.changed if departure else today
    previous = person.came_from or person.lived_before
    return {
        **_residence(person, household),
        **_identity(person, household),
        "change_reason": person.changes()[-1][1],
        "addressee_no": f"{addressee_no:015}",
        **_address("prev", previous),
        "prev_head_name_kanji": household.head.name.kanji if previous else None,
        **_address("last_registered", person.came_from),
        "last_registered_head_name_kanji": household.head.name.kanji if person.came_from else None,
        **_deletion(departure),
        **_foreign(person, person.foreign),
        **_insurance(person, (until - person.birth) // _YEAR),
        **_former_surname(person.maiden, person.former_surname_since),
        "remarks": _remarks(person),
    }
