"""What follows from a reading: which disk stops work, which port others can reach, how long the host is up."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitors.hosts.model import STOPS_WORK, Disk, HostReading, Listener

NOW = datetime(2026, 11, 24, 0, 12, tzinfo=UTC)
DISK = Disk(
    mount="/srv", device="/dev/vdb", file_system="ext4", total=100 * 1024**3, free=50 * 1024**3, read_only=False,
    holds_site=True,
)  # fmt: skip
LISTENER = Listener(protocol="tcp", port=22, address="0.0.0.0", program="/usr/sbin/sshd", uid=0)
HOST = HostReading(
    name="registry-01", system="Linux", at=NOW, booted_at=NOW - timedelta(days=3), processors=None, busy_percent=None,
    load=None, memory=None, disks=None, listeners=None, processes=None, signed_in=None, clock=None, unread={},
)  # fmt: skip


def test_the_sites_disk_stops_work_when_its_space_runs_out_or_it_takes_no_writing() -> None:
    assert not DISK.stops_work
    assert replace(DISK, free=STOPS_WORK - 1).stops_work
    assert replace(DISK, read_only=True).stops_work


def test_another_disk_never_stops_work_but_is_worth_a_look_when_nearly_full() -> None:
    other = replace(DISK, holds_site=False, free=9 * 1024**3)
    assert not replace(other, free=0).stops_work
    assert other.nearly_full
    assert not replace(other, read_only=True).nearly_full
    assert not replace(other, free=10 * 1024**3).nearly_full


def test_a_file_system_without_a_size_has_no_share_to_divide() -> None:
    assert replace(DISK, total=0, free=0).percent_free == 0


@pytest.mark.parametrize(
    ("address", "outside"),
    [
        ("127.0.0.1", False),
        ("127.0.0.53", False),
        ("::1", False),
        ("0.0.0.0", True),
        ("::", True),
        ("192.0.2.7", True),
        ("fe80::1%eth0", True),
    ],
)
def test_a_listener_is_reachable_from_outside_unless_it_listens_on_loopback(address: str, *, outside: bool) -> None:
    assert replace(LISTENER, address=address).reachable_from_outside is outside


def test_two_listeners_are_the_same_whatever_process_number_and_name_they_have() -> None:
    again = replace(LISTENER, pid=77, user="root")
    assert again.identity == LISTENER.identity
    assert replace(LISTENER, uid=1000).identity != LISTENER.identity
    assert replace(LISTENER, program=None).identity != LISTENER.identity


def test_uptime_is_unknown_without_a_boot_time_and_never_negative() -> None:
    assert HOST.uptime == timedelta(days=3)
    assert replace(HOST, booted_at=None).uptime is None
    assert replace(HOST, booted_at=NOW + timedelta(hours=1)).uptime == timedelta()
