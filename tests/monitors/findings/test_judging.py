"""People judge findings: with a reason, never about themselves, and a suppression takes two."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from accesscontrol.refusals import Refusal
from accesscontrol.requests.desk import Acting
from accesscontrol.store import Store
from accesscontrol.trail import entries
from monitors.findings import reading, searching
from monitors.findings.judging import Judgement, Judges
from monitors.findings.matches import Match
from monitors.findings.raising import raise_findings
from monitors.findings.states import OPEN, State

from .conftest import NOW

People = Callable[[str], Acting]
INCIDENT = Judgement(state=State.INCIDENT, reason="misuse")
FALSE_ALARM = Judgement(state=State.FALSE_ALARM, reason="nightly job", suppress_until=NOW + timedelta(days=30))


@pytest.fixture
def number(store: Store, match: Match) -> int:
    return raise_findings(store, [match]).new[0]


def test_a_judgement_is_kept_with_who_when_and_why(store: Store, judges: Judges, number: int, person: People) -> None:
    judges.judge([number], person("ito"), INCIDENT)
    finding = reading.get(store, number)
    assert (finding.state, finding.disposed_by, finding.reason) == (State.INCIDENT, "S3", "misuse")
    assert entries.about(store, finding.id)[-1].act == "finding.disposed"


def test_a_legitimate_access_names_its_application(judges: Judges, number: int, person: People) -> None:
    with pytest.raises(Refusal, match="application"):
        judges.judge([number], person("sato"), Judgement(state=State.LEGITIMATE, reason="overtime"))
    for written in ("R-2026-0001", " r-2026-0001", "\uff32\uff0d\uff12\uff10\uff12\uff16-0001"):  # full width
        with pytest.raises(Refusal, match="no request R-2026-0001"):
            judges.judge([number], person("sato"), Judgement(state=State.LEGITIMATE, reason="x", application=written))
    judges.judge([number], person("sato"), Judgement(state=State.LEGITIMATE, reason="overtime", application="No. 12"))


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_judgement_needs_a_reason(judges: Judges, number: int, person: People, reason: str) -> None:
    with pytest.raises(Refusal, match="reason"):
        judges.judge([number], person("sato"), replace(INCIDENT, reason=reason))


@pytest.mark.parametrize("state", [State.NEW, State.ASSIGNED, State.SUPPRESSED])
def test_only_a_judgement_judges(judges: Judges, number: int, person: People, state: State) -> None:
    with pytest.raises(Refusal):
        judges.judge([number], person("sato"), replace(INCIDENT, state=state))


def test_nobody_judges_a_finding_about_themselves(store: Store, judges: Judges, match: Match, person: People) -> None:
    own = raise_findings(store, [replace(match, account="t.yamada", group="g", event_ids=(1,))]).new[0]
    with pytest.raises(Refusal, match="themselves"):
        judges.judge([own], person("yamada"), INCIDENT)
    with pytest.raises(Refusal, match="themselves"):
        judges.assign(own, person("sato"), to="S2")
    judges.judge([own], person("sato"), INCIDENT)
    with pytest.raises(Refusal, match="themselves"):
        judges.reopen(own, person("yamada"), reason="not true")


def test_an_auditor_reads_and_comments_but_does_not_judge(
    store: Store, judges: Judges, number: int, person: People
) -> None:
    judges.comment(number, person("nakamura"), text="seen in the audit")
    assert [comment.text for comment in reading.comments_on(store, number)] == ["seen in the audit"]
    with pytest.raises(Refusal, match="role"):
        judges.judge([number], person("nakamura"), INCIDENT)


def test_several_alike_are_judged_at_once_or_not_at_all(
    store: Store, judges: Judges, number: int, match: Match, person: People
) -> None:
    own = raise_findings(store, [replace(match, account="t.yamada", group="g", event_ids=(1,))]).new[0]
    with pytest.raises(Refusal):
        judges.judge([number, own], person("yamada"), INCIDENT)
    assert reading.get(store, number).state is State.NEW
    judges.judge([number, own], person("sato"), INCIDENT)
    assert reading.open_count(store) == 0


def test_a_judged_finding_is_judged_again_only_after_it_was_reopened(
    judges: Judges, number: int, person: People
) -> None:
    judges.judge([number], person("sato"), INCIDENT)
    with pytest.raises(Refusal, match="Reopen"):
        judges.judge([number], person("ito"), FALSE_ALARM)
    judges.reopen(number, person("ito"), reason="new facts")
    judges.judge([number], person("ito"), FALSE_ALARM)


def test_a_suppression_takes_force_when_a_second_person_confirmed_it(
    store: Store, judges: Judges, number: int, match: Match, person: People
) -> None:
    judges.judge([number], person("yamada"), FALSE_ALARM)
    again = replace(match, event_ids=(61, 62), first=NOW, last=NOW)
    assert len(raise_findings(store, [again]).new) == 1
    judges.confirm_suppression(number, person("sato"))
    third = replace(match, event_ids=(71, 72), first=NOW + timedelta(hours=3), last=NOW + timedelta(hours=3))
    raised = raise_findings(store, [third])
    assert (len(raised.new), len(raised.suppressed)) == (0, 1)


def test_whoever_proposed_a_suppression_does_not_confirm_it(
    store: Store, judges: Judges, number: int, person: People
) -> None:
    with pytest.raises(Refusal, match="Nobody but you could confirm"):
        judges.judge([number], person("sato"), FALSE_ALARM)
    with store.transaction() as tx:
        tx.execute("INSERT INTO operator_role (login, role) VALUES ('ito', 'infosec_manager')")
        tx.record("test.role-written", actor="system")
    judges.judge([number], person("sato"), FALSE_ALARM)
    with pytest.raises(Refusal, match="second person"):
        judges.confirm_suppression(number, person("sato"))
    judges.confirm_suppression(number, person("ito"))


def test_a_suppression_waits_for_whoever_did_not_propose_it(
    store: Store, judges: Judges, number: int, person: People
) -> None:
    judges.judge([number], person("yamada"), FALSE_ALARM)
    end = NOW + timedelta(days=30)
    assert reading.proposed_suppressions(store, NOW) == [end]
    assert reading.proposed_suppressions(store, NOW, besides=person("yamada").staff_number) == []
    assert reading.proposed_suppressions(store, end) == []
    listed = [
        [*searching.index(store, states=sorted(OPEN), proposed=(NOW, person(login).staff_number))]
        for login in ("sato", "yamada")
    ]
    assert listed == [[[number]], [[]]]
    judges.confirm_suppression(number, person("sato"))
    assert reading.proposed_suppressions(store, NOW) == []
    assert [*searching.index(store, states=sorted(OPEN), proposed=(NOW, person("sato").staff_number))] == [[]]


def test_a_suppression_ends(store: Store, judges: Judges, number: int, match: Match, person: People) -> None:
    judges.judge([number], person("yamada"), FALSE_ALARM)
    judges.confirm_suppression(number, person("sato"))
    late = NOW + timedelta(days=31)
    assert len(raise_findings(store, [replace(match, event_ids=(81,), first=late, last=late)]).new) == 1


@pytest.mark.parametrize(
    ("column", "damaged"), [("until", "r026-12-24"), ("confirmed_at", "2026-11-2t"), ("confirmed_at", "")]
)
def test_a_damaged_suppression_keeps_nothing_quiet_and_is_told(
    store: Store, judges: Judges, number: int, match: Match, person: People, column: str, damaged: str
) -> None:
    judges.judge([number], person("yamada"), FALSE_ALARM)
    judges.confirm_suppression(number, person("sato"))
    with store.bookkeeping() as connection:
        connection.execute(f"UPDATE suppression SET {column} = ?", (damaged,))
    later = NOW + timedelta(hours=3)
    assert len(raise_findings(store, [replace(match, event_ids=(85,), first=later, last=later)]).new) == 1
    assert reading.proposed_suppressions(store, NOW) == []
    assert any("Row 1 of the table suppression is damaged" in each for each in store.damage)


def test_reopening_ends_the_suppression(
    store: Store, judges: Judges, number: int, match: Match, person: People
) -> None:
    judges.judge([number], person("yamada"), FALSE_ALARM)
    judges.confirm_suppression(number, person("sato"))
    judges.reopen(number, person("ito"), reason="it was an attack")
    late = NOW + timedelta(hours=5)
    assert len(raise_findings(store, [replace(match, event_ids=(91,), first=late, last=late)]).new) == 1


def test_only_a_false_alarm_is_suppressed_and_only_ahead(judges: Judges, number: int, person: People) -> None:
    with pytest.raises(Refusal, match="false alarm"):
        judges.judge([number], person("sato"), replace(INCIDENT, suppress_until=NOW + timedelta(days=1)))
    with pytest.raises(Refusal, match="ahead"):
        judges.judge([number], person("sato"), replace(FALSE_ALARM, suppress_until=NOW))


def test_an_unknown_finding_is_refused_by_name(judges: Judges, person: People) -> None:
    with pytest.raises(Refusal, match="F-00999"):
        judges.judge([999], person("sato"), INCIDENT)
    for name in ("R-00001", "F-x", "F-"):
        with pytest.raises(Refusal):
            reading.number_of(name)


def test_nobody_judges_a_finding_in_which_their_account_is_one_of_many(
    store: Store, judges: Judges, match: Match, person: People
) -> None:
    many = raise_findings(store, [replace(match, account="", facts={"owners": ["S2", "S9"]})]).new[0]
    with pytest.raises(Refusal, match="themselves"):
        judges.judge([many], person("yamada"), INCIDENT)
    judges.judge([many], person("sato"), INCIDENT)


def test_a_finding_is_given_to_somebody_who_judges_and_to_nobody_else(
    store: Store, judges: Judges, number: int, person: People
) -> None:
    assert [each.login for each in judges.colleagues(person("sato"))] == ["yamada", "ito"]
    judges.assign(number, person("sato"), to="S3")
    assert (reading.get(store, number).state, reading.get(store, number).assignee) == (State.ASSIGNED, "S3")
    with pytest.raises(Refusal, match="S4 judges no findings"):
        judges.assign(number, person("sato"), to="S4")
