"""``sekisho accounts`` at the command line, on a real register and on systems with account lists."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from accesscontrol.accounts import adopting, persons, reading
from accesscontrol.accounts.model import Cause, Person, Terms
from accesscontrol.refusals import Refusal
from console import accounts, translation, upkeep
from console import settings as site_settings
from console.commands.accounts import group
from monitors.facts import AccountState
from registry import accounts as registry_accounts
from registry.databases import open_registry
from tests.console.commands.desk import answer, call, call_as
from tests.console.town import Town

LISTS = """
[[systems]]
name = "addressee"
connector = "csv-ledger"
stale_hours = 700
"""


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """The town with the embedded register (120 accounts of people who are not entered yet)."""
    translation.choose("en")
    return Town.copied_to(tmp_path)


@pytest.fixture
def staffed(town: Town) -> Town:
    """The town whose register's people are known."""
    with open_registry(town.home / "registry" / "registry.sqlite3", read_only=True) as registry:
        found = registry_accounts.accounts(registry)
    with town.site.store.transaction() as tx:
        for each in found:
            person = Person(
                staff_number=each.staff_number, name=each.display_name, valid_from=each.created_at, valid_until=None
            )
            persons.enter_person(tx, person, actor="S0102")
    call(town, group, "sync")
    return town


def register_account(town: Town, login: str) -> registry_accounts.RegistryAccount:
    with open_registry(town.home / "registry" / "registry.sqlite3", read_only=True) as registry:
        return next(each for each in registry_accounts.accounts(registry) if each.login == login)


def test_sync_answers_for_each_system(town: Town) -> None:
    assert answer(call(town, group, "sync", "--json")) == {
        "register": {
            "read_at": "2026-11-24T00:12:00.000000+00:00",
            "state": "ok",
            "accounts": 120,
            "linked": 0,
            "unmatched": 120,
            "disputed": 0,
            "unreadable": 0,
        }
    }


def test_a_system_that_is_unreadable_comes_first_and_exits_1(town: Town) -> None:
    with (town.home / site_settings.FILE).open("a") as file:
        file.write(LISTS)
    done = call(town, group, "sync", "--json")
    assert done.exit_code == 1
    assert done.stdout.index("addressee") < done.stdout.index("register")
    assert "no account list of addressee" in call(town, group, "sync").stdout
    proof = call(town, group, "leftover", "--json")
    first = json.loads(proof.stdout)["items"][0]
    assert (proof.exit_code, first["system"], first["why"]) == (1, "addressee", "unreadable")
    assert "name no system x" in call(town, group, "sync", "x").stderr


def test_leftover_is_proven_at_a_reading_and_exits_1_until_both_are_zero(staffed: Town) -> None:
    done = call(staffed, group, "leftover", "--json")
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert (list(told), told["leftover"], told["unknown"]) == (["leftover", "unknown", "items"], 120, 0)
    assert "Left over: 120, unknown: 0, as read at 2026-11-24" in call(staffed, group, "leftover").stdout
    with staffed.site.store.transaction() as tx:
        terms = Terms(cause=Cause.TAKEOVER, granted_by="S0101", valid_from=tx.at)
        for number in range(1, 121):
            adopting.link(tx, "register", f"S{number:04}", f"S{number:04}", terms, actor="S0102")
    proof = answer(call(staffed, group, "leftover", "--json"))
    assert proof == {"leftover": 0, "unknown": 0, "items": []}
    staffed.clock.advance(timedelta(hours=27))
    assert call(staffed, group, "leftover", "--json").exit_code == 1


def test_an_id_is_linked_disabled_enabled_and_lapses_in_the_register_itself(staffed: Town) -> None:
    linked = call_as(staffed, "yamada", group, "link", "register", "S0007", "S0007", "--rule", "R4")
    assert linked.stdout.splitlines()[0] == "S0007 on register belongs to S0007."
    disable = ("disable", "register", "S0007", "--reason", "incident", "--note", "card lost")
    assert "is disabled" in call_as(staffed, "yamada", group, *disable).stdout
    assert not register_account(staffed, "S0007").enabled
    assert "is enabled again" in call_as(staffed, "yamada", group, "enable", "register", "S0007", "--note", "ok").stdout
    assert register_account(staffed, "S0007").enabled
    person = reading.get_person(staffed.site.store, "S0007")
    with staffed.site.store.transaction() as tx:
        gone = Person(
            staff_number="S0007", name=person.name, valid_from=person.valid_from, valid_until=tx.at + timedelta(days=1)
        )
        persons.enter_person(tx, gone, actor="S0102")
    answer(call(staffed, group, "lapse", "--json"))
    assert register_account(staffed, "S0007").valid_until is not None
    staffed.clock.advance(timedelta(days=1))
    assert upkeep.tick(staffed.site)["accounts"]["lapsed"] == ["register/S0007"]
    assert not register_account(staffed, "S0007").enabled
    shown = answer(call(staffed, group, "show", "register", "S0007", "--json"))
    assert (shown["state"], shown["jobs"][-1]["act"], shown["jobs"][-1]["state"]) == ("lapsed", "lapse", "verified")
    assert "lapsed" in call(staffed, group, "show", "register", "S0007").stdout
    assert "S0007" in call(staffed, group, "list", "--system", "register").stdout


def test_an_id_whose_first_password_the_register_sets_itself_is_disabled_after_its_day_too(staffed: Town) -> None:
    call_as(staffed, "yamada", group, "link", "register", "S0007", "S0007", "--rule", "R4")
    given = call_as(staffed, "yamada", group, "issue-password", "register", "S0007")
    assert "keeps its passwords itself" in given.stdout
    staffed.clock.advance(timedelta(hours=24))
    assert upkeep.tick(staffed.site)["accounts"]["lapsed"] == ["register/S0007"]
    assert not register_account(staffed, "S0007").enabled
    assert "lapsed" in call(staffed, group, "show", "register", "S0007").stdout


