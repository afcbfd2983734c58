"""A network that goes dead without a word: the console notices within seconds, and leaves the result open."""

import ctypes
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from accesscontrol.sessions import ssh
from accesscontrol.sessions.transport import NOT_KNOWN, Command, Known
from tests.accesscontrol.sessions.targets import SLEEP, output_of, running_target, sleepers, until

_NEW_NETWORK = 0x4000_0000  # CLONE_NEWNET
NEAR, FAR = "10.231.77.1", "10.231.77.2"
NAMESPACE = f"sekisho-test-{os.getpid()}"
LINK = f"sk{os.getpid() % 1_000_000}"


def ip(*words: str) -> None:
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"a network of one's own needs root and the program ip: {done.stderr.strip()}")


@pytest.fixture
def network() -> Iterator[None]:
    """Make a network namespace from which this machine is reached through one link."""
    if os.geteuid() != 0:
        pytest.skip("a network of one's own needs root")
    ip("netns", "add", NAMESPACE)
    try:
        ip("link", "add", LINK, "type", "veth", "peer", "name", "eth0", "netns", NAMESPACE)
        ip("addr", "add", f"{NEAR}/30", "dev", LINK)
        ip("link", "set", LINK, "up")
        ip("-n", NAMESPACE, "addr", "add", f"{FAR}/30", "dev", "eth0")
        ip("-n", NAMESPACE, "link", "set", "eth0", "up")
        yield
    finally:
        subprocess.run(["ip", "netns", "del", NAMESPACE], check=False)  # the link goes with it


@contextmanager
def inside() -> Iterator[None]:
    """Make the sockets of this thread in the namespace."""
    libc = ctypes.CDLL(None, use_errno=True)
    with Path("/proc/thread-self/ns/net").open() as own, Path(f"/run/netns/{NAMESPACE}").open() as other:
        assert libc.setns(other.fileno(), _NEW_NETWORK) == 0
        try:
            yield
        finally:
            assert libc.setns(own.fileno(), _NEW_NETWORK) == 0


def test_a_link_that_goes_dead_is_noticed_and_the_result_is_not_known(
    network: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = socket.create_connection

    def from_inside(*words: Any, **options: Any) -> socket.socket:
        with inside():
            return plain(*words, **options)

    with running_target("127.0.0.1:1", f"ListenAddress {NEAR}") as target:
        monkeypatch.setattr(socket, "create_connection", from_inside)
        there = replace(target.host, address=NEAR, seen_from=f"{FAR}/32")
        transport = target.connect(target.certify(f"sleep {SLEEP}", host=there), address=NEAR)
        process = transport.start(Command.of(["sleep", SLEEP]))
        until(sleepers)
        ip("link", "set", LINK, "down")
        until(lambda: transport.lost, ssh.DEAD_LINK_SECONDS + 10)
        assert output_of(process) == b""
        assert (process.wait(5), process.known) == (NOT_KNOWN, Known.RUNNING)
        transport.close()
        target.kill_servers()  # its own ClientAlive would do so within seconds more
        until(lambda: not sleepers())
