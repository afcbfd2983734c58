"""What the office states or keeps elsewhere: governance, training, accidents, rooms and external providers."""

from typing import Final

from accesscontrol.messages import N_
from console.evidence.guards.model import ENTERED, Guard, Period, part, whole

_BY: Final = "console.evidence.statements:enter"
_STATED: Final = "console/evidence/test_statements.py::test_a_statement_is_signed_and_stands_in_the_trail"
_MISSED: Final = "console/evidence/test_duties.py::test_a_year_that_was_missed_is_no_finding_but_loud"
_PAPERS: Final = "accesscontrol/accounts/test_papers.py::"
_OVERDUE: Final = (
    "console/test_missing_papers.py::test_what_is_overdue_is_one_finding_of_each_sort_until_the_last_is_entered"
)
_ROLE: Final = "console/evidence/test_statements.py::test_only_whoever_is_responsible_states_something"
_YEARLY: Final = N_("A named person signs the statement here each year; one that is missing is loud and reported.")


def _attested(by_hand: str) -> Guard:
    return whole(_YEARLY, by_hand, by=_BY, tests=f"{_STATED} {_ROLE} {_MISSED}", every=Period.YEAR)


def _entered(by_hand: str) -> Guard:
    return part(ENTERED, by_hand, by=_BY, tests=f"{_STATED} {_MISSED}", every=Period.YEAR)


def _owed(extent: str, by_hand: str, test: str) -> Guard:
    return whole(
        extent,
        by_hand,
        by="accesscontrol.accounts.papers console.missing_papers",
        acts="paper.entered",
        tests=f"{_PAPERS}{test} {_OVERDUE}",
        every=Period.YEAR,
    )


GUARDS: Final[dict[str, Guard]] = {
    "BK-BAK-05": _attested(N_("State regions and evidence of the cloud backups.")),
    "CO-GOV-01": part(
        N_("The yearly report lists every control with its evidence of the year and what nobody has stated."),
        N_("Inspect by the report once a year, answer each line, and state the result."),
        by="console.evidence.yearly_report:gather",
        acts="evidence.written",
        tests="console/evidence/test_yearly_report.py::test_every_control_stands_there_once_with_what_was_kept",
        every=Period.YEAR,
    ),
    "CO-GOV-02": _entered(N_("Enter the report of each audit, with what is to be followed up.")),
    "CO-GOV-03": _attested(N_("State the editions of the rules and the day on which they were last made known.")),
    "CO-GOV-04": _attested(N_("State certificate, its end and the clauses of each contract.")),
    "CO-GOV-05": _owed(
        N_(
            "A contractor whose last worker has left owes the return of the data; its IDs lapse by themselves, and a"
            " return that is overdue is a finding."
        ),
        N_("Have the data returned or disposed of, and enter it: sekisho papers enter return."),
        "test_a_contractor_whose_last_worker_left_owes_the_return_of_the_data_after_that",
    ),
    "CO-GOV-06": _owed(
        N_(
            "Each contractor owes an inspection, or the decision not to inspect, every year; one that is overdue is a"
            " finding."
        ),
        N_("Inspect, or decide not to, and enter it for each contractor: sekisho papers enter inspection."),
        "test_each_contractor_with_workers_here_owes_its_papers_every_year",
    ),
    "CO-TRN-01": _owed(
        N_(
            "Of whom the self-check of the year is missing is listed by the rosters, newcomers too; what is overdue"
            " is a finding."
        ),
        N_("Hold the self-check, and enter who answered: sekisho papers enter self-check."),
        "test_what_is_yearly_is_owed_by_the_end_of_each_fiscal_year",
    ),
    "CO-TRN-02": _owed(
        N_(
            "Of whom training or guidance of the year is missing is listed: everybody on a roster, OA contacts,"
            " holders of an ID. What is overdue is a finding."
        ),
        N_(
            "Hold trainings and guidance, and enter who was there: sekisho papers enter security-training,"
            " oa-training, guidance."
        ),
        "test_only_whoever_has_an_id_is_guided_and_only_an_oa_contact_taught",
    ),
    "CO-TRN-03": _owed(
        N_("Each new worker owes the training by the manual until the end of the year; what is overdue is a finding."),
        N_(
            "Register the manual's edition by a statement, and enter who was trained: sekisho papers enter"
            " manual-training."
        ),
        "test_new_workers_are_trained_by_the_end_of_their_year_and_only_they",
    ),
    "CO-INC-01": part(
        N_("A finding is judged as an incident with its reason. The procedure's edition is entered, signed."),
        N_(
            "Enter the edition of the procedure, who knows it (sekisho papers enter incident-procedure), and each"
            " report of"
            " a contractor."
        ),
        by=f"{_BY} monitors.findings.judging",
        acts="finding.disposed",
        tests=f"{_STATED} monitors/findings/test_judging.py::test_a_judgement_is_kept_with_who_when_and_why",
        every=Period.YEAR,
    ),
    "CO-INC-02": _entered(
        N_("Enter each serious accident of the last three years and the state of its countermeasures.")
    ),
    "CO-PHY-01": _attested(N_("State the entry control of each server room, its cameras and racks.")),
    "CO-PHY-02": _attested(N_("State for each office how papers are locked away and where displays stand.")),
    "CO-PHY-03": _attested(N_("State the edition of the application and the check of the device.")),
    "CO-EXT-01": _attested(N_("State the reference of the platform's report.")),
    "CO-EXT-02": _attested(N_("State list entry, certificates, contract and holders of keys.")),
}
