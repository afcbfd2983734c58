"""Which controls this version keeps, how far, and which tests show it. What is not listed here is not claimed.

The assessment speaks of the city's systems; most of what is kept so far is kept for this console itself. Then the
control is kept in part, and ``extent`` says for what. Every guard is a test of this product that exists.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from accesscontrol.messages import N_


class Standing(StrEnum):
    """How far a control is in force."""

    IN_FORCE = "in-force"
    PARTLY = "partly"
    NOT_YET = "not-yet"


STANDING_TITLES: Final = {
    Standing.IN_FORCE: N_("in force"),
    Standing.PARTLY: N_("in part"),
    Standing.NOT_YET: N_("not yet"),
}


@dataclass(frozen=True, slots=True)
class Guard:
    """What keeps a control: how far, for what (a msgid), and the tests that would fail without it."""

    standing: Standing
    extent: str
    tests: tuple[str, ...]


def _whole(extent: str, *tests: str) -> Guard:
    return Guard(Standing.IN_FORCE, extent, tests)


def _part(extent: str, *tests: str) -> Guard:
    return Guard(Standing.PARTLY, extent, tests)


_SIGN_IN = "tests/accesscontrol/people/test_sign_in.py::"
_OPERATORS = "tests/accesscontrol/people/test_operators.py::"
_PASSWORDS = "tests/accesscontrol/people/test_passwords.py::"
_CHANGES = "tests/accesscontrol/people/test_sign_in_passwords.py::"
_KINDS = "tests/accesscontrol/accounts/test_kinds.py::"
_BATCHES = "tests/accesscontrol/rosters/test_batches.py::"
_COMPARING = "tests/accesscontrol/rosters/test_comparing.py::"
_KEYS = "tests/accesscontrol/people/test_security_keys.py::"
_STORE = "tests/accesscontrol/test_store.py::"
_BACKUPS = "tests/backups/test_catalogue.py::"
_EXPORTS = "tests/backups/test_exports.py::"
_CHECKS = "tests/registry/test_checks.py::"
_MATRIX = "tests/accesscontrol/requests/test_matrix.py::"
_DECISIONS = "tests/accesscontrol/requests/test_decisions.py::"
_TRAIL = "tests/accesscontrol/trail/test_verification.py::"
_FRAME = "tests/console/frame/test_app.py::"
_RULES = "tests/monitors/rules/test_shipped.py::"
_DETECTION = "tests/monitors/findings/test_detection.py::"
_JUDGING = "tests/monitors/findings/test_judging.py::"

_PEOPLE: Final = {
    "AC-AUT-01": _part(
        N_("This console asks for a password and a second factor. Sign-in to the register system is not checked."),
        _SIGN_IN + "test_one_factor_alone_is_refused_and_the_event_names_the_one_that_failed",
        _SIGN_IN + "test_both_factors_on_a_registered_terminal_open_a_session_that_holds_both_times",
    ),
    "AC-AUT-02": _part(
        N_(
            "A security key with a fingerprint is known as biometric, a code is shown as a substitute, and a site can"
            " refuse substitutes. Operators of the municipal CS are not checked."
        ),
        _KEYS + "test_a_finger_signs_in_where_codes_are_refused_and_is_recorded_as_biometric",
        _SIGN_IN + "test_a_site_that_admits_biometric_factors_only_refuses_codes",
    ),
    "AC-AUT-03": _part(
        N_("Acts at this console need a role, and one person never fills two sides of one act."),
        _MATRIX + "test_exactly_the_roles_of_the_table_may",
        _DECISIONS + "test_by_the_requester_under_a_second_login_is_refused",
        _SIGN_IN + "test_a_right_removed_during_a_session_is_gone_at_the_next_act",
        _OPERATORS + "test_roles_that_may_not_meet_do_not_meet_in_one_login_nor_over_two",
    ),
    "AC-AUT-04": _part(
        N_("This console opens on registered terminals only. Terminals of the register system are not checked."),
        _SIGN_IN + "test_an_unregistered_terminal_is_refused_whoever_asks",
        _SIGN_IN + "test_a_terminal_that_is_out_or_removed_opens_no_session_and_ends_those_it_had",
    ),
    "AC-USR-01": _part(
        N_(
            "Logins of the console and IDs of the systems in its settings are issued, changed and ended by request,"
            " with the rule applied and the trigger, and never given out again."
        ),
        _OPERATORS + "test_a_login_is_never_given_out_again",
        _OPERATORS + "test_nobody_adds_a_login_roles_or_validity_to_themselves",
        _KINDS + "test_an_id_needs_a_trigger_that_fits_its_person",
    ),
    "AC-USR-06": _part(
        N_(
            "Rosters end the IDs of those who leave and the old rights of those who move, on the systems in the"
            " settings."
        ),
        _BATCHES + "test_the_batch_of_1_april_waits_for_midnight_and_the_first_tick_applies_it",
        _BATCHES + "test_a_move_ends_the_old_rights_and_keeps_what_was_granted_for_the_new_office",
    ),
    "AC-CTR-01": _part(
        N_("Contractors' workers get IDs only from their roster; a chart of the work organisation is not kept."),
        _KINDS + "test_a_contractors_worker_gets_an_id_only_from_the_roster_and_with_a_pledge",
        _COMPARING + "test_a_contractors_roster_speaks_only_of_that_contractor",
    ),
    "AC-CTR-02": _whole(
        N_("Without the reference of a pledge, from its day on, no ID of a contractor's worker is issued."),
        _KINDS + "test_a_contractors_worker_gets_an_id_only_from_the_roster_and_with_a_pledge",
        _COMPARING + "test_a_pledge_counts_from_its_day_on",
    ),
    "AC-USR-02": _part(
        N_("Logins and accounts that look left over are listed. The decision on each is not kept yet."),
        "tests/console/evidence/test_register_accounts.py::test_an_account_without_a_person_or_without_use_is_doubted",
    ),
    "AC-PRM-02": _part(
        N_("The rights of everybody at this console can be looked through and taken out. Nothing is signed yet."),
        "tests/console/screens/test_reviews.py::test_the_details_tell_which_rights_follow_from_the_roles",
        "tests/console/screens/test_reviews.py::test_ones_own_rights_are_for_somebody_else_to_inspect",
    ),
    "AC-USR-03": _part(
        N_("The console's own logins lapse at the end of their last day. Those of other systems are not touched."),
        _SIGN_IN + "test_validity_begins_and_ends_to_the_microsecond",
        _SIGN_IN + "test_a_session_lives_no_longer_than_the_login",
    ),
    "AC-PWD-01": _part(
        N_("The console's own passwords must be changed when their period has ended."),
        _CHANGES + "test_past_the_period_of_the_password_only_the_change_is_reached",
    ),
    "AC-PWD-02": _part(
        N_("The console's own passwords may not be like an earlier one."),
        _PASSWORDS + "test_the_last_twelve_passwords_and_what_resembles_them_are_refused_and_an_older_one_is_free",
    ),
    "AC-PWD-03": _part(
        N_("The console's own passwords have a least length and composition."),
        _PASSWORDS + "test_a_password_against_the_form_is_refused_with_the_rule_that_failed",
        _PASSWORDS + "test_a_contractors_password_needs_all_four_kinds",
    ),
    "AC-TRM-01": _part(
        N_("A terminal that is out can't be used for this console. Permission and return are not kept yet."),
        _SIGN_IN + "test_a_terminal_that_is_out_or_removed_opens_no_session_and_ends_those_it_had",
    ),
    "AC-TRM-03": _part(
        N_("This console hides and locks after the idle minutes. Screens of the register system are not reached."),
        _FRAME + "test_it_locks_after_the_idle_minutes_and_not_before",
        _FRAME + "test_the_lock_drops_the_data_and_not_only_the_view",
    ),
    "AC-TRM-04": _part(
        N_("This console copies nothing out and takes no screenshot. Other screens are not reached."),
        _FRAME + "test_nothing_is_copied_out_and_no_screenshot_is_offered",
    ),
    "AC-TRM-02": _part(
        N_("Temporary staff sign in to this console on terminals only that are registered as restricted."),
        _SIGN_IN + "test_temporary_staff_sign_in_only_on_restricted_terminals",
    ),
}

_RECORDS: Final = {
    "MO-LOG-01": _part(
        N_("Every act at this console is in the trail, or it has not happened. Other systems' logs are imported."),
        _STORE + "test_that_changed_rows_and_recorded_nothing_is_refused_and_undone",
        _STORE + "test_an_entry_on_a_full_disk_means_that_the_act_has_not_happened",
    ),
    "MO-LOG-02": _whole(
        N_("Any change to the trail is found, and one put back as a whole where a second place is set up."),
        _TRAIL + "test_any_flipped_bit_in_any_column_of_any_entry_is_named",
        _TRAIL + "test_a_cut_tail_is_named_by_the_checkpoint_that_sealed_it",
        _TRAIL + "test_an_older_file_that_was_put_back_is_named",
    ),
    "MO-ANM-01": _whole(
        N_("Access on a closed day is found in every log that is imported."),
        _RULES + "test_a_rule_fires_where_it_must_and_is_silent_where_it_must",
        _DETECTION + "test_every_planted_anomaly_is_found_with_its_account_and_count",
    ),
    "MO-ANM-02": _whole(
        N_("Access outside business hours is found in every log that is imported."),
        _DETECTION + "test_a_minute_before_opening_and_after_closing_is_off_hours_and_within_is_not",
    ),
    "MO-ANM-03": _whole(
        N_("Sign-in failures, and bursts of them, are found in every log that is imported."),
        _RULES + "test_a_rule_fires_where_it_must_and_is_silent_where_it_must",
        _DETECTION + "test_a_burst_over_two_files_is_found_by_looking_back",
    ),
    "MO-ANM-04": _whole(
        N_("Each finding waits until somebody else has judged it with a reason; what is overdue is loud."),
        _JUDGING + "test_a_judgement_is_kept_with_who_when_and_why",
        _JUDGING + "test_nobody_judges_a_finding_about_themselves",
    ),
    "MO-ANM-06": _part(
        N_("A search that is judged legitimate names its application. The papers themselves are not compared here."),
        _JUDGING + "test_a_legitimate_access_names_its_application",
    ),
    "MO-SYS-03": _part(
        N_("The listening ports of this host are shown. They are not compared with a list of allowed ones yet."),
        "tests/monitors/hosts/test_local.py::test_a_listener_is_known_by_protocol_address_port_program_and_user",
    ),
    "MO-LOG-03": _part(
        N_("Failed sign-ins to this console are events. Failures in imported logs are kept and can be searched."),
        _SIGN_IN + "test_one_factor_alone_is_refused_and_the_event_names_the_one_that_failed",
    ),
    "BK-BAK-01": _whole(
        N_("Backups are taken and leave from terminals in the server room only."),
        _BACKUPS + "test_no_backup_is_taken_outside_the_server_room",
        _BACKUPS + "test_a_terminal_that_was_taken_out_is_no_server_room_terminal",
    ),
    "BK-BAK-02": _whole(
        N_("A backup leaves once, as approved by the security officer, to the medium that was approved."),
        _EXPORTS + "test_nothing_leaves_in_any_state_but_approved",
        _EXPORTS + "test_only_the_security_officer_approves",
        _EXPORTS + "test_one_approval_serves_one_export",
        _EXPORTS + "test_a_backup_that_changed_after_approval_does_not_leave",
    ),
    "BK-BAK-03": _part(
        N_("A backup that is late is loud. It is taken by hand, and moved to media by request."),
        "tests/backups/test_status.py::test_a_backup_ages_and_becomes_late",
    ),
    "BK-BAK-04": _whole(
        N_("Backups are sealed, checked against a signed manifest, and proven by restoring them."),
        _BACKUPS + "test_a_backup_is_taken_sealed_read_back_and_listed",
        "tests/backups/test_restoring.py::test_a_drill_proves_the_backup_and_leaves_nothing_open",
        "tests/backups/test_verification.py::test_a_changed_byte_of_the_sealed_file_is_found",
    ),
    "BK-MED-05": _part(
        N_("Where the site asks for one, a witness signs before a backup is written. Other media are not covered yet."),
        _EXPORTS + "test_a_witness_is_seated_first_where_the_site_asks_for_one",
    ),
    "BK-MED-06": _part(
        N_("Every backup that leaves has its line in the ledger. Other outputs are not written by this console yet."),
        _EXPORTS + "test_an_approved_backup_is_written_read_back_and_entered",
        _EXPORTS + "test_a_store_that_cannot_write_its_line_leaves_nothing_on_the_medium",
    ),
}

_REGISTER: Final = {
    "RG-INT-02": _part(
        N_("Records that break a format or logic rule are not loaded. Live updates of the municipal CS are not seen."),
        "tests/registry/test_loading.py::test_a_record_with_an_error_refuses_the_file_and_the_message_holds_no_value",
        _CHECKS + "test_a_planted_fault_is_found_in_its_record_and_item_and_nothing_else_is",
    ),
    "RG-INT-09": _part(
        N_("The register is compared with the municipal CS when somebody asks for it. It is not scheduled yet."),
        "tests/registry/test_reconciliation.py::test_records_missing_on_either_side_are_found_exactly",
    ),
    "RG-RET-01": _part(
        N_("Records past their 150 years are listed. They are not erased from here yet."),
        _CHECKS + "test_a_deleted_record_becomes_a_candidate_on_the_day_after_150_years_and_not_before",
    ),
    "RG-RET-02": _part(
        N_("History past its 150 years is listed. It is not erased from here yet."),
        _CHECKS + "test_history_is_past_150_years_after_its_supersession",
    ),
    "RG-RET-03": _part(
        N_("Destination information that is still there one business day after linkage is found."),
        _CHECKS + "test_linked_destination_information_is_late_after_one_business_day",
    ),
    "RG-RET-06": _part(
        N_("Individual numbers of the dead are masked like all others, and found where file 3 still keeps one."),
        "tests/registry/test_files.py::test_what_identifies_a_person_is_masked_in_every_file",
        _CHECKS + "test_destination_information_of_a_dead_person_is_found",
    ),
}

GUARDS: Final[Mapping[str, Guard]] = MappingProxyType({**_PEOPLE, **_RECORDS, **_REGISTER})
