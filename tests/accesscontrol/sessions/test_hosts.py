"""Managed hosts are registered by several people with the key before their eyes, and given up in the same way."""

from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from accesscontrol.refusals import Refusal
from accesscontrol.requests import submission
from accesscontrol.requests.reading import Request
from accesscontrol.requests.states import State
from accesscontrol.sessions import hosts
from accesscontrol.sessions.hosts import host_kinds
from accesscontrol.sessions.migrations import migrations
from tests.accesscontrol.requests.city import City

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
PARTICULARS: dict[str, Any] = {
    "name": "register-db",
    "address": "192.0.2.20",
    "account": "sekisho",
    "host_key": f"{KEY.decode()} root@register-db",
    "seen_from": "192.0.2.10/32",
    "service": "127.0.0.1:5432",
}
Submitting = Callable[..., Request]


@pytest.fixture
def submit(city: City) -> Submitting:
    city.store.migrate(migrations)
    city.kinds.update({kind.name: kind for kind in host_kinds(city.store)})

    def submit(kind: str = "session-host", login: str = "yamada", **changes: Any) -> Request:
        parameters = changes if kind == "session-host-retire" else {**PARTICULARS, **changes}
        return submission.submit(city.desk, kind, parameters, city.acting(login), reason="new server")

    return submit


def test_a_host_is_there_only_after_others_approved_and_executed_it(city: City, submit: Submitting) -> None:
    request = submit()
    with pytest.raises(Refusal, match="not registered"):
        hosts.find(city.store, "register-db")
    city.approve(request, "sato")
    assert city.execute(request, "ogawa").state is State.DONE
    host = hosts.find(city.store, "register-db")
    assert (host.target, host.host_key, host.request) == ("sekisho@192.0.2.20:22", KEY.decode(), request.id)
    assert "host.registered" in city.acts("register-db")


def test_the_account_of_sessions_is_not_the_one_that_keeps_the_list_which_ends_them(submit: Submitting) -> None:
    with pytest.raises(Refusal, match="Name two accounts"):
        submit(keeper="sekisho")
    with pytest.raises(Refusal, match="Keeper"):
        submit(keeper="root; id")


def test_the_one_who_asked_neither_approves_nor_executes(city: City, submit: Submitting) -> None:
    request = submit()
    with pytest.raises(Refusal):
        city.approve(request, "yamada")
    city.approve(request, "sato")
    with pytest.raises(Refusal):
        city.execute(request, "yamada")


def test_approvers_see_the_fingerprint(city: City, submit: Submitting) -> None:
    kind = city.kinds["session-host"]
    shown = kind.describe(kind.read(PARTICULARS))
    assert hosts.fingerprint(KEY.decode()) in shown.values()
    assert str(hosts.fingerprint(KEY.decode())).startswith("SHA256:")


@pytest.mark.parametrize(
    "changes",
    [
        {"host_key": "ssh-rsa AAAA"},
        {"host_key": f"@cert-authority {KEY.decode()}"},
        {"host_key": f"{KEY.decode()[:-4]}"},
        {"name": "Register DB"},
        {"address": "-oProxyCommand=id"},
        {"account": "root; id"},
        {"seen_from": "anywhere"},
        {"service": "127.0.0.1"},
        {"gate": "sh -c id"},
        {"port": 0},
    ],
)
def test_particulars_that_could_mean_something_else_are_refused(
    city: City, submit: Submitting, changes: dict[str, Any]
) -> None:
    with pytest.raises(Refusal):
        submit(**changes)


def test_a_host_that_is_given_up_is_reached_no_more(city: City, submit: Submitting) -> None:
    for request in (submit(),):
        city.approve(request, "sato")
        city.execute(request, "ogawa")
    request = submit("session-host-retire", name="register-db")
    city.approve(request, "sato")
    assert city.execute(request, "ogawa").state is State.DONE
    with pytest.raises(Refusal, match="not registered"):
        hosts.find(city.store, "register-db")
    assert hosts.listed(city.store) == []
