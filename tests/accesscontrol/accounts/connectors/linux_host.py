"""What the tests of Linux accounts share: the forced command, asked directly, and accounts that are thrown away."""

from __future__ import annotations

import json
import os
import pwd
import subprocess
import sys
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from accesscontrol.accounts.connectors import linux
from accesscontrol.accounts.connectors.linux import LinuxConnector
from accesscontrol.accounts.connectors.protocol import ObservedAccount

COMMAND = Path(linux.__file__).parent / "target" / "sekisho-accounts"
_PREFIX = f"sk{os.getpid() % 100_000}"
_numbers = count(1)


def require_root() -> None:
    """Skip where nobody may make accounts."""
    if os.geteuid() != 0:
        pytest.skip("only root can make accounts")


def new_name() -> str:
    """Return a name of an account that no other test uses."""
    return f"{_PREFIX}-{next(_numbers)}"


def throw_away() -> None:
    """Remove every account that this run made."""
    for account in pwd.getpwall():
        if account.pw_name.startswith(_PREFIX):
            subprocess.run(["userdel", "-r", "-f", account.pw_name], capture_output=True, check=False)


def asked(question: dict[str, Any]) -> dict[str, Any]:
    """Ask the forced command directly, as whoever holds the console's key could."""
    done = subprocess.run(
        [sys.executable, "-I", COMMAND], input=json.dumps(question), capture_output=True, text=True, check=True
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def seen(connector: LinuxConnector, user: str) -> ObservedAccount:
    return connector.look([user])[user]
