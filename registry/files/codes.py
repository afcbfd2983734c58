"""The code lists of the record items, and which item follows which list.

The assessment names the items but not their codes; the lists in ``code_lists.json`` are this product's reading
and are replaced by those of the register system where they differ.
"""

import json
from pathlib import Path
from typing import Final

CODE_LISTS: Final[dict[str, dict[str, str]]] = json.loads(
    Path(__file__).with_name("code_lists.json").read_text(encoding="utf-8")
)


class ChangeReason:
    """The change reasons that rules speak of (item 11 of file 1, item 21 of file 2)."""

    move_in: Final = "01"
    move_within: Final = "02"
    move_out: Final = "03"
    birth: Final = "04"
    death: Final = "05"
    move_in_from_abroad: Final = "06"
    move_out_abroad: Final = "07"
    official_entry: Final = "08"
    official_correction: Final = "09"
    official_deletion: Final = "10"
    household_change: Final = "11"
    resident_code_change: Final = "12"
    former_surname_entry: Final = "14"
    move_in_with_card: Final = "18"


class Deleted:
    """The classes of a deleted record (item 13 of file 1)."""

    living: Final = "0"
    move_out: Final = "1"
    death: Final = "2"
    move_out_abroad: Final = "3"
    official: Final = "4"


class RecordStatus:
    """The states of a record of file 2 (item 35)."""

    current: Final = "1"
    history: Final = "2"
    deleted: Final = "3"


HEAD_OF_HOUSEHOLD: Final = "02"
PERMANENT_RESIDENT: Final = "10"
MID_TO_LONG_TERM: Final = "1"
SPECIAL_PERMANENT: Final = "2"

# Table -> column -> list. A list named with "#" in front is one of integers; with "=" the item holds the
# names of the list instead of its codes.
LISTED_ITEMS: Final[dict[str, dict[str, str]]] = {
    "resident_register": {
        "change_reason": "change_reason",
        "deleted_record_class": "deleted_record_class",
        "address_fixed_change_reason": "change_reason",
        "address_fixed_notify_reason": "notify_reason",
        "sex_code": "sex",
        "relationship_code": "relationship",
        "deletion_change_reason": "change_reason",
        "deletion_notify_reason": "notify_reason",
        "residence_status_code": "residence_status",
        "article_30_45_class": "article_30_45_class",
        "foreign_address_fixed_change_reason": "change_reason",
        "foreign_address_fixed_notify_reason": "notify_reason",
        "residence_notice_flag": "#flag",
        "nhi_eligibility_class": "eligibility",
        "nhi_retiree_medical_class": "eligibility",
        "care_insurance_eligibility_class": "eligibility",
        "pension_type_class": "pension_type",
        "pension_insurance_class": "eligibility",
        "pension_receipt_class": "pension_receipt",
        "child_allowance_eligibility_class": "eligibility",
        "late_elderly_eligibility_class": "eligibility",
        "welfare_medical_eligibility_class": "eligibility",
    },
    "identity_info": {
        "sex": "sex",
        "relationship": "=relationship",
        "change_reason": "change_reason",
        "change_reason_detail": "change_reason_detail",
        "update_forbidden_flag": "#flag",
        "planned_person_flag": "#flag",
        "exclusive_lock_flag": "#flag",
        "gaiji_flag": "#flag",
        "record_status_flag": "record_status",
    },
    "destination_info": {
        "print_class": "print_class",
        "sex": "sex",
        "article_30_45_class": "article_30_45_class",
        "substitute_char_result": "substitute_char_result",
        "gaiji_flag": "#flag",
    },
}


def allowed_values(table: str, column: str) -> frozenset[str | int]:
    """Return the values that the item's code list allows; KeyError when the item follows no list."""
    name = LISTED_ITEMS[table][column]
    if name.startswith("#"):
        return frozenset(int(code) for code in CODE_LISTS[name[1:]])
    if name.startswith("="):
        return frozenset(CODE_LISTS[name[1:]].values())
    return frozenset(CODE_LISTS[name])
