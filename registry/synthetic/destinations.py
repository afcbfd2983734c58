"""Records of file 3 (destination information) for a household that is sent a notice."""

from datetime import date
from typing import Any

from registry.files.characters import count_external, external_characters
from registry.synthetic.names import Written, roman
from registry.synthetic.people import Household, Person
from registry.synthetic.places import Address
from registry.synthetic.register import Record
from registry.synthetic.stock import stock

_NOTICE = "1"
_GLYPH_SIDE = 24  # an external character travels as a bitmap of 24 by 24


def _measured(column: str, text: str, *, count: str = "") -> Record:
    """Return a text with its length (in characters) and, where the file has one, its external characters."""
    measured: Record = {f"{column}_len": len(text), column: text}
    if count:
        measured[count] = count_external(text)
    return measured


def _place(prefix: str, facts: dict[str, str]) -> Record:
    return {
        **_measured(f"{prefix}_name", facts["name"], count=f"{prefix}_name_gaiji_count"),
        f"{prefix}_postal_code": facts["postal_code"],
        **_measured(f"{prefix}_address", facts["address"], count=f"{prefix}_address_gaiji_count"),
        f"{prefix}_phone": facts["phone"],
    }


def _office() -> Record:
    places: dict[str, Any] = stock("places")
    city = places["city"]
    return {
        "municipality_code": city["code"],
        **_measured("municipality_name", city["name"]),
        "municipality_postal_code": city["postal_code"],
        **_measured("municipality_address", city["address"], count="municipality_address_gaiji_count"),
        "municipality_phone": city["phone"],
        **_place("pickup_place", places["pickup"]),
        **_place("card_ship_place", places["card_ship"]),
    }


def _former_surname(maiden: Written | None) -> Record:
    if maiden is None:
        return {"former_surname_gaiji_count": 0}
    count = count_external(maiden.kanji)
    return {
        "former_surname_kanji": maiden.kanji,
        "former_surname_gaiji_count": count,
        "former_surname_furigana": maiden.kana,
        "former_surname_gaiji_change_seq": 1 if count else 0,
        "romaji_former_surname": roman(maiden.kana),
    }


def _substitutes(person: Person, address: Address) -> Record:
    """Return name and address as they are printed where an external character can't be."""
    positions = external_characters(person.name.kanji)
    return {
        "substitute_char_result": "1" if positions else "0",
        **_measured("substitute_name", person.name.plain),
        **_measured("substitute_address", address.text),
        "substitute_name_positions": ",".join(str(at + 1) for at in positions) or None,
        "gaiji_pattern": bytes(_GLYPH_SIDE * _GLYPH_SIDE // 8) if positions else None,
    }


def _person(person: Person, address: Address) -> Record:
    foreign = person.foreign
    return {
        "resident_code": person.resident_code,
        **_measured("name_kanji", person.name.kanji, count="name_kanji_gaiji_count"),
        **_measured("name_kana", person.name.hiragana),
        "postal_code": address.postal_code,
        **_measured("address", address.text, count="address_gaiji_count"),
        "birth_date": person.birth_text,
        "sex": person.sex,
        "individual_number": person.individual_number,
        "article_30_45_class": foreign.legal_class if foreign else None,
        "stay_expiry_date": foreign.stay_expiry.isoformat() if foreign and foreign.stay_expiry else None,
        **_substitutes(person, address),
        **_former_surname(person.maiden if person.former_surname_since else None),
        "romaji_name": person.name.roman,
    }


def destination_records(household: Household, processed: date) -> list[Record]:
    """Return one record per member who has an individual number, all under one control number."""
    people = [person for person in household.members if person.individual_number is not None]
    head, address = household.head, household.address
    turn = int(household.number)
    shared: Record = {
        "destination_control_no": f"D{household.number}",
        "destination_postal_code": address.postal_code,
        **_measured("destination_address_kanji", address.with_extra, count="destination_address_kanji_gaiji_count"),
        **_measured("destination_name_kanji", head.name.kanji, count="destination_name_kanji_gaiji_count"),
        **_office(),
        "target_person_count": len(people),
        "processing_date": processed.isoformat(),
        "operator_id": f"S{turn % 40 + 1:04}",
        "operator_terminal_id": f"T{turn % 24 + 1:03}",
        "print_class": _NOTICE,
    }
    records = [shared | _person(person, address) for person in people]
    for record in records:
        record["gaiji_flag"] = int(any(record[column] for column in record if column.endswith("gaiji_count")))
    return records
