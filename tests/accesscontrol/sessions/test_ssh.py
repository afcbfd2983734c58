"""The way over SSH: what the target itself refuses, what the guards hold, and what an end tells."""

import logging
import socket
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import paramiko
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from accesscontrol.clock import SystemClock
from accesscontrol.refusals import Refusal
from accesscontrol.sessions import ssh
from accesscontrol.sessions.authority import Authority
from accesscontrol.sessions.ssh import NotLetIn, SshTransport
from accesscontrol.sessions.transport import NOT_KNOWN, Command, Known
from tests.accesscontrol.sessions.targets import SLEEP, Target, output_of, running_target, sleepers, until
from tests.services.sshd import make_key

HELLO = "echo hello residents 3 2026-11-24"
SLEEPING = f"sleep {SLEEP}"


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    with running_target() as running:
        yield running


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    yield
    until(lambda: not sleepers())


def command(text: str) -> Command:
    return Command.of(text.split())


def run(transport: SshTransport, text: str) -> tuple[bytes, int | None]:
    process = transport.start(command(text))
    output = output_of(process)
    status = process.wait(5)
    process.close()
    return output, status


def test_an_approved_command_runs_and_says_how_it_ended(target: Target) -> None:
    transport = target.connect(target.certify(HELLO, "both"))
    assert run(transport, HELLO) == (b"hello residents 3 2026-11-24\n", 0)
    assert run(transport, "both") == (b"out\nerr\n", 3)
    transport.close()


# -- what the target itself refuses -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("begin", "end", "said"),
    [(-120, -60, "Certificate invalid: expired"), (60, 120, "Certificate invalid: not yet valid")],
)
def test_outside_its_window_the_target_does_not_let_it_in(target: Target, begin: int, end: int, said: str) -> None:
    now = SystemClock().now()
    window = {"not_before": now + timedelta(seconds=begin), "until": now + timedelta(seconds=end)}
    with pytest.raises(Refusal, match="does not let the session in"):
        target.connect(target.certify(HELLO, **window))
    until(lambda: said in target.log())


def test_from_another_address_the_target_does_not_let_it_in(target: Target) -> None:
    elsewhere = replace(target.host, seen_from="192.0.2.0/24")
    with pytest.raises(Refusal, match="does not let the session in"):
        target.connect(target.certify(HELLO, host=elsewhere))


def test_a_revoked_serial_is_not_let_in_and_others_are(target: Target) -> None:
    target.revoke(41, 43)
    try:
        with pytest.raises(Refusal, match="does not let the session in"):
            target.connect(target.certify(HELLO, serial=43))
        target.connect(target.certify(HELLO, serial=42)).close()
    finally:
        target.revoke()


def test_a_certificate_for_another_host_is_not_let_in(target: Target) -> None:
    with pytest.raises(NotLetIn):
        target.connect(target.certify(HELLO, host=replace(target.host, name="register-test")))


def test_another_authority_s_certificate_is_not_let_in(target: Target) -> None:
    foreign = Target(target.server, target.folder, target.host, Authority(Ed25519PrivateKey.generate()))
    with pytest.raises(Refusal, match="does not let the session in"):
        target.connect(foreign.certify(HELLO))


def test_the_gate_runs_nothing_but_what_was_approved_and_is_on_the_host_s_list(target: Target) -> None:
    transport = target.connect(target.certify(HELLO, "rm everything"))
    for text in ("sleep 1", "echo hello residents 4 2026-11-24", "rm everything"):
        process = transport.start(command(text))
        assert output_of(process) == b""
        assert (process.wait(5), process.known) == (126, Known.NOT_BEGUN)
    transport.close()


def test_a_host_that_shows_another_key_gets_nothing(target: Target, tmp_path: Path) -> None:
    other = " ".join(make_key(tmp_path / "other").with_suffix(".pub").read_text().split()[:2])
    before = target.log().count("Connection from")
    with pytest.raises(Refusal, match="changed"):
        target.connect(target.certify(HELLO), host_key=other)
    until(lambda: target.log().count("Connection from") > before)
    assert "Accepted publickey" not in target.log().rpartition("Connection from")[2]


# -- bypasses -----------------------------------------------------------------------------------------

