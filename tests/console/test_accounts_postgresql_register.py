"""The user IDs of a register in PostgreSQL: read by its reading role, changed through recorded sessions on its host."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from accesscontrol.accounts import adopting, listing, persons, reading
from accesscontrol.accounts.model import Cause, Person, Terms
from accesscontrol.sessions import ledger
from console import accounts, upkeep
from console.accounts import REGISTER
from console.commands.accounts import group
from tests.console.commands.desk import answer, call, call_as
from tests.console.test_maintenance_postgresql import ask, ask_nothing, target, town

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.console.town import Town

__all__ = ["ask", "target", "town"]

LOGIN = "S0007"
LEFT = timedelta(minutes=10)  # the clock of the host is the real one


@pytest.fixture
def owned(town: Town) -> Town:
    """The town whose register was read, and where one of its IDs has an owner for ten minutes more."""
    assert answer(call(town, group, "sync", "--json"))[REGISTER]["state"] == "ok"
    with town.site.store.transaction() as tx:
        person = Person(staff_number=LOGIN, name="x", valid_from=tx.at, valid_until=tx.at + LEFT)
        persons.enter_person(tx, person, actor="S0102")
        terms = Terms(cause=Cause.TAKEOVER, granted_by="S0101", valid_from=tx.at)
        adopting.link(tx, REGISTER, LOGIN, LOGIN, terms, actor="S0102")
    return town


def enabled(ask: Callable[[str], Any]) -> int:
    ((found,),) = ask(f"SELECT enabled FROM registry_account WHERE login = '{LOGIN}'")
    return int(found)


def test_the_ids_of_the_database_are_read_and_lapse_in_it_through_a_session_of_the_console(
    owned: Town, ask: Callable[[str], Any]
) -> None:
    ((count,),) = ask("SELECT count(*) FROM registry_account")
    assert len(answer(call(owned, group, "list", "--system", REGISTER, "--json"))) == count
    assert not ledger.listed(owned.site.store)  # looking needs no session
    assert upkeep.tick(owned.site)["accounts"]["changed"] == [f"{REGISTER}/{LOGIN}"]
    assert enabled(ask) == 1
    owned.clock.advance(LEFT)
    assert upkeep.tick(owned.site)["accounts"]["lapsed"] == [f"{REGISTER}/{LOGIN}"]
    assert enabled(ask) == 0
    sessions = [each for each in ledger.listed(owned.site.store) if each.request == "register-accounts"]
    assert {(each.host, each.executor, each.tunnel, each.state) for each in sessions} == {
        ("register-db", "system", True, ledger.State.ENDED)
    }


def test_an_id_is_disabled_by_hand_in_the_database(owned: Town, ask: Callable[[str], Any]) -> None:
    disable = ("disable", REGISTER, LOGIN, "--reason", "incident", "--note", "card lost")
    assert "is disabled" in call_as(owned, "yamada", group, *disable).stdout
    assert enabled(ask) == 0


def test_a_database_that_is_away_is_unreadable_and_its_lapses_wait(owned: Town, ask: Callable[[str], Any]) -> None:
    ask_nothing(ask, "ALTER TABLE registry_account RENAME TO away")
    done = call(owned, group, "sync", "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout)[REGISTER]["state"] == "unreadable"
    owned.clock.advance(LEFT)
    assert accounts.tick(owned.site)["open"] == [f"{REGISTER}/{LOGIN}"]
    assert accounts.proof(owned.site).unknown > 0
    ask_nothing(ask, "ALTER TABLE away RENAME TO registry_account")
    assert accounts.tick(owned.site)["lapsed"] == [f"{REGISTER}/{LOGIN}"]
    lines = listing.listed(owned.site.store, accounts.sources(owned.site), owned.clock.now())
    assert next(each for each in lines if each.user_id == LOGIN).enabled is False
    assert reading.get_account(owned.site.store, REGISTER, LOGIN).staff_number == LOGIN
