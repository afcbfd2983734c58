"""A correction needs the manager's permission and a second person, and leaves what was wrong in the history."""

import json
from pathlib import Path
from typing import Any

import pytest

from accesscontrol.refusals import Refusal
from accesscontrol.requests.reading import Request
from accesscontrol.requests.states import State
from registry.checks import check
from registry.databases import open_registry
from registry.files.masking import PLACEHOLDER
from tests.registry.tasks.hall import Hall


def content_file(path: Path, **values: Any) -> dict[str, Any]:
    target = path / "content.json"
    target.write_text(json.dumps(values), encoding="utf-8")
    return {"content": str(target)}


def current(hall: Hall) -> int:
    """A living person without any change yet, so that the history is easy to tell."""
    return int(
        hall.ask(
            "SELECT min(record_id) FROM identity_info WHERE record_status_flag = '1' AND record_id NOT IN "
            "(SELECT current_record_id FROM identity_info_history)"
        )[0][0]
    )


def corrected(hall: Hall, tmp_path: Path, **values: Any) -> Request:
    arguments = {"record": current(hall), **content_file(tmp_path, **values)}
    return hall.execute(hall.approved("correct-identity", arguments))


def test_the_wrong_record_becomes_history_and_the_right_one_current(hall: Hall, tmp_path: Path) -> None:
    key = current(hall)
    before = hall.ask(f"SELECT birth_date, update_sequence_no FROM identity_info WHERE record_id = {key}")[0]
    done = corrected(hall, tmp_path, birth_date="1980-05-05")
    assert done.state is State.DONE
    assert hall.ask(
        f"SELECT birth_date, change_reason, change_date, update_sequence_no, operator_id, request_control_no "
        f"FROM identity_info WHERE record_id = {key}"
    ) == [("1980-05-05", "09", "2026-11-24", before[1] + 1, "S-kawai", done.id)]
    assert hall.ask(
        f"SELECT birth_date, record_status_flag, superseded_on FROM identity_info_history WHERE current_record_id = {key}"
    ) == [(before[0], "2", "2026-11-24")]
    with open_registry(hall.place, read_only=True) as registry:
        assert check(registry, hall.settings).sound


def test_the_record_of_it_names_items_persons_and_hashes_and_no_value(sqlite_hall: Hall, tmp_path: Path) -> None:
    done = corrected(sqlite_hall, tmp_path, birth_date="1980-05-05")
    assert done.performance is not None
    evidence = done.performance.evidence
    assert evidence is not None
    assert 6 in evidence["items"]
    assert evidence["before_sha256"] != evidence["after_sha256"]
    assert "1980-05-05" not in json.dumps([dict(evidence), done.dry_run, dict(done.parameters)])
    assert {approval.slot for approval in done.approvals} == {"identinfo-manager", "second-checker"}


def test_the_content_that_was_approved_is_what_is_written_or_nothing(hall: Hall, tmp_path: Path) -> None:
    key = current(hall)
    request = hall.approved("correct-identity", {"record": key, **content_file(tmp_path, birth_date="1980-05-05")})
    content_file(tmp_path, birth_date="1990-05-05")
    with pytest.raises(Refusal):
        hall.execute(request)
    content_file(tmp_path, birth_date="1980-05-05")
    hall.change(f"UPDATE identity_info SET address = 'moved' WHERE record_id = {key}")  # somebody was faster
    with pytest.raises(Refusal, match="data has moved"):
        hall.execute(request)
    assert hall.count("identity_info", "birth_date = '1980-05-05' AND change_reason = '09'") == 0


def test_a_content_that_fails_a_check_changes_nothing(sqlite_hall: Hall, tmp_path: Path) -> None:
    taken = sqlite_hall.ask("SELECT max(individual_number) FROM identity_info WHERE record_status_flag = '1'")[0][0]
    for values in ({"birth_date": "1980-02-31"}, {"individual_number": taken}, {"individual_number": "123456789012"}):
        done = corrected(sqlite_hall, tmp_path, **values)
        assert done.state is State.FAILED
    assert sqlite_hall.count("identity_info", "change_reason = '09'") == 0


@pytest.mark.parametrize("flag", ["update_forbidden_flag", "exclusive_lock_flag"])
def test_a_closed_record_is_not_corrected(sqlite_hall: Hall, tmp_path: Path, flag: str) -> None:
    sqlite_hall.change(f"UPDATE identity_info SET {flag} = 1")
    done = corrected(sqlite_hall, tmp_path, birth_date="1980-05-05")
    assert done.state is State.FAILED
    assert "CHK-LOG-06" in str(done.performance)


def test_neither_one_approval_nor_the_same_person_twice_is_enough(sqlite_hall: Hall, tmp_path: Path) -> None:
    arguments = {"record": current(sqlite_hall), **content_file(tmp_path, birth_date="1980-05-05")}
    request = sqlite_hall.office.submit("maintenance-task:correct-identity", arguments)
    request = sqlite_hall.office.approve(request, "kondo")
    with pytest.raises(Refusal):
        sqlite_hall.execute(request)
    with pytest.raises(Refusal):
        sqlite_hall.office.approve(request, "kondo")


@pytest.mark.parametrize(
    "values",
    [
        {"change_reason": "01"},
        {"update_sequence_no": 7},
        {"record_status_flag": "3"},
        {"no_such_item": "x"},
        {},
    ],
)
def test_what_the_system_keeps_by_itself_is_no_content(
    sqlite_hall: Hall, tmp_path: Path, values: dict[str, Any]
) -> None:
    arguments = {"record": current(sqlite_hall), **content_file(tmp_path, **values)}
    with pytest.raises(Refusal):
        sqlite_hall.office.submit("maintenance-task:correct-identity", arguments)


def test_those_who_decide_are_shown_before_and_after_with_what_must_be_hidden_hidden(
    sqlite_hall: Hall, tmp_path: Path
) -> None:
    key = current(sqlite_hall)
    arguments = {"record": key, **content_file(tmp_path, birth_date="1980-05-05", postal_code="9990001")}
    (kind,) = (each for each in sqlite_hall.kinds() if each.name == "maintenance-task:correct-identity")
    described = kind.describe(kind.read(arguments))
    ((before,),) = sqlite_hall.ask(f"SELECT postal_code FROM identity_info WHERE record_id = {key}")
    assert described["10 郵便番号"] == f"{before} → 9990001"
    assert described["6 生年月日"] == f"{PLACEHOLDER} → {PLACEHOLDER}"
    Path(arguments["content"]).unlink()
    assert "JSON object" in str(kind.describe(kind.read(arguments))["Content"])


def test_an_official_correction_needs_work_lead_procedure_ground_and_day(hall: Hall, tmp_path: Path) -> None:
    key = hall.ask("SELECT min(record_id) FROM resident_register WHERE deleted_record_class = '0'")[0][0]
    arguments = {"record": key, **content_file(tmp_path, remarks="corrected"), "procedure": "P-7", "ground": "G-1"}
    with pytest.raises(Refusal, match="day"):
        hall.office.submit("maintenance-task:correct-register", arguments)
    done = hall.execute(hall.approved("correct-register", {**arguments, "day": "2026-11-20"}))
    assert done.state is State.DONE
    assert {approval.slot for approval in done.approvals} == {"work-lead", "second-checker"}
    assert hall.ask(f"SELECT remarks, change_reason FROM resident_register WHERE record_id = {key}") == [
        ("corrected", "09")
    ]
