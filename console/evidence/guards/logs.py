"""Logs, anomalies, hosts and linkage."""

from typing import Final

from accesscontrol.messages import N_
from console.evidence.guards.model import ENTERED, Guard, Period, hand, part, whole

_TRAIL: Final = "accesscontrol/trail/test_verification.py::"
_STORE: Final = "accesscontrol/test_store.py::"
_FINDINGS: Final = "monitors/findings/"
_DETECTION: Final = f"{_FINDINGS}test_detection.py::"
_KNOWLEDGE: Final = f"{_FINDINGS}test_knowledge.py::"
_JUDGING: Final = f"{_FINDINGS}test_judging.py::"
_CHECKS: Final = f"{_FINDINGS}test_reviews.py::"
_FLOWS: Final = "monitors/linkage/test_flows.py::"
_RULES: Final = "monitors/rules/test_shipped.py::"
_FIRES: Final = f"{_RULES}test_a_rule_fires_where_it_must_and_is_silent_where_it_must"
_SESSIONS: Final = "accesscontrol/sessions/"
_JUDGED: Final = "finding.raised finding.disposed finding.suppressed finding.reopened findings.reviewed"
_STATED: Final = "console/evidence/test_statements.py::"

GUARDS: Final[dict[str, Guard]] = {
    "MO-LOG-01": part(
        N_(
            "Every act at this console is in the trail, or it has not happened; sessions are recorded whole. Other"
            " systems' logs are imported."
        ),
        N_("Bring the logs of all systems in every day."),
        by="accesscontrol.store:Transaction monitors.events.imports accesscontrol.sessions.recording",
        acts="events.imported session.opened recording.closed recording.cut-off recording.replayed recording.exported",
        tests=f"{_STORE}test_that_changed_rows_and_recorded_nothing_is_refused_and_undone"
        " accesscontrol/test_full_disk.py::test_an_entry_on_a_full_disk_means_that_the_act_has_not_happened"
        f" {_SESSIONS}test_recording.py::test_a_full_disk_ends_the_session_and_leaves_whole_lines"
        " monitors/events/test_imports.py::test_every_bad_line_is_kept_whole_with_its_reason",
    ),
    "MO-LOG-02": whole(
        N_("Any change to the trail is found, and one put back as a whole where a second place is set up."),
        by="accesscontrol.trail.verification:verify accesscontrol.trail.witness monitors.events.verify",
        acts="trail.sealed trail.end-missing clock.stepped",
        tests=f"{_TRAIL}test_any_flipped_bit_in_any_column_of_any_entry_is_named"
        f" {_TRAIL}test_a_cut_tail_is_named_by_the_checkpoint_that_sealed_it"
        f" {_TRAIL}test_an_older_file_that_was_put_back_is_named",
    ),
    "MO-LOG-03": part(
        N_("Failed sign-ins and transfers are found, and failures are shown by weekday and hour."),
        N_("Write down what the failures of a period showed when signing its check."),
        by="monitors.events.browsing",
        acts="sign-in.refused findings.detected findings.reviewed",
        tests="accesscontrol/people/test_sign_in.py::"
        "test_one_factor_alone_is_refused_and_the_event_names_the_one_that_failed"
        " monitors/events/test_browsing.py::test_failures_are_counted_by_the_sites_weekday_and_hour",
    ),
    "MO-LOG-04": whole(
        N_("All imported events are listed and searched at once, and whoever looks at them is entered first."),
        by="monitors.events.paging console.archive:Archive",
        acts="events.consulted events.imported recording.replayed",
        tests="monitors/events/test_paging.py::test_all_events_stand_newest_first_over_many_days_and_files"
        " console/screens/test_events.py::test_whoever_looks_is_entered_once_and_anew_with_each_filter"
        " console/commands/test_logs.py::test_whoever_queries_is_entered_before_anything_is_shown",
    ),
    "MO-LOG-05": part(
        N_(
            "Logs are erased only after their period and by an approved request for that very list, and leave on"
            " registered media with a place."
        ),
        N_("Keep the media that hold logs under lock; the ledger of media names place and end."),
        by="monitors.events.retention backups.media.register",
        acts="events.erased medium.moved medium.disposed backup.taken",
        tests="console/commands/test_logs_retention.py::"
        "test_what_is_past_its_seven_years_is_due_asked_for_approved_and_erased"
        " console/commands/test_logs_retention.py::test_what_must_still_be_kept_can_not_even_be_asked_for"
        " monitors/events/test_retention.py::test_only_segments_that_lie_wholly_before_the_limit_are_due_and_go"
        " backups/media/test_disposal.py::test_media_past_their_storage_period_are_listed",
    ),
    "MO-LOG-06": whole(
        N_("Gaps in the log of the addressee function and queries outside the affairs of an office are found."),
        N_("Name the affairs of each office in the settings, bring the log in, and sign the period."),
        by="monitors.findings.reviews",
        acts="events.imported findings.reviewed",
        tests=f"{_KNOWLEDGE}test_a_record_that_was_taken_out_of_an_event_log_leaves_a_gap_and_so_does_clearing_it"
        f" {_KNOWLEDGE}test_a_query_outside_the_affairs_of_the_office_is_found_where_the_site_tells_them"
        f" {_CHECKS}test_the_next_period_follows_without_a_gap",
    ),
    "MO-LOG-07": whole(
        N_("In the imported log, sign-ins left open, gaps and provisions without approval are found."),
        N_("Bring the log of the intermediary server in, and sign the period."),
        by="monitors.findings.reviews",
        acts="events.imported findings.reviewed",
        tests=f"{_KNOWLEDGE}test_a_sign_in_without_a_sign_out_is_found_a_day_later {_FIRES}",
    ),
    "MO-LOG-08": whole(
        N_(
            "Every rule applies to the IDs of contractors too, and judges them by what they were at that time. Their"
            " use"
            " stands in the same list of events, found by the same filters."
        ),
        N_("Filter by the IDs of the contractor's roster to read its use."),
        by="monitors.findings.detection monitors.events.paging",
        acts="findings.detected findings.reviewed events.consulted",
        tests=f"{_DETECTION}test_an_account_is_judged_by_what_it_was_at_that_time"
        " monitors/events/test_paging.py::test_all_events_stand_newest_first_over_many_days_and_files",
    ),
    "MO-ANM-01": whole(
        N_("Access on a closed day is found in every log that is imported."),
        N_("Keep the calendar of closed and special days current."),
        by="monitors.calendars.holidays",
        acts="findings.detected",
        tests=f"{_FIRES} {_DETECTION}test_every_planted_anomaly_is_found_with_its_account_and_count",
    ),
    "MO-ANM-02": whole(
        N_("Access outside business hours is found in every log that is imported."),
        N_("Keep the hours of each office current."),
        by="monitors.calendars.hours",
        acts="findings.detected",
        tests=f"{_DETECTION}test_a_minute_before_opening_and_after_closing_is_off_hours_and_within_is_not"
        " console/test_facts.py::test_approved_overtime_makes_access_expected_then_and_for_those_people_only",
    ),
    "MO-ANM-03": whole(
        N_("Sign-in failures, and bursts of them, are found in every log that is imported."),
        acts="findings.detected",
        tests=f"{_FIRES} {_DETECTION}test_a_burst_over_two_files_is_found_by_looking_back",
    ),
    "MO-ANM-04": whole(
        N_("Each finding waits until somebody else has judged it with a reason; what is overdue is loud."),
        N_("Judge the findings of each morning, and sign the period."),
        by="monitors.findings.judging monitors.findings.reviews",
        acts=_JUDGED,
        tests=f"{_JUDGING}test_a_judgement_is_kept_with_who_when_and_why"
        f" {_JUDGING}test_nobody_judges_a_finding_about_themselves"
        f" {_CHECKS}test_it_is_refused_while_a_finding_of_it_is_open",
    ),
    "MO-ANM-05": whole(
        N_("Each signed check names its days, and the next begins on the day after."),
        N_("Sign the periods without delay."),
        by="monitors.findings.reviews",
        acts="findings.reviewed",
        tests=f"{_CHECKS}test_the_next_period_follows_without_a_gap"
        f" {_CHECKS}test_a_judged_period_is_signed_and_stands_in_the_trail",
    ),
    "MO-ANM-06": whole(
        N_(
            "A search that looks improper is a finding until somebody has judged it; as legitimate only with the"
            " reference of its application."
        ),
        N_("Take the application papers out and compare them before naming them."),
        by="monitors.findings.judging",
        acts="finding.raised finding.disposed",
        tests=f"{_JUDGING}test_a_legitimate_access_names_its_application {_FIRES}"
        f" {_CHECKS}test_it_is_refused_while_a_finding_of_it_is_open",
    ),
    "MO-ANM-07": whole(
        N_(
            "Of which holders of an ID the interview of the year is missing is listed, with the reference of each"
            " record"
            " that was entered; what is overdue is a finding."
        ),
        N_("Interview the persons in charge each year and on suspicion, and enter it: sekisho papers enter interview."),
        by="accesscontrol.accounts.papers console.missing_papers",
        acts="paper.entered",
        tests="accesscontrol/accounts/test_papers.py::"
        "test_only_whoever_has_an_id_is_guided_and_only_an_oa_contact_taught"
        " console/test_missing_papers.py::test_what_is_overdue_is_one_finding_of_each_sort_until_the_last_is_entered",
        every=Period.YEAR,
    ),
    "MO-ANM-08": part(
        N_("Provisions without approval are found in the log of the register system, and its days are signed."),
        N_("Read the list of provisions of the period when signing it."),
        by="monitors.findings.reviews",
        acts="findings.reviewed",
        tests=f"{_CHECKS}test_a_judged_period_is_signed_and_stands_in_the_trail",
    ),
    "MO-ANM-09": whole(
        N_(
            "Of whom the acknowledgement is missing that use is logged and can be traced is listed by the rosters;"
            " newcomers have 30 days, and what is overdue is a finding."
        ),
        N_("Tell everybody, and enter who acknowledged it: sekisho papers enter use-is-traced."),
        by="accesscontrol.accounts.papers console.missing_papers",
        acts="paper.entered",
        tests="accesscontrol/accounts/test_papers.py::"
        "test_an_acknowledgement_holds_for_good_and_a_newcomer_has_thirty_days"
        " console/test_missing_papers.py::test_what_is_overdue_is_one_finding_of_each_sort_until_the_last_is_entered",
        every=Period.YEAR,
    ),
    "MO-ANM-10": whole(
        N_(
            "Use far above one's own habit, sleeping IDs, ended IDs, unknown IDs and addresses, and mass use are found,"
            " and so is a month whose monitoring report from the government cloud nobody states."
        ),
        N_("Ask the helper in the government cloud for the monitoring report of each month, and state it."),
        by="console.evidence.duties",
        acts="findings.detected",
        tests=f"{_DETECTION}test_an_account_far_above_its_own_habit_is_found_and_one_that_is_always_busy_is_not"
        f" {_KNOWLEDGE}test_an_address_outside_the_networks_is_found_and_without_networks_none_is"
        " console/evidence/test_duties.py::test_a_month_that_was_missed_is_one_finding_until_it_is_stated",
        every=Period.MONTH,
    ),
    "MO-SYS-01": hand(
        N_("Check the age of the pattern files on each server every day, and state it each month."), Period.MONTH
    ),
    "MO-SYS-02": part(
        ENTERED,
        N_("Enter the decision on each month's security patches, host by host."),
        by="console.evidence.statements:enter",
        tests=f"{_STATED}test_a_statement_is_signed_and_stands_in_the_trail",
        every=Period.MONTH,
    ),
    "MO-SYS-03": hand(
        N_("Compare the listening ports of this host at place 8, and of the other servers, with the allowed ones."),
        Period.MONTH,
    ),
    "MO-SYS-04": hand(
        N_("Check the firewall's rules against the approved ones, and state it each month."), Period.MONTH
    ),
    "MO-SYS-05": part(
        N_(
            "Addresses outside the site's networks are found in the imported logs; connections themselves are not seen."
        ),
        N_("Check that the servers stand apart from the internet."),
        acts="findings.detected",
        tests=f"{_KNOWLEDGE}test_an_address_outside_the_networks_is_found_and_without_networks_none_is",
        every=Period.YEAR,
    ),
    "MO-SYS-06": part(
        N_("Sessions run only over SSH to a host whose key two persons registered; weak algorithms are refused."),
        N_("Check that the terminals of the register system reach it over an encrypted way."),
        by="accesscontrol.sessions.hosts accesscontrol.sessions.transport accesscontrol.sessions.authority",
        acts="host.registered host.retired host.key-changed session.opened session.ended session.cut session.stopped"
        " session.revoked host.revocations-delivered host.revocations-undelivered host.revocations-changed",
        tests=f"{_SESSIONS}test_ssh.py::test_a_host_that_shows_another_key_gets_nothing"
        f" {_SESSIONS}test_ssh.py::test_only_strong_algorithms_are_agreed_on"
        f" {_SESSIONS}test_delivery.py::test_a_delivered_list_makes_the_host_refuse_the_certificate_and_no_other"
        f" {_SESSIONS}test_keeper.py::test_what_runs_in_a_session_can_change_nothing_of_the_list_that_ends_it"
        f" {_SESSIONS}test_hosts.py::test_a_host_is_there_only_after_others_approved_and_executed_it",
        every=Period.YEAR,
    ),
    "MO-SYS-07": hand(N_("Compare the processes of the municipal CS server with the allowed ones."), Period.MONTH),
    "MO-SYS-08": hand(N_("Check the hubs of the municipal CS segment and the list of allowed devices."), Period.MONTH),
    "MO-SYS-09": part(
        N_("A task looks at the state of the register's database. Inspections of the servers are entered, signed."),
        N_("Have each server inspected every quarter, and enter the record."),
        by="console.evidence.statements:enter",
        tests="registry/tasks/test_care.py::test_a_look_answers_the_same_questions_on_both"
        f" {_STATED}test_a_statement_is_signed_and_stands_in_the_trail",
        every=Period.QUARTER,
    ),
    "MO-SYS-10": hand(N_("Look at the state of the storage's doubled parts, and state it each month."), Period.MONTH),
    "MO-LNK-01": whole(
        N_(
            "Way by way, what was sent is compared with what was acknowledged; what is missing, edited, refused or not"
            " declared becomes a finding until somebody has judged it."
        ),
        N_("Bring the linkage logs in, and sign the period."),
        by="monitors.linkage.flows:flows monitors.linkage.declared",
        acts="linkage.compared events.imported findings.reviewed",
        tests=f"{_FLOWS}test_each_way_is_counted_and_what_needs_somebody_is_named"
        f" {_FLOWS}test_what_went_wrong_becomes_findings_each_once"
        f" {_FLOWS}test_a_receipt_that_never_comes_is_found_by_a_later_run_and_one_that_comes_late_is_not",
    ),
}
