"""A terminal leaves the office only as the information security manager permits, and is missed when it stays away."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from accesscontrol.people import outings, terminals
from accesscontrol.people.roles import Role
from accesscontrol.people.terminals import TerminalState
from accesscontrol.refusals import Refusal
from accesscontrol.requests import decisions, gate, submission
from accesscontrol.requests.reading import Request
from accesscontrol.requests.states import State
from console import custody, terminal_findings, translation
from console.finding_words import spoken_explanation
from monitors.findings import reading as findings
from monitors.findings.states import State as Judgement
from tests.console.second_persons import signing
from tests.console.town import Town

OUT = {"terminal": "office-01", "staff_number": "S0999", "purpose": "出張窓口の受付", "last_day": "2026-11-25"}


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A town whose security officer is its information security manager, too."""
    translation.choose("en")
    town = Town.copied_to(tmp_path)
    town.give("sato", Role.INFOSEC_MANAGER)
    yield town
    town.site.store.close()


def asked(town: Town, **changed: Any) -> Request:
    return submission.submit(
        town.site.desk, "terminal-take-out", {**OUT, **changed}, town.acting("yamada"), reason="no line there"
    )


def taken_out(town: Town) -> Request:
    request = asked(town)
    decisions.approve(town.site.desk, request.id, town.acting("sato"), seen=request.digest, sign=signing(town, "sato"))
    return gate.execute(town.site.desk, request.id, town.acting("suzuki"))


def state(town: Town) -> TerminalState:
    found = terminals.find(town.site.store, "office-01")
    assert found is not None
    return found.state


def test_it_is_out_only_after_the_permission_with_reason_period_and_person(town: Town) -> None:
    request = asked(town)
    with pytest.raises(Refusal):
        gate.execute(town.site.desk, request.id, town.acting("suzuki"))
    assert state(town) is TerminalState.REGISTERED
    assert taken_out(town).state is State.DONE
    assert state(town) is TerminalState.OUT
    (entry,) = town.entries("terminal.taken-out")
    assert (entry.subject, entry.actor) == ("office-01", "S0104")
    assert {each: entry.details[each] for each in ("staff_number", "purpose", "due")} == {
        "staff_number": "S0999",
        "purpose": "出張窓口の受付",
        "due": "2026-11-25T15:00:00.000000+00:00",
    }


def test_nobody_else_permits_it_nor_whoever_carries_it(town: Town) -> None:
    with pytest.raises(Refusal, match="lawfully approve"):
        asked(town, staff_number="S0101")
    other = asked(town)
    with pytest.raises(Refusal):
        decisions.approve(town.site.desk, other.id, town.acting("ito"), seen=other.digest, sign=signing(town, "ito"))


@pytest.mark.parametrize("wrong", [{"terminal": "nowhere"}, {"last_day": "2026-11-23"}, {"purpose": ""}])
def test_what_makes_no_sense_is_not_even_asked_for(town: Town, wrong: dict[str, str]) -> None:
    with pytest.raises(Refusal):
        asked(town, **wrong)


def test_one_that_is_out_is_not_taken_out_again(town: Town) -> None:
    taken_out(town)
    with pytest.raises(Refusal, match="taken out"):
        asked(town)


def test_one_that_stays_away_is_a_finding_until_it_is_back(town: Town) -> None:
    taken_out(town)
    assert terminal_findings.find(town.site) == []
    town.clock.advance(timedelta(days=2))
    assert len(terminal_findings.find(town.site)) == 1
    assert terminal_findings.find(town.site) == []
    (finding,) = [each for each in findings.listed(town.site.store) if each.rule == terminal_findings.LATE]
    assert "S0999" in spoken_explanation(finding)
    assert list(finding.controls) == ["AC-TRM-01"]
    custody.terminal_back(town.site, "office-01", town.acting("yamada"))
    assert state(town) is TerminalState.REGISTERED
    terminal_findings.find(town.site)
    (finding,) = [each for each in findings.listed(town.site.store) if each.rule == terminal_findings.LATE]
    assert finding.state is Judgement.MADE_GOOD
    (outing,) = outings.every(town.site.store)
    assert outing.back_at == town.clock.now()


def test_a_damaged_taking_out_holds_up_no_other_and_ends_no_finding(town: Town) -> None:
    taken_out(town)
    town.clock.advance(timedelta(days=2))
    assert len(terminal_findings.find(town.site)) == 1
    with town.site.store.bookkeeping() as connection:
        connection.execute(
            "INSERT INTO terminal_outing (terminal, staff_number, purpose, due, request, out_at, back_at)"
            " SELECT terminal, staff_number, purpose, due, request, out_at, out_at FROM terminal_outing"
        )
        connection.execute("UPDATE terminal_outing SET due = '2026-13-45' WHERE back_at IS NULL")
    assert terminal_findings.find(town.site) == []
    assert any("Row 1 of the table terminal_outing is damaged" in each for each in town.site.store.damage)
    assert len(outings.every(town.site.store)) == 1
    (finding,) = [each for each in findings.listed(town.site.store) if each.rule == terminal_findings.LATE]
    assert finding.state is Judgement.NEW


def test_only_a_custodian_says_that_one_is_back_and_only_of_one_that_is_out(town: Town) -> None:
    with pytest.raises(Refusal, match="is not out"):
        custody.terminal_back(town.site, "office-01", town.acting("yamada"))
    taken_out(town)
    with pytest.raises(Refusal, match="role"):
        custody.terminal_back(town.site, "office-01", town.acting("ito"))


def test_one_is_removed_for_good_from_another_terminal_only(town: Town) -> None:
    yamada = town.acting("yamada")
    with pytest.raises(Refusal, match="another one"):
        custody.remove_terminal(town.site, yamada.terminal, yamada, reason="scrapped")
    custody.remove_terminal(town.site, "office-01", yamada, reason="scrapped")
    assert state(town) is TerminalState.REMOVED
