"""The list of revoked certificates belongs to an account that no session reaches, and that does nothing else."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from accesscontrol.clock import SystemClock
from accesscontrol.refusals import Refusal
from accesscontrol.sessions import ssh
from accesscontrol.sessions.authority import Credential, keeper_principal, revocations_command
from accesscontrol.sessions.delivery import deliver
from accesscontrol.sessions.hosts import find
from accesscontrol.sessions.ssh import NotLetIn, SshTransport
from accesscontrol.sessions.transport import NOT_RUN
from tests.accesscontrol.requests.city import City
from tests.accesscontrol.sessions.halls import furnish, register
from tests.accesscontrol.sessions.targets import MARK, Target, output_of, running_target

if os.geteuid() != 0:
    pytest.skip("missing: two accounts, which only root can sign in to", allow_module_level=True)

DIGEST = "ab" * 32


@pytest.fixture(scope="module")
def shared() -> Iterator[Target]:
    with running_target() as running:
        yield running


@pytest.fixture
def target(shared: Target) -> Target:
    shared.revoke(41)
    return shared


def kept(target: Target) -> Path:
    return target.folder / "kept" / "revoked"


def bringing(target: Target) -> Credential:
    """Return the certificate that brings a list, as the console makes it."""
    return target.authority.certify_revocations(target.host, DIGEST, at=SystemClock().now(), mark=MARK)


def connected(target: Target, credential: Credential, account: str) -> SshTransport:
    return ssh.connect(target.host, credential, changed=lambda _shown: Refusal("changed"), account=account)


def asked_for_both(target: Target) -> tuple[bytes, int | None]:
    """Return what a session's command wrote, and how it ended."""
    transport = target.connect(target.certify("both"))
    process = transport.ask("both")
    told = output_of(process), process.wait(5)
    transport.close()
    return told


def test_each_certificate_signs_in_to_its_own_account_alone(target: Target) -> None:
    with pytest.raises(NotLetIn):
        connected(target, target.certify("both"), target.host.keeper)
    with pytest.raises(NotLetIn):
        connected(target, bringing(target), target.host.account)


def test_what_runs_in_a_session_can_change_nothing_of_the_list_that_ends_it(target: Target) -> None:
    before = kept(target).read_bytes(), kept(target).stat()
    transport = target.connect(target.certify("change-list"))
    process = transport.ask("change-list")
    assert (output_of(process), process.wait(5)) == (b"", 0)
    transport.close()
    assert (kept(target).read_bytes(), kept(target).stat()) == before
    assert [each.name for each in kept(target).parent.iterdir()] == ["revoked"]


def test_the_gate_takes_no_list_from_a_session_even_if_one_was_approved(target: Target) -> None:
    asked = revocations_command(DIGEST)
    transport = target.connect(target.certify(asked))
    process = transport.ask(asked)
    process.send(b"anything")
    assert (output_of(process), process.wait(5)) == (b"", NOT_RUN)
    transport.close()


@pytest.mark.parametrize(
    "asked", ["both", "env", "tunnel 127.0.0.1:1", revocations_command("cd" * 32), "id", "sh -c id"]
)
def test_whoever_brings_the_list_can_do_nothing_else(target: Target, asked: str) -> None:
    transport = connected(target, bringing(target), target.host.keeper)
    process = transport.ask(asked)
    assert (output_of(process), process.wait(5)) == (b"", NOT_RUN)
    transport.close()


BYPASSES = {
    "shell": ([], []),
    "a command": ([], ["id"]),
    "the environment": (["-o", "SetEnv=LD_PRELOAD=/tmp/x BASH_ENV=/tmp/x"], ["id"]),
    "a terminal": (["-tt"], ["id"]),
    "the agent": (["-A"], ["id"]),
    "sftp": (["-s"], ["sftp"]),
    "scp": ([], ["scp -t /tmp/x; id"]),
    "forwarding": (["-W", "127.0.0.1:22"], []),
}


@pytest.mark.parametrize("name", BYPASSES)
def test_its_certificate_if_stolen_opens_no_way_around_the_gate(target: Target, tmp_path: Path, name: str) -> None:
    options, words = BYPASSES[name]
    thief = replace(target, server=replace(target.server, account=target.host.keeper))
    client = [*thief.client(bringing(target), tmp_path, *options), *words]
    done = subprocess.run(client, stdin=subprocess.DEVNULL, capture_output=True, timeout=20, check=False)
    assert done.returncode != 0
    assert b"uid=" not in done.stdout + done.stderr
    assert b"SSH-" not in done.stdout


@pytest.mark.parametrize("asked", ["both", "tunnel 127.0.0.1:1"])
def test_the_account_of_the_list_runs_nothing_even_if_the_authority_had_certified_it(
    target: Target, asked: str
) -> None:
    now = SystemClock().now()
    window = now - timedelta(minutes=1), now + timedelta(minutes=5)
    credential = target.authority._issue(target.host, keeper_principal(target.host), "R", 7, [asked], *window, MARK)
    transport = connected(target, credential, target.host.keeper)
    process = transport.ask(asked)
    assert (output_of(process), process.wait(5)) == (b"", NOT_RUN)
    transport.close()


@pytest.mark.parametrize("place", ["revoked", ""])
def test_nothing_runs_where_the_list_or_its_folder_belongs_to_the_account_of_sessions(
    target: Target, place: str
) -> None:
    path = kept(target).parent / place
    shutil.chown(path, target.host.account)
    try:
        assert asked_for_both(target) == (b"", NOT_RUN)
    finally:
        shutil.chown(path, target.host.keeper)


def test_nothing_runs_where_others_can_write_the_list(target: Target) -> None:
    kept(target).parent.chmod(0o777)
    try:
        assert asked_for_both(target) == (b"", NOT_RUN)
    finally:
        kept(target).parent.chmod(0o755)


def test_a_host_whose_account_for_the_list_is_missing_is_told_with_what_mends_it(city: City, target: Target) -> None:
    furnish(city, target)
    register(city, target, keeper="nobody-here")
    with pytest.raises(Refusal, match=r"account nobody-here.*sessions trust register-db"):
        deliver(city.store, target.authority, find(city.store, "register-db"))
