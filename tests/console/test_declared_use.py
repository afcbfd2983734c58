"""Who uses a system is compared with what the assessment declares: offices, numbers, and who left."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from accesscontrol.accounts import adopting, ledger, listing, persons
from accesscontrol.accounts.listing import AccountLine
from accesscontrol.accounts.model import Cause, DisableReason, Person, PersonKind, Terms
from accesscontrol.refusals import Refusal
from accesscontrol.requests import submission
from console import accounts, declared_use, translation
from console import home as homes
from console.finding_words import spoken_explanation
from console.system_settings import RegisterSystem
from monitors.findings import reading as findings
from monitors.findings.reading import Finding
from monitors.findings.states import State
from tests.console.town import Town

ISSUE = {"system": "register", "cause": "appointment", "rights": "refer"}


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A town whose register was read."""
    translation.choose("en")
    town = Town.copied_to(tmp_path)
    yield town
    town.site.store.close()


def declare(town: Town, **limits: Any) -> None:
    """Write into the settings what is declared of the register."""
    settings = msgspec.structs.replace(town.site.settings, systems=(RegisterSystem(name="register", **limits),))
    homes.replace_settings(town.site.home, settings)
    town.site.__dict__.pop("settings")


def enter(town: Town, number: str, office: str = "市民課", kind: PersonKind = PersonKind.EMPLOYEE) -> Person:
    person = Person(
        staff_number=number,
        name="架空　花子",
        office=office,
        kind=kind,
        company="見本保守" if kind is PersonKind.CONTRACTOR else "",
        pledge="誓第1号",
        valid_from=town.clock.now(),
        valid_until=town.clock.now() + timedelta(days=300),
    )
    with town.site.store.transaction() as tx:
        persons.enter_person(tx, person, actor="system")
    return person


def issue(town: Town, number: str, office: str = "市民課", kind: PersonKind = PersonKind.EMPLOYEE) -> None:
    """Write an ID of a new person into the ledger, as it came there before anything was declared."""
    person = enter(town, number, office, kind)
    terms = Terms(
        cause=Cause.APPOINTMENT, granted_by="S0101", valid_from=town.clock.now(), valid_until=person.valid_until
    )
    with town.site.store.transaction() as tx:
        ledger.issue(tx, "register", f"id-{number}", number, ["refer"], terms, actor="system")


def raised(town: Town, rule: str) -> list[Finding]:
    return [each for each in findings.listed(town.site.store) if each.rule == rule]


def test_members_of_other_offices_get_no_id_and_a_contractors_worker_goes_by_the_roster(town: Town) -> None:
    declare(town, offices=("市民課", "大里行政センター"))
    for number, office, kind in (
        ("S0301", "大里行政センター", PersonKind.EMPLOYEE),
        ("S0302", "熊谷駅連絡所", PersonKind.EMPLOYEE),
        ("K0001", "", PersonKind.CONTRACTOR),
    ):
        enter(town, number, office, kind)

    def ask(number: str, cause: str = "appointment") -> None:
        wanted = {**ISSUE, "user_id": f"id-{number}", "staff_number": number, "cause": cause}
        submission.submit(town.site.desk, "account-issue", wanted, town.acting("yamada"), reason="new here")

    ask("S0301")
    ask("K0001", "contract-start")
    with pytest.raises(Refusal, match="belongs to 熊谷駅連絡所") as refused:
        ask("S0302")
    assert refused.value.control == "AC-USR-08"


def test_nothing_is_added_to_an_id_of_another_office_but_it_may_be_ended(town: Town) -> None:
    issue(town, "S0302", "熊谷駅連絡所")
    declare(town, offices=("市民課",))
    about = {"system": "register", "user_id": "id-S0302"}
    for kind, wanted in (
        ("account-change", {"cause": "transfer", "add": "update"}),
        ("account-extend", {"cause": "transfer", "last_day": "2027-03-31"}),
    ):
        with pytest.raises(Refusal, match="for members of: 市民課"):
            submission.submit(town.site.desk, kind, {**about, **wanted}, town.acting("yamada"), reason="asked")
    submission.submit(
        town.site.desk, "account-revoke", {**about, "ground": "transfer"}, town.acting("yamada"), reason="moved"
    )


def test_a_member_of_another_office_who_still_has_an_id_is_a_finding_until_it_is_gone(town: Town) -> None:
    issue(town, "S0301")
    issue(town, "S0302", "熊谷駅連絡所")
    issue(town, "K0001", "", PersonKind.CONTRACTOR)
    assert declared_use.find(town.site) == []
    declare(town, offices=("市民課",))
    assert len(declared_use.find(town.site)) == 1
    assert declared_use.find(town.site) == []
    (finding,) = raised(town, declared_use.OUTSIDE)
    assert "S0302 of 熊谷駅連絡所 has the ID id-S0302" in spoken_explanation(finding)
    assert list(finding.controls) == ["AC-USR-08"]
    enter(town, "S0302", "市民課")
    declared_use.find(town.site)
    assert raised(town, declared_use.OUTSIDE)[0].state is State.MADE_GOOD


