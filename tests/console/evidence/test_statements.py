"""A named person states something about a control: signed, in the trail, and only by whoever is responsible."""

from pathlib import Path

import pytest

from accesscontrol.people.keys import Signature
from accesscontrol.people.secret import Secret
from accesscontrol.refusals import Refusal
from accesscontrol.requests.decisions import signed_by
from console.commands.context import Credentials, InPlace
from console.evidence import statements
from console.evidence.statements import Statement
from tests.console.town import PASSWORD, Town

WORDS, REFERENCE = "サーバ室の入室管理・監視カメラ・ラックの施錠を確認した", "情管第12号"


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town.copied_to(tmp_path)


def enter(town: Town, control: str, words: str = WORDS, login: str = "sato", reference: str = REFERENCE) -> Statement:
    present = InPlace(town.site, login, Credentials(Secret(PASSWORD), Secret(town.code(login))))
    return statements.enter(town.site.store, control, words, reference, present.acting, sign=present.sign)


def test_a_statement_is_signed_and_stands_in_the_trail(town: Town) -> None:
    entered = enter(town, "co-phy-01")
    (entry,) = town.entries(statements.STATED)
    assert (entry.subject, entry.actor) == ("CO-PHY-01", "S0101")
    assert (entry.details["words"], entry.details["reference"]) == (WORDS, REFERENCE)
    actor = town.acting("sato")
    message = statements.statement("CO-PHY-01", WORDS, REFERENCE, actor)
    signature = bytes.fromhex(entry.details["signature"])
    key = entry.details["key"]
    assert signed_by(town.site.store, actor, message, signature, key_id=key, at=entered.at)
    changed = statements.statement("CO-PHY-01", "something else", REFERENCE, actor)
    assert not signed_by(town.site.store, actor, changed, signature, key_id=key, at=entered.at)


def test_only_whoever_is_responsible_states_something(town: Town) -> None:
    with pytest.raises(Refusal, match="role that you don't hold") as refused:
        enter(town, "CO-PHY-01", login="nakamura")
    assert refused.value.control == "CO-PHY-01"
    assert town.entries(statements.STATED) == []
    assert enter(town, "CO-GOV-02", login="nakamura").staff_number == "S0106"


def test_a_signature_over_other_words_is_refused(town: Town) -> None:
    present = InPlace(town.site, "sato", Credentials(Secret(PASSWORD), Secret(town.code("sato"))))

    def other(_message: bytes) -> Signature:
        return present.sign(b"other words")

    with pytest.raises(Refusal, match="signature doesn't fit"):
        statements.enter(town.site.store, "CO-PHY-01", WORDS, REFERENCE, present.acting, sign=other)
    assert town.entries(statements.STATED) == []


@pytest.mark.parametrize(
    ("words", "reference"),
    [("", REFERENCE), (WORDS, " "), ("one\ntwo", REFERENCE), ("\x1b[2J", REFERENCE), (WORDS, "x" * 501)],
)
def test_words_and_reference_are_one_filled_line_each(town: Town, words: str, reference: str) -> None:
    with pytest.raises(Refusal, match="one line each"):
        enter(town, "CO-PHY-01", words, reference=reference)


def test_an_individual_number_is_never_kept(town: Town) -> None:
    with pytest.raises(Refusal, match="individual number"):
        enter(town, "CO-PHY-01", "1234 5678 9018 を確認")
    assert town.entries(statements.STATED) == []
