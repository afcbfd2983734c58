"""After the act: the report, its acceptance by somebody else, and emergencies that stay red until reviewed."""

from datetime import timedelta

import pytest

from accesscontrol.people.roles import Role
from accesscontrol.refusals import Refusal
from accesscontrol.requests import decisions, locks, reports, submission
from accesscontrol.requests.reading import Request, listed
from accesscontrol.requests.states import State
from tests.accesscontrol.requests.city import OFFICE, City


def red(city: City) -> list[str]:
    return [each.id for each in listed(city.store) if each.emergency and each.state is not State.CLOSED]


class TestAReport:
    @pytest.mark.parametrize("login", ["mori", "ogawa"])
    def test_is_by_the_requester_or_the_executor_and_accepted_by_an_approver(self, city: City, login: str) -> None:
        request = city.execute(city.approved("correction"))
        city.report(request, login)
        assert city.state(request) is State.REPORTED
        city.close(request, "kondo")
        assert city.state(request) is State.CLOSED
        assert city.acts(request.id)[-2:] == ["request.reported", "request.closed"]

    def test_by_anybody_else_is_refused(self, city: City) -> None:
        request = city.execute(city.approved("correction"))
        for login in ("kondo", "yamada", "endo"):
            with pytest.raises(Refusal, match="requester or the executor"):
                city.report(request, login)

    def test_says_something(self, city: City) -> None:
        request = city.execute(city.approved("correction"))
        with pytest.raises(Refusal, match="says what was done"):
            reports.report(city.desk, request.id, city.acting("ogawa"), text="  ")

    def test_is_not_due_where_the_kind_asks_for_none_or_nothing_ran(self, city: City) -> None:
        for request in (city.execute(city.approved("export")), city.approved("correction")):
            with pytest.raises(Refusal, match="needs no report"):
                city.report(request)

    def test_waits_for_the_witness_of_the_end(self, city: City) -> None:
        request = city.execute(city.approved("medium"))
        with pytest.raises(Refusal, match="attests the end") as refused:
            city.report(request)
        assert refused.value.control == "BK-MED-06"
        city.report(city.attest(request, phase=decisions.AFTER))
        assert city.state(request) is State.REPORTED

    def test_of_a_failure_is_possible(self, city: City) -> None:
        city.world.during = lambda _: 1 / 0
        request = city.execute(city.approved("medium"))
        city.report(request)
        city.close(request)
        assert city.state(request) is State.CLOSED

    def test_is_given_once(self, city: City) -> None:
        request = city.execute(city.approved("correction"))
        city.report(request)
        with pytest.raises(Refusal, match="can't be done any more"):
            city.report(request)


class TestItsAcceptance:
    def reported(self, city: City, kind: str = "correction", **parameters: object) -> Request:
        request = city.execute(city.approved(kind, **parameters))
        if kind == "medium":
            city.attest(request, phase=decisions.AFTER)
        city.report(request)
        return request

    @pytest.mark.parametrize("person", ["mori", "ogawa"])
    def test_is_not_for_those_who_did_it_under_any_login(self, city: City, person: str) -> None:
        city.hire("second", Role.SECURITY_OFFICER, staff_number=f"S-{person}2")
        request = self.reported(city)
        city.hire("third", Role.SUPERIOR, staff_number=f"S-{person}")
        with pytest.raises(Refusal):
            city.close(request, "third")
        city.close(request, "second")

    def test_is_not_for_the_witness(self, city: City) -> None:
        city.hire("chief", Role.SECURITY_OFFICER, staff_number="S-suzuki")
        with pytest.raises(Refusal, match=r"Whoever did it|someone else"):
            city.close(self.reported(city, "medium"), "chief")

    def test_is_not_for_one_whom_it_is_about(self, city: City) -> None:
        with pytest.raises(Refusal, match="about themselves"):
            city.close(self.reported(city, about="S-sato"), "sato")

    @pytest.mark.parametrize("login", ["yamada", "endo", "suzuki", "kato"])
    def test_needs_an_approvers_role(self, city: City, login: str) -> None:
        with pytest.raises(Refusal, match="role"):
            city.close(self.reported(city), login)

    def test_is_stopped_by_a_lock(self, city: City) -> None:
        request = self.reported(city)
        locks.place(city.store, "person", "S-sato", reason="inquiry", actor="S-tanaka")
        with pytest.raises(Refusal, match="inquiry"):
            city.close(request)

    def test_needs_a_registered_terminal(self, city: City) -> None:
        request = self.reported(city)
        with pytest.raises(Refusal, match="not registered"):
            reports.close(city.desk, request.id, city.acting("sato", "kitchen"))
        reports.close(city.desk, request.id, city.acting("sato", OFFICE))

    @pytest.mark.parametrize("moment", ["submitted", "approved", "done", "withdrawn", "lapsed"])
    def test_has_nothing_to_accept_before_a_report(self, city: City, moment: str) -> None:
        request = city.submit("correction") if moment == "submitted" else city.approved("correction")
        if moment == "done":
            city.execute(request)
        elif moment == "withdrawn":
            city.withdraw(request)
        elif moment == "lapsed":
            city.clock.advance(timedelta(days=3))
            submission.lapse_due(city.desk)
        before = city.now(request)
        with pytest.raises(Refusal):
            city.close(request)
        assert city.now(request) == before


