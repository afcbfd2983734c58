"""What the office states or keeps elsewhere: governance, training, accidents, rooms and external providers."""

from typing import Final

from accesscontrol.messages import N_
from console.evidence.guards.model import ENTERED, Guard, Period, part, whole

_BY: Final = "console.evidence.statements:enter"
_STATED: Final = "console/evidence/test_statements.py::test_a_statement_is_signed_and_stands_in_the_trail"
_MISSED: Final = "console/evidence/test_duties.py::test_a_year_that_was_missed_is_no_finding_but_loud"
_ROLE: Final = "console/evidence/test_statements.py::test_only_whoever_is_responsible_states_something"
_YEARLY: Final = N_("A named person signs the statement here each year; one that is missing is loud and reported.")


def _attested(by_hand: str) -> Guard:
    return whole(_YEARLY, by_hand, by=_BY, tests=f"{_STATED} {_ROLE} {_MISSED}", every=Period.YEAR)


def _entered(by_hand: str) -> Guard:
    return part(ENTERED, by_hand, by=_BY, tests=f"{_STATED} {_MISSED}", every=Period.YEAR)


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
    "CO-GOV-05": _entered(N_("Enter the return or disposal of data at the end of each contract.")),
    "CO-GOV-06": _entered(N_("Enter each inspection of a contractor, or the decision not to inspect.")),
    "CO-TRN-01": _entered(N_("Enter the list of the yearly self-check, and who has not answered.")),
    "CO-TRN-02": _entered(N_("Enter the attendance of the yearly trainings, and who is missing.")),
    "CO-TRN-03": _entered(N_("Enter the edition of the manual and the training of new workers.")),
    "CO-INC-01": part(
        N_("A finding is judged as an incident with its reason. The procedure's edition is entered, signed."),
        N_("Enter the edition of the procedure, who read it, and each report of a contractor."),
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
