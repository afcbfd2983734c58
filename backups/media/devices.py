"""What the kernel and the file system say a device is: serial, file system UUID, and which attachment this is.

Everything a device says of itself can be forged, and a bitwise copy has the same UUID. So the facts
are shown side by side, with which of them agreed, and an approval is bound to the kernel's ``diskseq``,
which rises at every attachment.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from accesscontrol.canonical import JSON
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal

SYSFS = Path("/sys")
UNLIMITED = (1 << 63) - 1
_LARGEST_FILE = {"vfat": (1 << 32) - 1, "msdos": (1 << 31) - 1}
"""Bytes of the largest file that some file systems can hold; a larger one breaks off after hours of writing."""

_SECTOR = 512
_BLKID_SECONDS = 20
_BLKID_NOTHING = 2


class Unreadable(Refusal):
    """A device could not be read: it is then neither known nor unknown, and nothing is written to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """One block device as it is attached now. ``size`` is bytes; ``serial`` and ``uuid`` are empty when absent."""

    node: str
    disk: str
    serial: str
    model: str
    uuid: str
    filesystem: str
    size: int
    diskseq: int
    removable: bool
    read_only: bool

    @property
    def largest_file(self) -> int:
        """The most bytes that one file on it can have."""
        return _LARGEST_FILE.get(self.filesystem, UNLIMITED)

    def to_json(self) -> dict[str, JSON]:
        """Return the facts as plain values."""
        return {name: getattr(self, name) for name in self.__slots__} | {"largest_file": self.largest_file}


def block_number(device: int, mount: str) -> int:
    """Return the number of the block device behind a folder whose ``st_dev`` and mount number are given.

    btrfs shows a number of its own making for each subvolume; the table of mounts tells its device.
    """
    if os.major(device):
        return device
    for line in Path("/proc/self/mountinfo").read_text("utf-8", "replace").splitlines():
        fields = line.split()
        if fields[0] == mount:
            with suppress(OSError, ValueError):
                return Path(fields[fields.index("-") + 2]).stat().st_rdev or device
    return device


def device_of(number: int, sysfs: Path = SYSFS) -> Device:
    """Return the device whose number (``st_dev``) a file or folder shows; Unreadable when it can't be known.

    The attachment is looked at before and after the file system is read, so that a swap in between is noticed.
    """
    name = f"{os.major(number)}:{os.minor(number)}"
    entry = (sysfs / "dev" / "block" / name).resolve()
    if not (entry / "dev").is_file():
        raise Unreadable(N_("There is no block device behind this folder (device {number})."), number=name)
    disk = entry.parent if (entry / "partition").exists() else entry
    before = _number(disk / "diskseq")
    node = f"/dev/{_uevent(entry).get('DEVNAME', entry.name)}"
    filesystem = probe(node)
    after = _number(disk / "diskseq")
    if before != after:
        raise Unreadable(N_("{node} was changed while it was read; put the medium in again."), node=node)
    return Device(
        node=node,
        disk=disk.name,
        serial=_serial(disk),
        model=_line(disk / "device" / "model"),
        uuid=filesystem.get("UUID", ""),
        filesystem=filesystem.get("TYPE", ""),
        size=_number(entry / "size") * _SECTOR,
        diskseq=before,
        removable=_number(disk / "removable") == 1,
        read_only=_number(disk / "ro") == 1 or _number(entry / "ro") == 1,
    )


def probe(node: str) -> dict[str, str]:
    """Return what ``blkid`` reads from the device itself (needs root); empty when it holds no file system."""
    program = shutil.which("blkid") or "/usr/sbin/blkid"
    try:
        os.close(os.open(node, os.O_RDONLY | os.O_CLOEXEC))  # blkid says "nothing" of a device that it cannot open
        run = subprocess.run(
            [program, "-p", "-o", "export", node],
            capture_output=True,
            check=False,
            timeout=_BLKID_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise Unreadable(N_("{node} does not answer."), node=node) from None
    except OSError as error:
        raise unreadable(Path(node), error) from None
    reason = run.stderr.decode("utf-8", "replace").strip()[:200]
    if reason or run.returncode not in {0, _BLKID_NOTHING}:
        raise Unreadable(N_("{node} cannot be read: {reason}"), node=node, reason=reason)
    return parse_probe(run.stdout.decode("utf-8", "replace"))


def unreadable(place: Path, error: OSError) -> Unreadable:
    """Return the refusal of a device or folder that the system would not let us read."""
    return Unreadable(N_("{node} cannot be read: {reason}"), node=place, reason=error.strerror or str(error))


def parse_probe(text: str) -> dict[str, str]:
    """Return the fields of ``blkid -o export``, whose values escape blanks and the like with a backslash."""
    found = {}
    for line in text.splitlines():
        name, mark, value = line.partition("=")
        if mark and name.isidentifier():
            found[name] = value.replace("\\", "")
    return found


def _serial(disk: Path) -> str:
    """Return the hardware serial: of the disk, or of the nearest USB device above it and no further.

    Above the USB device stand hubs and the host controller, whose serials are not the medium's.
    """
    for place in (disk / "serial", disk / "device" / "serial"):
        if serial := _line(place):
            return serial
    for above in _ancestors((disk / "device").resolve()):
        if (above / "idVendor").exists():
            return _line(above / "serial")
    return ""


def _ancestors(start: Path) -> Iterator[Path]:
    yield start
    yield from start.parents


def _uevent(entry: Path) -> dict[str, str]:
    return dict(line.partition("=")[::2] for line in _text(entry / "uevent").splitlines())


def _text(path: Path) -> str:
    try:
        text = path.read_bytes().decode("utf-8", "replace").strip().strip("\0")
    except OSError:
        return ""
    return "".join(character for character in text if character.isprintable() or character == "\n")


def _line(path: Path) -> str:
    return _text(path).partition("\n")[0]


def _number(path: Path) -> int:
    text = _text(path)
    return int(text) if text.isascii() and text.isdigit() else 0
