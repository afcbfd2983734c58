"""A batch of forms runs through issued, handed over, stored and disposed of; no step is skipped."""

from datetime import date

import pytest

from accesscontrol.clock import FixedClock
from accesscontrol.refusals import Refusal
from accesscontrol.store import Store
from backups import forms
from backups.forms import Batch, Step
from tests.backups.office import ZONE


@pytest.fixture
def batch(store: Store) -> Batch:
    return forms.issue(store, "異動届", 120, date(2026, 11, 23), place="市民課", actor="S-mori", terminal="OZ-03")


def go(store: Store, state: str, **change: str) -> Batch:
    step = Step(state=state, partner=change.get("partner", "S-ito"), place="倉庫A", method=change.get("method", ""))
    return forms.advance(store, 1, step, actor="S-mori", terminal="OZ-03")


def test_a_batch_runs_through_every_step(store: Store, batch: Batch) -> None:
    assert (batch.number, batch.state) == (1, "issued")
    for state in ("handed-over", "stored"):
        assert go(store, state).state == state
    assert go(store, "disposed", method="shredding").state == "disposed"
    with pytest.raises(Refusal):
        go(store, "issued")
    acts = [row["act"] for row in store.rows("SELECT act FROM trail_entry WHERE act LIKE 'forms.%'")]
    assert acts == ["forms.issued", "forms.handed-over", "forms.stored", "forms.disposed"]


@pytest.mark.parametrize("state", ["stored", "disposed", "issued", "lost"])
def test_no_step_is_skipped_or_repeated(store: Store, batch: Batch, state: str) -> None:
    with pytest.raises(Refusal, match="next step is handed over"):
        go(store, state, method="shredding")


def test_a_disposal_names_how_and_a_second_person(store: Store, batch: Batch) -> None:
    go(store, "handed-over")
    go(store, "stored")
    with pytest.raises(Refusal, match="shredding"):
        go(store, "disposed", method="thrown away")
    with pytest.raises(Refusal, match="somebody else"):
        go(store, "disposed", method="burning", partner="S-mori")


def test_batches_past_their_period_are_listed(store: Store, batch: Batch, clock: FixedClock) -> None:
    forms.issue(store, "申請書", 1, date(2026, 11, 24), place="市民課", actor="S-mori", terminal="OZ-03")
    assert [each.number for each in forms.past_period(store, clock.now(), ZONE)] == [1]
    assert [each.to_json()["number"] for each in forms.page(store)] == [2, 1]


@pytest.mark.parametrize(("form", "sheets"), [("", 1), ("異動届", 0), ("異動\x07届", 1)])
def test_a_batch_that_makes_no_sense_is_refused(store: Store, form: str, sheets: int) -> None:
    with pytest.raises(Refusal):
        forms.issue(store, form, sheets, date(2027, 1, 1), place="市民課", actor="S-mori", terminal="OZ-03")