BYPASSES = {
    "shell": ([], []),
    "another command": ([], ["id"]),
    "a command behind ours": ([], [f"{HELLO}; id"]),
    "a substitution": ([], [f"{HELLO} $(id)"]),
    "a line break": ([], [f"{HELLO}\nid"]),
    "a quoted argument": ([], ["echo hello 'residents' 3 2026-11-24"]),
    "nothing": ([], [""]),
    "a variable in the environment": (["-o", "SetEnv=LD_PRELOAD=/tmp/x BASH_ENV=/tmp/x"], ["id"]),
    "a terminal": (["-tt"], ["id"]),
    "the agent": (["-A"], ["id"]),
    "X11": (["-X"], ["id"]),
    "sftp": (["-s"], ["sftp"]),
    "scp's old way": ([], ["scp -t /tmp/x; id"]),
    "a tunnel device": (["-w", "any"], ["id"]),
}


@pytest.mark.parametrize("name", BYPASSES)
def test_a_stolen_certificate_opens_no_way_around_the_gate(target: Target, tmp_path: Path, name: str) -> None:
    options, words = BYPASSES[name]
    client = target.client(target.certify(HELLO), tmp_path, *options)
    done = subprocess.run([*client, *words], stdin=subprocess.DEVNULL, capture_output=True, timeout=20, check=False)
    assert done.returncode != 0
    assert b"uid=" not in done.stdout + done.stderr
    assert b"residents" not in done.stdout


def test_no_forwarding_is_let_through(target: Target, tmp_path: Path) -> None:
    client = target.client(target.certify(HELLO), tmp_path, "-W", f"127.0.0.1:{target.server.port}")
    done = subprocess.run(client, stdin=subprocess.DEVNULL, capture_output=True, timeout=20, check=False)
    assert b"SSH-" not in done.stdout
    assert b"administratively prohibited" in done.stderr
    transport = target.connect(target.certify(HELLO))
    with pytest.raises(paramiko.SSHException):
        transport._transport.request_port_forward("127.0.0.1", 0)
    transport.close()


