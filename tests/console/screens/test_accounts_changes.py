"""Everything that can be done about a user ID is done at the screen: at the desk, and for many as one request."""

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Button

from accesscontrol.accounts import desired, ledger, persons, reading
from accesscontrol.accounts.model import Cause, DisableReason, Person, PersonKind, Purpose, Terms
from accesscontrol.clock import end_of_day
from accesscontrol.requests import reading as requests
from accesscontrol.trail import entries
from console import accounts, work_orders
from console.screens.accounts.listing import AccountsScreen
from tests.accesscontrol.accounts.office import MemorySystem
from tests.console.town import PASSWORD, Town, press, seen, type_in
from tests.goldens import settled

SYSTEM = "register"
VENDOR = "vendor"
SOON = date(2026, 12, 16)
CONTRACT_END = date(2027, 3, 31)
LIST = "user_id,enabled\nv001,1\n"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A town whose contractors' IDs end within the month; their contracts go on until the end of the fiscal year."""
    town = Town.copied_to(tmp_path)
    settings = town.home / "site.toml"
    vendor = f'\n[[systems]]\nconnector = "csv-ledger"\nname = "{VENDOR}"\n'
    settings.write_text(settings.read_text("utf-8") + vendor, "utf-8")
    with town.site.store.transaction() as tx:
        for number in range(3):
            person = Person(
                staff_number=f"C{number:03}",
                name=f"架空　{number}",
                kind=PersonKind.CONTRACTOR,
                pledge="P-1",
                valid_from=tx.at - timedelta(days=30),
                valid_until=end_of_day(CONTRACT_END, town.site.zone),
            )
            persons.enter_person(tx, person, actor="S0102")
            terms = Terms(
                cause=Cause.CONTRACT_START,
                granted_by="S0101",
                valid_from=tx.at,
                valid_until=end_of_day(SOON, town.site.zone),
            )
            ledger.issue(tx, SYSTEM, f"c{number:03}", person.staff_number, (), terms, actor="S0102")
    town.site.__dict__["connectors"] = {
        SYSTEM: MemorySystem(SYSTEM, town.clock),
        VENDOR: accounts.connectors(town.site)[VENDOR],
    }
    accounts.carry_out(town.site)
    yield town
    town.site.store.close()


async def at(pilot: Pilot[Any], row: str) -> None:
    pilot.app.screen.point(f"all:{row}")  # type: ignore[attr-defined]  # Textual's types end at App and Screen
    await settled(pilot)


async def push(pilot: Pilot[Any]) -> str:
    pilot.app.screen.query_one("#act", Button).press()
    await settled(pilot)
    return seen(pilot)


async def prove(pilot: Pilot[Any], town: Town, *texts: str, login: str = "yamada") -> str:
    """Fill the lines of a form in order, both factors last, and push its button."""
    for text in (*texts, PASSWORD, town.code(login)):
        await type_in(pilot, text)
        await press(pilot, "enter")
    return await push(pilot)


# -- at the desk ---------------------------------------------------------------------------------------


async def test_an_id_is_disabled_at_once_and_enabled_again(town: Town) -> None:
    store = town.site.store
    async with town.sitting(AccountsScreen) as pilot:
        await at(pilot, f"{SYSTEM}/c001")
        shown = await press(pilot, "e")
        assert "Another last day  a request: an extension" in shown
        assert "Disable it  at once, by a custodian" in shown
        await press(pilot, "end", "enter", "tab")
        assert "c001 on register is disabled." in await prove(pilot, town, "lost card")
        assert desired.entry(store, SYSTEM, "c001").desired(store.clock.now()).reason is DisableReason.INCIDENT
        assert "disabled (incident)" in await press(pilot, "enter")
        shown = await press(pilot, "e", "end")
        assert "Enable it again" in shown
        await press(pilot, "enter")
        assert "c001 on register is enabled again." in await prove(pilot, town, "card found")
    [disabled, enabled] = [
        each for each in entries.about(store, f"{SYSTEM}/c001") if each.act in {"account.suspended", "account.resumed"}
    ]
    assert (disabled.actor, disabled.details["note"], enabled.details["note"]) == ("S0102", "lost card", "card found")


