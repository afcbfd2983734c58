"""What becomes of the keys of an ID that lapses on a real Linux host, and of everybody else's there.

sshd refuses all keys of everybody while its list of revoked keys is missing or damaged, so the list is never either.
"""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest

from accesscontrol.accounts.connectors import linux
from accesscontrol.accounts.connectors.linux import LinuxConnector
from accesscontrol.accounts.connectors.protocol import Wanted
from tests.accesscontrol.accounts.connectors.linux_host import new_name, seen
from tests.accesscontrol.accounts.connectors.test_linux import give_key, signs_in
from tests.services.sshd import SshServer, make_key, running_sshd

if os.geteuid() != 0:
    pytest.skip("only root can make accounts", allow_module_level=True)

LIST = Path("/etc/ssh/sekisho-revoked-keys")


@pytest.fixture(scope="module")
def server() -> Iterator[SshServer]:
    """This host behind a server that asks the list."""
    with running_sshd("UsePAM no", "AuthorizedKeysFile .ssh/authorized_keys", f"RevokedKeys {LIST}") as server:
        yield server


@pytest.fixture
def revoked() -> Iterator[Path]:
    """The list as the host's administrator makes it: empty."""
    subprocess.run(["ssh-keygen", "-q", "-k", "-f", LIST], check=True)
    yield LIST
    LIST.unlink(missing_ok=True)


@pytest.fixture
def colleague(direct: LinuxConnector, thrown_away: None, tmp_path: Path) -> tuple[str, Path]:
    """Somebody who goes on working, and their key."""
    return somebody(direct, tmp_path / "colleague")


def somebody(direct: LinuxConnector, folder: Path) -> tuple[str, Path]:
    folder.mkdir(mode=0o700)
    key, name = make_key(folder / "key"), new_name()
    direct.issue(Wanted(user_id=name))
    give_key(name, key)
    return name, key


def lapse(direct: LinuxConnector, user: str) -> None:
    for step in (direct.block, direct.end_sessions, direct.strip):
        assert step([user]) == {}


def write_keys(user: str, text: str) -> Path:
    account = pwd.getpwnam(user)
    file = Path(account.pw_dir) / ".ssh" / "authorized_keys"
    file.parent.mkdir(mode=0o700, exist_ok=True)
    file.write_text(text)
    for path in (file.parent, file):
        os.chown(path, account.pw_uid, account.pw_gid)
    return file


def public(key: Path) -> str:
    return key.with_suffix(".pub").read_text()


def is_revoked(key: Path) -> bool:
    done = subprocess.run(["ssh-keygen", "-Q", "-f", LIST, key.with_suffix(".pub")], capture_output=True, check=False)
    return done.returncode != 0


def test_a_list_that_is_missing_or_cut_shuts_everybody_out(
    server: SshServer, colleague: tuple[str, Path], revoked: Path
) -> None:
    assert signs_in(server, *colleague)
    whole = revoked.read_bytes()
    revoked.write_bytes(whole[: len(whole) // 2])
    assert not signs_in(server, *colleague)
    revoked.unlink()
    assert not signs_in(server, *colleague)


@pytest.mark.parametrize("plain", [False, True])
def test_the_keys_of_whoever_lapses_open_no_account_any_more_and_all_others_do(
    direct: LinuxConnector,
    server: SshServer,
    colleague: tuple[str, Path],
    revoked: Path,
    tmp_path: Path,
    *,
    plain: bool,
) -> None:
    if plain:
        revoked.write_text(f"# lost in 2025\n{public(make_key(tmp_path / 'lost'))}")
    leaver, key = somebody(direct, tmp_path / "leaver")
    write_keys(leaver, f'from="127.0.0.1",command="echo ssh-ed25519 AAAA" {public(key)}')
    lapse(direct, leaver)
    assert seen(direct, leaver).lapsed
    assert is_revoked(key)
    assert not plain or is_revoked(tmp_path / "lost")
    name, own = colleague
    write_keys(name, public(own) + public(key))  # a hand puts it back, under another account
    assert not signs_in(server, name, key)
    assert signs_in(server, name, own)


def test_nobody_is_shut_out_by_what_a_leaver_wrote_into_an_own_file(
    direct: LinuxConnector, server: SshServer, colleague: tuple[str, Path], revoked: Path, tmp_path: Path
) -> None:
    leaver, key = somebody(direct, tmp_path / "leaver")
    authority = Path("/etc/ssh/sekisho/session_ca.pub")
    made = not authority.parent.exists()
    authority.parent.mkdir(exist_ok=True)
    kept = authority.read_bytes() if authority.exists() else None
    authority.write_text(public(server.user_ca))
    try:
        no_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAnonsensenonsensenonsense\n"
        write_keys(leaver, public(key) + public(colleague[1]) + public(server.user_ca) + no_key)
        assert seen(direct, leaver).doubts == (linux.SHARED,)
        assert seen(direct, colleague[0]).doubts == (linux.SHARED,)
        lapse(direct, leaver)
        assert is_revoked(key)
        assert not is_revoked(colleague[1])
        assert not is_revoked(server.user_ca)
        assert signs_in(server, *colleague)
        assert seen(direct, colleague[0]).doubts == ()
    finally:
        authority.unlink()
        if kept is not None:
            authority.write_bytes(kept)
        elif made:
            authority.parent.rmdir()


def test_whoever_reads_the_list_while_it_grows_finds_it_whole(
    direct: LinuxConnector, revoked: Path, tmp_path: Path
) -> None:
    leavers = [somebody(direct, tmp_path / f"leaver{number}") for number in range(4)]
    found: set[bytes] = set()
    over = Event()

    def watch() -> None:
        while not over.is_set():
            found.add(revoked.read_bytes())

    watching = Thread(target=watch)
    watching.start()
    lapsing = [Thread(target=direct.strip, args=([leaver],)) for leaver, _ in leavers]  # all at once
    for thread in lapsing:
        thread.start()
    for thread in lapsing:
        thread.join()
    over.set()
    watching.join()
    assert len(found) > 1
    for number, content in enumerate(found):
        copy = tmp_path / f"list{number}"
        copy.write_bytes(content)
        subprocess.run(["ssh-keygen", "-Q", "-l", "-f", copy], check=True, capture_output=True)
    assert all(is_revoked(key) for _, key in leavers)
    assert not revoked.with_name(f"{revoked.name}.new").exists()


def test_a_list_that_can_t_be_read_keeps_the_lapse_open_and_costs_no_other_step(
    direct: LinuxConnector, colleague: tuple[str, Path], revoked: Path
) -> None:
    name, key = colleague
    assert direct.change([Wanted(user_id=name, entitlements=("users",))]) == {}
    revoked.write_bytes(revoked.read_bytes()[:20])
    direct.block([name])
    assert "ssh-keygen" in direct.strip([name])[name]
    found = seen(direct, name)
    assert (found.entitlements, found.remains) == ((), ("key",))
    subprocess.run(["ssh-keygen", "-q", "-k", "-f", revoked], check=True)
    assert direct.strip([name]) == {}
    assert seen(direct, name).lapsed
    assert is_revoked(key)


def test_a_folder_that_was_closed_against_the_lapse_keeps_no_key(
    direct: LinuxConnector, colleague: tuple[str, Path]
) -> None:
    name, _key = colleague
    folder = Path(pwd.getpwnam(name).pw_dir) / ".ssh"
    folder.chmod(0o500)
    lapse(direct, name)
    assert seen(direct, name).lapsed