def test_a_program_sees_none_of_the_client_s_environment(target: Target, tmp_path: Path) -> None:
    client = target.client(target.certify("env"), tmp_path, "-o", "SetEnv=LC_ALL=evil PATH=/tmp")
    with subprocess.Popen([*client, "env"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        lines = [line for line in process.stdout.read().decode().split("\n") if "SEKISHO" not in line]
    assert sorted(lines) == ["", "LANG=C.UTF-8", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"]


def test_without_a_declared_tunnel_none_opens(target: Target) -> None:
    transport = target.connect(target.certify(HELLO))
    with pytest.raises(Refusal, match="does not open the tunnel"), transport.tunnel():
        pass
    transport.close()


# -- ends ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [pytest.param(SLEEPING, id="sleeping"), "leave-behind", "stubborn"])
def test_letting_go_ends_it_and_all_that_it_started(target: Target, text: str) -> None:
    transport = target.connect(target.certify(text))
    process = transport.start(command(text))
    until(sleepers)
    process.end()
    output_of(process)
    assert (process.wait(10), process.known) == (125, Known.ENDED)
    assert not sleepers()
    transport.close()


def test_a_command_that_closes_its_output_runs_on_until_it_is_let_go(target: Target) -> None:
    transport = target.connect(target.certify("close-output"))
    process = transport.start(command("close-output"))
    while (data := process.read(5)) is None:
        pass
    assert data == b"first\n"
    assert process.read(0.1) is None
    process.end()
    assert output_of(process) == b""
    assert process.wait(5) == 125
    transport.close()


def test_letting_go_in_the_middle_of_a_flood_and_of_a_key_exchange_ends_it(target: Target) -> None:
    transport = target.connect(target.certify("endless"))
    process = transport.start(command("endless"))
    assert process.read(10)
    exchange = threading.Thread(target=transport._transport.renegotiate_keys, daemon=True)
    exchange.start()
    process.end()
    assert set(output_of(process)) <= set(b"out\n")
    assert (process.wait(5), process.over) == (125, "let-go")
    transport.close()
    exchange.join(5)
    assert not exchange.is_alive()


def test_the_target_ends_it_with_its_window(target: Target) -> None:
    soon = SystemClock().now() + timedelta(seconds=2)
    transport = target.connect(target.certify(SLEEPING, until=soon))
    process = transport.start(command(SLEEPING))
    assert output_of(process) == b""
    assert (process.wait(5), process.known) == (124, Known.ENDED)
    transport.close()


def test_a_program_does_not_pass_off_an_end_of_its_own(target: Target) -> None:
    transport = target.connect(target.certify("fake-end"))
    process = transport.start(command("fake-end"))
    until(sleepers)
    process.end()
    assert output_of(process) == b"\x1eSEKISHO 00000000 ended 0\n\x1eSEKISHO"
    assert process.wait(5) == 125
    transport.close()


def test_a_server_that_is_killed_leaves_what_became_of_it_open_and_its_gate_ends_all(target: Target) -> None:
    transport = target.connect(target.certify(SLEEPING))
    process = transport.start(command(SLEEPING))
    until(sleepers)
    target.kill_servers()
    assert output_of(process) == b""
    assert (process.wait(5), process.known) == (NOT_KNOWN, Known.RUNNING)
    until(lambda: transport.lost)
    transport.close()
    until(lambda: not sleepers())


# -- the guards ---------------------------------------------------------------------------------------


def test_much_output_on_both_streams_never_blocks(target: Target) -> None:
    transport = target.connect(target.certify("flood"))
    output, status = run(transport, "flood")
    assert (len(output), status) == (10_000_005, 0)
    transport.close()


def test_waiting_for_the_status_has_its_limit(target: Target) -> None:
    transport = target.connect(target.certify(SLEEPING))
    process = transport.start(command(SLEEPING))
    assert process.wait(0.05) is None
    process.close()
    transport.close()


def test_a_server_that_hangs_behind_a_living_kernel_is_noticed(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssh, "ANSWER_SECONDS", 1.5)
    transport = target.connect(target.certify(SLEEPING))
    stopped = target.servers()
    for each in stopped:
        each.suspend()
    try:
        until(lambda: "does not answer" in transport.lost)
    finally:
        for each in stopped:
            each.resume()
    transport.close()


def test_the_kernel_gives_a_dead_network_up_after_seconds(target: Target) -> None:
    transport = target.connect(target.certify(HELLO))
    link = transport._transport.sock
    assert isinstance(link, socket.socket)
    assert link.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == ssh.DEAD_LINK_SECONDS * 1000
    assert vars(transport._transport.packetizer)["_Packetizer__keepalive_interval"] == 1
    transport.close()


def test_refused_sign_ins_leave_no_thread_and_no_socket(target: Target) -> None:
    threads, files = threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        with pytest.raises(Refusal):
            target.connect(target.certify(HELLO, not_before=SystemClock().now() + timedelta(minutes=1)))
    until(lambda: threading.active_count() <= threads)
    until(lambda: len(list(Path("/proc/self/fd").iterdir())) <= files)


def test_only_the_session_s_own_certificate_is_offered(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSH_AUTH_SOCK", "/nonexistent")
    before = target.log().count("publickey for")
    transport = target.connect(target.certify(HELLO))
    said = target.log()
    assert "Failed publickey" not in said.rpartition("Connection from")[2]
    assert said.count("publickey for") == before + 1
    transport.close()


def test_only_strong_algorithms_are_agreed_on(target: Target) -> None:
    transport = target.connect(target.certify(HELLO))
    agreed: Any = transport._transport
    assert agreed.agreed_on_strict_kex
    assert agreed.remote_cipher == agreed.local_cipher == "aes256-gcm@openssh.com"
    options = agreed.get_security_options()
    offered = [*options.ciphers, *options.digests, *options.kex, *options.key_types]
    assert not [
        each for each in offered if any(weak in each for weak in ("cbc", "sha1", "md5", "3des", "rsa", "nistp"))
    ]
    transport.close()


def answer_as_web_server(listening: socket.socket) -> None:
    caller, _ = listening.accept()
    with caller:
        caller.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        while caller.recv(1024):
            pass


def test_paramiko_s_log_does_not_reach_the_screen(target: Target, capfd: pytest.CaptureFixture[str]) -> None:
    assert logging.getLogger("paramiko").handlers
    with socket.create_server(("127.0.0.1", 0)) as listening:
        web = threading.Thread(target=answer_as_web_server, args=(listening,), daemon=True)
        web.start()
        with pytest.raises(Refusal, match="can't be reached"):
            target.connect(target.certify(HELLO), port=listening.getsockname()[1])
        web.join(10)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "words",
    [
        ["echo", "a b"],
        ["echo", "$(id)"],
        ["echo", "a;b"],
        ["../sh"],
        [""],
        [],
        ["-x"],
        ["echo", "../x"],
        ["echo", "'a'"],
        ["echo", "a\nb"],
    ],
)
def test_words_that_a_shell_could_read_differently_are_no_command(words: list[str]) -> None:
    with pytest.raises(Refusal, match="not a command for a host"):
        Command.of(words)
