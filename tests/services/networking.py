"""Loopback ports for servers that a test starts."""

from __future__ import annotations

import socket
import time

HOST = "127.0.0.1"


def free_port() -> int:
    """Return a TCP port of the loopback interface that was free a moment ago."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        port: int = listener.getsockname()[1]
        return port


def wait_for_banner(port: int, banner: bytes, deadline: float) -> bool:
    """Wait until what listens on ``port`` sends ``banner``; False when ``deadline`` seconds have passed."""
    end = time.monotonic() + deadline
    while time.monotonic() < end:
        try:
            with socket.create_connection((HOST, port), timeout=1) as connection:
                if connection.recv(len(banner)) == banner:
                    return True
        except OSError:
            time.sleep(0.005)
    return False
