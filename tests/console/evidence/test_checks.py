"""Every check of the assessment: whose test names it, or why this console can't make it."""

import ast
import json
import re
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from monitors.rules import catalogue
from registry.checks import Settings, declared
from registry.tasks.catalogue import CATALOGUE
from tests.registry.conftest import TODAY

_TESTS: Final = Path(__file__).parents[2]
_PAIRS: Final = "registry/tasks/test_permitted_pairs.py::"
_MATCHING: Final = "registry/tasks/test_matching.py::"
_CORRECTION: Final = "registry/tasks/test_correction.py::"
_LINKS: Final = "monitors/linkage/test_declared.py::test_the_assessments_links_are_permitted_forbidden_or_not_declared"

# Checks whose own tests are named by what they show, and not by the check's id; "rule NAME" is a shipped rule, whose
# examples tests/monitors/rules/test_shipped.py runs on every engine.
SHOWN_BY: Final[dict[str, str]] = {
    "CHK-CNT-03": f"{_PAIRS}test_a_new_installation_permits_what_the_assessment_names",
    "CHK-FMT-07": f"{_MATCHING}test_a_badly_formed_file_is_refused_whole",
    "CHK-LNK-01": "rule transfer-over-forbidden-link",
    "CHK-LNK-02": _LINKS,
    "CHK-LNK-03": "rule transfer-undeclared",
    "CHK-LNK-04": "monitors/linkage/test_flows.py::test_a_transfer_from_a_host_that_is_no_registered_server_is_found",
    "CHK-LNK-09": _LINKS,
    "CHK-LOG-10": f"{_CORRECTION}test_neither_one_approval_nor_the_same_person_twice_is_enough",
    "CHK-LOG-11": f"{_CORRECTION}test_the_content_that_was_approved_is_what_is_written_or_nothing",
    "CHK-PRV-01": f"{_PAIRS}test_a_pair_is_permitted_once_it_was_approved_and_until_it_is_ended",
    "CHK-PRV-02": "registry/tasks/test_yearly.py::test_the_set_holds_eight_items_of_every_current_record_in_order",
    "CHK-PRV-03": "rule transfer-edited",
    "CHK-PRV-04": "rule transfer-outside-route",
    "CHK-PRV-06": f"{_PAIRS}test_files_2_and_3_are_never_transferred",
    "CHK-PRV-07": "rule provision-without-approval",
    "CHK-REC-02": "registry/tasks/test_yearly.py::test_it_is_overdue_after_13_months_or_while_a_line_is_open",
    "CHK-REC-03": f"{_MATCHING}test_every_prepared_difference_is_found_by_place_and_item",
    "CHK-REC-04": f"{_MATCHING}test_destination_information_needs_all_four_attributes",
    "CHK-RET-02": "registry/tasks/test_erasure.py::test_the_day_after_the_anniversary_is_the_first",
    "CHK-RET-04": "registry/tasks/test_identity_erasure.py"
    "::test_exactly_what_is_past_its_period_goes_and_current_records_stay",
    "CHK-RET-06": "registry/tasks/test_purge.py::test_what_was_not_linked_stays",
    "CHK-RET-08": "registry/tasks/test_erasure.py::test_one_row_more_between_approval_and_run_and_nothing_is_erased",
    "CHK-RET-09": "registry/tasks/test_record_checks.py::test_rows_that_went_without_an_erasure_are_found_and_stay_found",
    "CHK-RET-10": "backups/media/test_output.py::test_a_medium_of_file_3_is_handed_over_by_the_next_business_day",
    "CHK-SCP-01": "console/test_declared_use.py"
    "::test_members_of_other_offices_get_no_id_and_a_contractors_worker_goes_by_the_roster",
    "CHK-SCP-02": "registry/tasks/test_statistics.py::test_a_forbidden_report_is_refused",
    "CHK-SCP-03": f"{_MATCHING}test_another_purpose_key_or_file_is_no_declared_matching",
    "CHK-SRC-01": "rule search-with-few-keys",
    "CHK-SRC-02": "monitors/findings/test_judging.py::test_a_legitimate_access_names_its_application",
    "CHK-SRC-04": "rule mass-search",
}
NOT_MADE: Final[dict[str, str]] = {
    "CHK-LNK-06": "The processes of the municipal CS are listed on its own host, which takes no agent of ours.",
    "CHK-LNK-07": "The addresses of its segment are known to the switches; their list is stated by hand.",
    "CHK-LNK-08": "Only the listeners of this very host are read; those of other hosts are stated by hand.",
    "CHK-PRV-05": "Both sides prove themselves to each other on the line between them, which is not read here.",
    "CHK-PRV-08": "Registration happens in the intermediary server; its records are stated by hand.",
    "CHK-PRV-09": "The network's own terminal refuses to obtain; nothing of ours can ask it.",
    "CHK-PRV-10": "The provision records stay in the intermediary server; the check of each is stated by hand.",
    "CHK-SRC-03": "Where a search is led is decided by the municipal CS before it writes its log.",
}


def known() -> list[str]:
    """Return the id of every check, as the controls name them."""
    table = json.loads((_TESTS.parent / "console" / "evidence" / "controls.json").read_text("utf-8"))
    return sorted(set(re.findall(r"CHK-[A-Z]+-\d\d", json.dumps(table))))


@cache
def named_in_tests() -> frozenset[str]:
    """Return the ids that stand in some other test."""
    texts = (path.read_text("utf-8") for path in _TESTS.rglob("test_*.py") if path != Path(__file__))
    return frozenset(found for text in texts for found in re.findall(r"CHK-[A-Z]+-\d\d", text))


@cache
def functions_of(file: str) -> frozenset[str]:
    tree = ast.parse((_TESTS / file).read_text("utf-8"))
    return frozenset(each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef))


def test_each_of_the_72_checks_is_named_by_a_test_or_says_why_it_is_not_made() -> None:
    assert len(known()) == 72
    assert set(known()) <= named_in_tests() | SHOWN_BY.keys() | NOT_MADE.keys()


def test_no_check_is_both_made_and_not_made() -> None:
    program = {*declared(Settings(today=TODAY)), *(check for task in CATALOGUE.values() for check in task.checks)}
    assert not NOT_MADE.keys() & (program | named_in_tests() | SHOWN_BY.keys())
    assert program <= named_in_tests() | SHOWN_BY.keys()


@pytest.mark.parametrize("check", sorted(SHOWN_BY))
def test_what_shows_a_check_exists(check: str) -> None:
    kind, _space, name = SHOWN_BY[check].partition(" ")
    if kind == "rule":
        assert name in {rule.name for rule in catalogue.shipped()}
    else:
        file, _colons, test = kind.partition("::")
        assert test in functions_of(file)
