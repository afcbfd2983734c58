"""Statistics are counts by declared groups; what the assessment forbids can't be declared."""

import pytest

from accesscontrol.refusals import Refusal
from registry.files import DESTINATION_INFO, IDENTITY_INFO, RESIDENT_REGISTER, File
from registry.tasks.statistics import REPORTS, TASK, Name, Report, require_permitted
from tests.registry.tasks.hall import Hall


def report(file: File, *reads: str, groups: tuple[str, ...] = ("change_reason",), where: str = "") -> Report:
    return Report(title="x", file=file, reads=reads, groups=groups, where=where)


@pytest.mark.parametrize(
    "forbidden",
    [
        report(RESIDENT_REGISTER, "individual_number"),
        report(RESIDENT_REGISTER, groups=("substr(individual_number, 1, 2)",)),  # not declared, but named
        report(RESIDENT_REGISTER, "sex_code", where="individual_number IS NULL"),
        report(IDENTITY_INFO, "sex"),
        report(IDENTITY_INFO, "change_reason", where="resident_code > '5'"),
        report(IDENTITY_INFO, groups=("resident_code",)),
        report(DESTINATION_INFO, "sex", groups=("sex",)),
        report(DESTINATION_INFO, groups=("count",)),
    ],
)
def test_a_forbidden_report_is_refused(forbidden: Report) -> None:
    with pytest.raises(Refusal) as refused:
        require_permitted(forbidden)
    assert refused.value.control == "RG-INT-13"


def test_every_shipped_report_is_permitted_and_offered(sqlite_hall: Hall) -> None:
    assert {name.value for name in Name} == set(REPORTS)
    for each in REPORTS.values():
        require_permitted(each)


def test_counts_add_up_to_the_records(hall: Hall) -> None:
    living = hall.count("resident_register", "deleted_record_class = '0'")
    assert hall.run(TASK, {"report": "residents-by-district"})["records"] == living
    done = hall.run(TASK, {"report": "updates-by-month"})
    assert done["records"] == hall.count("identity_info")
    assert all(len(row) == 3 for row in done["rows"])
    with pytest.raises(Refusal, match="can't be read"):
        hall.run(TASK, {"report": "residents-by-number"})
