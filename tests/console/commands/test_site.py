"""``sekisho init | status | doctor | tick``: a site begins with two people, and looks after itself."""

import json
import re
import stat
import sys
from collections import Counter
from pathlib import Path
from textwrap import wrap

import pytest
from click.testing import CliRunner

from accesscontrol.clock import SystemClock
from accesscontrol.people import operators, sign_in, terminals, totp
from accesscontrol.people.roles import Role
from accesscontrol.people.secret import Secret
from console import translation
from console.commands import site as commands
from console.commands.context import Context
from console.home import open_home
from console.wiring import open_site
from tests.console.commands.desk import context
from tests.console.town import Town
from tests.terminal_driver import Terminal

PROGRAM = [sys.executable, "-c", "from console.cli import main; main()"]
FIRST = ("1001", "yamada", "Yamada Taro", "Yamada Taro", "Systems")
SECOND = ("1002", "sato", "Sato Megumi", "Sato Megumi", "Citizens")
PASSWORDS = ("Tortoise&9brews#lanterns", "Nine-Herons+cross1ice")


@pytest.fixture
def town(tmp_path: Path) -> Town:
    translation.choose("en")
    return Town.copied_to(tmp_path)


# -- init ----------------------------------------------------------------------------------------------


class Desk:
    """A terminal at which a site is made."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def answer(self, question: str, text: str) -> None:
        self._terminal._wait(lambda: self.last_line().startswith(question), f"never asked {question!r}")
        self._terminal.type(text).press("enter")
        self._terminal._wait(lambda: not self.last_line().startswith(question), f"went on asking {question!r}")

    def last_line(self) -> str:
        return next((line for line in reversed(self._terminal.text.splitlines()) if line.strip()), "")

    def person(self, facts: tuple[str, ...]) -> None:
        for question, text in zip(("Staff number", "Login", "Name", "Reading", "Office"), facts, strict=True):
            self.answer(question, text)

    def password(self, text: str) -> None:
        self.answer("Password", text)
        self.answer("Repeat for confirmation", text)


def init_at(home: Path) -> Terminal:
    command = [*PROGRAM, "--home", str(home), "--lang", "en", "init"]
    return Terminal(command, size=(200, 60), environ={"PYTHONPATH": str(Path.cwd())})


def test_two_people_make_a_site_at_a_terminal_and_can_sign_in(tmp_path: Path) -> None:
    home = tmp_path / "city"
    with init_at(home) as terminal:
        desk = Desk(terminal)
        desk.answer("Name of the city", "Mihon")
        desk.answer("Name of this terminal", "console-1")
        desk.person(FIRST)
        desk.password(PASSWORDS[0])
        terminal.wait_for("Now the security officer")
        desk.person(SECOND)
        desk.password(PASSWORDS[1])
        shown = terminal.wait_for("The site is ready.")
        assert terminal.wait() == 0
        fact = terminals.present_fact()
    assert not any(secret in shown for secret in PASSWORDS)
    seeds = re.findall(r"secret=([A-Z2-7]+)", shown)
    assert len(seeds) == 2
    assert all(" ".join(wrap(seed, 4)) in shown for seed in seeds)  # for who types it by hand
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert list(tmp_path.iterdir()) == [home]
    site = open_site(home)
    assert operators.get(site.store, "yamada").roles == {Role.SYSTEM_ADMIN, Role.IDPW_CUSTODIAN}
    assert operators.get(site.store, "sato").roles == {Role.SECURITY_OFFICER}
    assert terminals.every(site.store)[0].name == "console-1"
    with site.store.transaction() as tx:
        terminals.register(
            tx, terminals.Terminal(name="test", place=terminals.TerminalPlace.OFFICE, fact=fact), actor="system"
        )
    session = sign_in.sign_in(
        site.store,
        site.policy,
        login="yamada",
        password=Secret(PASSWORDS[0]),
        code=totp.code_at(Secret(seeds[0]), SystemClock().now()),
        terminal=fact,
    )
    assert session.must_change is None


def test_the_second_person_must_be_another_one_and_a_weak_password_is_asked_again(tmp_path: Path) -> None:
    home = tmp_path / "city"
    with init_at(home) as terminal:
        desk = Desk(terminal)
        desk.answer("Name of the city", "Mihon")
        desk.answer("Name of this terminal", "console-1")
        terminal.wait_for("at least 12 characters of 3 kinds")  # the rule comes before the question
        desk.person(FIRST)
        desk.password("short")
        terminal.wait_for("Enter alone keeps what stands in brackets.")
        desk.person(FIRST)
        desk.password(PASSWORDS[0])
        terminal.wait_for("Now the security officer")
        desk.person(("1001", "yamada2", *FIRST[2:]))
        terminal.wait_for("This must be another person: nobody asks and approves alone.")
        terminal.press("ctrl+c")
        assert terminal.wait() == 1
    assert not home.exists()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_use_is_refused_before_anybody_is_asked_for_a_name(tmp_path: Path) -> None:
    translation.choose("en")
    (tmp_path / "letter.txt").write_text("mine")
    done = CliRunner().invoke(commands.init, ["--name", "Mihon", "--terminal", "t"], obj=Context(tmp_path))
    assert done.exit_code == 1
    assert "is not empty" in done.stderr
    assert (tmp_path / "letter.txt").read_text() == "mine"


def test_a_site_that_is_there_is_not_made_again(town: Town) -> None:
    before = open_home(town.home).trail_key().private_bytes_raw()
    done = CliRunner().invoke(commands.init, ["--name", "Mihon", "--terminal", "t"], obj=Context(town.home))
    assert done.exit_code == 1
    assert open_home(town.home).trail_key().private_bytes_raw() == before


# -- status, doctor, tick ------------------------------------------------------------------------------


def test_status_tells_queues_and_ages_as_json(town: Town) -> None:
    town.lock("ito")
    done = CliRunner().invoke(commands.status, ["--json"], obj=context(town))
    found = json.loads(done.stdout)
    assert done.exit_code == 0
    assert found["site"] == "見本市"
    counts = {each["name"]: each["count"] for each in found["queues"]}
    assert counts["locked-operators"] == 1
    assert found["queues"][0]["loud"]
    assert found["last_backup"] == {"at": None, "age_seconds": None, "stale": True}
    assert found["entries"] > 0


def test_status_speaks_to_people_too(town: Town) -> None:
    done = CliRunner().invoke(commands.status, [], obj=context(town))
    assert "見本市  (DEMO)  2026-11-24 09:12" in done.stdout
    assert "Last backup: never" in done.stdout


def test_without_a_site_every_command_says_how_to_make_one(tmp_path: Path) -> None:
    translation.choose("en")
    done = CliRunner().invoke(commands.status, [], obj=Context(tmp_path / "nowhere"))
    assert done.exit_code == 1
    assert "sekisho init" in done.stderr


def test_doctor_names_what_needs_mending_and_exits_1(town: Town) -> None:
    done = CliRunner().invoke(commands.doctor, ["--json"], obj=context(town))
    found = {each["check"]: each for each in json.loads(done.stdout)}
    assert done.exit_code == 1
    assert found["home"]["ok"]
    assert found["store"]["ok"]
    assert found["people"]["ok"]
    assert not found["recipients"]["ok"]
    assert not found["witness"]["ok"]


def test_doctor_finds_a_damaged_key(town: Town) -> None:
    (town.home / "keys" / "manifest").write_bytes(b"short")
    done = CliRunner().invoke(commands.doctor, [], obj=context(town))
    assert done.exit_code == 1
    assert "[MEND]" in done.stdout
    assert "manifest is damaged" in done.stdout


def test_doctor_finds_that_nobody_could_approve(town: Town) -> None:
    with town.site.store.transaction() as tx:
        operators.disable(tx, "sato", reason="left", actor="S0102")
    done = CliRunner().invoke(commands.doctor, ["--json"], obj=context(town))
    assert not {each["check"]: each["ok"] for each in json.loads(done.stdout)}["people"]


def test_tick_seals_the_trail_once_and_then_has_nothing_to_do(town: Town) -> None:
    first = json.loads(CliRunner().invoke(commands.tick, ["--json"], obj=context(town)).stdout)
    before = acts(town)
    again = json.loads(CliRunner().invoke(commands.tick, ["--json"], obj=context(town)).stdout)
    assert first["checkpoint"] > 0
    assert first["witnessed"] is False
    assert (again["interrupted"], again["lapsed"], again["findings"]) == ([], [], 0)
    assert set(acts(town) - before) <= {"findings.detected"}  # that detection ran is evidence each time


def acts(town: Town) -> Counter[str]:
    rows = town.site.store.rows("SELECT json_extract(CAST(body AS TEXT), '$.act') AS act FROM trail_entry")
    return Counter(row["act"] for row in rows)
