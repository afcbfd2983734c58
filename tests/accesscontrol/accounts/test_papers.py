"""Papers on file: entered for people of the rosters, and reckoned missing of whoever owes one."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from accesscontrol.accounts import ledger, papers, persons
from accesscontrol.accounts.migrations import migrations
from accesscontrol.accounts.model import Cause, Person, PersonKind, Terms
from accesscontrol.accounts.papers import RULES, Paper
from accesscontrol.clock import FixedClock
from accesscontrol.people import operators
from accesscontrol.people.migrations import migrations as people_migrations
from accesscontrol.people.operators import Operator
from accesscontrol.people.roles import Role
from accesscontrol.refusals import Refusal
from accesscontrol.store import Store
from accesscontrol.trail import entries
from accesscontrol.trail.migrations import migrations as trail_migrations

ZONE = ZoneInfo("Asia/Tokyo")
NOW = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A ledger with two employees of long standing and one worker of a contractor."""
    store = Store(tmp_path / "store.sqlite", FixedClock(NOW), seal=bytes(32))
    store.migrate(trail_migrations, people_migrations, migrations)
    for number in ("1001", "1002"):
        person(store, number)
    person(store, "K001", kind=PersonKind.CONTRACTOR, company="見本保守", pledge="誓1")
    yield store
    store.close()


def person(store: Store, number: str, **changes: Any) -> None:
    facts: dict[str, Any] = {
        "staff_number": number,
        "name": "架空　花子",
        "office": "市民課",
        "kind": PersonKind.EMPLOYEE,
        "valid_from": datetime(2024, 4, 1, tzinfo=ZONE),
        **changes,
    }
    with store.transaction() as tx:
        persons.enter_person(tx, Person(**facts), actor="system")


def enter(store: Store, paper: Paper, *subjects: str, day: date = date(2026, 11, 20), reference: str = "綴1") -> None:
    with store.transaction() as tx:
        papers.enter(tx, paper, subjects, day, reference, actor="S0101", zone=ZONE)


def owing(store: Store, paper: Paper, at: datetime = NOW) -> dict[str, date]:
    """Return who owes the paper at an instant, and the day after the last one that is in time."""
    return {each.subject: each.due.astimezone(ZONE).date() for each in papers.owing(store, paper, at, ZONE)}


def test_nobody_is_missed_before_a_site_enters_its_first_list_of_a_paper(store: Store) -> None:
    assert owing(store, Paper.SELF_CHECK) == {}
    enter(store, Paper.SELF_CHECK, "1001")
    assert set(owing(store, Paper.SELF_CHECK)) == {"1002", "K001"}
    assert owing(store, Paper.TRACED) == {}


def test_it_is_in_the_trail_with_everybody_day_and_place(store: Store) -> None:
    enter(store, Paper.TRACED, "1002", "1001", "1001")
    (entry,) = [each for each in entries.page(store) if each.act == "paper.entered"]
    assert (entry.subject, entry.actor) == ("paper:use-is-traced", "S0101")
    assert dict(entry.details) == {"day": "2026-11-20", "reference": "綴1", "subjects": ["1001", "1002"]}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"subjects": ("1001", "9999")}, "No roster has: 9999"),
        ({"subjects": ()}, "No roster has"),
        ({"day": date(2026, 11, 25)}, "still to come"),
        ({"reference": " "}, "one line"),
        ({"reference": "a\nb"}, "one line"),
        ({"reference": "1234 5678 9018"}, "individual number"),
    ],
)
def test_what_can_not_be_true_enters_nothing(store: Store, wrong: dict[str, Any], words: str) -> None:
    subjects = wrong.pop("subjects", ("1001",))
    with pytest.raises(Refusal, match=words):
        enter(store, Paper.TRACED, *subjects, **wrong)
    assert store.rows("SELECT * FROM paper") == []


def test_an_acknowledgement_holds_for_good_and_a_newcomer_has_thirty_days(store: Store) -> None:
    enter(store, Paper.TRACED, "1001", "1002", "K001")
    person(store, "1003", valid_from=datetime(2026, 11, 22, tzinfo=ZONE))
    assert owing(store, Paper.TRACED) == {"1003": date(2026, 12, 22)}
    late = papers.owing(store, Paper.TRACED, NOW + timedelta(days=40), ZONE)
    assert [each.late(NOW + timedelta(days=40)) for each in late] == [True]
    assert owing(store, Paper.TRACED, NOW + timedelta(days=2000)).keys() == {"1003"}


