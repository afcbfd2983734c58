"""A setting changes by four eyes: checked before anyone approves it, applied once, and never over another change."""

from pathlib import Path
from typing import Any

import pytest

from accesscontrol.people import sign_in, terminals
from accesscontrol.people.secret import Secret
from accesscontrol.refusals import Refusal
from accesscontrol.requests import decisions, gate, submission
from accesscontrol.requests.reading import Request
from accesscontrol.requests.states import State
from console import home as homes
from console import settings as site_settings
from tests.console.town import PASSWORD, Town


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town.copied_to(tmp_path)


def submit(town: Town, **parameters: Any) -> Request:
    return submission.submit(town.site.desk, "settings-change", parameters, town.acting("yamada"), reason="tested")


def approve(town: Town, request: Request) -> Request:
    def sign(message: bytes) -> Any:
        return sign_in.sign_in_place(
            town.site.store,
            town.site.policy,
            login="sato",
            password=Secret(PASSWORD),
            code=Secret(town.code("sato")),
            terminal=terminals.present_fact(),
            message=message,
        ).signature

    return decisions.approve(town.site.desk, request.id, town.acting("sato"), seen=request.digest, sign=sign)


def test_an_approved_change_takes_effect_once(town: Town) -> None:
    town.give("ito")
    request = approve(town, submit(town, section="sign_in", name="idle_minutes", value="7"))
    with pytest.raises(Refusal):
        gate.execute(town.site.desk, request.id, town.acting("yamada"))
    # nobody else of this town is an administrator: the office gets one
    with town.site.store.transaction() as tx:
        tx.execute("DELETE FROM operator_role WHERE login = 'ito'")
        tx.execute("INSERT INTO operator_role (login, role) VALUES ('ito', 'system_admin')")
        tx.record("test.roles-written", actor="system", subject="ito")
    done = gate.execute(town.site.desk, request.id, town.acting("ito"))
    assert done.state is State.DONE
    assert site_settings.read(town.home).sign_in.idle_minutes == 7
    assert [entry.subject for entry in town.entries("setting.changed")] == ["sign_in.idle_minutes"]


@pytest.mark.parametrize(
    ("section", "name", "value"),
    [
        ("sign_in", "idle_minutes", "0"),
        ("sign_in", "idle_minutes", '"soon"'),
        ("sign_in", "idle_minutes", "not json"),
        ("sign_in", "nothing", "1"),
        ("nothing", "idle_minutes", "1"),
    ],
)
def test_what_the_settings_can_not_hold_is_refused_before_anyone_approves_it(
    town: Town, section: str, name: str, value: str
) -> None:
    with pytest.raises(Refusal):
        submit(town, section=section, name=name, value=value)


def test_two_sources_of_backups_of_one_name_are_refused(town: Town) -> None:
    for name in ("sekisho", "twice"):
        with pytest.raises(Refusal, match=f"called {name}"):
            submit(town, section="backups", name="trees", value=f'["{name}=/srv/a", "twice=/srv/b", "twice=/srv/c"]')


def test_another_change_in_between_voids_the_approval(town: Town) -> None:
    request = approve(town, submit(town, section="sign_in", name="idle_minutes", value="7"))
    settings = site_settings.read(town.home)
    homes.replace_settings(homes.open_home(town.home), settings)
    (town.home / site_settings.FILE).write_text(
        site_settings.encode(settings).replace("unmasked_seconds = 60", "unmasked_seconds = 50"), "utf-8"
    )
    with town.site.store.transaction() as tx:
        tx.execute("INSERT OR IGNORE INTO operator_role (login, role) VALUES ('ito', 'system_admin')")
        tx.execute("DELETE FROM operator_role WHERE login = 'ito' AND role <> 'system_admin'")
        tx.record("test.roles-written", actor="system", subject="ito")
    with pytest.raises(Refusal, match="changed"):
        gate.execute(town.site.desk, request.id, town.acting("ito"))
    assert site_settings.read(town.home).sign_in.idle_minutes == 5
