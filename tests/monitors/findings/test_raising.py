"""What the rules matched becomes findings: once for the same evidence."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from accesscontrol.requests.desk import Acting
from accesscontrol.store import Store
from accesscontrol.trail import entries
from monitors.findings import reading
from monitors.findings.judging import Judgement, Judges
from monitors.findings.matches import Match
from monitors.findings.raising import raise_findings
from monitors.findings.states import State

from .conftest import NOW


def test_a_match_becomes_a_finding_with_its_evidence_and_its_entry(store: Store, match: Match) -> None:
    raised = raise_findings(store, [match])
    finding = reading.get(store, raised.new[0])
    assert (finding.rule, finding.state, finding.account, finding.count) == ("failure-burst", State.NEW, "k.tanaka", 3)
    assert reading.events_of(store, finding.number) == [11, 12, 13]
    assert reading.segments_of(store, finding.number) == ["a" * 64]
    assert [entry.act for entry in entries.about(store, finding.id)] == ["finding.raised"]


def test_the_same_evidence_never_raises_two_findings(store: Store, match: Match) -> None:
    raise_findings(store, [match])
    again = raise_findings(store, [match, match])
    assert (again.new, again.continued, again.known) == ([], [], 2)


def test_a_part_of_known_evidence_is_known(store: Store, match: Match) -> None:
    raise_findings(store, [match])
    assert raise_findings(store, [replace(match, event_ids=(12, 13), count=2)]).known == 1


def test_what_goes_on_within_the_window_belongs_to_the_open_finding(
    store: Store, match: Match, later: Callable[..., Match]
) -> None:
    first = raise_findings(store, [match]).new[0]
    raised = raise_findings(store, [later(10, 13, 14, 15)])
    assert (raised.new, raised.continued) == ([], [first])
    finding = reading.get(store, first)
    assert (finding.count, finding.last) == (5, match.last + timedelta(minutes=10))
    assert reading.events_of(store, first) == [11, 12, 13, 14, 15]


def test_what_comes_after_the_window_is_another_finding(
    store: Store, match: Match, later: Callable[..., Match]
) -> None:
    raise_findings(store, [match])
    assert len(raise_findings(store, [later(120, 21, 22, 23)]).new) == 1


def test_a_judged_finding_is_not_continued(
    store: Store,
    match: Match,
    later: Callable[..., Match],
    judges: Judges,
    person: Callable[[str], Acting],
) -> None:
    number = raise_findings(store, [match]).new[0]
    judges.judge([number], person("sato"), Judgement(state=State.INCIDENT, reason="reported"))
    assert len(raise_findings(store, [later(5, 31, 32, 33)]).new) == 1


def test_another_account_is_another_finding(store: Store, match: Match) -> None:
    other = replace(match, account="m.ito", group="account=m.ito", event_ids=(41, 42))
    assert len(raise_findings(store, [match, other]).new) == 2


def test_a_fault_in_one_match_leaves_no_finding_at_all(store: Store, match: Match) -> None:
    broken = replace(match, group="account=other", event_ids=(51,), facts={"bad": float("nan")})
    with pytest.raises(ValueError, match=r"(?i)nan"):
        raise_findings(store, [match, broken])
    assert reading.open_count(store) == 0
    assert not [entry for entry in entries.page(store) if entry.act == "finding.raised"]


def test_hostile_text_is_kept_as_data(store: Store, match: Match) -> None:
    hostile = "[/x][@click=app.quit]\x1b]0;t\x07\u202ek"
    number = raise_findings(store, [replace(match, account=hostile, group=hostile)]).new[0]
    assert reading.get(store, number).account == hostile


def test_open_findings_are_counted_and_the_oldest_is_known(store: Store, match: Match) -> None:
    raise_findings(store, [match])
    assert reading.open_count(store) == 1
    assert reading.open_count(store, raised_before=NOW) == 0
    assert reading.oldest_open(store) == NOW
