"""``sekisho backups`` as scripts and the scheduler use it; one whole story runs as processes of their own."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from accesscontrol.clock import SystemClock
from accesscontrol.people import terminals
from accesscontrol.requests import reading
from accesscontrol.trail import entries
from console.cli import main
from tests.console.screens.backups_site import PASSWORD, TERMINAL, BackupsSite

PROGRAM = (sys.executable, "-c", "from console.cli import main; main(prog_name='sekisho')")
FACT = (sys.executable, "-c", "from accesscontrol.people.terminals import present_fact; print(present_fact())")


def run(*command: str, pass_fds: tuple[int, ...] = ()) -> "subprocess.CompletedProcess[str]":
    """Run ``command`` without a terminal, away from this process's own."""
    return subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
        start_new_session=True,
        pass_fds=pass_fds,
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command said, and its exit status."""

    status: int
    out: str
    error: str


class Program:
    """The command line on one site; ``apart`` runs each command as a process of its own."""

    def __init__(self, office: BackupsSite, *, apart: bool = False) -> None:
        self.office, self._apart = office, apart

    def __call__(self, *words: str, as_login: str = "", language: str = "en") -> Answer:
        """Run ``sekisho backups WORDS``, as a person if one is named."""
        command = ["--home", str(self.office.site.home.path), "--lang", language, "backups", *words]
        if not as_login:
            return self._run(command)
        reader, writer = os.pipe()
        try:
            os.write(writer, json.dumps({"password": PASSWORD, "code": self.office.code(as_login)}).encode())
            os.close(writer)
            return self._run([*command, "--as", as_login, "--credentials-fd", str(reader)], reader)
        finally:
            os.close(reader)

    def _run(self, command: list[str], *descriptors: int) -> Answer:
        if self._apart:
            done = run(*PROGRAM, *command, pass_fds=descriptors)
            return Answer(done.returncode, done.stdout, done.stderr)
        result = CliRunner().invoke(main, command, prog_name="sekisho")
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Answer(result.exit_code, result.stdout, result.stderr)

    def json(self, *words: str, as_login: str = "", status: int = 0) -> Any:
        """Run with ``--json``, expect the exit ``status``, and return the answer."""
        done = self(*words, "--json", as_login=as_login)
        assert done.status == status, done.error
        return json.loads(done.out)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[BackupsSite]:
    office = BackupsSite(tmp_path, SystemClock(), fact=terminals.present_fact())
    yield office
    office.site.store.close()


@pytest.fixture
def sekisho(office: BackupsSite) -> Program:
    return Program(office)


def tables(path: Path) -> dict[str, list[Any]]:
    """Return everything in a database."""
    with closing(sqlite3.connect(path)) as database:
        names = [row[0] for row in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        return {name: database.execute(f'SELECT * FROM "{name}" ORDER BY 1').fetchall() for name in sorted(names)}


def test_take_list_verify_tamper_verify_restore(tmp_path: Path) -> None:
    office = BackupsSite(tmp_path, SystemClock(), fact=run(*FACT).stdout.strip())
    sekisho = Program(office, apart=True)
    before = tables(office.site.home.registry)
    first, second = sekisho.json("take", "registry", as_login="yamada"), office.take()
    assert [each["id"] for each in sekisho.json("list")] == [second.id, first["id"]]
    sound = sekisho.json("verify", first["id"])
    assert (sound["ok"], sound["sha256"], sound["faults"]) == (True, first["sha256"], [])

    data = bytearray(second.sealed.read_bytes())
    data[-1] ^= 1
    second.sealed.chmod(0o600)
    second.sealed.write_bytes(data)
    changed = sekisho.json("verify", second.id, status=1)
    assert changed["faults"] == ["B-00002.age was changed: its SHA-256 differs."]
    assert [each["health"] for each in sekisho.json("list")] == ["damaged", "unproven"]

    folder = tmp_path / "restored"
    options = ("--identity", str(office.identity_file), "--to", str(folder))
    restored = sekisho.json("restore", first["id"], *options, as_login="takahashi")
    assert (restored["ok"], restored["sha256"]) == (True, first["plain_sha256"])
    assert tables(folder / "database.sqlite3") == before
    assert sekisho.json("show", first["id"])["health"] == "proven"
    office.site.store.close()


def test_only_the_scheduler_takes_a_backup_without_a_person(sekisho: Program, office: BackupsSite) -> None:
    assert "Missing option '--as'" in sekisho("take", "registry").error
    assert not office.site.catalogue.page()


def test_whoever_has_not_the_duty_takes_and_opens_nothing_and_the_attempt_is_entered(
    sekisho: Program, office: BackupsSite, tmp_path: Path
) -> None:
    refused = sekisho("take", "registry", as_login="suzuki")
    assert refused.status == 1
    assert "This needs a role that you don't hold: Resident operator, System administrator." in refused.error
    assert "AC-PRM-05" in refused.error
    taken = office.take()
    options = ("--identity", str(office.identity_file), "--to", str(tmp_path / "out"))
    assert "AC-PRM-05" in sekisho("restore", taken.id, *options, as_login="sato").error
    assert not (tmp_path / "out").exists()
    rows = office.site.store.rows("SELECT body FROM trail_entry WHERE act = 'backup.refused'")
    assert [json.loads(row["body"])["actor"] for row in rows] == ["S0104", "S0101"]


def test_take_as_a_person_names_the_person_the_terminal_and_the_entry_book(
    sekisho: Program, office: BackupsSite
) -> None:
    taken = sekisho.json("take", "registry", "--entry-record", "17", as_login="yamada")
    assert (taken["actor"], taken["terminal"]) == ("S0102", TERMINAL)
    assert entries.about(office.site.store, taken["id"])[0].details["entry_record"] == "17"


def test_a_drill_proves_and_leaves_nothing_open(sekisho: Program, office: BackupsSite) -> None:
    taken = office.take()
    found = sekisho.json("drill", taken.id, "--identity", str(office.identity_file), as_login="yamada")
    assert found["ok"]
    assert {part["name"]: part["count"] for part in found["parts"]}["resident_register"] > 0
    assert not list(office.site.home.backups.glob(".scratch"))


def test_export_hands_in_a_request_that_names_the_hash_and_who_must_approve(
    sekisho: Program, office: BackupsSite, tmp_path: Path
) -> None:
    (tmp_path / "store").mkdir()
    taken = office.take()
    said = {"carrier": "yamada", "destination": "vault", "purpose": "monthly", "ending": "return", "reason": "disaster"}
    options = [word for name, value in said.items() for word in (f"--{name}", value)]
    last_day = date(2099, 12, 24).isoformat()
    asked = sekisho.json(
        "export", taken.id, "--folder", str(tmp_path / "store"), "--due", last_day, *options, as_login="yamada"
    )
    assert asked["state"] == "submitted"
    assert asked["parameters"]["sealed_sha256"] == asked["artefacts"]["backup"] == taken.sealed_sha256
    assert asked["approvals_needed"] == [{"slot": "security-officer", "roles": ["security_officer"]}]
    assert asked["witness_needed"] is True
    assert reading.get(office.site.store, asked["id"]).digest == asked["digest"]


def test_the_ledger_tells_out_from_overdue_and_takes_the_return_in(sekisho: Program, office: BackupsSite) -> None:
    backup = office.take()
    late = office.output(backup, medium="M-0031", due=date(2020, 1, 1))
    office.output(backup, medium="M-0032", due=date(2099, 1, 1), request="R-2")
    assert [each["medium"] for each in sekisho.json("ledger")] == ["M-0032", "M-0031"]
    (overdue,) = sekisho.json("ledger", "--only", "overdue")
    assert (overdue["number"], overdue["sha256"], overdue["overdue"]) == (late, backup.sealed_sha256, True)
    assert [each["number"] for each in sekisho.json("ledger", "--medium", "M-0031")] == [late]
    ended = sekisho.json("end", str(late), "--state", "returned", "--note", "seen by suzuki", as_login="takahashi")
    assert (ended["state"], ended["ended_by"]) == ("returned", "S0103")
    assert sekisho.json("ledger", "--only", "overdue") == []


def test_words_are_in_the_readers_language_and_name_every_fault(sekisho: Program, office: BackupsSite) -> None:
    taken = office.take()
    taken.sealed.unlink()
    english = sekisho("verify", taken.id)
    assert english.status == 1
    assert "DAMAGED" in english.out
    assert "B-00001.age is missing." in english.out
    assert "B-00001.age is missing." not in sekisho("verify", taken.id, language="ja").out


@pytest.mark.parametrize(
    ("words", "status", "why"),
    [
        (("verify", "B-00099"), 1, "There is no backup B-00099."),
        (("verify", "nonsense"), 1, "nonsense is not the name of a backup (B-00001)."),
        (("take", "moon"), 2, "Missing option '--as'."),
        (("verify",), 2, "Missing argument 'ID'."),
        (("restore", "B-00001", "--identity", "x"), 2, "Missing option"),
        (("list", "--limit", "0"), 2, "Invalid value for '--limit'"),
    ],
)
def test_what_cannot_be_done_is_said_on_standard_error(
    sekisho: Program, words: tuple[str, ...], status: int, why: str
) -> None:
    done = sekisho(*words)
    assert (done.status, done.out) == (status, "")
    assert why in done.error


def test_another_identity_opens_nothing_and_leaves_nothing(
    sekisho: Program, office: BackupsSite, tmp_path: Path
) -> None:
    taken = office.take()
    stranger = tmp_path / "stranger"
    stranger.mkdir()
    other = BackupsSite(stranger, SystemClock(), fact="elsewhere:pts")
    other.site.store.close()
    options = ("--identity", str(other.identity_file), "--to", str(tmp_path / "out"))
    done = sekisho("restore", taken.id, *options, as_login="yamada")
    assert done.status == 1
    assert "None of the given identities can open this file." in done.error
    assert list((tmp_path / "out").iterdir()) == []


def test_an_identity_file_that_others_can_read_is_refused_with_the_remedy(
    sekisho: Program, office: BackupsSite
) -> None:
    taken = office.take()
    office.identity_file.chmod(0o644)
    done = sekisho("drill", taken.id, "--identity", str(office.identity_file), as_login="yamada")
    assert done.status == 1
    assert f"chmod 600 {office.identity_file}" in done.error
