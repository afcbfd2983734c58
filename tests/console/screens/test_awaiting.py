"""The second person of a running task, as its executor's screen follows them: who may come, who is there, who left."""

from pathlib import Path

import pytest

from accesscontrol.people import operators
from accesscontrol.people.roles import Role
from accesscontrol.requests.reading import Request
from accesscontrol.sessions import ledger, watching
from accesscontrol.sessions.ledger import Assignment, SessionRow
from console import translation
from console.screens.tasks.awaiting import SecondPerson
from tests.console.approving import approved
from tests.console.second_persons import signing
from tests.console.town import Town


@pytest.fixture
def town(tmp_path: Path) -> Town:
    town = Town.copied_to(tmp_path)
    town.give("nakamura", Role.BUSINESS_OWNER)
    return town


def running(town: Town, request: Request) -> SessionRow:
    asked = Assignment(
        request=request.id,
        title="a task",
        host="console",
        executor=town.acting("ito"),
        not_before=request.not_before,
        until=request.not_after,
        moderated=True,
    )
    return ledger.begin(town.site.store, asked, target="here", zone=town.site.zone)


def shown(second: SecondPerson) -> str:
    sections = second.sections()
    return " ".join(f"{fact.label} {fact.value}" for section in sections for fact in section.facts)


def test_those_with_another_part_in_the_request_are_not_named_as_its_second_person(town: Town) -> None:
    request = approved(town)
    row = running(town, request)
    words = shown(SecondPerson(town.site, row))
    assert "(S0104)" in words
    assert all(f"({each})" not in words for each in (request.requester, row.executor, "S0101", "S0103"))


def test_that_nobody_may_come_is_said(town: Town) -> None:
    request = approved(town)
    row = running(town, request)
    with town.site.store.transaction() as tx:
        operators.disable(tx, "suzuki", reason="on leave", actor="S0102")
    translation.choose("en")
    assert "nobody: all who hold a role" in shown(SecondPerson(town.site, row))


def test_who_comes_and_who_leaves_is_news_once(town: Town) -> None:
    request = approved(town)
    row = running(town, request)
    second, site = SecondPerson(town.site, row), town.site
    assert (second.look(), second.came, second.left) == (False, False, False)
    sign = signing(town, "suzuki")
    watch = watching.watch(
        site.store, site.home.recordings, row.id, town.acting("suzuki"), executor=row.executor, sign=sign
    )
    assert (second.look(), second.look(), second.left) == (True, False, False)
    watch.leave()
    assert (second.look(), second.names, second.left) == (True, [], True)
