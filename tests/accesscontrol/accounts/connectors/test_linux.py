"""User IDs of a real Linux host, this one, over a real OpenSSH server, and the traps that were measured there.

The accounts are made for the run and removed after it.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from accesscontrol.accounts.connectors import linux
from accesscontrol.accounts.connectors.linux import LinuxConnector, expiry_day
from accesscontrol.accounts.connectors.protocol import TemporaryPassword, Unreadable, Wanted
from accesscontrol.accounts.connectors.ssh_wire import SshHost, ask
from accesscontrol.clock import FixedClock, SystemClock
from accesscontrol.people.secret import Secret
from accesscontrol.refusals import Refusal
from tests.accesscontrol.accounts.connectors.linux_host import COMMAND, asked, seen
from tests.services.networking import HOST
from tests.services.sshd import SshServer, make_key, running_sshd

if os.geteuid() != 0:
    pytest.skip("only root can make accounts", allow_module_level=True)

TOKYO_END = datetime(2027, 3, 31, 15, 0, tzinfo=UTC)  # the end of 31 March in Japan
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[bool, SshServer]]:
    """The same host behind two servers: one that asks PAM, and one that doesn't."""
    with ExitStack() as stack:
        yield {
            pam: stack.enter_context(
                running_sshd(
                    f"UsePAM {'yes' if pam else 'no'}",
                    "AuthorizedKeysFile .ssh/authorized_keys /etc/ssh/sekisho-test-%u",
                )
            )
            for pam in (False, True)
        }


@pytest.fixture(scope="module")
def server(servers: dict[bool, SshServer]) -> SshServer:
    return servers[False]


