"""The forced command of a managed Linux host trusts nothing that it is sent, and what its facts mean."""

from __future__ import annotations

import importlib.util
import os
import pwd
import struct
from datetime import UTC, datetime
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any

import pytest

from accesscontrol.accounts.connectors import linux
from accesscontrol.accounts.connectors.linux import LinuxConnector, observed
from accesscontrol.accounts.connectors.protocol import Wanted
from tests.accesscontrol.accounts.connectors.linux_host import COMMAND, asked, seen

if os.geteuid() != 0:
    pytest.skip("only root can make accounts", allow_module_level=True)


@pytest.mark.parametrize("act", ["block", "strip", "end-sessions", "change", "set-password"])
def test_accounts_of_the_system_and_names_that_are_none_are_never_touched(act: str) -> None:
    names = ["root", "daemon", "nobody", "no-such-one", "a b", "-x", "x;id", "../etc", "", 7, None]
    files = [Path(path) for path in ("/etc/passwd", "/etc/shadow", "/etc/group")]
    before = [path.read_bytes() for path in files]
    item = {"groups": [], "expires": 1, "password": "$6$abcdefgh$abcdefgh"}
    answer = asked({"act": act, "items": [item | {"name": name} for name in names]})
    assert list(answer["failures"]) == [str(name) for name in names]
    assert [path.read_bytes() for path in files] == before


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Root"},
        {"name": "x" * 33},
        {"comment": "a:b"},
        {"comment": "a\nb"},
        {"groups": ["no such group"]},
        {"groups": "sudo"},
        {"expires": "2027-04-01"},
        {"expires": True},
        {"password": "cleartext"},
        {"password": "$6$x:0:0"},
    ],
)
def test_an_argument_that_is_not_as_agreed_makes_no_account(user: str, change: dict[str, object]) -> None:
    item = {"name": user, "comment": "x", "groups": [], "expires": None, "taken": []} | change
    assert len(asked({"act": "issue", "items": [item]})["failures"]) == 1
    assert user not in {account.pw_name for account in pwd.getpwall()}


@pytest.mark.parametrize("question", [{}, {"act": "shell"}, {"act": "block"}, [], {"act": "look"}])
def test_a_question_that_is_none_is_refused(question: Any) -> None:
    assert "refused" in asked(question)


def test_a_folder_that_leads_elsewhere_costs_nobody_else_a_file(
    direct: LinuxConnector, user: str, tmp_path: Path
) -> None:
    direct.issue(Wanted(user_id=user))
    account = pwd.getpwnam(user)
    tmp_path.chmod(0o755)
    (tmp_path / "authorized_keys").write_text("ssh-ed25519 AAAA of-somebody-else\n")
    link = Path(account.pw_dir) / ".ssh"
    link.symlink_to(tmp_path)
    os.lchown(link, account.pw_uid, account.pw_gid)
    assert "can't be removed" in direct.strip([user])[user]
    assert (tmp_path / "authorized_keys").exists()
    assert seen(direct, user).remains == ("key",)


def test_a_key_file_that_is_a_pipe_does_not_hold_the_reading_up(direct: LinuxConnector, user: str) -> None:
    direct.issue(Wanted(user_id=user))
    folder = Path(pwd.getpwnam(user).pw_dir) / ".ssh"
    folder.mkdir()
    os.mkfifo(folder / "authorized_keys")
    assert seen(direct, user).remains == ("key",)


# What the host's facts mean, without a host.


def facts(**changed: object) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "name": "hana",
        "uid": 1001,
        "comment": "",
        "shell": "/bin/bash",
        "password": "none",
        "expires": None,
        "aged": False,
        "groups": [],
        "keys": 0,
        "shared_key": False,
        "must_change": False,
        "jobs": [],
        "sessions": 0,
        "last_use": None,
        "in_sudoers": False,
    }
    return usual | changed


@pytest.mark.parametrize(
    ("changed", "enabled"),
    [
        ({}, True),  # a certificate or another account may still open it
        ({"shell": "/usr/sbin/nologin"}, False),
        ({"shell": "/usr/sbin/nologin", "keys": 1}, True),
        ({"shell": "/bin/false", "password": "set"}, True),
        ({"shell": "/bin/false", "password": "empty"}, True),
        ({"shell": "/bin/false", "password": "locked"}, False),
        ({"expires": 99}, False),
        ({"expires": 100}, True),
        ({"expires": 0}, True),
    ],
)
def test_an_account_is_open_as_long_as_anything_lets_it_in(changed: dict[str, object], *, enabled: bool) -> None:
    answer = {"now": 100 * 86400.0 + 1, "own": "sekisho", "administrators": ["sudo"]}
    assert observed(facts(**changed), answer).enabled is enabled


def test_what_the_facts_tell_besides() -> None:
    answer = {"now": 1.0, "own": "hana", "administrators": ["sudo"]}
    found = observed(facts(groups=["sudo"], last_use=86400, in_sudoers=True, password="empty"), answer)
    assert (found.own, found.administrator, found.last_use) == (True, True, datetime(1970, 1, 2, tzinfo=UTC))
    assert found.doubts == (linux.EMPTY, linux.SUDOERS)


def test_the_last_use_comes_from_wtmp_because_lastlog_is_off_by_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loader = SourceFileLoader("sekisho_accounts", str(COMMAND))
    specification = importlib.util.spec_from_loader("sekisho_accounts", loader)
    assert specification is not None
    command = importlib.util.module_from_spec(specification)
    loader.exec_module(command)
    record = struct.Struct("<hxxi32s4s32s256shhiii16s20x")
    lines = [(7, b"hana", 1000), (7, b"hana", 2000), (8, b"hana", 3000), (7, b"taro", 1500)]
    written = b"".join(record.pack(kind, 1, b"pts/0", b"", name, b"", 0, 0, 0, at, 0, b"") for kind, name, at in lines)
    (tmp_path / "wtmp").write_bytes(written + b"half a record")
    monkeypatch.setattr(command, "WTMP", str(tmp_path / "wtmp"))
    assert command.last_uses() == {"hana": 2000, "taro": 1500}
    monkeypatch.setattr(command, "WTMP", str(tmp_path / "missing"))
    assert command.last_uses() == {}
