"""What smartctl reports is read for what it says of a medium's end; the reports follow smartmontools 7's JSON."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from backups.media import smart

ATA: dict[str, Any] = {
    "json_format_version": [1, 0],
    "smartctl": {"version": [7, 3], "exit_status": 0},
    "device": {"name": "/dev/sdb", "type": "sat", "protocol": "ATA"},
    "smart_status": {"passed": True},
    "ata_smart_attributes": {
        "revision": 16,
        "table": [
            {
                "id": number,
                "name": name,
                "value": 100,
                "worst": 100,
                "thresh": 10,
                "when_failed": "",
                "flags": {"value": 51, "string": "PO--CK ", "prefailure": True},
                "raw": {"value": 0, "string": "0"},
            }
            for number, name in (
                (5, "Reallocated_Sector_Ct"),
                (9, "Power_On_Hours"),
                (197, "Current_Pending_Sector"),
                (198, "Offline_Uncorrectable"),
            )
        ],
    },
}
NVME: dict[str, Any] = {
    "device": {"name": "/dev/nvme1", "type": "nvme", "protocol": "NVMe"},
    "smart_status": {"passed": True, "nvme": {"value": 0}},
    "nvme_smart_health_information_log": {
        "critical_warning": 0,
        "temperature": 35,
        "available_spare": 100,
        "available_spare_threshold": 10,
        "percentage_used": 3,
        "media_errors": 0,
    },
}
SCSI: dict[str, Any] = {
    "device": {"name": "/dev/sdc", "type": "scsi", "protocol": "SCSI"},
    "smart_status": {"passed": True},
    "scsi_grown_defect_list": 0,
}


def read(report: dict[str, Any]) -> list[tuple[str, bool]]:
    """Return the beginnings of the signs in a report, and which of them forbid writing."""
    found = smart.parse(json.dumps(report).encode())
    assert found is not None
    return [(str(sign), sign.failing) for sign in smart.signs(found)]


def attribute(place: int, **changed: Any) -> dict[str, Any]:
    report = json.loads(json.dumps(ATA))
    report["ata_smart_attributes"]["table"][place] |= changed
    found: dict[str, Any] = report
    return found


def nvme(**changed: int) -> dict[str, Any]:
    return NVME | {"nvme_smart_health_information_log": NVME["nvme_smart_health_information_log"] | changed}


@pytest.mark.parametrize("report", [ATA, NVME, SCSI], ids=["ata", "nvme", "scsi"])
def test_a_sound_device_shows_no_sign(report: dict[str, Any]) -> None:
    assert read(report) == []


@pytest.mark.parametrize(
    ("report", "said"),
    [
        (ATA | {"smart_status": {"passed": False}}, ("expects it to fail", True)),
        (attribute(0, value=9, when_failed="now"), ("Reallocated_Sector_Ct is at its limit", True)),
        (attribute(0, worst=9, when_failed="past"), ("was at its limit before", False)),
        (attribute(0, raw={"value": 12, "string": "12"}), ("12 of its sectors were replaced", False)),
        (attribute(2, raw={"value": 8, "string": "8"}), ("8 of its sectors wait to be read", False)),
        (attribute(3, raw={"value": 2, "string": "2"}), ("2 of its sectors can't be read", False)),
        (nvme(critical_warning=0x01), ("spare or its reliability is gone", True)),
        (nvme(critical_warning=0x08), ("NVMe 0x08", True)),
        (nvme(critical_warning=0x02), ("too hot", False)),
        (nvme(percentage_used=93), ("used 93 %", False)),
        (nvme(percentage_used=104), ("used up the writing life", True)),
        (nvme(media_errors=3), ("3 of its sectors", False)),
        (SCSI | {"scsi_grown_defect_list": 7}, ("7 of its sectors were replaced", False)),
        (SCSI | {"scsi_percentage_used_endurance_indicator": 100}, ("used up", True)),
    ],
)
def test_each_sign_says_what_to_do_and_whether_writing_is_forbidden(
    report: dict[str, Any], said: tuple[str, bool]
) -> None:
    ((words, failing),) = read(report)
    assert said[0] in words
    assert failing is said[1]


@pytest.mark.parametrize(
    "report",
    [
        b"",
        b"not json",
        b"[]",
        b'{"smart_status": "?"}',
        b'{"smartctl": {"exit_status": 1, "messages": [{"string": "Unable to detect device type"}]}}',
        b"\xff\xfe",
    ],
)
def test_what_is_no_report_of_health_leaves_it_unknown(report: bytes) -> None:
    assert smart.parse(report) is None


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the path of a program that is found as smartctl; tests write what it does."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    return tmp_path / "bin" / "smartctl"


def answers(program: Path, report: dict[str, Any], status: int) -> None:
    report_file = program.with_name("report.json")
    report_file.write_text(json.dumps(report))
    program.write_text(f'#!/bin/sh\necho "$@" > "$0.asked"\ncat {report_file}\nexit {status}\n')
    program.chmod(0o755)


def test_the_program_is_asked_for_health_and_attributes_of_the_disk(program: Path) -> None:
    answers(program, ATA | {"smart_status": {"passed": False}}, 8)  # bit 3: the disk is failing, and it answered
    found = smart.ask("/dev/null")
    assert found is not None
    assert [sign.failing for sign in smart.signs(found)] == [True]
    assert program.with_name("smartctl.asked").read_text().split() == [
        "--json",
        "--health",
        "--attributes",
        "/dev/null",
    ]


@pytest.mark.parametrize("status", [1, 2, 3])
def test_a_device_that_it_cannot_open_stays_unknown(program: Path, status: int) -> None:
    answers(program, ATA, status)
    assert smart.ask("/dev/null") is None


def test_without_the_program_or_the_device_nothing_is_known(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers(program, ATA, 0)
    assert smart.ask("/dev/no-such-disk") is None
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    assert smart.ask("/dev/null") is None