class TestAnEmergency:
    def test_runs_with_one_person_alone_and_stays_red_until_another_has_reviewed_it(self, city: City) -> None:
        request = city.submit("emergency")
        assert request.state is State.APPROVED
        assert city.acts(request.id) == ["request.broken-glass"]
        assert city.execute(request, "mori").state is State.DONE
        assert red(city) == [request.id]
        city.report(request, "mori")
        assert red(city) == [request.id]
        with pytest.raises(Refusal, match="someone else"):
            city.close(request, "mori")
        city.close(request)
        assert red(city) == []

    def test_is_sealed_at_once(self, city: City) -> None:
        city.submit("emergency")
        size = city.store.rows("SELECT max(seq) FROM trail_entry")[0][0]
        assert city.store.rows("SELECT max(size) FROM trail_checkpoint")[0][0] == size

    def test_is_only_for_those_who_may_ask(self, city: City) -> None:
        with pytest.raises(Refusal, match="role"):
            city.submit("emergency", login="endo")

    def test_is_not_for_oneself(self, city: City) -> None:
        with pytest.raises(Refusal, match="about themselves"):
            city.submit("emergency", about="S-mori")

    def test_runs_once(self, city: City) -> None:
        request = city.execute(city.submit("emergency"), "mori")
        with pytest.raises(Refusal, match="executed already"):
            city.execute(request, "mori")
        assert len(city.world.done) == 1

    def test_has_a_window_too(self, city: City) -> None:
        request = city.submit("emergency")
        city.clock.advance(timedelta(days=3))
        with pytest.raises(Refusal, match="window"):
            city.execute(request, "mori")

    def test_is_stopped_by_a_lock(self, city: City) -> None:
        request = city.submit("emergency")
        locks.place(city.store, "request", request.id, reason="inquiry", actor="S-sato")
        with pytest.raises(Refusal, match="inquiry"):
            city.execute(request, "mori")

    def test_that_failed_is_reviewed_too(self, city: City) -> None:
        city.world.during = lambda _: 1 / 0
        request = city.execute(city.submit("emergency"), "mori")
        city.report(request, "mori")
        city.close(request)
        assert red(city) == []

    @pytest.mark.parametrize("end", ["withdrawn", "lapsed"])
    def test_that_came_to_nothing_is_reviewed_too(self, city: City, end: str) -> None:
        request = city.submit("emergency")
        if end == "withdrawn":
            city.withdraw(request)
        else:
            city.clock.advance(timedelta(days=3))
            submission.lapse_due(city.desk)
        assert red(city) == [request.id]
        with pytest.raises(Refusal):
            city.close(request, "mori")
        city.close(request)
        assert red(city) == []
