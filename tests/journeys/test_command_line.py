"""The whole road by commands alone: import, judge, request, approve, attest, execute, prove."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from console.wiring import open_site

from .conftest import Sekisho, credentials, told

IMPORT = {"read", "imported", "duplicate", "quarantined", "first", "last", "segments"}
FINDING = {
    "id", "rule", "title", "severity", "state", "system", "account", "source", "first", "last", "count", "explanation",
}  # fmt: skip


def auth_log(folder: Path) -> Path:
    """Write an OpenSSH log with a burst of failures from one address, and a hostile line."""
    start = datetime.now(UTC) - timedelta(hours=3)
    lines = []
    for number in range(7):
        at = start + timedelta(seconds=20 * number)
        who = f"Failed password for operator1 from 198.51.100.9 port {40_000 + number} ssh2"
        lines.append(f"{at:%b} {at.day:2d} {at:%H:%M:%S} cs02 sshd[{100 + number}]: {who}")
    at = start + timedelta(minutes=9)
    hostile = (
        "Failed password for invalid user [/x][@click=app.quit]\x1b]0;owned\x07\u202ek from 198.51.100.9 port 1 ssh2"
    )
    lines.append(f"{at:%b} {at.day:2d} {at:%H:%M:%S} cs02 sshd[200]: {hostile}")
    file = folder / "auth.log"
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return file


def test_a_log_is_imported_once_and_its_burst_becomes_a_finding_that_is_judged(
    sekisho: Sekisho, tmp_path: Path
) -> None:
    file = auth_log(tmp_path)
    first = told(sekisho("logs", "import", str(file), "--system", "linux", "--json"))
    assert set(first) == IMPORT
    assert first["read"] == first["imported"] + first["duplicate"] + first["quarantined"] == 8
    assert all(set(segment) == {"name", "sha256", "events"} for segment in first["segments"])
    again = told(sekisho("logs", "import", str(file), "--system", "linux", "--json"))
    assert again["imported"] == 0
    assert told(sekisho("findings", "detect", "--json"))["raised"] > 0
    burst = next(
        each
        for each in told(sekisho("findings", "list", "--json"))
        if each["account"] == "operator1" and each["rule"].startswith("failure-burst")
    )
    assert set(burst) == FINDING
    assert (burst["count"], burst["source"]) == (7, "198.51.100.9")
    words = ("findings", "dispose", burst["id"], "--as-state", "incident", "--reason", "attack", "--json")
    assert told(sekisho(*words, person="sato"))["state"] == "incident"
    assert told(sekisho("logs", "verify", "--json"))["ok"]


def export_parameters(city: Path, folder: Path) -> dict[str, Any]:
    site = open_site(city)
    backup = site.catalogue.page()[0]
    site.store.close()
    folder.mkdir(mode=0o700)
    return {
        "backup": backup.id,
        "sealed_sha256": backup.sealed_sha256,
        "medium": "M-0007",
        "folder": str(folder),
        "carrier": "Yamada",
        "destination": "store",
        "purpose": "off-site copy",
        "ending": "return",
        "due": (datetime.now(UTC) + timedelta(days=20)).date().isoformat(),
    }


def test_an_export_is_asked_for_approved_attested_executed_and_proven(
    sekisho: Sekisho, city: Path, tmp_path: Path
) -> None:
    parameters = export_parameters(city, tmp_path / "medium")
    asked = told(
        sekisho(
            "requests", "submit", "backup-export", "--parameters", json.dumps(parameters), "--reason", "monthly",
            "--json", person="yamada",
        )
    )  # fmt: skip
    assert {"id", "kind", "state", "digest", "requester", "window", "parameters", "approvals", "history"} <= set(asked)
    name = asked["id"]
    early = sekisho("requests", "execute", name, "--json", person="takahashi")
    assert early.returncode == 1
    own = sekisho("requests", "approve", name, person="yamada")
    assert own.returncode == 1
    assert "someone else" in own.stderr
    approved = told(sekisho("requests", "approve", name, "--json", person="sato"))
    assert (approved["state"], approved["approvals"][0]["digest"]) == ("approved", asked["digest"])
    seen = ("requests", "attest", name, "--phase", "before", "--statement", "seen", "--json")
    told(sekisho(*seen, person="suzuki"))
    done = told(sekisho("requests", "execute", name, "--json", person="takahashi"))
    assert done["state"] == "done"
    assert list((tmp_path / "medium").glob("*.age"))
    twice = sekisho("requests", "execute", name, "--json", person="takahashi")
    assert twice.returncode == 1
    assert told(sekisho("trail", "verify", "--json"))["ok"]
    acts = [entry["act"] for entry in told(sekisho("requests", "show", name, "--json"))["history"]]
    assert {"request.submitted", "request.execution-refused", "request.approval-refused", "request.done"} <= set(acts)


def test_a_tampered_trail_is_named_and_exits_with_1(sekisho: Sekisho, city: Path) -> None:
    with closing(sqlite3.connect(city / "sekisho.sqlite3")) as database:
        database.execute("DROP TRIGGER trail_entry_unchanged")
        database.execute("UPDATE trail_entry SET body = CAST(replace(body, 'system', 'systen') AS BLOB) WHERE seq = 5")
        database.commit()
    found = sekisho("trail", "verify", "--json")
    assert found.returncode == 1
    faults = json.loads(found.stdout)["faults"]
    assert 5 in {fault["entry"] for fault in faults}


def test_the_status_tells_queues_and_ages(sekisho: Sekisho) -> None:
    found = told(sekisho("status", "--json"))
    assert {"approvals", "findings", "emergencies"} <= {queue["name"] for queue in found["queues"]}
    for name in ("last_backup", "last_import", "last_checkpoint"):
        assert found[name]["age_seconds"] >= 0


def test_without_a_terminal_the_console_tells_its_status_in_either_language(sekisho: Sekisho) -> None:
    for language, words in (("en", "Requests waiting for approval"), ("ja", "承認待ちの申請")):
        done = sekisho(language=language)
        assert done.returncode == 0, done.stderr
        assert words in done.stdout


def test_wrong_use_exits_with_2_and_a_refusal_with_1_in_the_readers_language(sekisho: Sekisho) -> None:
    assert sekisho("requests", "show").returncode == 2
    refused = sekisho("requests", "show", "R-2026-9999", language="ja")
    assert refused.returncode == 1
    assert "申請 R-2026-9999 はありません" in refused.stderr


def test_a_home_that_others_can_read_is_refused_with_the_command_that_mends_it(sekisho: Sekisho, city: Path) -> None:
    city.chmod(0o755)
    done = sekisho("status")
    assert done.returncode == 1
    assert f"chmod 700 {city}" in done.stderr
    city.chmod(0o700)
    assert sekisho("status").returncode == 0


def test_a_code_is_good_once_and_a_wrong_one_never(sekisho: Sekisho, city: Path) -> None:
    given = credentials(city, "ito")
    words = ("findings", "comment", "F-00001", "--text", "seen", "--as", "ito", "--credentials-fd", "0")
    assert sekisho(*words, input=json.dumps(given)).returncode == 0
    again = sekisho(*words, input=json.dumps(given))
    assert (again.returncode, "has been used" in again.stderr) == (1, True)
    wrong = sekisho(*words, input=json.dumps({**given, "code": "000000"}))
    assert (wrong.returncode, "refused" in wrong.stderr) == (1, True)
    refused = [each["act"] for each in told(sekisho("trail", "list", "--json"))]
    assert refused.count("sign-in.refused") == 2
