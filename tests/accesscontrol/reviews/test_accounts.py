"""The real ledger of user IDs under a review: what the snapshot takes, and how a revocation travels and is proven."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from accesscontrol.accounts import ledger, persons, synchronising
from accesscontrol.accounts import reading as accounts_reading
from accesscontrol.accounts.connectors.protocol import ObservedAccount, Reading
from accesscontrol.accounts.correlation import Directory
from accesscontrol.accounts.listing import Sources
from accesscontrol.accounts.model import Cause, DisableReason, Person, PersonKind, Terms
from accesscontrol.refusals import Refusal
from accesscontrol.reviews import answering, opening, reading, remedying, settling
from accesscontrol.reviews.accounts import AccountsLedger
from accesscontrol.reviews.lines import Line, Trait
from accesscontrol.reviews.model import Answer, RemedyState, Review, ReviewKind, Verdict

from .conftest import Reviewing

SYSTEM = "registry"
BEGAN = datetime(2026, 4, 1, tzinfo=UTC)


@dataclass
class Office:
    """People, IDs and what their system shows, over the hall's store."""

    hall: Reviewing
    shown: dict[str, ObservedAccount] = field(default_factory=dict)
    ledger: AccountsLedger = field(default_factory=lambda: AccountsLedger(Sources(systems=(SYSTEM,))))

    def person(self, number: str, kind: PersonKind = PersonKind.EMPLOYEE) -> None:
        found = Person(staff_number=number, name="架空花子", office="市民課", kind=kind, pledge="P-1", valid_from=BEGAN)
        with self.hall.city.store.transaction() as tx:
            persons.enter_person(tx, found, actor="S-hayashi")

    def issue(self, user_id: str, number: str, *rights: str, until: datetime | None = None) -> None:
        terms = Terms(
            cause=Cause.APPOINTMENT, granted_by="S-sato", valid_from=BEGAN, valid_until=until, request="R-2026-0001"
        )
        with self.hall.city.store.transaction() as tx:
            ledger.issue(tx, SYSTEM, user_id, number, rights, terms, actor="S-hayashi")
        self.show(user_id, *rights)

    def show(self, user_id: str, *rights: str, enabled: bool = True, administrator: bool = False) -> None:
        self.shown[user_id] = ObservedAccount(
            user_id=user_id, enabled=enabled, entitlements=rights, administrator=administrator
        )

    def sync(self) -> None:
        self.hall.city.clock.advance(timedelta(minutes=5))
        read = Reading(system=SYSTEM, read_at=self.hall.now, accounts=list(self.shown.values()))
        store = self.hall.city.store
        with store.transaction() as tx:
            synchronising.keep(tx, read, Directory.of(accounts_reading.persons(tx)))

    def lines(self) -> dict[str, Line]:
        return {each.user_id: each for each in self.ledger.lines(self.hall.city.store, self.hall.now)}

    def settled(self, user_id: str, answer: Answer) -> tuple[Review, int]:
        """Review everything, keep all but one, and sign the answers."""
        city = self.hall.city
        due = self.hall.now + timedelta(days=9)
        kind, orderer = ReviewKind.INSPECTION, city.acting("yamada")
        review = opening.open_review(city.store, self.ledger, kind, orderer, instruction="monthly", due=due)
        for item in reading.items(city.store, review):
            given = answer if item.line.user_id == user_id else Answer(verdict=Verdict.KEEP, comment="needed")
            answering.answer(city.store, review.number, [item.number], city.acting("ogawa"), given)
        seen = settling.answers_digest(city.store, review.number)
        review = settling.settle(city.store, review.number, city.acting("ogawa"), seen=seen, sign=city.sign("ogawa"))
        return review, self.hall.number(review, user_id)

    def begin(self, review: Review, item: int) -> None:
        city = self.hall.city
        remedying.begin(city.store, self.ledger, review.number, item, city.acting("hayashi"))

    def verified(self, review: Review, item: int) -> RemedyState:
        store = self.hall.city.store
        remedying.verify(store, self.ledger, review.number)
        return reading.remedy(store, review, item).state


@pytest.fixture
def office(hall: Reviewing) -> Office:
    office = Office(hall)
    office.person("S0101")
    office.issue("mori", "S0101", "inquiry", "output")
    return office