async def test_a_lapsed_id_is_discarded_for_ever(town: Town) -> None:
    town.clock.advance(timedelta(days=60))
    accounts.carry_out(town.site)
    async with town.sitting(AccountsScreen) as pilot:
        await at(pilot, f"{SYSTEM}/c002")
        shown = await press(pilot, "e", "end")
        assert "Discard it for ever" in shown
        assert "never given out again" in await press(pilot, "enter")
        assert "c002 on register is discarded." in await prove(pilot, town)
    assert reading.get_account(town.site.store, SYSTEM, "c002").discarded_at is not None


async def test_only_those_who_may_do_it_and_nobody_to_their_own(town: Town) -> None:
    async with town.sitting(AccountsScreen, "ito") as pilot:
        await at(pilot, f"{SYSTEM}/c001")
        await press(pilot, "e", "end", "enter", "tab")
        assert "needs a role that you don't hold" in await prove(pilot, town, "lost card", login="ito")
    assert not town.entries("account.suspended")


async def test_an_emergency_id_is_named_from_the_list_of_systems(town: Town) -> None:
    async with town.sitting(AccountsScreen, "sato") as pilot:
        await press(pilot, "right")
        while SYSTEM not in str(pilot.app.screen.row):  # type: ignore[attr-defined]  # Textual's types end at App and Screen
            await press(pilot, "down")
        assert "Name an ID for emergencies" in await press(pilot, "e")
        await press(pilot, "enter")
        assert "glass01 on register is a break-glass ID." in await prove(pilot, town, "glass01", login="sato")
    assert reading.get_account(town.site.store, SYSTEM, "glass01").purpose is Purpose.BREAK_GLASS


async def test_an_id_of_a_machine_may_stand_without_a_person_up_to_a_day(town: Town, tmp_path: Path) -> None:
    list_file = tmp_path / "list.csv"
    list_file.write_text(LIST, "utf-8-sig")
    async with town.sitting(AccountsScreen, "yamada") as pilot:
        await press(pilot, "right")
        while VENDOR not in str(pilot.app.screen.row):  # type: ignore[attr-defined]  # Textual's types end at App and Screen
            await press(pilot, "down")
        assert "Take in an account list" in await press(pilot, "e")
        await press(pilot, "down", "enter")
        await type_in(pilot, str(list_file))
        assert "1 ID of vendor was read." in await push(pilot)
    async with town.sitting(AccountsScreen, "sato") as pilot:
        await at(pilot, f"{VENDOR}/v001")
        assert "Let it stand without a person" in await press(pilot, "e", "down")
        await press(pilot, "enter")
        shown = await prove(pilot, town, "2027-03-31", "nightly transfer", login="sato")
        assert "v001 on vendor may stand without a person up to 2027-03-31." in shown
    [entry] = town.entries("account.excepted")
    assert (entry.actor, entry.details["reason"]) == ("S0101", "nightly transfer")


async def test_a_work_order_is_written_for_the_operator_of_a_system_without_an_interface(
    town: Town, tmp_path: Path
) -> None:
    list_file = tmp_path / "list.csv"
    list_file.write_text(LIST, "utf-8-sig")
    work_orders.take_list(town.site, VENDOR, list_file, "2026-11-24T09:00", town.acting())
    with town.site.store.transaction() as tx:
        terms = Terms(cause=Cause.CONTRACT_START, granted_by="S0101", valid_from=tx.at, valid_until=None)
        ledger.issue(tx, VENDOR, "v009", "C001", ("＝update",), terms, actor="S0102")
    accounts.carry_out(town.site)
    async with town.sitting(AccountsScreen) as pilot:
        await press(pilot, "right")
        while VENDOR not in str(pilot.app.screen.row):  # type: ignore[attr-defined]  # Textual's types end at App and Screen
            await press(pilot, "down")
        await press(pilot, "e", "enter")
        await type_in(pilot, "order.csv")
        assert "1 order written, SHA-256" in await push(pilot)
    with (town.home / "evidence" / "order.csv").open(encoding="utf-8-sig") as file:
        [order] = list(csv.DictReader(file))
    assert (order["act"], order["user_id"], order["entitlements"]) == ("issue", "v009", "'＝update")
    assert town.entries("evidence.written")[-1].subject == f"work order {VENDOR}"


