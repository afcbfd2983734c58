"""A regular check of the register that nobody ran in time is a finding, until it is run."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from console import maintenance, overdue_runs, translation
from console.finding_words import spoken_explanation
from monitors.findings import reading as findings
from monitors.findings.reading import Finding
from monitors.findings.states import State
from registry.tasks.catalogue import CATALOGUE
from tests.console.town import Town


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A town of ten days."""
    translation.choose("en")
    town = Town.copied_to(tmp_path)
    yield town
    town.site.store.close()


def found(town: Town) -> dict[str, Finding]:
    return {each.group: each for each in findings.listed(town.site.store) if each.rule == overdue_runs.NOT_RUN}


def test_a_check_that_nobody_ran_is_one_finding_until_it_is_run(town: Town) -> None:
    assert overdue_runs.find(town.site) == []
    town.clock.advance(timedelta(days=30))  # a month of its own, and a long weekend
    assert len(overdue_runs.find(town.site)) == 4
    assert overdue_runs.find(town.site) == []
    finding = found(town)["task=reconcile"]
    assert list(finding.controls) == ["RG-INT-09"]
    assert "The task reconcile was due on" in spoken_explanation(finding)
    maintenance.run_now(town.site, CATALOGUE["reconcile"], town.acting("yamada"), {})
    overdue_runs.find(town.site)
    assert found(town)["task=reconcile"].state is State.MADE_GOOD
    assert found(town)["task=check-records"].state is State.NEW


def test_one_that_was_run_is_missed_again_after_its_rhythm_and_four_days(town: Town) -> None:
    maintenance.run_now(town.site, CATALOGUE["reconcile"], town.acting("yamada"), {})
    town.clock.advance(timedelta(days=5))
    assert overdue_runs.find(town.site) == []
    town.clock.advance(timedelta(days=1))
    overdue_runs.find(town.site)
    assert found(town).keys() == {"task=reconcile"}
