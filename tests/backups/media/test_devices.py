"""Facts of a device from sysfs and blkid: real loop devices, and trees that show what USB looks like."""

from collections.abc import Callable
from pathlib import Path

import pytest

from backups.media.destinations import Destination
from backups.media.devices import UNLIMITED, Device, Unreadable, _serial, device_of, parse_probe, probe
from backups.media.writing import hold
from backups.newfile import Unwritable
from tests.backups.media.conftest import Disk, Sysfs


def test_a_mounted_medium_shows_uuid_size_and_attachment(disks: Callable[..., Disk]) -> None:
    disk = disks()
    found = device_of(disk.folder.stat().st_dev)
    assert found.node == disk.loop
    assert len(found.uuid) == 36
    assert (found.filesystem, found.size) == ("ext4", 16 << 20)
    assert found.diskseq > 0
    assert (found.serial, found.read_only) == ("", False)  # a loop device has no serial: absent, not invented


def test_the_attachment_number_rises_when_a_medium_is_put_in_again(disks: Callable[..., Disk]) -> None:
    disk = disks()
    before = device_of(disk.number)
    disk.detach()
    disk.attach()
    after = device_of(disk.number)
    assert after.uuid == before.uuid
    assert after.diskseq > before.diskseq


def test_a_bitwise_copy_has_the_same_uuid_so_uuid_alone_is_no_identity(
    disks: Callable[..., Disk], sysfs: Sysfs
) -> None:
    first, second = disks(), disks()
    second.detach()
    second.image.write_bytes(first.image.read_bytes())
    second.attach()
    sysfs.show(first, "S-1")
    sysfs.show(second, "S-2")
    one, two = device_of(first.number, sysfs.root), device_of(second.number, sysfs.root)
    assert one.uuid == two.uuid
    assert one.serial != two.serial


def test_a_write_protected_device_shows_it(disks: Callable[..., Disk], sysfs: Sysfs) -> None:
    disk = disks()
    sysfs.show(disk, "S-1", ro="1\n")
    assert device_of(disk.number, sysfs.root).read_only


def test_a_folder_without_a_block_device_behind_it_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="no block device"):
        device_of(Path("/proc").stat().st_dev)


def test_a_device_that_cannot_be_read_is_unreadable_not_empty(tmp_path: Path) -> None:
    with pytest.raises(Unreadable):
        probe(str(tmp_path / "none"))


def test_a_device_without_a_file_system_has_no_uuid(tmp_path: Path) -> None:
    (tmp_path / "blank").write_bytes(bytes(1 << 20))
    assert probe(str(tmp_path / "blank")) == {}


def usb(root: Path, *, stick_serial: str | None) -> Path:
    """Make the tree of a USB stick below a hub and a host controller that have serials of their own."""
    host = root / "devices" / "pci0000:00" / "usb1"
    stick = host / "1-2"
    disk = stick / "1-2:1.0" / "host6" / "target6:0:0" / "6:0:0:0" / "block" / "sdb"
    disk.mkdir(parents=True)
    (host / "serial").write_text("0000:00:14.0\n")
    (host / "idVendor").write_text("1d6b\n")
    (stick / "idVendor").write_text("0781\n")
    if stick_serial is not None:
        (stick / "serial").write_text(stick_serial)
    (disk / "device").symlink_to("../../../6:0:0:0")
    return disk


def test_the_serial_of_a_usb_stick_stands_on_the_usb_device_above_it(tmp_path: Path) -> None:
    assert _serial(usb(tmp_path, stick_serial="4C530001\n")) == "4C530001"


def test_a_stick_without_a_serial_does_not_borrow_the_host_controllers(tmp_path: Path) -> None:
    assert _serial(usb(tmp_path, stick_serial=None)) == ""


@pytest.mark.parametrize(
    ("filesystem", "most"), [("vfat", 4_294_967_295), ("exfat", UNLIMITED), ("udf", UNLIMITED), ("ext4", UNLIMITED)]
)
def test_only_vfat_cannot_hold_a_file_of_four_gibibytes(tmp_path: Path, filesystem: str, most: int) -> None:
    device = Device(
        node="/dev/sdb1",
        disk="sdb",
        serial="S5R9",
        model="",
        uuid="0A1B-2C3D",
        filesystem=filesystem,
        size=1 << 40,
        diskseq=1,
        removable=True,
        read_only=False,
    )
    assert device.largest_file == most
    with hold(tmp_path) as held:
        destination = Destination(held, "", lambda: "", device.largest_file)
        destination.require_size((1 << 32) - 1)
        if most < UNLIMITED:
            with pytest.raises(Unwritable, match="at most 4294967295 bytes"):
                destination.require_size(1 << 32)


def test_a_serial_cannot_drive_the_terminal(tmp_path: Path) -> None:
    assert _serial(usb(tmp_path, stick_serial="\x1b[2J4C53\0\n")) == "[2J4C53"


@pytest.mark.parametrize(
    ("text", "uuid", "kind"),
    [
        ("DEVNAME=/dev/sdb1\nUUID=1A2B-3C4D\nVERSION=FAT32\nTYPE=vfat\nUSAGE=filesystem\n", "1A2B-3C4D", "vfat"),
        ("DEVNAME=/dev/sdb1\nLABEL=MY\\ STICK\nUUID=64A5-F009\nTYPE=exfat\n", "64A5-F009", "exfat"),
        ("DEVNAME=/dev/sr0\nUUID=5f9b0a2c19700101\nLABEL=a=b\nTYPE=udf\n", "5f9b0a2c19700101", "udf"),
        ("", "", ""),
        ("garbage\n=x\n", "", ""),
    ],
)
def test_what_blkid_says_of_file_systems_that_cannot_be_mounted_here_is_read(text: str, uuid: str, kind: str) -> None:
    found = parse_probe(text)
    assert (found.get("UUID", ""), found.get("TYPE", "")) == (uuid, kind)