def test_what_is_yearly_is_owed_by_the_end_of_each_fiscal_year(store: Store) -> None:
    enter(store, Paper.SELF_CHECK, "1001")
    assert owing(store, Paper.SELF_CHECK)["1002"] == date(2027, 4, 1)
    next_year = datetime(2027, 4, 1, tzinfo=ZONE)
    assert owing(store, Paper.SELF_CHECK, next_year - timedelta(seconds=1)).keys() == {"1002", "K001"}
    assert owing(store, Paper.SELF_CHECK, next_year) == {
        "1001": date(2028, 4, 1),
        "1002": date(2027, 4, 1),
        "K001": date(2027, 4, 1),
    }


def test_whoever_left_owes_nothing_more(store: Store) -> None:
    enter(store, Paper.SELF_CHECK, "1001", "K001")
    person(store, "1002", valid_until=NOW - timedelta(days=1))
    assert owing(store, Paper.SELF_CHECK) == {}


def test_new_workers_are_trained_by_the_end_of_their_year_and_only_they(store: Store) -> None:
    enter(store, Paper.MANUAL_TRAINING, "1001", day=date(2026, 5, 1))
    person(store, "1003", valid_from=datetime(2026, 10, 1, tzinfo=ZONE))
    assert owing(store, Paper.MANUAL_TRAINING) == {"1003": date(2027, 4, 1)}
    enter(store, Paper.MANUAL_TRAINING, "1003")
    assert owing(store, Paper.MANUAL_TRAINING) == {}


def test_only_whoever_has_an_id_is_guided_and_only_an_oa_contact_taught(store: Store) -> None:
    contact = Operator(
        staff_number="1002", login="hanako", name="架空　花子", name_kana="カクウ", office="市民課",
        roles=frozenset({Role.OA_CONTACT}), valid_from=NOW,
    )  # fmt: skip
    terms = Terms(cause=Cause.APPOINTMENT, granted_by="S0101", valid_from=NOW)
    with store.transaction() as tx:
        operators.add(tx, contact, actor="system")
        ledger.issue(tx, "cs", "u1001", "1001", ["refer"], terms, actor="system")
    for paper in (Paper.GUIDANCE, Paper.INTERVIEW):
        enter(store, paper, "K001", day=date(2025, 5, 1))
    enter(store, Paper.OA_TRAINING, "1001", day=date(2025, 5, 1))
    assert owing(store, Paper.GUIDANCE).keys() == owing(store, Paper.INTERVIEW).keys() == {"1001"}
    assert owing(store, Paper.OA_TRAINING).keys() == {"1002"}


@pytest.mark.parametrize("paper", [Paper.WORK_CHART, Paper.SUBCONTRACTING, Paper.INSPECTION])
def test_each_contractor_with_workers_here_owes_its_papers_every_year(store: Store, paper: Paper) -> None:
    with pytest.raises(Refusal, match="No roster has: 架空商会"):
        enter(store, paper, "架空商会")
    enter(store, paper, "見本保守")
    assert owing(store, paper) == {}
    assert owing(store, paper, datetime(2027, 4, 1, tzinfo=ZONE)) == {"見本保守": date(2028, 4, 1)}
    person(store, "K101", kind=PersonKind.CONTRACTOR, company="見本窓口", pledge="誓2")
    assert owing(store, paper) == {"見本窓口": date(2027, 4, 1)}


def test_a_contractor_whose_last_worker_left_owes_the_return_of_the_data_after_that(store: Store) -> None:
    enter(store, Paper.RETURN, "見本保守", day=date(2026, 4, 1))
    assert owing(store, Paper.RETURN) == {}
    gone = datetime(2026, 11, 1, tzinfo=ZONE)
    person(store, "K001", kind=PersonKind.CONTRACTOR, company="見本保守", pledge="誓1", valid_until=gone)
    assert owing(store, Paper.RETURN) == {"見本保守": date(2026, 12, 1)}
    enter(store, Paper.RETURN, "見本保守")
    assert owing(store, Paper.RETURN) == {}


def test_every_sort_of_paper_has_its_rule() -> None:
    assert set(RULES) == set(Paper)


def test_a_list_names_one_at_the_beginning_of_each_line() -> None:
    assert list(papers.names_in('1001,架空　花子\n\n"1002"\t市民課\n 1003 ')) == ["1001", "1002", "1003"]
