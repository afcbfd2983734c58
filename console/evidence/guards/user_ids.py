"""User IDs, rights, reviews and contractors."""

from typing import Final

from accesscontrol.messages import N_
from console.evidence.guards.model import Guard, Period, hand, part, whole

_ACCOUNTS: Final = "accesscontrol/accounts/"
_LEDGER: Final = f"{_ACCOUNTS}test_ledger.py::"
_KINDS: Final = f"{_ACCOUNTS}test_kinds.py::"
_LAPSING: Final = f"{_ACCOUNTS}test_lapsing.py::"
_SYNC: Final = f"{_ACCOUNTS}test_synchronising.py::"
_BATCHES: Final = "accesscontrol/rosters/test_batches.py::"
_PAPERS: Final = f"{_ACCOUNTS}test_papers.py::"
_OVERDUE: Final = (
    "console/test_missing_papers.py::test_what_is_overdue_is_one_finding_of_each_sort_until_the_last_is_entered"
)
_DECLARED: Final = "console/test_declared_use.py::"
_REVIEWS: Final = "accesscontrol/reviews/"
_REVIEWED: Final = (
    "review.opened review.answered review.settled review.remedies-verified review.remedy-accepted review.closed"
    " review.escalated review.withdrawn"
)

GUARDS: Final[dict[str, Guard]] = {
    "AC-USR-01": whole(
        N_(
            "Logins of the console and IDs of the systems in its settings are issued, changed and ended by request,"
            " with the rule applied and the trigger, and never given out again."
        ),
        N_("Carry out what the work orders say on systems that the console can only read from a list."),
        by="accesscontrol.accounts.ledger:issue accesscontrol.accounts.ledger:discard",
        acts="operator.added account.issued account.granted account.extended account.grant-ended account.discarded"
        " account.password-issued password.issued",
        tests="accesscontrol/people/test_operators.py::test_a_login_is_never_given_out_again"
        " accesscontrol/people/test_operators.py::test_nobody_adds_a_login_roles_or_validity_to_themselves"
        f" {_KINDS}test_an_id_needs_a_trigger_that_fits_its_person"
        f" {_LEDGER}test_a_discarded_id_is_never_issued_again_not_even_to_its_owner",
    ),
    "AC-USR-02": whole(
        N_(
            "IDs that look left over are listed with their reason and the time of the reading; a system that could not"
            " be read is never called clean. The monthly check closes only with a decision on each."
        ),
        N_("Order the monthly check of unneeded IDs, decide on each and sign."),
        by="accesscontrol.accounts.listing accesscontrol.reviews.accounts",
        acts=f"accounts.read accounts.unreadable account.excepted account.linked {_REVIEWED}",
        tests=f"{_SYNC}test_what_is_left_over_has_its_why_and_the_list_its_words"
        f" {_SYNC}test_a_target_that_is_down_is_unreadable_and_its_last_reading_is_kept"
        f" {_REVIEWS}test_closing.py::test_the_check_of_unneeded_ids_never_closes_without_an_answer_on_each"
        f" {_REVIEWS}test_deadlines.py::test_a_month_that_was_missed_stays_due"
        " console/test_missed_reviews.py::test_a_month_without_its_check_is_one_finding_of_each_kind",
    ),
    "AC-USR-03": part(
        N_(
            "The console's own logins and the IDs of every connected system lapse at the end of their last day,"
            " without an act of any person, and are believed ended when the system was read again."
        ),
        N_("End the IDs of systems without a connector by the work order; a lapse stays open until a list shows it."),
        by="accesscontrol.accounts.lapsing accesscontrol.accounts.planning:plan_due",
        acts="account.lapsed account.extended accounts.lapse-begun accounts.lapse-unverified account.enabled-outside",
        tests=f"accesscontrol/people/test_sign_in.py::test_validity_begins_and_ends_to_the_microsecond"
        f" {_LAPSING}test_an_id_lapses_at_its_end_without_an_act_of_any_person"
        f" {_LAPSING}test_a_manual_enable_at_the_target_never_outranks_the_end"
        f" {_LEDGER}test_whoever_has_a_known_end_gets_no_id_without_one"
        f" {_ACCOUNTS}test_expired.py::test_an_expired_id_can_t_sign_in_by_any_method_and_its_sessions_are_gone",
    ),
    "AC-USR-04": part(
        N_(
            "An ID has one person, use of one ID at two terminals at once is found in the logs, and whoever has an ID"
            " but gave no secrecy acknowledgement becomes a finding. A second sign-in is not refused."
        ),
        N_(
            "Take the secrecy acknowledgement of everybody who is given an ID: sekisho papers enter secrecy. Check that"
            " the register system refuses a second sign-in of one ID, and state it each year."
        ),
        by="accesscontrol.accounts.ledger:issue accesscontrol.accounts.break_glass",
        acts="account.issued account.linked account.checked-out account.checked-in account.password-confirmed"
        " paper.entered",
        tests=f"{_LEDGER}test_an_id_has_one_owner_and_its_name_is_taken_in_any_case_of_letters"
        f" {_LEDGER}test_a_break_glass_id_is_in_one_person_s_hands_at_a_time",
        every=Period.YEAR,
    ),
    "AC-USR-05": whole(
        N_(
            "No more persons get the right to manage IDs and passwords than the settings allow. Passwords are kept as"
            " slow salted hashes only; a first password is shown once, to whoever hands it over, and lapses unused."
        ),
        N_("Look in the list of rights at place 3 whether fewer custodians would do."),
        by="accesscontrol.requests.operator_kinds accesscontrol.people.passwords accesscontrol.people.secret:Secret",
        acts="roles.assigned account.password-issued account.password-refused password.issued",
        tests="accesscontrol/requests/test_operator_kinds.py::"
        "test_no_more_persons_manage_ids_and_passwords_than_the_site_allows"
        " accesscontrol/people/test_secret.py::test_nothing_secret_is_logged_or_kept_in_readable_form"
        " accesscontrol/people/test_secret.py::"
        "test_no_refused_sign_in_step_up_or_change_leaves_a_secret_in_its_traceback"
        f" {_KINDS}test_a_first_password_is_for_a_day_is_written_down_nowhere_and_ends_if_nobody_confirms_it"
        f" {_ACCOUNTS}test_first_passwords_on_servers.py::test_unchanged_it_opens_nothing_after_its_day",
    ),
    "AC-USR-06": whole(
        N_(
            "Rosters end the IDs of those who leave and the old rights of those who move, on the systems in the"
            " settings, from the day on. Whoever left and has an ID that can still be used is a finding."
        ),
        N_("Take in the personnel roster at every transfer, best before the day from which it holds."),
        by="accesscontrol.rosters.batches:apply_due console.declared_use",
        acts="roster.prepared roster.held roster.approved roster.applied person.changed account.grant-ended",
        tests=f"{_BATCHES}test_the_batch_of_1_april_waits_for_midnight_and_the_first_tick_applies_it"
        f" {_BATCHES}test_a_move_ends_the_old_rights_and_keeps_what_was_granted_for_the_new_office"
        f" {_LEDGER}test_a_person_who_left_takes_every_id_along"
        f" {_DECLARED}test_somebody_who_left_and_whose_id_can_still_be_used_is_a_finding_of_high_severity",
    ),
    "AC-USR-07": whole(
        N_("Each right that ends, by lapse too, makes one line that nobody can change."),
        by="accesscontrol.accounts.ledger:end_grant accesscontrol.accounts.ledger:revoke",
        acts="account.grant-ended account.lapsed account.suspended account.discarded operator.disabled",
        tests=f"{_LEDGER}test_each_grant_that_is_revoked_makes_one_line_of_the_trail"
        f" {_LAPSING}test_each_lapse_makes_exactly_one_line_with_person_s_id_reason_and_time",
    ),
    "AC-USR-08": whole(
        N_(
            "Members of other offices than those that the settings name for a system get no ID and no right there, and"
            " whoever still holds one is a finding."
        ),
        N_("Name in the settings the offices of each system that holds one of the files."),
        by="accesscontrol.accounts.acts:require_office console.declared_use",
        acts="account.issued account.granted request.submission-refused",
        tests=f"{_DECLARED}test_members_of_other_offices_get_no_id_and_a_contractors_worker_goes_by_the_roster"
        f" {_DECLARED}test_nothing_is_added_to_an_id_of_another_office_but_it_may_be_ended"
        f" {_DECLARED}test_a_member_of_another_office_who_still_has_an_id_is_a_finding_until_it_is_gone",
    ),
    "AC-USR-09": whole(
        N_(
            "Users of a system and workers of each contractor are counted against the numbers in the settings, persons"
            " in files 1 and 2 against their band; leaving one is a finding."
        ),
        N_("Name in the settings the declared numbers of each system and contractor."),
        by="console.declared_use registry.checks.bands",
        acts="registry.checked",
        tests=f"{_DECLARED}test_leaving_a_band_of_users_or_handlers_is_a_finding"
        f" {_DECLARED}test_too_few_users_leave_the_band_too"
        " registry/test_bands.py::test_a_city_outside_its_band_is_a_warning_for_each_file",
    ),
    "AC-PRM-01": whole(
        N_(
            "A review takes a fixed snapshot of all rights; each line is answered with a reason, a revocation is"
            " carried out and proven by a newer reading, and the signed report can't be edited."
        ),
        N_("Order the monthly review, answer and sign."),
        by="accesscontrol.reviews.opening accesscontrol.reviews.closing",
        acts=f"{_REVIEWED} review.remedy-begun evidence.written",
        tests=f"{_REVIEWS}test_opening.py::test_the_hash_of_the_snapshot_is_in_the_trail_and_covers_every_line"
        f" {_REVIEWS}test_closing.py::test_a_closed_review_is_never_edited"
        f" {_REVIEWS}test_accounts.py::"
        "test_a_revocation_ends_the_grants_in_the_same_step_and_is_proven_by_the_next_reading",
    ),
    "AC-PRM-02": whole(
        N_("An inspection is ordered by a system administrator and answered by resident operators about others only."),
        N_("Order the inspection each month."),
        by="accesscontrol.reviews.opening accesscontrol.reviews.answering",
        acts=_REVIEWED,
        tests=f"{_REVIEWS}test_opening.py::test_only_who_may_order_it_opens_a_review"
        f" {_REVIEWS}test_answering.py::test_only_resident_operators_answer_an_inspection"
        f" {_REVIEWS}test_answering.py::test_nobody_answers_an_id_of_their_own"
        " console/test_missed_reviews.py::test_one_whose_deadline_passed_unanswered_is_missed_too",
    ),
    "AC-PRM-03": hand(
        N_("Check that each right in the addressee system is tied to affair, office and person; state it each year."),
        Period.YEAR,
    ),
    "AC-PRM-04": hand(
        N_("Keep the municipal CS's list of persons and functions, and compare it in each permission review."),
        Period.MONTH,
    ),
    "AC-PRM-05": part(
        N_("Nobody without the role takes a backup or an extract here, and each needs its request."),
        N_(
            "Instruct staff and contractors not to copy, and enter who was: sekisho papers enter no-copying. Check each"
            " year that the municipal CS lets nobody else copy, and state it."
        ),
        by="backups.duty backups.exports backups.media.output",
        acts="backup.taken backup.refused output.started output.written output.ended",
        tests="backups/test_duty.py::test_only_administrators_and_resident_operators_take_a_backup_by_hand"
        " backups/media/test_output.py::test_roles_without_the_right_cannot_ask"
        " backups/test_exports.py::test_only_those_who_run_the_systems_ask",
        every=Period.YEAR,
    ),
    "AC-PRM-06": hand(
        N_("Keep the applications for entry rights, and compare them with the rights of this console at each review."),
        Period.MONTH,
    ),
    "AC-CTR-01": whole(
        N_(
            "Contractors' workers get IDs only from their roster and lose them with it. Each contractor owes roster and"
            " chart of the work organisation every year, and one that is overdue is a finding."
        ),
        N_("Enter roster and chart when the contractor hands them in: sekisho papers enter work-chart."),
        by="accesscontrol.accounts.persons:require_holder accesscontrol.rosters.reading:read_roster"
        " accesscontrol.accounts.papers console.missing_papers",
        acts="roster.prepared roster.applied roster.held roster.cancelled paper.entered",
        tests=f"{_KINDS}test_a_contractors_worker_gets_an_id_only_from_the_roster_and_with_a_pledge"
        " accesscontrol/rosters/test_comparing.py::test_a_contractors_roster_speaks_only_of_that_contractor"
        f" {_PAPERS}test_each_contractor_with_workers_here_owes_its_papers_every_year"
        f" {_OVERDUE}",
        every=Period.YEAR,
    ),
    "AC-CTR-02": whole(
        N_("Without the reference of a pledge, from its day on, no ID of a contractor's worker is issued."),
        by="accesscontrol.accounts.persons:require_holder",
        acts="roster.applied person.entered person.changed",
        tests=f"{_KINDS}test_a_contractors_worker_gets_an_id_only_from_the_roster_and_with_a_pledge"
        " accesscontrol/rosters/test_comparing.py::test_a_pledge_counts_from_its_day_on",
    ),
    "AC-CTR-03": hand(
        N_("Register the terminals at the work place of a contract for its workers only, and look at their sign-ins."),
        Period.MONTH,
    ),
    "AC-CTR-04": whole(
        N_(
            "A roster with a worker of another company than the contractor's is refused without the consent's number."
            " Each contractor owes the report on sub-contracting every year, and one that is overdue is a finding."
        ),
        N_("Enter the report when the contractor hands it in: sekisho papers enter subcontracting."),
        by="accesscontrol.rosters.reading:read_roster accesscontrol.accounts.papers console.missing_papers",
        acts="roster.prepared roster.applied paper.entered",
        tests="accesscontrol/rosters/test_reading.py::test_a_worker_of_another_company_needs_the_number_of_the_consent"
        f" {_PAPERS}test_each_contractor_with_workers_here_owes_its_papers_every_year"
        f" {_OVERDUE}",
        every=Period.YEAR,
    ),
}
