"""What file system, kernel and the device itself count against a medium that is attached now."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from accesscontrol.messages import N_
from backups.media import smart
from backups.media.devices import SYSFS, Device
from backups.media.signs import Condition, Sign, of_used_life

_SPARE_LOW, _SPARE_GONE = 2, 3
"""PRE_EOL_INFO of an eMMC (JESD84-B51): 80 % and 90 % of the spare blocks are used."""

_TENTH: Final = 10  # percent


def condition_of(device: Device, sysfs: Path = SYSFS) -> Condition:
    """Return what speaks against a device that is attached now; asks its own monitor too, which may take seconds."""
    report = smart.ask(f"/dev/{device.disk}")
    found = [*_of_file_system(device, sysfs), *_of_kernel(device, sysfs), *_of_card(device, sysfs)]
    return Condition([*found, *(smart.signs(report) if report else ())], monitored=report is not None)


def errors_counted(device: Device, sysfs: Path = SYSFS) -> int:
    """Return how many errors the kernel has counted for a device and its file system so far."""
    return _file_system_errors(device, sysfs) + _command_errors(device, sysfs)


def _of_file_system(device: Device, sysfs: Path) -> Iterator[Sign]:
    if count := _file_system_errors(device, sysfs):
        words = N_(
            "The file system on it has recorded {count} errors. Copy what is on it to another medium, then repair it"
            " with fsck or replace it."
        )
        yield Sign(words, {"count": count}, failing=True)


def _of_kernel(device: Device, sysfs: Path) -> Iterator[Sign]:
    if count := _command_errors(device, sysfs):
        words = N_("{count} commands to it failed since it was put in. Look into the kernel's log; try another socket.")
        yield Sign(words, {"count": count})


def _of_card(device: Device, sysfs: Path) -> Iterator[Sign]:
    """Yield what a memory card or soldered flash (MMC) tells of itself."""
    folder = sysfs / "block" / device.disk / "device"
    spare = max(_numbers(folder / "pre_eol_info"), default=0)
    if spare >= _SPARE_GONE:
        yield Sign(N_("Its spare blocks are used up. Replace it."), {}, failing=True)
    elif spare == _SPARE_LOW:
        yield Sign(N_("Its spare blocks are used for the greater part. Plan its replacement."), {})
    tenths = max(_numbers(folder / "life_time"), default=0)  # 1 is the first tenth of its life, 11 is past its end
    yield from of_used_life((tenths - 1) * _TENTH)


def _file_system_errors(device: Device, sysfs: Path) -> int:
    if device.filesystem in {"ext2", "ext3", "ext4"}:
        return sum(_numbers(sysfs / "fs" / "ext4" / Path(device.node).name / "errors_count"))
    if device.filesystem == "btrfs":
        found = (sysfs / "fs" / "btrfs" / device.uuid / "devinfo").glob("*/error_stats")
        return sum(sum(_numbers(path)) for path in found)
    return 0


def _command_errors(device: Device, sysfs: Path) -> int:
    return sum(_numbers(sysfs / "block" / device.disk / "device" / "ioerr_cnt"))


def _numbers(path: Path) -> list[int]:
    """Return the numbers (decimal, or hexadecimal after 0x) in a file of the kernel; none when there is no such."""
    try:
        words = path.read_text("ascii", "replace").split()
    except OSError:
        return []
    found = []
    for word in words:
        try:
            found.append(int(word, 16 if word.startswith("0x") else 10))
        except ValueError:
            continue  # the name of a counter
    return found
