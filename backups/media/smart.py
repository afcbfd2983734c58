"""What a device's own monitor (SMART) says of it, as ``smartctl --json`` of smartmontools 7 reports it.

The program is optional: without it, or behind a bridge that doesn't pass the questions on, nothing is known.
"""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from accesscontrol.messages import N_
from backups.media.signs import Sign, of_used_life

_SECONDS = 20
_UNANSWERED = 0b11
"""The bits of the exit status that say: the command line or the opening of the device failed (smartctl(8))."""

_SECTORS: Final = {
    5: N_("{count} of its sectors were replaced by spare ones (SMART). Plan its replacement."),
    197: N_("{count} of its sectors wait to be read again (SMART). Verify what is on it and plan its replacement."),
    198: N_("{count} of its sectors can't be read (SMART). Verify what is on it and plan its replacement."),
}
"""Raw values that count sectors on practically every ATA device; others differ from maker to maker."""

_NVME_CRITICAL: Final = 0b1101
_NVME_HOT: Final = 0b0010


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The parts of smartctl's report that are used; what a device doesn't have is missing."""

    smart_status: "Status | None" = None
    ata_smart_attributes: "Attributes | None" = None
    nvme_smart_health_information_log: "NvmeLog | None" = None
    scsi_grown_defect_list: int = 0
    scsi_percentage_used_endurance_indicator: int = 0


class Status(msgspec.Struct, frozen=True):
    """The verdict of the device over itself."""

    passed: bool


class Raw(msgspec.Struct, frozen=True):
    """An attribute's value as the device counts it."""

    value: int


class Attribute(msgspec.Struct, frozen=True):
    """One attribute of an ATA device. ``when_failed`` is ``now``, ``past`` or empty."""

    id: int
    name: str
    raw: Raw
    when_failed: str = ""


class Attributes(msgspec.Struct, frozen=True):
    """All attributes of an ATA device."""

    table: tuple[Attribute, ...] = ()


class NvmeLog(msgspec.Struct, frozen=True):
    """The health log of an NVMe device (NVM Express Base Specification, log page 02h)."""

    critical_warning: int = 0
    percentage_used: int = 0
    media_errors: int = 0


def ask(node: str) -> Report | None:
    """Return what the monitor of the disk ``node`` says; None when it could not be asked or has none."""
    program = shutil.which("smartctl") or shutil.which("/usr/sbin/smartctl")
    if program is None or not Path(node).exists():
        return None
    command = [program, "--json", "--health", "--attributes", node]
    try:
        run = subprocess.run(command, capture_output=True, check=False, timeout=_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return None if run.returncode & _UNANSWERED else parse(run.stdout)


def parse(report: bytes) -> Report | None:
    """Return smartctl's report; None when it is none, or says nothing about the device's health."""
    try:
        found = msgspec.json.decode(report, type=Report)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return found if found.smart_status or found.nvme_smart_health_information_log else None


def signs(report: Report) -> Iterator[Sign]:
    """Yield what in a report speaks of an end that is near."""
    if report.smart_status is not None and not report.smart_status.passed:
        words = N_("Its own monitor (SMART) expects it to fail. Copy what is on it to another medium and replace it.")
        yield Sign(words, {}, failing=True)
    for attribute in report.ata_smart_attributes.table if report.ata_smart_attributes else ():
        yield from _of_attribute(attribute)
    log = report.nvme_smart_health_information_log or NvmeLog()
    yield from _of_nvme(log)
    yield from of_used_life(max(log.percentage_used, report.scsi_percentage_used_endurance_indicator))
    if report.scsi_grown_defect_list:
        yield Sign(_SECTORS[5], {"count": report.scsi_grown_defect_list})


def _of_attribute(attribute: Attribute) -> Iterator[Sign]:
    if attribute.when_failed == "now":
        words = N_("Its monitor's value {name} is at its limit (SMART). Replace it.")
        yield Sign(words, {"name": attribute.name}, failing=True)
    elif attribute.when_failed:
        words = N_("Its monitor's value {name} was at its limit before (SMART). Plan its replacement.")
        yield Sign(words, {"name": attribute.name})
    if attribute.id in _SECTORS and attribute.raw.value > 0:
        yield Sign(_SECTORS[attribute.id], {"count": attribute.raw.value})


def _of_nvme(log: NvmeLog) -> Iterator[Sign]:
    if log.critical_warning & _NVME_CRITICAL:
        words = N_("It warns that its spare or its reliability is gone (NVMe {warning}). Replace it.")
        yield Sign(words, {"warning": f"{log.critical_warning:#04x}"}, failing=True)
    if log.critical_warning & _NVME_HOT:
        yield Sign(N_("It is too hot. Let it cool down before it is written to."), {})
    if log.media_errors:
        yield Sign(_SECTORS[198], {"count": log.media_errors})
