"""Reading the host on which this program runs, part by part: a part that can't be read takes no other with it."""

import os
import platform
import pwd
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from accesscontrol.clock import Clock
from monitors.hosts.kernel_clock import kernel_clock
from monitors.hosts.model import Disk, HostReading, Listener, Memory, SignedIn

_Part = TypeVar("_Part")
_BUSY_SECONDS: Final = 0.2  # the share of busy time needs a span; the first answer without one is always 0


def read_host(clock: Clock, site: Path, *, busy_seconds: float = _BUSY_SECONDS) -> HostReading:
    """Read this host; ``site`` is the folder whose disk must not fill up. Takes about a quarter of a second.

    What may not be read or does not exist here is None in the answer, with the reason in ``unread``.
    """
    import psutil

    unread: dict[str, str] = {}

    def part(name: str, read: Callable[[], _Part]) -> _Part | None:
        try:
            return read()
        except (psutil.Error, OSError, NotImplementedError, AttributeError, RuntimeError) as error:
            unread[name] = f"{type(error).__name__}: {error}"
            return None

    busy = part("busy_percent", lambda: psutil.cpu_percent(interval=busy_seconds))
    return HostReading(
        name=socket.gethostname(),
        system=f"{platform.system()} {platform.release()}",
        at=clock.now(),
        booted_at=part("booted_at", lambda: datetime.fromtimestamp(psutil.boot_time(), UTC)),
        processors=part("processors", psutil.cpu_count),
        busy_percent=busy,
        load=part("load", os.getloadavg),
        memory=part("memory", _memory),
        disks=part("disks", lambda: tuple(_disks(site))),
        listeners=part("listeners", lambda: tuple(sorted(_listeners(), key=_by_port))),
        processes=part("processes", lambda: len(psutil.pids())),
        signed_in=part("signed_in", lambda: tuple(_signed_in())),
        clock=part("clock", kernel_clock),
        unread=unread,
    )


def _memory() -> Memory:
    import psutil

    memory, swap = psutil.virtual_memory(), psutil.swap_memory()
    return Memory(total=memory.total, available=memory.available, swap_total=swap.total, swap_used=swap.used)


def _disks(site: Path) -> Iterator[Disk]:
    """Yield each real file system once; one that answers no question is left out of the sums, not guessed."""
    import psutil

    home = site.stat().st_dev
    seen: set[int] = set()
    for partition in psutil.disk_partitions(all=False):
        try:
            device = Path(partition.mountpoint).stat().st_dev
            room = os.statvfs(partition.mountpoint)
        except OSError:
            continue  # a mount of another user, or one that hangs off a lost server
        if device not in seen:
            seen.add(device)
            yield _disk(partition.mountpoint, partition.device, partition.fstype, room, holds_site=device == home)
    if home not in seen:  # a container's root or a network folder is no partition, but it can fill up all the same
        yield _disk(str(_mount_of(site)), "", "", os.statvfs(site), holds_site=True)


def _disk(mount: str, device: str, file_system: str, room: os.statvfs_result, *, holds_site: bool) -> Disk:
    return Disk(
        mount=mount,
        device=device,
        file_system=file_system,
        total=room.f_blocks * room.f_frsize,
        free=room.f_bavail * room.f_frsize,
        read_only=bool(room.f_flag & os.ST_RDONLY),
        holds_site=holds_site,
    )


def _mount_of(folder: Path) -> Path:
    folder = folder.resolve()
    while not folder.is_mount():
        folder = folder.parent
    return folder


def _listeners() -> Iterator[Listener]:
    import psutil

    processes: dict[int | None, tuple[str | None, int | None]] = {None: (None, None)}
    for connection in psutil.net_connections("inet"):
        waits = connection.status == psutil.CONN_LISTEN
        datagrams = connection.type == socket.SOCK_DGRAM and not connection.raddr
        if not connection.laddr or not (waits or datagrams):
            continue
        if connection.pid not in processes:
            processes[connection.pid] = _program_and_user(connection.pid)
        program, uid = processes[connection.pid]
        yield Listener(
            protocol=_protocol(connection),
            address=connection.laddr.ip,
            port=connection.laddr.port,
            program=program,
            uid=uid,
            user=_user_name(uid),
            pid=connection.pid,
        )


def _protocol(connection: Any) -> str:
    name = "tcp" if connection.type == socket.SOCK_STREAM else "udp"
    return f"{name}6" if connection.family == socket.AF_INET6 else name


def _program_and_user(pid: int | None) -> tuple[str | None, int | None]:
    import psutil

    try:
        process = psutil.Process(pid)
        uid = process.uids().effective
    except (psutil.Error, OSError):
        return None, None
    try:
        return process.exe() or None, uid
    except (psutil.Error, OSError):
        return None, uid


def _user_name(uid: int | None) -> str | None:
    if uid is None:
        return None
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return None


def _by_port(listener: Listener) -> tuple[int, str, str, str]:
    return listener.port, listener.protocol, listener.address, listener.program or ""


def _signed_in() -> Iterator[SignedIn]:
    import psutil

    for user in psutil.users():
        yield SignedIn(
            name=user.name,
            terminal=user.terminal or "",
            origin=user.host or "",
            since=datetime.fromtimestamp(user.started, UTC),
        )