async def test_what_can_be_done_is_found_by_name_too(town: Town) -> None:
    async with town.sitting(AccountsScreen) as pilot:
        await at(pilot, f"{SYSTEM}/c001")
        await press(pilot, "colon")
        await type_in(pilot, "disable")
        assert "Disable register/c001" in await press(pilot, "enter")


# -- many as one request -------------------------------------------------------------------------------


async def extend_all(pilot: Pilot[Any], day: str) -> str:
    """Ask for another last day of what the menu is about."""
    await press(pilot, "e", "enter", "tab")
    await type_in(pilot, day)
    return await push(pilot)


async def test_all_that_expire_are_extended_as_one_request_whose_effect_is_listed(town: Town) -> None:
    async with town.sitting(AccountsScreen) as pilot:
        assert "3 IDs are marked" in await press(pilot, "f5", "asterisk")
        shown = await extend_all(pilot, "2027-06-30")
        assert "One request ▸ Another last day" in shown
        [line] = [each for each in shown.splitlines() if "c001" in each]
        assert "2026-12-16" in line
        assert "2027-03-31" in line  # the contract ends before the day that was asked for
        assert "end by roster" in line
        await press(pilot, "n")
        await type_in(pilot, "contract X-12 goes on")
        shown = await push(pilot)
        assert "waits for approval" in shown
        assert "handed in already" in await press(pilot, "n")
    [made] = requests.listed(town.site.store)
    assert made.kind == "accounts-bulk"
    assert [each["user_id"] for each in made.parameters["acts"]] == ["c000", "c001", "c002"]
    assert isinstance(made.dry_run, list)
    assert len(made.dry_run) == 3


async def test_the_ids_of_a_day_of_the_calendar_are_extended_together(town: Town) -> None:
    async with town.sitting(AccountsScreen) as pilot:
        assert "3 IDs end" in await press(pilot, "k")
        shown = await extend_all(pilot, "2027-01-31")
        assert "3 IDs" in shown
        assert "2027-01-31" in shown
        assert "end by the request" in shown


async def test_many_acts_of_a_file_are_one_request_too(town: Town, tmp_path: Path) -> None:
    file = tmp_path / "april.csv"
    file.write_text(
        "act,system,user_id,staff_number,cause,rights,add,last_day\n"
        f"issue,{SYSTEM},new1,C002,contract-start,update,,2027-02-28\n"
        f"change,{SYSTEM},c001,,transfer,,refer,\n",
        "cp932",
    )
    async with town.sitting(AccountsScreen, size=(98, 30)) as pilot:
        assert "Many IDs from a file" in await press(pilot, "n", "end")
        await press(pilot, "enter")
        await type_in(pilot, str(file))
        shown = await push(pilot)
        [issued, changed] = [line for line in shown.splitlines() if SYSTEM in line]
        assert ("new1" in issued, "2027-02-28" in issued, "+update" in issued) == (True, True, True)
        assert ("c001" in changed, "+refer" in changed) == (True, True)
        await press(pilot, "n")
        await type_in(pilot, "from 1 April")
        assert "waits for approval" in await push(pilot)
    assert [each["act"] for each in requests.listed(town.site.store)[0].parameters["acts"]] == ["issue", "change"]


async def test_marked_ones_alone_end_together_and_what_has_lapsed_is_left_out(town: Town) -> None:
    with town.site.store.transaction() as tx:
        ledger.revoke(tx, SYSTEM, "c002", DisableReason.INCIDENT, actor="S0102")
    async with town.sitting(AccountsScreen) as pilot:
        await at(pilot, f"{SYSTEM}/c000")
        assert "What changes for 2 IDs?" in await press(pilot, "space", "space", "e")
        await press(pilot, "down", "enter")
        shown = await push(pilot)
        assert "The end of these IDs" in shown
        assert shown.count("ends now") == 2
        shown = await press(pilot, "escape", "space", "e", "enter")  # c002, which no bulk may bring back to life
        assert "2 IDs as one request." in shown
        assert "1 are left out: they have lapsed" in shown
    assert not requests.listed(town.site.store)
