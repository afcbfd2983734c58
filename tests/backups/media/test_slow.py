"""A medium that is slow: what is told is on the device, a stop is heard before long, and nothing half is left."""

import os
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from accesscontrol.requests import reading
from accesscontrol.requests.states import State
from backups import ledger
from backups.catalogue import Catalogue, Order
from backups.media.register import Register
from backups.media.writing import hold, write
from backups.sealing.digests import digest_of
from backups.sealing.sshsig import KeySigner
from backups.sources.tree import TreeSource
from tests.backups.media.conftest import Disk, Sysfs
from tests.backups.media.test_failing import exported
from tests.services.availability import skip_for_kernel

THROTTLE = Path("/sys/fs/cgroup/blkio")
PACE = 4 << 20  # bytes a second
SIZE = 6 << 20


@pytest.fixture
def slow(disks: Callable[..., Disk]) -> Iterator[Disk]:
    """Return a medium that really takes no more than ``PACE`` from this process: the kernel holds its writes back."""
    if not (THROTTLE / "blkio.throttle.write_bps_device").exists():
        skip_for_kernel("throttling of a device (cgroup blkio)")
    disk = disks(32 << 20)
    group = THROTTLE / f"sekisho-test-{os.getpid()}"
    group.mkdir()
    try:
        number = f"{os.major(disk.number)}:{os.minor(disk.number)}"
        (group / "blkio.throttle.write_bps_device").write_text(f"{number} {PACE}")
        (group / "cgroup.procs").write_text(str(os.getpid()))
        yield disk
    finally:
        (THROTTLE / "cgroup.procs").write_text(str(os.getpid()))
        group.rmdir()


def written_to(disk: Disk) -> int:
    """Return how many bytes the device has taken so far, as the kernel counts them."""
    sectors = (Path("/sys/block") / Path(disk.loop).name / "stat").read_text().split()[6]
    return int(sectors) * 512


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "B-00001.age"
    path.write_bytes(os.urandom(SIZE))
    return path


def test_no_byte_is_told_as_written_that_the_device_has_not_taken(slow: Disk, source: Path) -> None:
    before = written_to(slow)
    told: list[tuple[int, int]] = []
    with hold(slow.folder) as held:
        write(held, source, source.name, digest_of(source), lambda done, _: told.append((done, written_to(slow))))
    writing = [(done, taken - before) for done, taken in told if done <= SIZE]
    assert all(taken >= done for done, taken in writing)
    assert len(writing) >= 3  # in stretches that fit its pace, not all at once
    assert max(after - done for (done, _), (after, _) in pairwise(told)) <= PACE
    assert digest_of(slow.folder / source.name) == digest_of(source)


def test_a_stop_on_a_slow_medium_leaves_nothing_and_a_line_that_says_so(
    slow: Disk,
    sysfs: Sysfs,
    register: Register,
    signer: KeySigner,
    catalogue: Catalogue,
    order: Order,
    tmp_path: Path,
) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "content").write_bytes(os.urandom(SIZE))
    order = Order(
        source=TreeSource("files", tmp_path / "files"),
        recipients=order.recipients,
        signer=order.signer,
        actor=order.actor,
        terminal=order.terminal,
    )
    office, request = exported(slow, sysfs, register, signer, catalogue, order)
    before = written_to(slow)

    def stop(done: int, _total: int) -> None:
        if done > SIZE // 3:
            raise InterruptedError("It was stopped at the screen.")

    done = office.execute(reading.get(office.store, request), progress=stop)
    (line,) = ledger.page(office.store)
    assert (done.state, line.state, line.note) == (State.FAILED, "failed", "It was stopped at the screen.")
    assert written_to(slow) - before < SIZE  # it was heard before the rest was written
    assert [name for name in slow.names() if name.startswith("B-")] == []
