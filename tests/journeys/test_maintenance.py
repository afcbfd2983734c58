"""A statement on the register, by keyboard at two terminals: asked for, approved by two, executed, watched, stopped."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from accesscontrol.clock import FixedClock
from accesscontrol.people import operators, terminals
from accesscontrol.people.secret import Secret
from accesscontrol.people.sign_in import sign_in_place
from accesscontrol.requests import decisions, reading, submission
from accesscontrol.requests.desk import Acting
from accesscontrol.sessions import ledger
from accesscontrol.sessions.verifying import Standing, verify
from accesscontrol.sessions.watching import Signing
from console.demo.people import characters, present_code
from console.wiring import open_site
from tests.terminal_driver import Terminal

from .conftest import credentials
from .test_console import at_a_hands_pace, console, sign_in

STATEMENT = {"sql": "UPDATE resident_register SET remarks = 'checked' WHERE record_id IN (1, 2, 3)"}


def approved(city: Path) -> str:
    """Have Yamada ask for the statement, two approve it, and the witness take a seat; return the request's name."""
    site = open_site(
        city, FixedClock(datetime.now(UTC) - timedelta(minutes=2))
    )  # its codes are not those of the journey
    here = terminals.find_by_fact(site.store, terminals.present_fact())
    assert here is not None

    def acting(login: str) -> Acting:
        return Acting(login, operators.get(site.store, login).staff_number, here.name)

    def signing(login: str) -> Signing:
        password = next(each.password for each in characters() if each.login == login)
        return lambda message: (
            sign_in_place(
                site.store,
                site.policy,
                login=login,
                password=Secret(password),
                code=Secret(present_code(site, login)),
                terminal=terminals.present_fact(),
                message=message,
            ).signature
        )

    asked = submission.submit(site.desk, "adhoc-sql-change", STATEMENT, acting("yamada"), reason="clean up")
    for login in ("sato", "watanabe"):
        decisions.approve(site.desk, asked.id, acting(login), seen=asked.digest, sign=signing(login))
    words, sign = "I am seated.", signing("suzuki")
    decisions.attest(site.desk, asked.id, acting("suzuki"), phase=decisions.BEFORE, statement=words, sign=sign)
    site.store.close()
    return asked.id


def prove(terminal: Terminal, city: Path, login: str) -> None:
    """Fill in both factors in the dialog, and press its button."""
    password = next(each.password for each in characters() if each.login == login)
    terminal.type(password)
    at_a_hands_pace(terminal, "enter")
    terminal.type(credentials(city, login)["code"])
    at_a_hands_pace(terminal, "enter", "enter")


def test_one_executes_and_another_watches_and_stops_before_anything_is_committed(city: Path) -> None:
    number = approved(city)
    with console(city, (80, 24)) as executor, console(city, (120, 40), "en") as watcher:
        sign_in(executor, "takahashi")
        sign_in(watcher, "suzuki")
        executor.press("5")
        executor.wait_for(number)
        at_a_hands_pace(executor, "g", "tab", "enter")
        executor.wait_for("立会い者を待っています")
        watcher.press("7")
        watcher.wait_for("7 Maintenance")
        watcher.press("o")
        watcher.wait_for("running")
        watcher.press("w")
        watcher.wait_for("You sign that you are present")
        prove(watcher, city, "suzuki")
        executor.wait_for("3行を確定しますか")
        watcher.wait_for("UPDATE resident_register")
        watcher.press("x")
        watcher.wait_for("ended at once")
        at_a_hands_pace(watcher, "tab", "enter")
        watcher.wait_for("The session is over: stopped by a person.")
        executor.wait_for("立会い者等により停止")
    site = open_site(city)
    [session] = ledger.listed(site.store, request=number)
    assert (session.state, session.ended_by) == (ledger.State.STOPPED, "S1004")
    assert verify(site.store, session.id, site.home.recordings / session.recording).standing is Standing.INTACT
    performance = reading.get(site.store, number).performance
    assert performance is not None
    assert (performance.evidence or {})["committed"] is False
    site.store.close()
    with closing(sqlite3.connect(city / "registry" / "registry.sqlite3")) as register:
        assert register.execute("SELECT count(*) FROM resident_register WHERE remarks = 'checked'").fetchone() == (0,)
