"""What a reading of this host tells, and that what it can't read stays unknown."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from accesscontrol.clock import FixedClock
from monitors.hosts.local import read_host
from monitors.hosts.model import HostReading, Listener

NOW = datetime(2026, 11, 24, 0, 12, tzinfo=UTC)


def reading(tmp_path: Path) -> HostReading:
    return read_host(FixedClock(NOW), tmp_path, busy_seconds=0.01)


@contextmanager
def listening(family: socket.AddressFamily, address: str, kind: socket.SocketKind) -> Iterator[int]:
    with socket.socket(family, kind) as waiting:
        waiting.bind((address, 0))
        if kind is socket.SOCK_STREAM:
            waiting.listen()
        yield waiting.getsockname()[1]


def listener(host: HostReading, protocol: str, port: int) -> Listener:
    assert host.listeners is not None
    return next(each for each in host.listeners if (each.protocol, each.port) == (protocol, port))


def test_a_reading_carries_its_time_and_every_part_of_this_host(tmp_path: Path) -> None:
    host = reading(tmp_path)
    assert host.at == NOW
    assert host.name == socket.gethostname()
    assert host.processors
    assert host.memory is not None
    assert 0 < host.memory.available <= host.memory.total
    assert host.processes
    assert host.load is not None
    assert host.booted_at is not None


def test_the_disk_that_holds_the_site_is_read_once_and_named(tmp_path: Path) -> None:
    disks = reading(tmp_path).disks
    assert disks is not None
    (site,) = [each for each in disks if each.holds_site]
    assert tmp_path.is_relative_to(site.mount)
    assert site.total > 0
    assert os.statvfs(tmp_path).f_blocks * os.statvfs(tmp_path).f_frsize == site.total


def test_a_listener_is_known_by_protocol_address_port_program_and_user(tmp_path: Path) -> None:
    with listening(socket.AF_INET, "127.0.0.1", socket.SOCK_STREAM) as port:
        found = listener(reading(tmp_path), "tcp", port)
    assert found.identity == ("tcp", "127.0.0.1", port, psutil.Process().exe(), os.geteuid())
    assert found.pid == os.getpid()
    assert not found.reachable_from_outside


def test_a_datagram_socket_without_a_peer_counts_as_a_listener(tmp_path: Path) -> None:
    with listening(socket.AF_INET, "0.0.0.0", socket.SOCK_DGRAM) as port:
        found = listener(reading(tmp_path), "udp", port)
    assert found.reachable_from_outside


def test_a_listener_whose_process_may_not_be_looked_at_stays_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign = SimpleNamespace(
        family=socket.AF_INET, type=socket.SOCK_STREAM, laddr=SimpleNamespace(ip="0.0.0.0", port=22), raddr=(),
        status=psutil.CONN_LISTEN, pid=None,
    )  # fmt: skip
    monkeypatch.setattr(psutil, "net_connections", lambda _kind: [foreign])
    found = listener(reading(tmp_path), "tcp", 22)
    assert (found.program, found.uid, found.user, found.pid) == (None, None, None, None)


def test_a_process_that_is_gone_when_it_is_looked_at_stays_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(pid: int) -> psutil.Process:
        raise psutil.NoSuchProcess(pid)

    with listening(socket.AF_INET, "127.0.0.1", socket.SOCK_STREAM) as port:
        monkeypatch.setattr(psutil, "Process", gone)
        found = listener(reading(tmp_path), "tcp", port)
    assert found.program is None
    assert found.uid is None


@pytest.mark.parametrize(
    ("function", "part"),
    [
        ("virtual_memory", "memory"),
        ("net_connections", "listeners"),
        ("disk_partitions", "disks"),
        ("users", "signed_in"),
        ("pids", "processes"),
        ("boot_time", "booted_at"),
        ("cpu_percent", "busy_percent"),
    ],
)
def test_a_part_that_cannot_be_read_is_not_available_and_takes_no_other_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, function: str, part: str
) -> None:
    def denied(*_: object, **__: object) -> None:
        raise psutil.AccessDenied(1)

    monkeypatch.setattr(psutil, function, denied)
    host = reading(tmp_path)
    assert getattr(host, part) is None
    assert list(host.unread) == [part]
    assert "AccessDenied" in host.unread[part]


def test_the_kernels_word_on_its_clock_is_asked_without_changing_it(tmp_path: Path) -> None:
    host = reading(tmp_path)
    assert host.clock is not None or "clock" in host.unread
    if host.clock is not None:
        assert host.clock.largest_error >= timedelta()