def test_leaving_a_band_of_users_or_handlers_is_a_finding(town: Town) -> None:
    issue(town, "S0301")
    issue(town, "K0001", "", PersonKind.CONTRACTOR)
    declare(town, users=(2, 3), handlers={"見本保守": 2})
    assert declared_use.find(town.site) == []
    issue(town, "K0002", "", PersonKind.CONTRACTOR)
    assert len(declared_use.find(town.site)) == 2
    (users,), (handlers,) = raised(town, declared_use.USERS), raised(town, declared_use.HANDLERS)
    assert "register has 3 users; declared are 2 to fewer than 3" in spoken_explanation(users)
    assert "2 workers of 見本保守" in spoken_explanation(handlers)
    assert {*users.controls, *handlers.controls} == {"AC-USR-09"}


def test_too_few_users_leave_the_band_too(town: Town) -> None:
    issue(town, "S0301")
    declare(town, users=(100, 500))
    declared_use.find(town.site)
    assert len(raised(town, declared_use.USERS)) == 1


@pytest.fixture
def left(town: Town) -> AccountLine:
    """An ID that can still be used, of somebody who left, of which a finding was raised."""
    accounts.sync(town.site)
    line = _somebodys(town)
    person = replace(enter(town, line.candidates[0] if line.candidates else "S0900"), valid_until=None)
    terms = Terms(cause=Cause.APPOINTMENT, granted_by="S0101", valid_from=town.clock.now())
    with town.site.store.transaction() as tx:
        adopting.link(tx, line.system, line.user_id, person.staff_number, terms, actor="system")
    town.clock.advance(timedelta(hours=1))
    assert declared_use.find(town.site) == []
    gone = replace(person, valid_until=town.clock.now(), end_reason=DisableReason.RETIREMENT)
    with town.site.store.transaction() as tx:
        persons.enter_person(tx, gone, actor="system")
    assert len(declared_use.find(town.site)) == 1
    return line


def state(town: Town) -> State:
    (finding,) = raised(town, declared_use.LEFT)
    return finding.state


def test_somebody_who_left_and_whose_id_can_still_be_used_is_a_finding_of_high_severity(
    town: Town, left: AccountLine
) -> None:
    (finding,) = raised(town, declared_use.LEFT)
    assert (finding.severity, list(finding.controls)) == ("high", ["AC-USR-06"])
    accounts.carry_out(town.site)
    accounts.sync(town.site)
    declared_use.find(town.site)
    assert state(town) is State.MADE_GOOD


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE account SET purpose = 'x' WHERE user_id = ?",
        "UPDATE account_grant SET cause = 'x' WHERE user_id = ?",
        "UPDATE observed_account SET entitlements = '[' WHERE user_id = ?",
        "UPDATE person SET kind = 'x' WHERE staff_number IN (SELECT staff_number FROM account_grant WHERE user_id = ?)",
    ],
    ids=["account", "grant", "observation", "person"],
)
def test_a_damaged_row_makes_nothing_good_and_its_id_is_named_to_be_ended_by_hand(
    town: Town, left: AccountLine, sql: str
) -> None:
    with closing(sqlite3.connect(town.site.home.store)) as intruder:
        intruder.execute("PRAGMA ignore_check_constraints=ON")
        assert intruder.execute(sql, (left.user_id,)).rowcount
        intruder.commit()
    declared_use.find(town.site)
    assert town.site.store.damage
    assert state(town) is State.NEW
    if "observed" not in sql:  # the ledger itself
        (finding,) = raised(town, declared_use.DOUBTFUL)
        assert f"the ID {left.user_id} on register is damaged" in spoken_explanation(finding)
        assert (finding.severity, list(finding.controls)) == ("high", ["AC-USR-03"])


def test_a_system_that_can_not_be_read_any_more_makes_nothing_good(town: Town, left: AccountLine) -> None:
    town.clock.advance(timedelta(days=40))
    declared_use.find(town.site)
    assert State.MADE_GOOD not in {each.state for each in raised(town, declared_use.LEFT)}


def _somebodys(town: Town) -> AccountLine:
    """Return an enabled ID of the register, whose owner is entered by the number that the register has of them."""
    found = listing.listed(town.site.store, accounts.sources(town.site), town.clock.now())
    line = next(each for each in found if each.enabled and not each.exempt)
    row = town.site.store.row("SELECT staff_number FROM observed_account WHERE user_id = ?", (line.user_id,))
    assert row is not None
    return replace(line, candidates=(row["staff_number"] or "S0900",))
