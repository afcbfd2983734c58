"""The register: its records, links, provisions, and when they are erased."""

from typing import Final

from accesscontrol.messages import N_
from console.evidence.guards.model import ENTERED, Guard, Period, hand, part, whole

_CHECKS: Final = "registry/test_checks.py::"
_TASKS: Final = "registry/tasks/"
_UPDATES: Final = "registry/test_updates.py::"
_MATCHING: Final = f"{_TASKS}test_matching.py::"
_CORRECTION: Final = f"{_TASKS}test_correction.py::"
_ERASURE: Final = f"{_TASKS}test_erasure.py::"
_NOT_RUN: Final = "console/test_overdue_runs.py::test_a_check_that_nobody_ran_is_one_finding_until_it_is_run"
_DECLARED: Final = "monitors/linkage/test_declared.py::"
_FIRES: Final = "monitors/rules/test_shipped.py::test_a_rule_fires_where_it_must_and_is_silent_where_it_must"
_FLOWS: Final = "monitors/linkage/test_flows.py::"
_NEVER_DECLARED: Final = (
    f"{_DECLARED}test_a_site_adds_pairs_with_an_approved_exception_and_never_one_that_is_forbidden {_FIRES}"
)
_SEEN: Final = N_(
    "Transfers over such a link are found in the imported logs; the connection itself is not refused here."
)
_SETTLED: Final = N_("Check once a year that the systems themselves refuse the connection.")

