"""A finding whose cause is gone ends by itself; what isn't found any more may stand in a damaged row."""

from accesscontrol.store import DamagedError, Store
from monitors.findings import reading
from monitors.findings.making_good import make_good
from monitors.findings.matches import Match
from monitors.findings.raising import raise_findings
from monitors.findings.states import State


def test_beside_a_damaged_row_a_finding_ends_only_when_what_came_was_read_itself(store: Store, match: Match) -> None:
    (number,) = raise_findings(store, [match]).new
    store.note_damage(DamagedError("a row is damaged"))
    assert make_good(store, match.rule, match.group, by="nothing is found any more") == []
    assert reading.get(store, number).state is State.NEW
    assert make_good(store, match.rule, match.group, by="V-0001", is_seen=True) == [reading.get(store, number).id]
    assert reading.get(store, number).state is State.MADE_GOOD