@pytest.fixture(scope="module")
def console_key(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The console's key, on which the host forces its one command."""
    key = make_key(tmp_path_factory.mktemp("console") / "id_ed25519")
    granted = Path("/etc/ssh/sekisho-test-root")
    forced = f'command="{sys.executable} -I {COMMAND}",restrict {key.with_suffix(".pub").read_text()}'
    granted.write_text(forced)
    yield key
    granted.unlink()


@pytest.fixture(scope="module")
def host(server: SshServer, console_key: Path) -> SshHost:
    return SshHost(
        system="server-1",
        host=HOST,
        port=server.port,
        account="root",
        key_file=console_key,
        host_key=server.host_key.with_suffix(".pub").read_text(),
    )


@pytest.fixture
def connector(host: SshHost) -> LinuxConnector:
    """The host over SSH, as the console reaches it."""
    return over_ssh(host)


def over_ssh(host: SshHost) -> LinuxConnector:
    return LinuxConnector(host.system, partial(ask, host), SystemClock())


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder with a short name, as sockets need."""
    with tempfile.TemporaryDirectory(prefix="sk") as folder:
        yield Path(folder)


def lapse(connector: LinuxConnector, user: str) -> None:
    assert connector.block([user]) == {}
    assert connector.end_sessions([user]) == {}
    assert connector.strip([user]) == {}


def give_key(user: str, key: Path) -> None:
    """Let the account itself put a key into its file."""
    account = pwd.getpwnam(user)
    folder = Path(account.pw_dir) / ".ssh"
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / "authorized_keys").write_text("# mine\n" + key.with_suffix(".pub").read_text())
    for path in (folder, folder / "authorized_keys"):
        os.chown(path, account.pw_uid, account.pw_gid)


def ssh(server: SshServer, user: str, key: Path, *options: str) -> list[str]:
    line = server.ssh_command(key, "true")
    return [each.replace(f"{server.account}@", f"{user}@") for each in (*line[:-2], *options, *line[-2:])]


def signs_in(server: SshServer, user: str, key: Path, *options: str) -> bool:
    command = ssh(server, user, key, *options)
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0


@contextmanager
def shared_connection(server: SshServer, user: str, key: Path, folder: Path) -> Iterator[list[str]]:
    """Hold a connection of the account open and give the options by which further channels use it."""
    options = ["-o", f"ControlPath={folder}/%C"]
    command = ssh(server, user, key, "-M", "-N", "-f", *options)
    subprocess.run(command[:-1], stdin=subprocess.DEVNULL, capture_output=True, check=True)
    try:
        yield options
    finally:
        subprocess.run([*ssh(server, user, key, *options, "-O", "exit")], capture_output=True, check=False)


def test_an_id_is_issued_with_its_owner_its_groups_and_the_day_of_its_end(connector: LinuxConnector, user: str) -> None:
    connector.issue(
        Wanted(
            user_id=user, staff_number="S1004", display_name="鈴木, 一郎", entitlements=("users",), valid_to=TOKYO_END
        )
    )
    found = seen(connector, user)
    assert (found.enabled, found.staff_number, found.display_name) == (True, "S1004", "鈴木  一郎")
    assert (found.entitlements, found.sessions, found.remains) == (("users",), 0, ())
    assert found.valid_to == datetime(2027, 4, 1, tzinfo=UTC)
    assert found.native_id == str(pwd.getpwnam(user).pw_uid)
    assert (found.administrator, found.own, found.built_in) == (False, False, False)


def test_a_first_password_goes_over_as_a_hash_and_must_be_changed(direct: LinuxConnector, user: str) -> None:
    secret = Secret("Kakitsubata-Hashi-8")
    direct.issue(Wanted(user_id=user), TemporaryPassword(secret=secret, until=TOKYO_END))
    line = next(line for line in Path("/etc/shadow").read_text().splitlines() if line.startswith(f"{user}:"))
    stored, changed = line.split(":")[1:3]
    assert stored.startswith("$6$rounds=100000$")
    assert changed == "0"
    assert "Kakitsubata" not in line
    assert linux.AGED in seen(direct, user).doubts
    direct.set_password(user, TemporaryPassword(secret=Secret("Yukimi-Shoji-31"), until=TOKYO_END))
    assert f"{user}:{stored}" not in Path("/etc/shadow").read_text()


def test_a_change_brings_exactly_the_groups_and_the_day(direct: LinuxConnector, user: str) -> None:
    direct.issue(Wanted(user_id=user, entitlements=("users",), valid_to=TOKYO_END))
    assert direct.change([Wanted(user_id=user, entitlements=("games",))]) == {}
    found = seen(direct, user)
    assert (found.entitlements, found.valid_to) == (("games",), None)
    assert "no group nowhere" in direct.change([Wanted(user_id=user, entitlements=("nowhere",))])[user]


def test_a_lapse_leaves_no_way_in_no_session_and_nothing_that_remains(
    connector: LinuxConnector, servers: dict[bool, SshServer], user: str, ssh_key: Path
) -> None:
    connector.issue(Wanted(user_id=user, entitlements=("users",), valid_to=TOKYO_END))
    give_key(user, ssh_key)
    for server in servers.values():
        assert signs_in(server, user, ssh_key)
    crontab = Path("/var/spool/cron/crontabs") / user
    made = [path for path in (crontab.parent.parent, crontab.parent) if not path.exists()]
    crontab.parent.mkdir(parents=True, exist_ok=True)
    crontab.write_text("* * * * * true\n")
    try:
        worker = subprocess.Popen(["sleep", "600"], user=user, stdin=subprocess.DEVNULL)
        found = seen(connector, user)
        assert (found.sessions, found.remains, found.lapsed) == (1, ("key", "crontabs"), False)
        lapse(connector, user)
        assert worker.wait() == -9
        assert not crontab.exists()
    finally:
        crontab.unlink(missing_ok=True)
        for path in reversed(made):
            path.rmdir()
    found = seen(connector, user)
    assert found.lapsed
    assert found.valid_to == datetime(1970, 1, 2, tzinfo=UTC)
    give_key(user, ssh_key)
    for server in servers.values():
        assert not signs_in(server, user, ssh_key)


def test_a_certificate_opens_nothing_after_the_lapse(
    direct: LinuxConnector, servers: dict[bool, SshServer], user: str, ssh_key: Path
) -> None:
    direct.issue(Wanted(user_id=user, valid_to=TOKYO_END))
    for server in servers.values():
        certificate = ssh_key.with_name("id_ed25519-cert.pub")
        certificate.unlink(missing_ok=True)
        subprocess.run(
            ["ssh-keygen", "-q", "-s", server.user_ca, "-I", "t", "-n", user, "-V", "+10m", f"{ssh_key}.pub"],
            check=True,
        )
        assert signs_in(server, user, ssh_key)
        lapse(direct, user)
        assert not signs_in(server, user, ssh_key)
        assert direct.change([Wanted(user_id=user, valid_to=TOKYO_END)]) == {}


# Traps, each measured on this host.


@pytest.mark.parametrize(
    ("end", "day"),
    [
        (TOKYO_END, "2027-04-01"),  # midnight in Japan: the same date, at 09:00 there
        (datetime(2027, 4, 1, tzinfo=UTC), "2027-04-01"),
        (datetime(2027, 4, 1, 0, 0, 0, 1, tzinfo=UTC), "2027-04-02"),
        (datetime(2027, 3, 31, 8, 30, tzinfo=UTC), "2027-04-01"),
        (datetime(1969, 1, 1, tzinfo=UTC), "1970-01-02"),
    ],
)
def test_the_day_that_is_pushed_never_cuts_the_last_working_day_short(end: datetime, day: str) -> None:
    assert (datetime(1970, 1, 1, tzinfo=UTC) + expiry_day(end) * DAY).date().isoformat() == day


def test_on_the_day_of_expiry_only_pam_refuses_so_that_it_counts_as_open(
    direct: LinuxConnector, servers: dict[bool, SshServer], user: str, ssh_key: Path
) -> None:
    direct.issue(Wanted(user_id=user))
    give_key(user, ssh_key)
    today = datetime.now(UTC).date()
    subprocess.run(["chage", "-E", today.isoformat(), user], check=True)
    assert {pam: signs_in(server, user, ssh_key) for pam, server in servers.items()} == {False: True, True: False}
    assert seen(direct, user).enabled
    subprocess.run(["chage", "-E", (today - DAY).isoformat(), user], check=True)
    assert {pam: signs_in(server, user, ssh_key) for pam, server in servers.items()} == {False: False, True: False}
    assert not seen(direct, user).enabled


def test_day_zero_is_never_pushed_and_counts_as_open(direct: LinuxConnector, user: str) -> None:
    direct.issue(Wanted(user_id=user))
    assert (
        "not a day" in asked({"act": "change", "items": [{"name": user, "groups": [], "expires": 0}]})["failures"][user]
    )
    subprocess.run(["chage", "-E", "0", user], check=True)
    found = seen(direct, user)
    assert (found.enabled, found.valid_to, found.doubts) == (True, None, (linux.ZERO,))


def test_a_locked_password_still_admits_keys_where_pam_is_asked(
    direct: LinuxConnector, servers: dict[bool, SshServer], user: str, ssh_key: Path
) -> None:
    direct.issue(Wanted(user_id=user))
    give_key(user, ssh_key)
    subprocess.run(["usermod", "-L", user], check=True)
    assert {pam: signs_in(server, user, ssh_key) for pam, server in servers.items()} == {False: False, True: True}
    assert seen(direct, user).enabled


def test_a_password_that_is_too_old_stops_keys_only_where_pam_is_asked(
    direct: LinuxConnector, servers: dict[bool, SshServer], user: str, ssh_key: Path
) -> None:
    direct.issue(Wanted(user_id=user), TemporaryPassword(secret=Secret("x" * 12), until=TOKYO_END))
    give_key(user, ssh_key)
    assert {pam: signs_in(server, user, ssh_key) for pam, server in servers.items()} == {False: True, True: False}
    found = seen(direct, user)
    assert (found.enabled, found.doubts) == (True, (linux.AGED,))


def test_a_shared_connection_opens_new_channels_until_its_processes_are_killed(
    direct: LinuxConnector, server: SshServer, user: str, ssh_key: Path, short: Path
) -> None:
    direct.issue(Wanted(user_id=user, valid_to=TOKYO_END))
    give_key(user, ssh_key)
    with shared_connection(server, user, ssh_key, short) as options:
        subprocess.run(["usermod", "-L", "-e", "1", user], check=True)
        (Path(pwd.getpwnam(user).pw_dir) / ".ssh" / "authorized_keys").unlink()
        assert signs_in(server, user, ssh_key, *options)
        assert not signs_in(server, user, ssh_key)
        assert seen(direct, user).sessions == 1
        lapse(direct, user)
        assert seen(direct, user).sessions == 0
        assert not signs_in(server, user, ssh_key, *options)


def test_a_session_outlives_its_certificate_until_it_is_ended(
    direct: LinuxConnector, server: SshServer, user: str, ssh_key: Path, short: Path
) -> None:
    direct.issue(Wanted(user_id=user, valid_to=TOKYO_END))
    until = datetime.now(UTC) + timedelta(seconds=3)
    validity = f"20200101000000Z:{until:%Y%m%d%H%M%S}Z"
    certify: list[str | Path] = [
        "ssh-keygen",
        "-q",
        "-s",
        server.user_ca,
        "-I",
        "t",
        "-n",
        user,
        "-V",
        validity,
        f"{ssh_key}.pub",
    ]
    subprocess.run(certify, check=True)
    with shared_connection(server, user, ssh_key, short) as options:
        while signs_in(server, user, ssh_key):
            assert datetime.now(UTC) < until + timedelta(seconds=20)
        assert signs_in(server, user, ssh_key, *options)
        lapse(direct, user)
        assert not signs_in(server, user, ssh_key, *options)


def test_a_number_is_never_given_out_again(direct: LinuxConnector, user: str) -> None:
    direct.issue(Wanted(user_id=user))
    number = seen(direct, user).native_id
    (Path(pwd.getpwnam(user).pw_dir) / "paper").write_text("left behind")
    home = Path(pwd.getpwnam(user).pw_dir)
    subprocess.run(["userdel", user], capture_output=True, check=False)
    try:
        assert home.stat().st_uid == int(number)  # the files stay under the bare number
        direct.issue(Wanted(user_id=f"{user}-b", native_ids_taken=(number,)))
        assert int(seen(direct, f"{user}-b").native_id) > int(number)
    finally:
        shutil.rmtree(home)


def test_the_system_s_own_accounts_are_read_and_told_apart(connector: LinuxConnector) -> None:
    reading = connector.read()
    found = {each.user_id: each for each in reading.accounts}
    assert (found["root"].own, found["root"].administrator, found["root"].built_in) == (True, True, True)
    assert (found["daemon"].enabled, found["daemon"].built_in) == (False, True)
    assert (found["nobody"].enabled, found["nobody"].built_in) == (False, True)
    assert abs(reading.skew) < timedelta(seconds=30)
    slow = LinuxConnector("server-1", asked, FixedClock(datetime.now(UTC) - timedelta(minutes=5)))
    assert timedelta(minutes=5) <= slow.read().skew < timedelta(minutes=6)


def test_a_host_that_is_down_or_another_one_is_unreadable(host: SshHost, server: SshServer, tmp_path: Path) -> None:
    other = make_key(tmp_path / "other").with_suffix(".pub").read_text()
    changes: tuple[dict[str, Any], ...] = (
        {"port": 1},
        {"host_key": other},
        {"host_key": "ssh-ed25519 nonsense"},
        {"key_file": tmp_path / "other"},
        {"key_file": tmp_path / "missing"},
    )
    for changed in changes:
        with pytest.raises(Unreadable):
            over_ssh(replace(host, **changed)).read()


def test_an_issue_that_the_host_refuses_says_why(direct: LinuxConnector) -> None:
    with pytest.raises(Refusal, match="not a usable name"):
        direct.issue(Wanted(user_id="Not A Name"))