def test_only_custodians_act_and_nobody_on_their_own_id(staffed: Town) -> None:
    act = ("disable", "register", "S0007", "--reason", "incident", "--note", "x")
    assert "a role that you don't hold" in call_as(staffed, "sato", group, *act).stderr
    own = call_as(staffed, "yamada", group, "link", "register", "S0007", "S0102", "--rule", "R4")
    assert "for an ID of their own" in own.stderr
    words = ("except", "register", "S0001", "--reason", "night run", "--last-day", "2026-12-31")
    assert "a role that you don't hold" in call_as(staffed, "yamada", group, *words).stderr
    assert "may stand without a person" in call_as(staffed, "sato", group, *words).stdout


def test_a_list_is_taken_in_and_a_work_order_goes_out(town: Town, tmp_path: Path) -> None:
    with (town.home / site_settings.FILE).open("a") as file:
        file.write(LISTS)
    taken = tmp_path / "list.csv"
    taken.write_text("user_id,enabled\nAT1,1\n")
    done = call_as(town, "yamada", group, "take-list", "addressee", taken, "--as-of", "2026-11-24T08:00")
    assert done.stdout.splitlines()[0] == "1 ID of addressee was read."
    assert call(town, group, "work-order", "addressee").stdout.startswith("act,user_id")
    out = tmp_path / "order.csv"
    assert call(town, group, "work-order", "addressee", "--output", out).exit_code == 0
    assert "can't be written" in call(town, group, "work-order", "addressee", "--output", out).stderr
    assert "no system with account lists" in call(town, group, "work-order", "register").stderr
    assert [each["account"] for each in answer(call(town, group, "list", "--system", "addressee", "--json"))] == ["AT1"]


def test_a_break_glass_id_goes_from_hand_to_hand(staffed: Town) -> None:
    call_as(staffed, "sato", group, "name-break-glass", "register", "FIRE")
    out = ("check-out", "register", "FIRE", "S0007", "--right", "administrator", "--reason", "fire drill")
    assert "in the hands of S0007" in call_as(staffed, "sato", group, *out).stdout
    assert register_account(staffed, "FIRE").enabled
    assert "is back" in call_as(staffed, "sato", group, "check-in", "register", "FIRE").stdout
    assert not register_account(staffed, "FIRE").enabled


@pytest.mark.parametrize("act", [("list", "--system"), ("lapse", "--system"), ("sync",)])
def test_a_system_that_the_settings_do_not_name_is_refused(town: Town, act: tuple[str, ...]) -> None:
    assert "name no system registr." in call(town, group, *act, "registr").stderr


def test_no_break_glass_id_is_named_on_a_system_that_nobody_reads(town: Town) -> None:
    refused = call_as(town, "sato", group, "name-break-glass", "registr", "FIRE")
    assert "name no system registr." in refused.stderr


def test_detection_knows_what_an_id_was_at_the_time(staffed: Town) -> None:
    call_as(staffed, "yamada", group, "link", "register", "S0007", "S0007", "--rule", "R4")
    at = staffed.clock.now()
    disable = ("disable", "register", "S0007", "--reason", "incident", "--note", "card lost")
    call_as(staffed, "yamada", group, *disable)
    found = [each for each in staffed.site.facts.accounts() if (each.system, each.user_id) == ("register", "S0007")]
    assert len(found) == 1
    assert [state for _, state in found[0].changes] == [AccountState.ACTIVE, AccountState.DISABLED]
    assert found[0].changes[1][0] >= at
    assert len([each for each in staffed.site.facts.accounts() if each.system == "register"]) == 120
    assert set(staffed.site.facts.systems()) == {"sekisho", "register"}


def test_the_list_tells_of_each_id_what_it_should_be_and_what_was_read(staffed: Town) -> None:
    first = answer(call(staffed, group, "list", "--json"))[0]
    assert first == {
        "system": "register",
        "account": "S0001",
        "person": None,
        "state": "unlisted",
        "situation": "unlinked",
        "valid_from": None,
        "valid_to": None,
        "last_use": first["last_use"],
        "entitlements": ["inquiry"],
    }


def test_the_views_narrow_the_list(staffed: Town) -> None:
    assert len(answer(call(staffed, group, "list", "--only", "leftover", "--json"))) == 120
    for view in ("unreadable", "contractor", "expiring"):
        assert answer(call(staffed, group, "list", "--only", view, "--json")) == []
    staffed.clock.set(datetime(2027, 1, 1, tzinfo=UTC))
    assert len(answer(call(staffed, group, "list", "--only", "unreadable", "--json"))) == 120


def test_two_systems_of_one_name_are_refused(town: Town) -> None:
    with (town.home / site_settings.FILE).open("a") as file:
        file.write(LISTS + LISTS)
    with pytest.raises(Refusal, match="one name to two systems"):
        accounts.systems(town.site)


def test_a_system_whose_password_file_is_missing_is_unreadable_and_keeps_no_other_waiting(town: Town) -> None:
    with (town.home / site_settings.FILE).open("a") as file:
        file.write('[[systems]]\nname = "directory"\nconnector = "scim"\nurl = "https://h"\ntoken_file = "nowhere"\n')
    done = call(town, group, "sync")
    assert "nowhere can't be read" in done.stdout
    assert "register" in done.stdout
    assert upkeep.tick(town.site)["accounts"]["unreadable"] == ["directory"]