def test_a_line_tells_what_is_granted_shown_by_whom_and_why(office: Office) -> None:
    office.show("mori", "inquiry", "output", "bulk", administrator=True)
    office.sync()
    line = office.lines()["mori"]
    assert (line.granted, line.effective) == (("inquiry", "output"), ("bulk", "inquiry", "output"))
    assert (line.staff_number, line.grantors, line.reason, line.reference) == (
        *("S0101", ("S-sato",)),
        *("appointment", "R-2026-0001"),
    )
    assert (line.present, line.privileged, line.readable, line.contractor) == (True, True, True, False)


def test_ids_that_nobody_has_and_ids_of_contractors_are_told_apart(office: Office) -> None:
    office.person("C0201", PersonKind.CONTRACTOR)
    office.issue("maint", "C0201", until=office.hall.now + timedelta(days=20))
    office.show("old")
    office.sync()
    found = opening.open_review(
        office.hall.city.store,
        office.ledger,
        ReviewKind.INSPECTION,
        office.hall.city.acting("yamada"),
        instruction="monthly",
        due=office.hall.now + timedelta(days=9),
    )
    items = office.hall.items(found)
    assert Trait.NOBODYS in items["old"].traits
    assert {Trait.CONTRACTOR, Trait.EXPIRING} <= set(items["maint"].traits)
    assert items["maint"].line.pledge == "P-1"


def test_a_system_that_was_never_read_leaves_its_ids_unknown(office: Office) -> None:
    assert office.lines()["mori"].readable is False


def test_what_lapsed_and_shows_nothing_is_not_asked_about_again(office: Office) -> None:
    with office.hall.city.store.transaction() as tx:
        ledger.revoke(tx, SYSTEM, "mori", DisableReason.RETIREMENT, actor="S-hayashi")
    office.show("mori", enabled=False)
    office.sync()
    assert office.lines() == {}
    office.show("mori", "output", enabled=False)
    office.sync()
    assert list(office.lines()) == ["mori"]


def test_a_revocation_ends_the_grants_in_the_same_step_and_is_proven_by_the_next_reading(office: Office) -> None:
    office.sync()
    review, item = office.settled("mori", Answer(verdict=Verdict.REVOKE, comment="moved away"))
    office.begin(review, item)
    grants = accounts_reading.grants(office.hall.city.store, SYSTEM, "mori")
    assert {(each.end_reason, each.ended_by) for each in grants} == {(DisableReason.REVIEW, "S-hayashi")}
    (entry, *_) = office.hall.entries("account.grant-ended")
    assert entry.details["request"] == f"{review.name}/{item}"
    office.sync()
    assert office.verified(review, item) is RemedyState.EXECUTING
    office.show("mori", enabled=False)
    assert office.verified(review, item) is RemedyState.EXECUTING
    office.sync()
    assert office.verified(review, item) is RemedyState.VERIFIED


def test_a_change_takes_the_named_right_and_moves_the_end(office: Office) -> None:
    office.sync()
    end = office.hall.now + timedelta(days=7)
    change = Answer(verdict=Verdict.CHANGE, comment="until the move", remove=("output",), until=end)
    review, item = office.settled("mori", change)
    office.begin(review, item)
    grants = accounts_reading.grants(office.hall.city.store, SYSTEM, "mori")
    open_ones = {each.entitlement: each.valid_until for each in grants if each.ended_at is None}
    assert open_ones == {"": end, "inquiry": end}
    office.shown["mori"] = ObservedAccount(user_id="mori", enabled=True, entitlements=("inquiry",), valid_to=end)
    office.sync()
    assert office.verified(review, item) is RemedyState.VERIFIED


def test_nobodys_id_has_nothing_in_the_ledger_to_end_and_is_proven_gone_by_a_reading(office: Office) -> None:
    office.show("old")
    office.sync()
    review, item = office.settled("old", Answer(verdict=Verdict.REVOKE, comment="nobody knows it"))
    with pytest.raises(Refusal, match="Take it over, or remove it at the system"):
        office.begin(review, item)
    del office.shown["old"]
    office.sync()
    assert office.verified(review, item) is RemedyState.VERIFIED
