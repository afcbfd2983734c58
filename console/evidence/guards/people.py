"""Signing in, passwords and terminals."""

from typing import Final

from accesscontrol.messages import N_
from console.evidence.guards.model import Guard, Period, part, whole

_PEOPLE: Final = "accesscontrol/people"
_SIGN_IN: Final = f"{_PEOPLE}/test_sign_in.py::"
_PASSWORDS: Final = f"{_PEOPLE}/test_passwords.py::"
_OUT: Final = "console/test_terminals_out.py::"
_FRAME: Final = "console/frame/test_app.py::"
_SIGNED_IN: Final = "sign-in.passed sign-in.refused step-up.passed step-up.refused in-place.passed in-place.refused"
_OWN_RULES: Final = N_("Check once a year that the other systems' password settings are no weaker.")

GUARDS: Final[dict[str, Guard]] = {
    "AC-AUT-01": part(
        N_(
            "This console asks for a password and a second factor. Sign-ins to other systems are judged where their"
            " logs tell the factors."
        ),
        N_("Check once a year that the register system itself asks for both factors."),
        by="accesscontrol.people.sign_in:sign_in",
        acts=f"{_SIGNED_IN} factor.enrolled factor.removed",
        tests=f"{_SIGN_IN}test_one_factor_alone_is_refused_and_the_event_names_the_one_that_failed"
        f" {_SIGN_IN}test_both_factors_on_a_registered_terminal_open_a_session_that_holds_both_times",
        every=Period.YEAR,
    ),
    "AC-AUT-02": part(
        N_(
            "A security key with a fingerprint is known as biometric, a code is shown as a substitute, and a site can"
            " refuse substitutes. Operators of the municipal CS are not checked."
        ),
        N_("Check once a year that municipal CS and integrated terminals ask for the biometric feature."),
        by="accesscontrol.people.fingerprint_keys accesscontrol.people.security_keys",
        acts="factor.enrolled factor.removed sign-in.passed sign-in.refused",
        tests=f"{_PEOPLE}/test_security_keys.py::"
        "test_a_finger_signs_in_where_codes_are_refused_and_is_recorded_as_biometric"
        f" {_SIGN_IN}test_a_site_that_admits_biometric_factors_only_refuses_codes",
        every=Period.YEAR,
    ),
    "AC-AUT-03": part(
        N_(
            "Acts at this console need a role, one person never fills two sides of one act, and a session on a host"
            " runs only what was approved."
        ),
        N_("Compare the functions granted in the register system itself in each permission review."),
        by="accesscontrol.requests.separation accesscontrol.requests.gate accesscontrol.sessions.supervision",
        acts="roles.assigned setting.changed request.submission-refused request.approval-refused"
        " request.execution-refused session.command-refused",
        tests="accesscontrol/requests/test_matrix.py::test_exactly_the_roles_of_the_table_may"
        " accesscontrol/requests/test_decisions.py::test_by_the_requester_under_a_second_login_is_refused"
        f" {_SIGN_IN}test_a_right_removed_during_a_session_is_gone_at_the_next_act"
        f" {_PEOPLE}/test_operators.py::test_roles_that_may_not_meet_do_not_meet_in_one_login_nor_over_two"
        " accesscontrol/sessions/test_supervision.py::test_anything_else_is_refused_and_stands_in_the_book",
        every=Period.MONTH,
    ),
    "AC-AUT-04": part(
        N_(
            "This console opens on registered terminals only. Sign-ins to other systems from other terminals are found"
            " in their logs."
        ),
        N_("Keep the register system's own list of terminals the same as the one in this console."),
        by="accesscontrol.people.terminals:find_by_fact",
        acts="terminal.registered terminal.state-set",
        tests=f"{_SIGN_IN}test_an_unregistered_terminal_is_refused_whoever_asks"
        f" {_SIGN_IN}test_a_terminal_that_is_out_or_removed_opens_no_session_and_ends_those_it_had",
        every=Period.YEAR,
    ),
    "AC-PWD-01": part(
        N_("The console's own passwords must be changed when their period has ended."),
        _OWN_RULES,
        by="accesscontrol.people.passwords accesscontrol.people.rules_in_force",
        acts="password.changed password.set password.issued",
        tests=f"{_PEOPLE}/test_sign_in_passwords.py::test_past_the_period_of_the_password_only_the_change_is_reached",
        every=Period.YEAR,
    ),
    "AC-PWD-02": part(
        N_("The console's own passwords may not be like an earlier one."),
        _OWN_RULES,
        by="accesscontrol.people.similarity accesscontrol.people.password_history",
        acts="password.changed password.set",
        tests=f"{_PASSWORDS}test_the_last_twelve_passwords_and_what_resembles_them_are_refused_and_an_older_one_is_free",
        every=Period.YEAR,
    ),
    "AC-PWD-03": part(
        N_("The console's own passwords have a least length and composition."),
        _OWN_RULES,
        by="accesscontrol.people.password_rules",
        acts="password.changed password.set",
        tests=f"{_PASSWORDS}test_a_password_against_the_form_is_refused_with_the_rule_that_failed"
        f" {_PASSWORDS}test_a_contractors_password_needs_all_four_kinds",
        every=Period.YEAR,
    ),
    "AC-TRM-01": whole(
        N_(
            "A terminal leaves by a request with reason, person and last day that the information security manager"
            " approves. While it is out it opens no session, and one that is late is a finding until it is back."
        ),
        N_("Ask for each taking-out, of terminals of other systems too, and enter when the terminal is back."),
        by="accesscontrol.people.outings accesscontrol.requests.terminal_kinds console.terminal_findings",
        acts="terminal.taken-out terminal.returned terminal.state-set",
        tests=f"{_OUT}test_it_is_out_only_after_the_permission_with_reason_period_and_person"
        f" {_OUT}test_nobody_else_permits_it_nor_whoever_carries_it"
        f" {_OUT}test_one_that_stays_away_is_a_finding_until_it_is_back"
        f" {_SIGN_IN}test_a_terminal_that_is_out_or_removed_opens_no_session_and_ends_those_it_had",
    ),
    "AC-TRM-02": part(
        N_(
            "Temporary staff sign in to this console on terminals only that are registered as restricted. Their use of"
            " other terminals is found in the logs."
        ),
        N_("Check that the terminals of temporary staff reach no internet, e-mail or media."),
        by="accesscontrol.people.sign_in:sign_in",
        acts="terminal.registered sign-in.refused",
        tests=f"{_SIGN_IN}test_temporary_staff_sign_in_only_on_restricted_terminals",
        every=Period.YEAR,
    ),
    "AC-TRM-03": part(
        N_("This console hides and locks after the idle minutes. Screens of the register system are not reached."),
        N_("Check that integrated terminals hide their screens by themselves."),
        by="console.frame.lock",
        acts="screen.locked resume.passed resume.refused",
        tests=f"{_FRAME}test_it_locks_after_the_idle_minutes_and_not_before"
        f" {_FRAME}test_the_lock_drops_the_data_and_not_only_the_view",
        every=Period.YEAR,
    ),
    "AC-TRM-04": part(
        N_("This console copies nothing out and takes no screenshot. Other screens are not reached."),
        N_("Keep hard copies of other screens within need, and state it each year."),
        by="console.frame.app:SekishoApp",
        acts="name.revealed evidence.written",
        tests=f"{_FRAME}test_nothing_is_copied_out_and_no_screenshot_is_offered",
        every=Period.YEAR,
    ),
}
