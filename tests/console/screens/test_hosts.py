"""Place 8: this host; what can't be read is not available, never zero, and never allowed."""

import socket
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from console.screens.hosts.listing import HostsScreen
from tests.console.town import Town, press, seen

FOREIGN = SimpleNamespace(
    family=socket.AF_INET, type=socket.SOCK_STREAM, laddr=SimpleNamespace(ip="0.0.0.0", port=22), raddr=(),
    status=psutil.CONN_LISTEN, pid=None,
)  # fmt: skip


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town.copied_to(tmp_path)


def denied(*_: object, **__: object) -> None:
    raise psutil.AccessDenied(1)


async def test_the_figures_carry_the_time_at_which_they_were_read(town: Town) -> None:
    async with town.sitting(HostsScreen) as pilot:
        shown = seen(pilot)
        assert "read at 09:13:00" in shown
        assert socket.gethostname() in shown
        for label in ("Up for", "Clock", "Processors busy", "Memory available", "Fullest disk", "Listeners"):
            assert label in shown


async def test_a_figure_that_cannot_be_read_is_not_available_and_says_why(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(psutil, "virtual_memory", denied)
    monkeypatch.setattr(psutil, "boot_time", denied)
    async with town.sitting(HostsScreen) as pilot:
        line = next(line for line in seen(pilot).splitlines() if "Memory available" in line)
        assert "not available" in line
        shown = await press(pilot, "down", "enter")
        assert "AccessDenied" in shown


async def test_an_unknown_program_stays_unknown_and_is_never_allowed(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(psutil, "net_connections", lambda _kind: [FOREIGN])
    async with town.sitting(HostsScreen) as pilot:
        shown = await press(pilot, "right", "right")
        assert "22/tcp" in shown
        assert "unknown" in shown
        assert "outside" in shown
        shown = await press(pilot, "enter")
        assert "it can't count as" in shown


async def test_listeners_that_cannot_be_read_are_not_shown_as_none(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psutil, "net_connections", denied)
    async with town.sitting(HostsScreen, size=(120, 24)) as pilot:
        shown = await press(pilot, "left")
        assert "This can't be read here: AccessDenied" in shown


async def test_a_disk_on_which_work_will_stop_is_loud(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitors.hosts.model.STOPS_WORK", 1 << 62)
    async with town.sitting(HostsScreen) as pilot:
        assert "work stops when it is full" in seen(pilot)
        assert "TOO FULL: work stops" in await press(pilot, "right")
