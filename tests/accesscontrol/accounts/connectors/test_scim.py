"""User IDs of a real SCIM service: read whole, changed only as they were seen, and never believed on a 204."""

from datetime import timedelta
from typing import Any

import httpx2
import pytest

from accesscontrol.accounts.connectors.protocol import (
    ObservedAccount,
    SetThere,
    TemporaryPassword,
    Unreadable,
    Wanted,
)
from accesscontrol.accounts.connectors.scim import ScimConnector
from accesscontrol.accounts.connectors.scim_wire import Service
from accesscontrol.clock import SystemClock
from accesscontrol.people.secret import Secret
from accesscontrol.refusals import Refusal
from tests.services.scim import TOKEN, ScimServer

CLOCK = SystemClock()
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"


def service(server: ScimServer, **changes: Any) -> Service:
    facts: dict[str, Any] = {
        "system": "certificates",
        "url": server.url,
        "token": Secret(TOKEN),
        "administrators": frozenset({"administrators"}),
        "own": "sekisho",
        "page": 5,
        **changes,
    }
    return Service(**facts)


@pytest.fixture
def connector(scim_server: ScimServer) -> ScimConnector:
    for name in ("counter", "administrators"):
        post(scim_server, "Groups", {"schemas": [GROUP], "displayName": name})
    return ScimConnector(service(scim_server), CLOCK)


