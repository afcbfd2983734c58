"""A medium ends by the statement of two persons, in the terms of NIST SP 800-88 Rev. 2, and is never used again."""

from dataclasses import replace
from datetime import date

import pytest

from accesscontrol.clock import FixedClock
from accesscontrol.refusals import Refusal
from accesscontrol.store import Store
from backups import ledger
from backups.media import disposal, movements, register
from backups.media.disposal import Disposal, Statement
from tests.backups.media.ledgers import STORES, medium, output
from tests.backups.media.test_movements import MOVE
from tests.backups.office import ZONE

CLEAR = Statement(
    medium="M-0001",
    method="clear",
    technique="全領域1回上書き",
    tool="blkdiscard 2.38",
    verification="512 of 512 samples read back zero",
    place="サーバ室",
    performer="S-ogawa",
    witness="S-suzuki",
    day=date(2026, 11, 24),
)
DESTROY = replace(CLEAR, method="destroy", technique="破砕", certificate="廃-2026-17", evidence="a" * 64)


def end(store: Store, said: Statement) -> Disposal:
    return disposal.dispose(store, said, zone=ZONE, actor="S-ito", terminal="SR-01")


def test_the_line_names_serial_method_persons_and_everything_that_was_on_it(store: Store) -> None:
    number = output(store, medium(store), ending="destroy")
    line = end(store, DESTROY)
    assert (line.number, line.serial, line.contents) == (1, "S5R9", [number])
    assert ledger.find(store, number).state == "destroyed"
    assert register.find_by_id(store, "M-0001").state == "disposed"
    assert disposal.page(store)[0].to_json()["certificate"] == "廃-2026-17"


def test_only_a_destruction_says_beyond_recovery_and_it_is_the_persons_who_say_it(store: Store) -> None:
    medium(store)
    medium(store)
    cleared = str(end(store, CLEAR).sentence())
    assert "beyond recovery" not in cleared
    assert "overwritten" in cleared
    destroyed = str(end(store, replace(DESTROY, medium="M-0002")).sentence())
    assert destroyed.startswith("S-ogawa and S-suzuki state that M-0002 was destroyed beyond recovery")


@pytest.mark.parametrize(
    "said",
    [
        replace(CLEAR, witness="S-ogawa"),
        replace(CLEAR, witness=" "),
        replace(CLEAR, verification=""),
        replace(CLEAR, method="degauss"),
        replace(CLEAR, day=date(2026, 11, 25)),
        replace(CLEAR, evidence="photo"),
        replace(DESTROY, certificate=""),
        replace(DESTROY, evidence=""),
        replace(CLEAR, medium="M-0009"),
    ],
)
def test_a_disposal_with_a_gap_in_it_is_refused(store: Store, said: Statement) -> None:
    medium(store)
    with pytest.raises(Refusal):
        end(store, said)
    assert register.find_by_id(store, "M-0001").state == "registered"


def test_a_disposed_medium_is_never_used_again(store: Store) -> None:
    medium(store)
    end(store, CLEAR)
    with pytest.raises(Refusal, match="not in use"):
        end(store, CLEAR)
    with pytest.raises(Refusal, match="not in use"):
        movements.move(store, STORES, MOVE, actor="S-ito", terminal="SR-01")


def test_media_past_their_storage_period_are_listed(store: Store, clock: FixedClock) -> None:
    medium(store, keep_until=date(2026, 11, 24))
    medium(store, keep_until=date(2026, 11, 23))
    medium(store)
    assert [each.id for each in disposal.due(store, clock.now(), ZONE)] == ["M-0002"]
