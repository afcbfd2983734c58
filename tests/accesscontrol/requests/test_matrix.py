"""Who may do what: every role, in every act, as the requester, under a second login, as another, as a deputy.

What is expected stands in the tables here, written from the domain's separation of duties and not from the code.
"""

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

from accesscontrol.clock import FixedClock, to_text
from accesscontrol.people.roles import Role
from accesscontrol.refusals import Refusal
from accesscontrol.requests import decisions, gate
from accesscontrol.requests.reading import Request
from tests.accesscontrol.requests.city import OPENING, City, open_city

OWN, SECOND, OTHER, DEPUTY = "self", "second login", "other person", "deputy"
# The login that stands for each relation; each but the requester's own holds (or is lent) one role alone.
LOGINS: Final = {OWN: "mori", SECOND: "second", OTHER: "other", DEPUTY: "stand-in"}

WITHOUT_PART: Final = {OTHER, DEPUTY}
EVERYONE: Final = {OWN, SECOND, OTHER, DEPUTY}
# act: (the roles that may, in which relation to the requester they may)
TABLE: Final[dict[str, tuple[set[Role], set[str]]]] = {
    "submit": ({Role.OPERATOR, Role.WORK_LEAD}, EVERYONE),
    "approve": ({Role.OUTPUT_MANAGER}, WITHOUT_PART),
    "reject": ({Role.OUTPUT_MANAGER}, WITHOUT_PART),
    "attest": ({Role.WITNESS}, WITHOUT_PART),
    "execute": ({Role.RESIDENT_OPERATOR, Role.SYSTEM_ADMIN}, WITHOUT_PART),
    "report": (set(Role), {OWN, SECOND}),
    "close": ({Role.OUTPUT_MANAGER, Role.SECURITY_OFFICER}, WITHOUT_PART),
    "settle": ({Role.OUTPUT_MANAGER, Role.SECURITY_OFFICER}, WITHOUT_PART),
    "withdraw": (set(Role), {OWN, SECOND}),
    "revoke": (set(), set()),
}


def submitted(city: City) -> Request:
    return city.submit("medium")


def approved(city: City) -> Request:
    return city.approve(submitted(city), "kato")


def witnessed(city: City) -> Request:
    return city.attest(approved(city))


def done(city: City) -> Request:
    return city.attest(city.execute(witnessed(city)), phase=decisions.AFTER)


def reported(city: City) -> Request:
    request = done(city)
    city.report(request)
    return request


def interrupted(city: City) -> Request:
    request = witnessed(city)

    def die(_: object) -> None:
        raise KeyboardInterrupt

    city.world.during = die
    with pytest.raises(KeyboardInterrupt):
        city.execute(request)
    with city.store.bookkeeping() as connection:
        connection.execute("UPDATE request_execution SET boot = 'earlier'")
    assert gate.recover(city.desk) == [request.id]
    return request


STAGES: Final[dict[str, Callable[[City], Request]]] = {
    "submit": submitted,
    "approve": submitted,
    "reject": submitted,
    "attest": approved,
    "execute": witnessed,
    "report": done,
    "close": reported,
    "settle": interrupted,
    "withdraw": submitted,
    "revoke": approved,
}


def act(city: City, name: str, request: Request, login: str) -> None:
    if name == "submit":
        city.submit("medium", login)
    else:
        getattr(city, name)(request, login)


@pytest.fixture(scope="module")
def staffed(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The city hall with the four whose roles the test changes, and one who lends a role."""
    path = tmp_path_factory.mktemp("staffed") / built.name
    shutil.copy(built, path)
    city = open_city(path, FixedClock(OPENING))
    city.hire("second", Role.DEPT_HEAD, staff_number="S-mori")
    for login in ("other", "stand-in", "lender"):
        city.hire(login, Role.DEPT_HEAD)
    city.store.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    city.store.close()
    return path


def give(city: City, role: Role) -> None:
    """Give ``role`` to each relation: alone, beside the requester's own, or lent; whatever may be held together."""
    roles = {"mori": {Role.OPERATOR, role}, "second": {role}, "other": {role}, "stand-in": set(), "lender": {role}}
    begin, end = to_text(OPENING), to_text(OPENING + timedelta(days=9))
    with city.store.transaction() as tx:
        tx.execute("DELETE FROM deputy")
        tx.execute(
            "INSERT INTO deputy (role, principal, deputy, valid_from, valid_until, reason, appointed_by)"
            " VALUES (?, 'lender', 'stand-in', ?, ?, 'holiday', 'S-yamada')",
            (role, begin, end),
        )
        for login, held in roles.items():
            tx.execute("DELETE FROM operator_role WHERE login = ?", (login,))
            tx.db.table("operator_role").insert_all({"login": login, "role": each} for each in held)
        tx.record("roles.assigned", actor="system")


@pytest.mark.parametrize("relation", LOGINS)
@pytest.mark.parametrize("name", TABLE)
def test_exactly_the_roles_of_the_table_may(staffed: Path, tmp_path: Path, name: str, relation: str) -> None:
    opened: list[City] = []

    def fresh() -> tuple[City, Request]:
        folder = tmp_path / str(len(opened))
        folder.mkdir()
        shutil.copy(staffed, folder / staffed.name)
        city = open_city(folder / staffed.name, FixedClock(OPENING))
        city.store._writing.execute("PRAGMA synchronous = OFF")
        opened.append(city)
        return city, STAGES[name](city)

    city, request = fresh()
    allowed = set()
    for role in Role:
        give(city, role)
        before = city.now(request)
        try:
            act(city, name, request, LOGINS[relation])
        except Refusal:
            assert city.now(request) == before
        else:
            allowed.add(role)
            city, request = fresh()
    roles, relations = TABLE[name]
    expected = roles if relation in relations else set()
    if name == "submit" and relation == OWN:
        expected = set(Role)  # the requester is an operator, whatever else
    assert allowed == expected
    for each in opened:
        each.store.close()
