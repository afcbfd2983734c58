"""Requests about user IDs: rehearsed, approved as shown, carried out whole, and done only when a target shows it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from accesscontrol.accounts import desired, first_passwords, persons, reading
from accesscontrol.accounts.kinds import account_kinds
from accesscontrol.accounts.migrations import migrations
from accesscontrol.accounts.model import Cause, DisableReason, Person, PersonKind
from accesscontrol.clock import end_of_day, to_text
from accesscontrol.refusals import Refusal
from accesscontrol.requests import locks, submission
from accesscontrol.requests.reading import Request
from accesscontrol.requests.states import State
from accesscontrol.trail import entries
from tests.accesscontrol.accounts.office import MemorySystem
from tests.accesscontrol.requests.city import ZONE, City
from tests.accesscontrol.requests.conftest import built, new_city

__all__ = ["built", "new_city"]

ISSUE: dict[str, Any] = {
    "system": "registry",
    "user_id": "hanako",
    "staff_number": "1042",
    "cause": "appointment",
    "rights": "juki-refer, juki-update",
}


def end(day: str) -> datetime:
    return end_of_day(date.fromisoformat(day), ZONE)


@dataclass
class Counter:
    """The city hall's desk, one managed system, and a few persons of the roster."""

    city: City
    system: MemorySystem

    def person(self, staff_number: str, kind: PersonKind = PersonKind.EMPLOYEE, **changes: Any) -> None:
        facts: dict[str, Any] = {
            "staff_number": staff_number,
            "name": "架空　花子",
            "office": "市民課",
            "kind": kind,
            "valid_from": datetime(2026, 4, 1, tzinfo=UTC),
            **changes,
        }
        with self.city.store.transaction() as tx:
            persons.enter_person(tx, Person(**facts), actor="system")

    def submit(self, kind: str, parameters: dict[str, Any], login: str = "hayashi") -> Request:
        return submission.submit(self.city.desk, kind, parameters, self.city.acting(login), reason="came to us")

    def done(self, kind: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """Let a request go its whole way and return its evidence."""
        request = self.submit(kind, parameters)
        self.city.approve(request, "sato")
        executed = self.city.execute(request, "yamada")
        assert executed.performance is not None
        assert executed.state is State.DONE, executed.performance.evidence
        return dict(executed.performance.evidence or {})

    def entry(self, user_id: str = "hanako") -> desired.Entry:
        return desired.entry(self.city.store, "registry", user_id)


@pytest.fixture
def counter(new_city: Callable[[], City]) -> Counter:
    city = new_city()
    city.store.migrate(migrations)
    system = MemorySystem("registry", city.clock)
    city.kinds.update({kind.name: kind for kind in account_kinds(city.store, ZONE, lambda: {"registry": system})})
    counter = Counter(city, system)
    counter.person("1042")
    return counter


def test_an_issued_id_is_at_its_target_when_the_request_is_done_and_the_ledger_names_rule_and_trigger(
    counter: Counter,
) -> None:
    request = counter.submit("account-issue", {**ISSUE, "last_day": "2027-03-31"})
    assert reading.accounts(counter.city.store) == []
    assert request.dry_run == [
        {
            "account": "registry/hanako",
            "before": {},
            "after": {
                "owner": "1042",
                "rights": [
                    {
                        "right": right,
                        "from": None,
                        "until": "2027-03-31T15:00:00.000000+00:00",
                        "rule": "end by the request",
                    }
                    for right in ("", "juki-refer", "juki-update")
                ],
            },
        }
    ]
    counter.city.approve(request, "sato")
    executed = counter.city.execute(request, "yamada")
    assert executed.performance is not None
    assert executed.performance.evidence == {"verified": ["registry/hanako"], "unverified": {}}
    held = counter.system.held["hanako"]
    assert (held.entitlements, held.valid_to) == (("juki-refer", "juki-update"), end("2027-03-31"))
    [grant, *_] = counter.entry().grants
    assert (grant.cause, grant.rule, grant.request, grant.granted_by, grant.held) == (
        Cause.APPOINTMENT,
        "end by the request",
        request.id,
        "S-sato",
        True,
    )


@pytest.mark.parametrize(
    ("asked", "known", "expected"),
    [
        ("2027-03-31", None, ("2027-03-31", "end by the request")),
        ("2027-03-31", "2026-12-28", ("2026-12-28", "end by roster, contract or employment")),
        (None, "2026-12-28", ("2026-12-28", "end by roster, contract or employment")),
        (None, None, (None, "no end known; it ends with the employment")),
    ],
)
def test_the_end_is_the_earliest_of_request_and_roster(
    counter: Counter, asked: str | None, known: str | None, expected: tuple[str | None, str]
) -> None:
    counter.person("1042", valid_until=end(known) if known else None)
    counter.done("account-issue", {**ISSUE, "last_day": asked})
    until, rule = expected
    assert counter.system.held["hanako"].valid_to == (end(until) if until else None)
    assert {grant.rule for grant in counter.entry().grants} == {rule}


def test_a_contractors_worker_gets_an_id_only_from_the_roster_and_with_a_pledge(counter: Counter) -> None:
    asked = {**ISSUE, "cause": "contract-start"}
    with pytest.raises(Refusal, match="no person with the staff number K-9"):
        counter.submit("account-issue", {**asked, "staff_number": "K-9"})
    counter.person("K-1", PersonKind.CONTRACTOR, pledge="P-1")
    with pytest.raises(Refusal, match="no roster of a contract in force"):
        counter.submit("account-issue", {**asked, "staff_number": "K-1"})
    counter.person("K-1", PersonKind.CONTRACTOR, valid_until=end("2027-03-31"))
    with pytest.raises(Refusal, match="pledge") as caught:
        counter.submit("account-issue", {**asked, "staff_number": "K-1"})
    assert caught.value.control == "AC-CTR-02"
    counter.person("K-1", PersonKind.CONTRACTOR, valid_until=end("2027-03-31"), pledge="P-1")
    counter.done("account-issue", {**asked, "staff_number": "K-1"})
    assert counter.system.held["hanako"].valid_to == end("2027-03-31")


def test_a_renewed_contract_extends_nobodys_id_by_itself(counter: Counter) -> None:
    counter.person("K-1", PersonKind.CONTRACTOR, valid_until=end("2026-12-28"), pledge="P-1")
    counter.done("account-issue", {**ISSUE, "staff_number": "K-1", "cause": "contract-start"})
    counter.person("K-1", PersonKind.CONTRACTOR, valid_until=end("2027-03-31"), pledge="P-1")
    assert counter.entry().desired(counter.city.clock.now()).valid_until == end("2026-12-28")
    counter.done(
        "account-extend",
        {"system": "registry", "user_id": "hanako", "cause": "contract-start", "last_day": "2028-03-31"},
    )
    assert counter.system.held["hanako"].valid_to == end("2027-03-31")


@pytest.mark.parametrize("cause", ["retirement", "contract-start", "takeover"])
def test_an_id_needs_a_trigger_that_fits_its_person(counter: Counter, cause: str) -> None:
    with pytest.raises(Refusal, match="one of these causes"):
        counter.submit("account-issue", {**ISSUE, "cause": cause})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"system": "nowhere"}, "systems of the settings"),
        ({"user_id": "ha na"}, "can't be a name"),
        ({"last_day": "2026-01-01"}, "still to come"),
        ({"cause": "fun"}, "cause"),
        ({"unknown": 1}, "unknown"),
    ],
)
def test_what_the_ledger_would_refuse_is_refused_when_it_is_asked_for(
    counter: Counter, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(Refusal, match=words):
        counter.submit("account-issue", {**ISSUE, **changes})
    assert reading.accounts(counter.city.store) == []


def test_nobody_decides_about_an_id_of_their_own(counter: Counter) -> None:
    counter.person("S-sato")
    request = counter.submit("account-issue", {**ISSUE, "staff_number": "S-sato"})
    with pytest.raises(Refusal, match="themselves"):
        counter.city.approve(request, "sato")
    counter.city.approve(request, "tanaka")


def test_rights_are_changed_and_an_id_is_revoked_and_both_are_seen_at_the_target(counter: Counter) -> None:
    counter.done("account-issue", ISSUE)
    change = {"system": "registry", "user_id": "hanako", "cause": "transfer", "add": "tax", "remove": "juki-update"}
    counter.done("account-change", change)
    assert counter.system.held["hanako"].entitlements == ("juki-refer", "tax")
    counter.system.held["hanako"] = counter.system.held["hanako"].__class__(user_id="hanako", enabled=True, sessions=2)
    evidence = counter.done("account-revoke", {"system": "registry", "user_id": "hanako", "ground": "incident"})
    assert evidence == {"verified": ["registry/hanako"], "unverified": {}}
    assert counter.system.held["hanako"].lapsed
    assert {grant.end_reason for grant in counter.entry().grants} >= {DisableReason.INCIDENT}
    assert counter.city.acts("registry/hanako").count("account.lapsed") == 1


@pytest.mark.parametrize(
    ("kind", "parameters", "words"),
    [
        ("account-change", {"cause": "transfer", "remove": "tax"}, "doesn't have tax"),
        ("account-change", {"cause": "transfer", "add": "juki-refer"}, "has juki-refer already"),
        ("account-change", {"cause": "transfer"}, "names rights"),
        ("account-extend", {"cause": "transfer", "last_day": "2026-11-01"}, "still to come"),
    ],
)
def test_a_change_that_changes_nothing_is_refused(
    counter: Counter, kind: str, parameters: dict[str, Any], words: str
) -> None:
    counter.done("account-issue", ISSUE)
    with pytest.raises(Refusal, match=words):
        counter.submit(kind, {"system": "registry", "user_id": "hanako", **parameters})


def test_an_id_that_lapsed_gets_its_access_anew_by_an_extension_and_a_discarded_one_never(counter: Counter) -> None:
    counter.done("account-issue", {**ISSUE, "last_day": "2026-11-25"})
    counter.done("account-revoke", {"system": "registry", "user_id": "hanako", "ground": "review"})
    again = {"system": "registry", "user_id": "hanako", "cause": "appointment", "last_day": "2026-12-28"}
    with pytest.raises(Refusal, match="nothing to revoke"):
        counter.submit("account-revoke", {"system": "registry", "user_id": "hanako", "ground": "review"})
    counter.done("account-extend", again)
    assert counter.system.held["hanako"].enabled
    with pytest.raises(Refusal, match="has an owner already"):
        counter.submit("account-issue", ISSUE)


def test_the_approver_reads_last_days_of_the_site_not_instants(counter: Counter) -> None:
    counter.done("account-issue", {**ISSUE, "last_day": "2026-12-28"})
    extend = {"system": "registry", "user_id": "hanako", "cause": "appointment", "last_day": "2027-03-31"}
    request = counter.submit("account-extend", extend)
    shown = counter.city.kinds["account-extend"].shows(request.dry_run)["registry/hanako"]
    rights = "juki-refer ({0}), juki-update ({0})"
    assert str(shown).endswith(f": {rights.format('2026-12-28')} → {rights.format('2027-03-31')}")


def test_many_ids_are_one_request_whose_whole_effect_is_bound(counter: Counter) -> None:
    acts = []
    for number in range(40):
        counter.person(f"2{number:03}", name=f"架空　{number}")
        acts.append({**ISSUE, "act": "issue", "user_id": f"u{number}", "staff_number": f"2{number:03}"})
    request = counter.submit("accounts-bulk", {"acts": acts})
    kind = counter.city.kinds["accounts-bulk"]
    assert kind.describe(kind.read(request.parameters)) == {"issue": 40}
    shown = kind.shows(request.dry_run)
    assert len(shown) == 40
    assert shown["registry/u0"] == "2000: - → juki-refer (∞), juki-update (∞)"
    counter.city.approve(request, "sato")
    executed = counter.city.execute(request, "yamada")
    assert executed.performance is not None
    assert len((executed.performance.evidence or {})["verified"]) == 40
    assert len(counter.system.held) == 40


def test_of_many_acts_all_are_carried_out_or_none(counter: Counter) -> None:
    acts = [{**ISSUE, "act": "issue"}, {**ISSUE, "act": "issue", "user_id": "HANAKO"}]
    with pytest.raises(Refusal, match="has an owner already"):
        counter.submit("accounts-bulk", {"acts": acts})
    with pytest.raises(Refusal, match="names 1 to"):
        counter.submit("accounts-bulk", {"acts": []})
    assert reading.accounts(counter.city.store) == []


def test_an_approval_lost_its_force_when_the_id_changed_meanwhile(counter: Counter) -> None:
    request = counter.submit("account-issue", ISSUE)
    counter.city.approve(request, "sato")
    counter.person("1042", valid_until=end("2026-12-28"))
    with pytest.raises(Refusal, match="moved since the approval"):
        counter.city.execute(request, "yamada")


def test_a_target_that_is_down_leaves_the_act_open_and_says_so(counter: Counter) -> None:
    counter.system.down = True
    evidence = counter.done("account-issue", ISSUE)
    assert (evidence["verified"], list(evidence["unverified"])) == ([], ["registry/hanako"])
    assert not counter.entry().held


def test_a_locked_person_or_account_stops_a_request(counter: Counter) -> None:
    for kind, name in (("person", "1042"), ("account", "registry/hanako")):
        number = locks.place(counter.city.store, kind, name, reason="incident", actor="S-sato")
        with pytest.raises(Refusal, match="incident"):
            counter.submit("account-issue", ISSUE)
        locks.lift(counter.city.store, number, reason="over", actor="S-tanaka")
    counter.submit("account-issue", ISSUE)


def test_a_first_password_is_for_a_day_is_written_down_nowhere_and_ends_if_nobody_confirms_it(
    counter: Counter,
) -> None:
    counter.done("account-issue", ISSUE)
    store, systems = counter.city.store, {"registry": counter.system}
    given = first_passwords.hand_over(store, systems, "registry", "hanako", actor="S-hayashi")
    [entry] = entries.of_act(store, "account.password-issued")
    assert given
    assert given.text() not in str(entry.details)
    assert entry.details["until"] == to_text(counter.city.clock.now() + timedelta(hours=24))
    assert counter.system.steps[-1] == ("set_password", ("hanako",))
    first_passwords.confirm(store, systems, "registry", "hanako", actor="S-hayashi")
    assert counter.city.acts("registry/hanako")[-1] == "account.password-confirmed"


def test_no_password_for_an_id_of_ones_own_or_one_that_is_not_live(counter: Counter) -> None:
    counter.person("S-hayashi")
    counter.done("account-issue", {**ISSUE, "staff_number": "S-hayashi"})
    store, systems = counter.city.store, {"registry": counter.system}
    with pytest.raises(Refusal, match="of their own"):
        first_passwords.hand_over(store, systems, "registry", "hanako", actor="S-hayashi")
    counter.done("account-revoke", {"system": "registry", "user_id": "hanako", "ground": "incident"})
    for act in (first_passwords.hand_over, first_passwords.confirm):
        with pytest.raises(Refusal, match="not live"):
            act(store, systems, "registry", "hanako", actor="S-yamada")
