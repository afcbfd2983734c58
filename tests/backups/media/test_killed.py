"""A process that is killed while it writes to a medium leaves no finished file and a line that says so."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from accesscontrol.refusals import Refusal
from accesscontrol.requests import gate, reading
from accesscontrol.requests.states import State
from accesscontrol.store import Store
from backups import ledger
from backups.catalogue import Catalogue
from backups.exports import KIND, backup_export_kind
from tests.backups.office import ZONE, Office


@pytest.mark.parametrize("calls", [1, 2, 4, 6])
def test_a_kill_in_the_middle_is_shown_as_broken_off_and_never_as_out(
    catalogue: Catalogue, parameters: dict[str, Any], tmp_path: Path, calls: int
) -> None:
    kind = backup_export_kind(catalogue, zone=ZONE, witness=False)
    office = Office(catalogue.store, kind)
    request = office.approve(office.submit(KIND, parameters))
    child = os.fork()
    if child == 0:
        _execute_and_die(office, catalogue, request.id, calls)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    assert gate.recover(office.desk) == [request.id]
    assert reading.get(office.store, request.id).state is State.INTERRUPTED
    (line,) = ledger.broken_off(office.store)
    assert (line.state, line.written_at) == ("writing", None)
    names = {path.name for path in (tmp_path / "medium").iterdir()}
    assert "B-00001.age" not in names  # the sealed file gets its name last of all
    with pytest.raises(Refusal):
        office.execute(request)
    with pytest.raises(Refusal, match="what was found"):
        ledger.settle(office.store, line.number, out=False, note=" ", actor="S-sato", terminal="SR-01")
    note = "half file removed"
    settled = ledger.settle(office.store, line.number, out=False, note=note, actor="S-sato", terminal="SR-01")
    assert (settled.state, settled.note) == ("failed", note)
    assert ledger.broken_off(office.store) == []
    with pytest.raises(Refusal, match="not broken off"):
        ledger.settle(office.store, line.number, out=True, note=note, actor="S-sato", terminal="SR-01")


def _execute_and_die(office: Office, catalogue: Catalogue, request: str, calls: int) -> None:
    """Run the gate in this (forked) process with a store of its own, and die at the n-th progress."""
    left = [calls]

    def die(done: int, total: int) -> None:
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)

    own = Store(catalogue.store.path, catalogue.store.clock)
    kind = backup_export_kind(Catalogue(own, catalogue.folder), zone=ZONE, witness=False)
    desk = office.desk.__class__(
        store=own,
        kinds={kind.name: kind},
        zone=ZONE,
        seal=lambda: None,
        business_days_after=office.desk.business_days_after,
    )
    gate.execute(desk, request, office.acting("ogawa"), progress=die)
    os._exit(0)
