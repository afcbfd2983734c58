"""A statement on the register, by keyboard at two terminals: asked for, approved by two, executed, watched, stopped."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from console.demo.people import characters
from tests.terminal_driver import Terminal

from .conftest import Sekisho, credentials, told
from .test_console import at_a_hands_pace, console, sign_in

STATEMENT = {"sql": "UPDATE resident_register SET remarks = 'checked' WHERE record_id IN (1, 2, 3)"}


def approved(sekisho: Sekisho) -> str:
    """Have Yamada ask for the statement, two approve it, and the witness take a seat; return the request's name."""
    submit = ["requests", "submit", "adhoc-sql-change", "--parameters", json.dumps(STATEMENT), "--reason", "clean up"]
    asked = told(sekisho(*submit, "--json", person="yamada"))
    number, digest = asked["id"], asked["digest"]
    for person in ("sato", "watanabe"):
        told(sekisho("requests", "approve", number, "--digest", digest, "--json", person=person))
    seated = ("--phase", "before", "--statement", "I am seated.")
    told(sekisho("requests", "attest", number, *seated, "--json", person="suzuki"))
    return str(number)


def prove(terminal: Terminal, city: Path, login: str) -> None:
    """Fill in both factors in the dialog, and press its button."""
    password = next(each.password for each in characters() if each.login == login)
    terminal.type(password)
    at_a_hands_pace(terminal, "enter")
    terminal.type(credentials(city, login)["code"])
    at_a_hands_pace(terminal, "enter", "enter")


def test_one_executes_and_another_watches_and_stops_before_anything_is_committed(city: Path, sekisho: Sekisho) -> None:
    number = approved(sekisho)
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
        executor.wait_for("立会者等により停止")
    [session] = told(sekisho("sessions", "list", "--request", number, "--json"))
    assert (session["state"], session["ended_by"]) == ("stopped", "S1004")
    assert told(sekisho("requests", "show", number, "--json"))["execution"]["evidence"]["committed"] is False
    assert told(sekisho("sessions", "verify", session["id"], "--json"))[0]["standing"] == "intact"
    with closing(sqlite3.connect(city / "registry" / "registry.sqlite3")) as register:
        assert register.execute("SELECT count(*) FROM resident_register WHERE remarks = 'checked'").fetchone() == (0,)