def post(server: ScimServer, place: str, body: dict[str, Any]) -> str:
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/scim+json"}
    answer = httpx2.post(f"{server.url}/{place}", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def user(server: ScimServer, name: str, **facts: Any) -> str:
    return post(server, "Users", {"schemas": [USER], "userName": name, "active": True, **facts})


def wanted(user_id: str, *groups: str) -> Wanted:
    return Wanted(user_id=user_id, staff_number="1042", display_name="架空 花子", office="市民課", entitlements=groups)


def temporary(text: str = "x") -> TemporaryPassword:
    return TemporaryPassword(secret=Secret(text), until=CLOCK.now() + timedelta(hours=24))


def look(connector: ScimConnector, user_id: str) -> ObservedAccount:
    return connector.look([user_id])[user_id]


def test_an_issued_id_is_read_back_with_its_person_and_its_groups(connector: ScimConnector) -> None:
    connector.issue(wanted("hanako", "counter"))
    found = look(connector, "hanako")
    assert (found.enabled, found.entitlements, found.valid_to) == (True, ("counter",), None)
    assert (found.staff_number, found.display_name) == ("1042", "架空 花子")
    assert found.native_id
    assert abs(connector.read().skew) < timedelta(seconds=5)


@pytest.mark.parametrize("name", ["hanako", "HANAKO"])
def test_an_id_that_is_already_there_is_refused(connector: ScimConnector, scim_server: ScimServer, name: str) -> None:
    user(scim_server, "hanako", displayName="other")
    with pytest.raises(Refusal, match="409"):
        connector.issue(wanted(name))
    assert look(connector, "hanako").display_name == "other"


def test_a_service_that_takes_no_passwords_from_clients_is_left_to_set_them_itself(
    connector: ScimConnector, scim_server: ScimServer
) -> None:
    user(scim_server, "hanako", password="its-own")
    with pytest.raises(SetThere, match="keeps its passwords itself"):
        connector.issue(wanted("h"), temporary())
    with pytest.raises(SetThere):
        connector.set_password("hanako", temporary())
    connector.strip(["hanako"])
    assert connector.look(["h"]) == {}
    assert scim_server.password_of("hanako") == "its-own"


@pytest.mark.parametrize("patch", [True, False])
def test_a_password_is_set_where_the_service_lets_clients_and_a_lapse_leaves_one_that_nobody_knows(
    connector: ScimConnector, scim_server: ScimServer, *, patch: bool
) -> None:
    scim_server.announce(patch=patch, change_password=True)
    connector.issue(wanted("hanako", "counter"), temporary("Kakitsubata-Hashi-8"))
    assert scim_server.password_of("hanako") == "Kakitsubata-Hashi-8"
    connector.set_password("hanako", temporary("Yukimi-Shoji-31"))
    assert scim_server.password_of("hanako") == "Yukimi-Shoji-31"
    for act in (connector.block, connector.end_sessions, connector.strip):
        assert act(["hanako"]) == {}
    left = scim_server.password_of("hanako")
    assert left
    assert left != "Yukimi-Shoji-31"
    assert connector.change([wanted("hanako", "counter")]) == {}
    assert scim_server.password_of("hanako") == left
    with pytest.raises(Refusal, match="did not take the password"):
        connector.set_password("nobody-here", temporary())


FEATURES = [{}, {"patch": False}, {"filter": False}, {"etag": False}, {"patch": False, "filter": False, "etag": False}]


@pytest.mark.parametrize("features", FEATURES)
def test_an_id_lapses_and_comes_back_whatever_the_service_can_do(
    connector: ScimConnector, scim_server: ScimServer, features: dict[str, bool]
) -> None:
    scim_server.announce(**features)
    user(scim_server, "hanako", roles=[{"value": "chief"}], displayName="花子")
    assert connector.change([wanted("hanako", "administrators")]) == {}
    assert (look(connector, "hanako").administrator, look(connector, "hanako").remains) == (True, ("roles",))
    for act in (connector.block, connector.end_sessions, connector.strip, connector.strip):
        assert act(["hanako"]) == {}
    lapsed = look(connector, "hanako")
    assert (lapsed.lapsed, lapsed.display_name) == (True, "花子")
    assert connector.change([wanted("hanako", "counter")]) == {}
    assert (look(connector, "hanako").enabled, look(connector, "hanako").entitlements) == (True, ("counter",))
    assert {method for method, _ in scim_server.asked}.isdisjoint({"DELETE"})
    assert any(scim_server.matched) is features.get("etag", True)


def test_a_list_of_many_pages_is_read_whole(connector: ScimConnector, scim_server: ScimServer) -> None:
    for number in range(12):
        user(scim_server, f"many{number}")
    found = [each.user_id for each in connector.read().accounts]
    assert sorted(found) == sorted(f"many{number}" for number in range(12))


def test_a_list_that_is_shorter_than_the_service_counts_is_unreadable(
    connector: ScimConnector, scim_server: ScimServer
) -> None:
    user(scim_server, "hanako")
    one = {"id": "1", "userName": "hanako", "active": True}
    listed = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": 9}

    def short(environ: dict[str, Any]) -> tuple[str, Any] | None:
        first = "startIndex=1&" in f"{environ['QUERY_STRING']}&"
        return ("200 OK", {**listed, "Resources": [one] if first else []}) if "Users" in environ["PATH_INFO"] else None

    scim_server.answer = short
    with pytest.raises(Unreadable, match="1 of 9"):
        connector.read()


@pytest.mark.parametrize(
    ("active", "enabled"), [("False", False), ("false", False), ("True", True), (False, False), (None, True)]
)
def test_a_text_for_a_boolean_is_read_as_what_it_says_and_nothing_is_no_block(
    connector: ScimConnector, scim_server: ScimServer, active: Any, *, enabled: bool
) -> None:
    one = {"id": "1", "userName": "hanako", **({} if active is None else {"active": active})}
    listed = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": 1, "Resources": [one]}
    scim_server.answer = lambda environ: ("200 OK", listed) if "Users" in environ["PATH_INFO"] else None
    assert [each.enabled for each in connector.read().accounts] == [enabled]


def test_a_204_that_did_nothing_shows_in_the_next_reading(connector: ScimConnector, scim_server: ScimServer) -> None:
    user(scim_server, "hanako")
    scim_server.answer = lambda environ: ("204 No Content", None) if environ["REQUEST_METHOD"] == "PATCH" else None
    assert connector.block(["hanako"]) == {}
    assert look(connector, "hanako").enabled


def test_what_somebody_changed_in_between_is_read_again_before_it_is_changed(
    connector: ScimConnector, scim_server: ScimServer
) -> None:
    user(scim_server, "hanako")
    refused = iter([("412 Precondition Failed", {"schemas": [ERROR], "status": "412", "detail": "changed"})])
    scim_server.answer = lambda environ: next(refused, None) if environ["REQUEST_METHOD"] == "PATCH" else None
    assert connector.block(["hanako"]) == {}
    assert not look(connector, "hanako").enabled
    always = ("412 Precondition Failed", {"schemas": [ERROR], "status": "412", "detail": "changed"})
    scim_server.answer = lambda environ: always if environ["REQUEST_METHOD"] == "PATCH" else None
    assert connector.change([wanted("hanako")]).keys() == {"hanako"}


def test_one_refused_id_is_told_and_the_others_go_on(connector: ScimConnector, scim_server: ScimServer) -> None:
    user(scim_server, "hanako")
    assert connector.block(["nobody-here", "hanako"]) == {"nobody-here": "404: nobody-here"}
    assert not look(connector, "hanako").enabled
    assert connector.change([wanted("hanako", "no-such-group")]) == {"hanako": "404: no-such-group"}
    assert connector.look(["nobody-here"]) == {}


def test_what_cannot_be_reached_lets_us_not_in_or_is_no_scim_is_unreadable(scim_server: ScimServer) -> None:
    for changes in ({"url": "http://127.0.0.1:1/v2"}, {"token": Secret("wrong")}, {"url": f"{scim_server.url}/x"}):
        connector = ScimConnector(service(scim_server, **changes), CLOCK)
        for act in (connector.read, lambda it=connector: it.look(["x"]), lambda it=connector: it.block(["x"])):
            with pytest.raises(Unreadable) as caught:
                act()
            assert TOKEN not in str(caught.value)
    down = {"schemas": [ERROR], "status": "503", "detail": "later"}
    scim_server.answer = lambda environ: ("503 Later", down) if "Users" in environ["PATH_INFO"] else None
    with pytest.raises(Unreadable):
        ScimConnector(service(scim_server), CLOCK).block(["x"])


def test_the_token_goes_nowhere_in_the_clear(scim_server: ScimServer) -> None:
    connector = ScimConnector(service(scim_server, url="http://scim.example/v2"), CLOCK)
    with pytest.raises(Refusal, match="https"):
        connector.read()


@pytest.mark.parametrize("hostile", ['x" or userName pr or userName eq "', "", "a b", "日本", "a\x00", "../x"])
def test_no_user_id_becomes_part_of_a_filter(connector: ScimConnector, hostile: str) -> None:
    for act in (connector.look, connector.block, connector.strip):
        with pytest.raises(Refusal, match="can't be a user ID"):
            act([hostile])
    with pytest.raises(Refusal, match="can't be a user ID"):
        connector.issue(wanted(hostile))


def test_the_connectors_own_account_is_told_apart(connector: ScimConnector, scim_server: ScimServer) -> None:
    user(scim_server, "Sekisho")
    assert look(connector, "sekisho").own
