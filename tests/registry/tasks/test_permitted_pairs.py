"""Nothing leaves along a pair that is not permitted; a pair is entered and ended by approval."""

import sqlite3
from collections.abc import Iterable

import pytest

from accesscontrol.refusals import Refusal
from accesscontrol.requests.states import State
from registry.tasks.permitted_pairs import Entry, Way, off_declared, pairs, require_permitted
from tests.registry.tasks.hall import Hall

TAX = {
    "file": 1,
    "way": "transfer",
    "recipient": "tax office",
    "ground": "ordinance 9",
    "purpose": "city tax",
    "method": "in-house linkage",
    "timing": "daily",
    "items": [8, 21],
}


def covered(hall: Hall, items: Iterable[int] = (8,), *, purpose: str = "city tax") -> Entry:
    return require_permitted(
        hall.store,
        file=1,
        way=Way.transfer,
        recipient="tax office",
        purpose=purpose,
        method="in-house linkage",
        items=items,
    )


def test_a_new_installation_permits_what_the_assessment_names(sqlite_hall: Hall) -> None:
    found = [(entry.pair.file, entry.pair.way) for entry in pairs(sqlite_hall.store)]
    assert found == [(1, Way.provision)] * 2 + [(2, Way.provision)] * 2 + [(3, Way.provision)]
    assert off_declared(sqlite_hall.store) == {(1, Way.provision): 2, (1, Way.transfer): 0}


def test_a_pair_is_permitted_once_it_was_approved_and_until_it_is_ended(sqlite_hall: Hall) -> None:
    with pytest.raises(Refusal):
        covered(sqlite_hall)
    done = sqlite_hall.execute(sqlite_hall.approved("permitted-pair-add", TAX))
    assert done.state is State.DONE
    entry = covered(sqlite_hall, (8, 21))
    with pytest.raises(Refusal) as refused:
        covered(sqlite_hall, (8, 22))
    assert refused.value.control == "RG-PRV-01"
    with pytest.raises(Refusal):
        covered(sqlite_hall, purpose="marketing")
    with pytest.raises(Refusal, match="permitted already"):
        sqlite_hall.approved("permitted-pair-add", TAX)
    sqlite_hall.execute(sqlite_hall.approved("permitted-pair-end", {"number": entry.number}))
    with pytest.raises(Refusal):
        covered(sqlite_hall)
    with pytest.raises(Refusal, match="no permitted pair"):
        sqlite_hall.approved("permitted-pair-end", {"number": entry.number})


@pytest.mark.parametrize("file", [2, 3])
def test_files_2_and_3_are_never_transferred(sqlite_hall: Hall, file: int) -> None:
    with pytest.raises(Refusal, match="not declared"):
        sqlite_hall.approved("permitted-pair-add", {**TAX, "file": file, "items": [1]})
    insert = (
        "INSERT INTO permitted_pair (file, way, recipient, ground, purpose, method, timing, items, since)"
        " VALUES (?, 'transfer', 'r', 'g', 'p', 'm', 't', '[]', '')"
    )
    with sqlite_hall.store.transaction() as tx:
        tx.record("permitted-pair.added", actor="system", subject="9")
        with pytest.raises(sqlite3.IntegrityError, match="CHECK constraint"):
            tx.execute(insert, (file,))


def test_an_item_that_the_file_does_not_have_is_refused(sqlite_hall: Hall) -> None:
    with pytest.raises(Refusal, match="from 1 to 93"):
        sqlite_hall.approved("permitted-pair-add", {**TAX, "items": [94]})
