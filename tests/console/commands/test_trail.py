"""``sekisho trail``: list, verify, seal and prove at the command line."""

import base64
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from accesscontrol.trail import entries, notes
from accesscontrol.trail.tree import verify_inclusion
from console import translation
from console.commands.trail import group
from tests.console.city import City
from tests.console.commands.counter import ask
from tests.console.commands.desk import answer


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    translation.choose("en")
    city = City.copied_to(tmp_path)
    yield city
    city.site.store.close()


def test_the_list_is_newest_first_and_goes_on_before_a_number(city: City) -> None:
    found = answer(ask(city, group, "list", "--limit", 5, "--json"))
    numbers = [each["entry"] for each in found]
    assert numbers == sorted(numbers, reverse=True)
    assert numbers[0] == entries.size(city.site.store)
    older = answer(ask(city, group, "list", "--before", numbers[-1], "--limit", 1, "--json"))
    assert older[0]["entry"] == numbers[-1] - 1
    assert "Finding disposed of" in ask(city, group, "list", "--contains", "finding.disposed").stdout


def test_a_sound_trail_is_verified(city: City) -> None:
    found = answer(ask(city, group, "verify", "--json"))
    assert set(found) == {"ok", "entries", "root", "checkpoints", "faults"}
    assert (found["ok"], found["faults"]) == (True, [])
    assert "nothing was changed." in ask(city, group, "verify").stdout


def test_a_changed_entry_is_named_and_the_exit_says_so(city: City) -> None:
    with closing(sqlite3.connect(city.home / "sekisho.sqlite3")) as db, db:
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f'DROP TRIGGER "{name}"')
        body = db.execute("SELECT body FROM trail_entry WHERE seq = 7").fetchone()[0]
        db.execute("UPDATE trail_entry SET body = ? WHERE seq = 7", (bytes(body) + b" ",))
    result = ask(city, group, "verify", "--json")
    assert result.exit_code == 1
    assert 7 in [each["entry"] for each in json.loads(result.stdout)["faults"]]
    assert "THE TRAIL WAS TAMPERED WITH." in ask(city, group, "verify").stdout


def test_a_checkpoint_seals_all_entries_here_and_at_the_second_place(city: City) -> None:
    sealed = answer(ask(city, group, "checkpoint", "--json"))
    assert sealed["size"] == entries.size(city.site.store)
    assert sealed["witnessed"] is True
    assert notes.parse(sealed["note"]).size == sealed["size"]


def test_anybody_with_a_checkpoint_can_check_a_proof(city: City) -> None:
    ask(city, group, "checkpoint")
    proof = answer(ask(city, group, "prove", 3))
    steps = [base64.b64decode(step) for step in proof["proof"]]
    root = notes.parse(proof["checkpoint"]).root
    assert verify_inclusion(bytes.fromhex(proof["leaf"]), 2, proof["size"], steps, root)


def test_an_entry_that_is_not_sealed_has_no_proof(city: City) -> None:
    result = ask(city, group, "prove", 10_000)
    assert result.exit_code == 1
    assert "isn't sealed yet" in result.stderr


def test_a_second_place_is_prepared_once(city: City, tmp_path: Path) -> None:
    place = tmp_path / "medium"
    assert f'witness = "directory:{place}"' in ask(city, group, "witness", place).stdout
    assert ask(city, group, "witness", place).exit_code == 1
