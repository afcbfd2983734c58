"""Sessions by command: what there is, what a host must trust, and the early end by a second person."""

import json
import stat
import subprocess
from pathlib import Path

import pytest

from accesscontrol.clock import to_text
from accesscontrol.sessions import ledger, watching
from console import translation
from console.commands.sessions import group
from tests.console.commands.desk import answer, call, call_as
from tests.console.sessions import begun, ended
from tests.console.town import Town
from tests.services.availability import require_programs
from tests.services.sshd import make_key


@pytest.fixture
def town(tmp_path: Path) -> Town:
    translation.choose("en")
    return Town.copied_to(tmp_path)


@pytest.fixture
def host_key(tmp_path: Path) -> str:
    return " ".join(make_key(tmp_path / "host").with_suffix(".pub").read_text().split()[:2])


def register(town: Town, host_key: str) -> None:
    with town.site.store.transaction() as tx:
        tx.execute(
            "INSERT INTO session_host (name, address, port, account, host_key, seen_from, gate, service, request,"
            " registered_by, registered_at) VALUES ('register-db', '192.0.2.20', 22, 'sekisho', ?, '192.0.2.10/32',"
            " '/usr/local/libexec/sekisho-gate', '127.0.0.1:5432', 'R', 'S0102', ?)",
            (host_key, to_text(tx.at)),
        )
        tx.record("host.registered", actor="S0102", subject="register-db")


def test_sessions_are_listed_newest_first(town: Town) -> None:
    first, (second, recording) = ended(town), begun(town, "R-2026-0413")
    found = answer(call(town, group, "list", "--json"))
    assert [(each["id"], each["state"]) for each in found] == [(second.id, "running"), (first.id, "ended")]
    assert [each["id"] for each in answer(call(town, group, "list", "--running", "--json"))] == [second.id]
    assert "running" in call(town, group, "list").stdout
    recording.close(0)


def test_a_second_person_stops_one_that_runs_and_its_certificate_is_revoked(town: Town) -> None:
    row, recording = begun(town)
    refused = call_as(town, "nakamura", group, "stop", row.id, "--reason", "look")
    assert refused.exit_code == 1
    assert call_as(town, "sato", group, "stop", row.id, "--reason", "the wrong day").exit_code == 0
    stop = watching.stop_asked(town.site.store, row.id)
    assert stop is not None
    assert stop.reason == "the wrong day"
    assert ledger.get(town.site.store, row.id).revoked_at is not None
    recording.close(0)


def test_one_that_has_ended_is_not_stopped(town: Town) -> None:
    result = call_as(town, "sato", group, "stop", ended(town).id, "--reason", "late")
    assert result.exit_code == 1
    assert "does not run any more" in result.stderr


def test_a_host_is_listed_with_its_fingerprint(town: Town, host_key: str) -> None:
    register(town, host_key)
    [found] = answer(call(town, group, "hosts", "--json"))
    assert found["fingerprint"].startswith("SHA256:")
    assert found["fingerprint"] in call(town, group, "hosts").stdout


def test_what_a_host_must_trust_is_printed_and_written_as_sshd_accepts_it(
    town: Town, host_key: str, tmp_path: Path
) -> None:
    register(town, host_key)
    result = call(town, group, "trust", "register-db", "--output", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert town.site.authority.public_line in result.stdout
    assert "Match User sekisho,sekisho-lists" in result.stdout
    assert "/var/lib/sekisho/revoked  0644  sekisho-lists" in result.stdout
    written = {
        str(each.relative_to(tmp_path / "out")): each for each in (tmp_path / "out").rglob("*") if each.is_file()
    }
    assert sorted(written) == [
        "etc/sekisho/tasks",
        "etc/ssh/sekisho/principals/sekisho",
        "etc/ssh/sekisho/principals/sekisho-lists",
        "etc/ssh/sekisho/session_ca.pub",
        "etc/ssh/sshd_config.d/50-sekisho.conf",
        "usr/local/libexec/sekisho-gate",
        "var/lib/sekisho/revoked",
    ]
    assert stat.S_IMODE(written["usr/local/libexec/sekisho-gate"].stat().st_mode) == 0o755
    [sshd] = require_programs("sshd")
    configuration = written["etc/ssh/sshd_config.d/50-sekisho.conf"]
    configuration.write_text(f"HostKey {tmp_path / 'host'}\n{configuration.read_text()}")
    checked = subprocess.run([sshd, "-t", "-f", configuration], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


def test_an_unknown_host_has_nothing_to_trust(town: Town) -> None:
    assert call(town, group, "trust", "nowhere").exit_code == 1


def test_a_session_of_a_console_that_died_is_found_by_the_scheduler(town: Town) -> None:
    row, recording = begun(town)
    recording.close("lost")
    with town.site.store.transaction() as tx:
        tx.execute("UPDATE session SET process_start = '0'")
        tx.record("clock.stepped", actor="system")
    assert ledger.recover(town.site.store, town.site.home.recordings) == [row.id]
    assert json.loads(call(town, group, "list", "--json").stdout)[0]["state"] == "interrupted"


def test_hosts_that_lack_a_list_of_revoked_certificates_are_told_by_the_exit_code(town: Town, host_key: str) -> None:
    register(town, host_key)
    assert call(town, group, "revocations").exit_code == 0
    ended(town)  # long before its window, so that its certificate is revoked
    found = call(town, group, "revocations", "--json")
    assert found.exit_code == 1
    assert json.loads(found.stdout)["hosts"] == [{"host": "register-db", "revoked": 1, "refused_there": False}]
    assert "no" in call(town, group, "revocations").stdout


def test_a_longer_list_says_that_there_are_older_ones(town: Town) -> None:
    first, second = ended(town), ended(town)
    found = call(town, group, "list", "--limit", 1, "--json")
    assert [each["id"] for each in answer(found)] == [second.id]
    assert "There are older ones" in found.stderr
    assert first.id in call(town, group, "list").stdout