GUARDS: Final[dict[str, Guard]] = {
    "RG-INT-01": part(
        N_("A search with fewer than two attributes is found in the log; the municipal CS itself is not asked."),
        N_("Check once a year that the municipal CS refuses such a search."),
        acts="findings.detected",
        tests=_FIRES,
        every=Period.YEAR,
    ),
    "RG-INT-02": part(
        N_("Records that break a format or logic rule are not loaded. Live updates of the municipal CS are not seen."),
        N_("Work through the errors that the daily checks name."),
        by="registry.loading",
        acts="registry.checked registry.load-ended",
        tests="registry/test_loading.py::test_a_record_with_an_error_refuses_the_file_and_the_message_holds_no_value"
        f" {_CHECKS}test_a_planted_fault_is_found_in_its_record_and_item_and_nothing_else_is",
    ),
    "RG-INT-03": part(
        N_("Corrections made from here are judged, and a move-in of a resident is refused. Live updates are not seen."),
        N_("Check once a year that the municipal CS refuses such an update."),
        by="registry.checks.updates:judge_update",
        tests=f"{_UPDATES}test_a_move_in_of_a_current_resident_is_refused_whichever_kind",
        every=Period.YEAR,
    ),
    "RG-INT-04": part(
        N_(
            "Corrections made from here are judged, and a move that changes more is refused. Live updates are not seen."
        ),
        N_("Check once a year that the municipal CS refuses such an update."),
        by="registry.checks.updates:judge_update",
        tests=f"{_UPDATES}test_a_move_that_changes_anything_else_is_refused_item_by_item",
        every=Period.YEAR,
    ),
    "RG-INT-05": part(
        N_(
            "A correction made from here needs two further persons, who see before and after. Entries at the municipal"
            " CS are not seen."
        ),
        N_("Have entries at the municipal CS confirmed by a second person, and keep the list."),
        by="registry.tasks.correction console.corrections",
        tests=f"{_CORRECTION}test_neither_one_approval_nor_the_same_person_twice_is_enough"
        " console/test_corrections.py::test_both_who_decide_see_the_values_and_of_a_number_its_end_alone",
        every=Period.MONTH,
    ),
    "RG-INT-06": part(
        N_("A correction made from here needs the manager's permission, and its record outlives the record."),
        N_("Correct identity information from here only."),
        by="registry.tasks.correction",
        tests=f"{_CORRECTION}test_the_content_that_was_approved_is_what_is_written_or_nothing"
        f" {_CORRECTION}test_the_record_of_it_names_items_persons_and_hashes_and_no_value",
    ),
    "RG-INT-07": part(
        N_("Tasks done by hand are in the trail, and what differs is a line that somebody decides."),
        N_("Go through the manual work of the month with the procedure, and state it."),
        by="registry.tasks.differences",
        acts="task.ran difference.decided",
        tests=f"{_TASKS}test_differences.py::test_a_line_moves_on_with_a_word_and_an_entry",
        every=Period.MONTH,
    ),
    "RG-INT-08": whole(
        N_(
            "A correction names work lead, procedure, ground and day, or it does not run. All checks run by task, each"
            " record at fault is a line to work off, and a month without them is a finding."
        ),
        N_("Have the checks run every month, and work their list through."),
        by="registry.tasks.correction registry.tasks.record_checks console.overdue_runs",
        acts="registry.checked",
        tests=f"{_CORRECTION}test_an_official_correction_needs_work_lead_procedure_ground_and_day"
        f" {_TASKS}test_record_checks.py::test_every_declared_check_belongs_to_the_task"
        f" {_TASKS}test_record_checks.py"
        "::test_each_record_at_fault_is_a_case_that_is_worked_off_and_no_value_is_in_it"
        f" {_NOT_RUN}",
    ),
    "RG-INT-09": whole(
        N_(
            "Register and municipal CS are compared exactly, each difference is a line, and a comparison that nobody"
            " runs is a finding."
        ),
        N_("Run the comparison every day, and decide its lines."),
        by="registry.tasks.reconciliation console.overdue_runs",
        acts="registry.reconciled difference.reported difference.decided",
        tests="registry/test_reconciliation.py::test_records_missing_on_either_side_are_found_exactly"
        f" {_TASKS}test_reconciling.py::test_equal_sides_give_an_empty_report_with_counts_and_digests"
        f" {_NOT_RUN}",
    ),
    "RG-INT-10": whole(
        N_("The set for both servers is made by request, their answers become lines; 13 months without are a finding."),
        N_("Hand the set over each year, and enter what the servers answered."),
        by="registry.tasks.yearly console.maintenance:OVERDUE",
        acts="difference.reported difference.decided",
        tests=f"{_TASKS}test_yearly.py::test_it_is_overdue_after_13_months_or_while_a_line_is_open"
        " console/test_maintenance.py::test_a_yearly_check_older_than_13_months_is_a_finding_of_each_server",
    ),
    "RG-INT-11": part(
        N_("Numbers are judged by check digit, pair and the national body's list. Updates are not held back."),
        N_("Confirm pairs in the municipal CS before an update is notified."),
        by="registry.checks.identifiers registry.checks.matching",
        acts="registry.checked",
        tests=f"{_MATCHING}test_numbers_are_compared_with_those_of_the_national_body"
        f" {_CHECKS}test_a_number_held_by_two_current_records_is_found_in_both",
    ),
    "RG-INT-12": part(
        N_("Destination information is compared with the national body's list. Linkage itself is not held back."),
        N_("Take changed records out of the linkage."),
        by="registry.tasks.matching",
        acts="difference.reported",
        tests=f"{_MATCHING}test_destination_information_needs_all_four_attributes",
    ),
    "RG-INT-13": part(
        N_("Reports made from here read no individual number and nothing of file 3. Other programs are not seen."),
        N_("Make statistics from here only."),
        by="registry.tasks.statistics registry.tasks.statements",
        tests=f"{_TASKS}test_statistics.py::test_a_forbidden_report_is_refused"
        f" {_TASKS}test_statements.py::test_a_masked_item_anywhere_hides_every_value_but_counts",
    ),
    "RG-INT-14": part(
        N_("Matching made from here has one of the declared purposes, keys and files, or it does not run."),
        N_("Match records from here only."),
        by="registry.tasks.matching",
        tests=f"{_MATCHING}test_another_purpose_key_or_file_is_no_declared_matching",
    ),
    "RG-LNK-01": part(
        N_("What has another layout is refused whole when loaded here. Messages between the systems are not seen."),
        N_("Check once a year that the interface is the one of the specification."),
        by="registry.loading monitors.linkage.declared",
        acts="registry.load-ended",
        tests="registry/test_loading.py::test_what_is_no_csv_of_the_file_is_refused",
        every=Period.YEAR,
    ),
    "RG-LNK-02": part(
        _SEEN,
        _SETTLED,
        by="monitors.linkage.declared",
        acts="findings.detected",
        tests=_NEVER_DECLARED,
        every=Period.YEAR,
    ),
    "RG-LNK-03": part(
        _SEEN,
        _SETTLED,
        by="monitors.linkage.declared",
        acts="findings.detected",
        tests=_NEVER_DECLARED,
        every=Period.YEAR,
    ),
    "RG-LNK-04": part(
        N_(
            "Transfers between systems that are not declared are found in the imported logs; they are not refused here."
        ),
        _SETTLED,
        by="monitors.linkage.declared",
        acts="findings.detected",
        tests=f"{_DECLARED}test_the_assessments_links_are_permitted_forbidden_or_not_declared {_FIRES}",
        every=Period.YEAR,
    ),
    "RG-LNK-05": part(
        N_("A transfer from or to a host that is no registered server is found in the imported logs."),
        N_("Import no file by hand into these flows."),
        by="monitors.linkage.flows",
        acts="findings.detected",
        tests=f"{_FLOWS}test_a_transfer_from_a_host_that_is_no_registered_server_is_found"
        f" {_FLOWS}test_both_hosts_of_a_transfer_are_registered_servers_of_their_systems",
        every=Period.YEAR,
    ),
    "RG-LNK-06": hand(
        N_("Check the certificates of mutual authentication and their ends, and state it each year."), Period.YEAR
    ),
    "RG-LNK-07": hand(
        N_("Check once a year that files 2 and 3 are not connected to the information network."), Period.YEAR
    ),
    "RG-LNK-08": part(
        N_("Provisions that were edited on the way, or came from another system, are found in the imported logs."),
        _SETTLED,
        by="monitors.linkage.flows",
        acts="findings.detected",
        tests=f"{_FIRES} {_FLOWS}test_what_went_wrong_becomes_findings_each_once",
        every=Period.YEAR,
    ),
    "RG-PRV-01": part(
        N_("The permitted pairs are a table changed by approval only; a transfer outside them is found in the logs."),
        N_("Keep the manual of provisions for files 2 and 3, with its edition."),
        by="registry.tasks.permitted_pairs",
        acts="permitted-pair.added permitted-pair.ended",
        tests=f"{_TASKS}test_permitted_pairs.py::test_a_pair_is_permitted_once_it_was_approved_and_until_it_is_ended"
        f" {_TASKS}test_permitted_pairs.py::test_files_2_and_3_are_never_transferred",
        every=Period.YEAR,
    ),
    "RG-PRV-02": part(
        N_("Transfers in the imported logs are counted way by way, and one without a receipt is found."),
        N_("Bring the linkage logs in; what no log tells is kept on paper."),
        by="monitors.linkage.flows",
        acts="linkage.compared events.imported",
        tests=f"{_FLOWS}test_each_way_is_counted_and_what_needs_somebody_is_named",
    ),
    "RG-PRV-03": part(
        N_("A transfer whose content was edited is found in the imported logs. The sending itself is not held back."),
        N_("Stop the batch when such a finding comes."),
        by="monitors.linkage.flows",
        acts="findings.detected",
        tests=f"{_FIRES} {_FLOWS}test_what_went_wrong_becomes_findings_each_once",
    ),
    "RG-PRV-04": part(
        ENTERED,
        N_("Enter each setting and lifting of non-disclosure with ground, person and confirmer."),
        by="console.evidence.statements:enter",
        tests="console/evidence/test_statements.py::test_a_statement_is_signed_and_stands_in_the_trail",
        every=Period.MONTH,
    ),
    "RG-PRV-05": part(
        N_("A manual provision without an approval is found in the imported log. It is not refused here."),
        N_("Have the superior approve the content before anything is sent by hand."),
        acts="findings.detected",
        tests=_FIRES,
        every=Period.MONTH,
    ),
    "RG-PRV-06": hand(
        N_("Have what is registered in the intermediary server checked by two and approved by the superior."),
        Period.MONTH,
    ),
    "RG-PRV-07": part(
        N_("The copy is compared with its original; every difference is a line. Changes not yet sent are not timed."),
        N_("Take the copy out each month and have it compared."),
        by="registry.tasks.matching",
        acts="difference.reported difference.decided",
        tests=f"{_MATCHING}test_every_prepared_difference_is_found_by_place_and_item"
        f" {_MATCHING}test_a_badly_formed_file_is_refused_whole",
        every=Period.MONTH,
    ),
    "RG-PRV-08": hand(
        N_("Compare provisions without a permit number in the intermediary server's log each month."), Period.MONTH
    ),
    "RG-RET-01": whole(
        N_("Records past their 150 years are erased by an approved list; one day earlier nothing goes."),
        N_("Ask for the erasure when records are due."),
        by="registry.tasks.erasure registry.checks.retention",
        acts="registry.checked",
        tests=f"{_CHECKS}test_a_deleted_record_becomes_a_candidate_on_the_day_after_150_years_and_not_before"
        f" {_ERASURE}test_the_day_after_the_anniversary_is_the_first"
        f" {_ERASURE}test_the_approved_list_is_erased_and_nothing_else",
    ),
    "RG-RET-02": whole(
        N_("The automatic run erases exactly what is past its period, and its record holds counts and digests."),
        by="registry.tasks.identity_erasure",
        tests=f"{_TASKS}test_identity_erasure.py::test_exactly_what_is_past_its_period_goes_and_current_records_stay",
    ),
    "RG-RET-03": whole(
        N_("The automatic run erases on the next business day; what is left becomes a finding of high severity."),
        N_("Have what was left erased by the repair task."),
        by="registry.tasks.purge console.maintenance:LATE",
        tests=f"{_TASKS}test_purge.py::test_linked_on_a_friday_it_goes_on_the_next_business_day"
        " console/test_maintenance.py::test_what_outlived_its_due_day_is_one_finding_of_high_severity",
    ),
    "RG-RET-04": whole(
        N_("Only the business owner approves an erasure, and it erases the very list that was approved or nothing."),
        by="registry.tasks.erasure backups.erasure",
        acts="backup.erased events.erased",
        tests=f"{_ERASURE}test_only_the_business_owner_approves_and_a_contractor_never_erases"
        f" {_ERASURE}test_one_row_more_between_approval_and_run_and_nothing_is_erased",
    ),
    "RG-RET-05": whole(
        N_("Only accounts of the city erase, and rows that went without an erasure are found."),
        by="registry.tasks.row_counts",
        acts="registry.rows-counted",
        tests=f"{_TASKS}test_running.py::test_only_accounts_of_the_city_change_anything"
        f" {_TASKS}test_record_checks.py::test_rows_that_went_without_an_erasure_are_found_and_stay_found",
    ),
    "RG-RET-06": part(
        N_("Individual numbers of the dead are masked like all others, and found where file 3 still keeps one."),
        N_("Check once a year that the register system protects them alike."),
        by="registry.files.masking",
        acts="registry.checked",
        tests="registry/test_files.py::test_what_identifies_a_person_is_masked_in_every_file"
        f" {_CHECKS}test_destination_information_of_a_dead_person_is_found",
        every=Period.YEAR,
    ),
    "RG-RET-07": part(
        ENTERED,
        N_("Enter counts and digests before and after the move, and the erasure of the old environment."),
        by="console.evidence.statements:enter",
        tests="console/evidence/test_statements.py::test_a_statement_is_signed_and_stands_in_the_trail",
    ),
}
