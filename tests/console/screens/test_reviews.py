"""Place 3: who may do what now, as evidence for the one who inspects it."""

import csv
import hashlib
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from accesscontrol.people import deputies
from accesscontrol.people.roles import Role
from accesscontrol.reviews import answering, opening, reading
from accesscontrol.reviews.model import Answer, ReviewKind, State, Verdict
from console import accounts
from console.screens.reviews.listing import ReviewsScreen
from tests.console.town import Town, press, seen, type_in


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town.copied_to(tmp_path)


async def test_every_person_stands_there_with_roles_last_use_factor_and_end(town: Town) -> None:
    async with town.sitting(ReviewsScreen, "ito") as pilot:
        await press(pilot, "right")
        shown = seen(pilot)
        assert "row 1 of 5" in shown
        line = next(line for line in shown.splitlines() if "S0104" in line)
        assert "鈴木＊＊" in line
        assert "Key custodian" in line
        assert "never" in line


async def test_the_details_tell_which_rights_follow_from_the_roles(town: Town) -> None:
    async with town.sitting(ReviewsScreen, "ito", size=(80, 40)) as pilot:
        await press(pilot, "right")
        shown = await press(pilot, "down", "enter")
        assert "- Security officer" in shown
        assert "- New operator of the console: approve" in shown


async def test_a_conflict_of_roles_is_loud_and_comes_first(town: Town) -> None:
    town.give("yamada", Role.AUDITOR)
    async with town.sitting(ReviewsScreen, "ito", size=(80, 40)) as pilot:
        await press(pilot, "right")
        await press(pilot, "f", "f")
        assert "row 1 of 1" in seen(pilot)
        shown = await press(pilot, "enter")
        assert "roles that one person may not hold together" in shown
        assert "Auditor and User ID and password custodian" in shown or "Auditor and System administrator" in shown


async def test_a_deputy_shows_on_both_sides(town: Town) -> None:
    with town.site.store.transaction() as tx:
        deputies.appoint(
            tx,
            Role.SECURITY_OFFICER,
            principal="sato",
            deputy="suzuki",
            valid_from=tx.at,
            valid_until=tx.at + timedelta(days=5),
            reason="leave",
            actor="S0102",
        )
    async with town.sitting(ReviewsScreen, "ito", size=(80, 40)) as pilot:
        await press(pilot, "right")
        assert "Security officer is lent to suzuki until 2026-11-29" in await press(pilot, "down", "enter")
        await press(pilot, "escape", "down", "down", "enter")
        assert "Security officer, as deputy of sato until 2026-11-29" in seen(pilot)


async def test_ones_own_rights_are_for_somebody_else_to_inspect(town: Town) -> None:
    async with town.sitting(ReviewsScreen, "ito", size=(120, 24)) as pilot:
        await press(pilot, "right")
        assert "these rights are your own: somebody else inspects them (AC-PRM-02)" in seen(pilot)


async def test_c_writes_the_list_once_with_its_fingerprint_in_the_trail(town: Town) -> None:
    async with town.sitting(ReviewsScreen, "ito") as pilot:
        await press(pilot, "right")
        await press(pilot, "c")
        await type_in(pilot, "list.csv")
        shown = await press(pilot, "enter", "enter")
        assert "5 persons written, SHA-256" in shown
        file = town.home / "evidence" / "list.csv"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        (entry,) = town.entries("evidence.written")
        assert entry.details["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
        rows = list(csv.reader(file.read_text("utf-8-sig").splitlines()))
        assert len(rows) == 6
        assert "太郎" not in file.read_text("utf-8-sig")

        await press(pilot, "c")
        await type_in(pilot, "list.csv")
        refused = await press(pilot, "enter", "enter")
        assert "Choose another name." in " ".join(refused.replace("│", " ").split())  # a long path wraps it
        assert len(town.entries("evidence.written")) == 1


async def test_a_name_that_leads_elsewhere_is_refused(town: Town) -> None:
    async with town.sitting(ReviewsScreen, "ito") as pilot:
        await press(pilot, "right")
        await press(pilot, "c")
        await type_in(pilot, "../list.csv")
        assert "A plain file name that ends with .csv." in await press(pilot, "enter", "enter")


async def test_a_review_that_was_ordered_wrongly_is_withdrawn_with_a_reason(town: Town) -> None:
    site = town.site
    accounts.sync(site)
    due = site.clock.now() + timedelta(days=14)
    ordered = town.acting("yamada")
    opening.open_review(site.store, site.reviewed, ReviewKind.INSPECTION, ordered, instruction="wrong", due=due)
    async with town.sitting(ReviewsScreen, "ito") as pilot:
        assert "Reviews are ordered by the system administrator" in await press(pilot, "w")
    async with town.sitting(ReviewsScreen, "yamada") as pilot:
        assert "It counts as never held" in await press(pilot, "w")
        await type_in(pilot, "the wrong systems")
        shown = await press(pilot, "enter", "enter")
        assert "V-0001 is withdrawn." in shown
        assert "withdrawn" in shown.split("V-0001")[1]
        assert "Only a review that is being answered can be withdrawn." in await press(pilot, "w")
        assert "it was withdrawn, and leads to nothing" in await press(pilot, "p")
    assert reading.get(site.store, 1).state is State.WITHDRAWN


async def test_one_with_answers_is_withdrawn_by_the_security_officer_alone(town: Town) -> None:
    site = town.site
    accounts.sync(site)
    due = site.clock.now() + timedelta(days=14)
    ordered = town.acting("yamada")
    opening.open_review(site.store, site.reviewed, ReviewKind.INSPECTION, ordered, instruction="all", due=due)
    answering.answer(site.store, 1, [1], town.acting("ito"), Answer(verdict=Verdict.REVOKE, comment="nobody's"))
    async with town.sitting(ReviewsScreen, "yamada") as pilot:
        assert "Answers stand in it: the security officer withdraws it." in await press(pilot, "w")
    async with town.sitting(ReviewsScreen, "sato") as pilot:
        assert "Withdraw V-0001" in await press(pilot, "w")
