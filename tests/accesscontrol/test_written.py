"""An individual number is refused where a person writes words, and let be where a system's code stands."""

from typing import Any

import pytest

from accesscontrol import written
from accesscontrol.individual_numbers import is_individual_number
from accesscontrol.refusals import Refusal
from accesscontrol.store import Store

NUMBER = "123456789018"


@pytest.mark.parametrize(
    "parameters",
    [
        {"purpose": f"for {NUMBER}"},
        {"purpose": NUMBER},
        {"carrier": "1234-5678-9018"},
        {"acts": [{"note": "１２３４５６７８９０１８"}]},
        {"sql": f"UPDATE basic SET note = 'x' WHERE number = '{NUMBER}'"},
        {"record": f"{NUMBER} of the family"},
    ],
)
def test_parameters_hold_no_individual_number(parameters: dict[str, Any]) -> None:
    with pytest.raises(Refusal, match="An individual number stands in") as refused:
        written.check_parameters(parameters, {})
    assert "9018" not in str(refused.value)


def test_an_instant_in_digits_that_looks_like_one_is_refused_with_the_form_that_is_not() -> None:
    stamps = [f"2026112510{minute:02d}" for minute in range(60)]
    alike = [stamp for stamp in stamps if is_individual_number(stamp)]
    assert alike
    for stamp in alike:
        with pytest.raises(Refusal, match="2026-11-25 10:30"):
            written.check_parameters({"purpose": f"log of {stamp}"}, {})
        written.check_parameters({"purpose": f"log of 2026-11-25 10:{stamp[-2:]}"}, {})


@pytest.mark.parametrize(
    "parameters",
    [
        {"record": NUMBER, "medium": NUMBER, "serial": NUMBER, "acts": [{"user_id": NUMBER}]},
        {"sealed_sha256": f"{NUMBER:a<64}", "amount": 123456789018, "events": None},
        {"purpose": "telephone 03-1234-5678, file 123456-789018, 2026-11-24"},
        {"sql": "SELECT * FROM basic WHERE record = '123456' || '789018'"},
        {"purpose": "123456789019"},
    ],
)
def test_codes_and_digests_and_other_numbers_are_let_be(parameters: dict[str, Any]) -> None:
    written.check_parameters(parameters, {})


def test_the_words_of_a_persons_act_are_refused_and_nothing_of_it_stays(store: Store) -> None:
    def comment() -> None:
        with store.transaction() as tx:
            tx.execute("CREATE TABLE note (text TEXT)")
            tx.record("finding.commented", actor="S1", text=f"it was {NUMBER}")

    with pytest.raises(Refusal, match="stands in the comment"):
        comment()
    assert store.rows("SELECT name FROM sqlite_master WHERE name = 'note'") == []


@pytest.mark.parametrize(
    "entry",
    [
        {"act": "output.written", "actor": "S1", "outcome": "failed", "reason": f"no file {NUMBER}"},
        {"act": "session.ended", "actor": "S1", "reason": f"the host said {NUMBER}"},
        {"act": "backup.given-up", "actor": "system", "reason": f"no file {NUMBER}"},
        {"act": "medium.moved", "actor": "S1", "serial": NUMBER},
    ],
)
def test_what_systems_say_is_masked_and_never_holds_up_an_act(store: Store, entry: dict[str, str]) -> None:
    with store.transaction() as tx:
        tx.record(**entry)
    row = store.row("SELECT body FROM trail_entry ORDER BY seq DESC LIMIT 1")
    assert row is not None
    assert NUMBER not in str(row["body"])
