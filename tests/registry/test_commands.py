import csv
import json
from pathlib import Path

from registry.checks import Settings
from registry.commands import check_registry, create_registry, load_registry, reconcile_registry
from registry.databases.sqlite import SqliteRegistry
from registry.files import IDENTITY_INFO
from tests.registry.conftest import TODAY

SETTINGS = Settings(today=TODAY)


def test_a_register_is_created_checked_reconciled_and_loaded_and_all_results_are_json(tmp_path: Path) -> None:
    path = tmp_path / "registry" / "registry.sqlite3"
    created = create_registry(path, residents=300, seed=3, today=TODAY)
    assert created["rows"]["resident_register"] >= 300

    with SqliteRegistry.open(path) as registry:
        checked = check_registry(registry, SETTINGS)
    assert checked["sound"]
    assert checked["by_severity"]["error"] == 0
    assert checked["by_check"]["CHK-ID-01"] == 0
    assert {fault["check"] for fault in checked["faults"]} == {"CHK-RET-01"}
    assert checked["not_run"] == checked["damage"] == []

    with SqliteRegistry.open(path) as registry:
        reconciled = reconcile_registry(registry, SETTINGS)
    assert reconciled["agrees"]
    assert set(reconciled["counts"]) == {"missing_in_cs", "missing_in_register", "differing"}

    source = tmp_path / "history.csv"
    with source.open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines).writerow(IDENTITY_INFO.columns)
    with SqliteRegistry.open(path) as registry:
        loaded = load_registry(registry, source, file_number=2, settings=SETTINGS)
    nothing = {"block": 0, "error": 0, "warning": 0, "info": 0}
    assert loaded == {"file": 2, "records": 0, "warnings": {}, "by_check": {}, "by_severity": nothing}
    json.dumps([created, checked, reconciled, loaded])


def test_differences_and_faults_come_with_surrogate_keys(tmp_path: Path) -> None:
    path = tmp_path / "registry.sqlite3"
    create_registry(path, residents=200, seed=3, today=TODAY)
    with SqliteRegistry.open(path) as registry:
        with registry.writing():
            registry.execute("UPDATE identity_info SET sex = '9' WHERE record_id = 1")
        checked, found = check_registry(registry, SETTINGS), reconcile_registry(registry, SETTINGS)
    assert {
        "check": "CHK-FMT-03",
        "severity": "error",
        "file": 2,
        "table": "identity_info",
        "record": 1,
        "items": [7],
    } in checked["faults"]
    (difference,) = [d for d in found["differences"] if d["kind"] == "differing"]
    assert difference["identity_record"] == 1
    assert found["by_check"] == {"CHK-REC-01": 1}
    assert found["by_severity"] == {"block": 0, "error": 1, "warning": 0, "info": 0}
