"""An attempt to sign in over SSH is one event, whatever the server writes of it and in how many lines."""

from zoneinfo import ZoneInfo

import pytest

from monitors.events.readers.attempts import AuthLog
from monitors.events.readers.readings import Line, Reading
from monitors.events.readers.syslog import SyslogReader

PEER = "203.0.113.9"
PAM = f"pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost={PEER}"


def attempts(*messages: str, pid: int = 24200) -> list[tuple[str, str, int]]:
    """Return user, address and number of the failed sign-ins that the lines of one connection tell."""
    lines = [f"Dec 10 06:55:{second:02} lab sshd[{pid}]: {text}" for second, text in enumerate(messages)]
    given = [(Line(number, text.encode()), text) for number, text in enumerate(lines, start=1)]
    found = list(SyslogReader(ZoneInfo("Asia/Tokyo"), 2025, AuthLog())(given))
    assert len(found) == len(messages)
    told = [each for each in found if isinstance(each, Reading)]
    return [
        (str(each.fields["user_id"]), str(each.fields["src_ip"]), each.events)
        for each in told
        if (each.fields["action"], each.fields["outcome"]) == ("login", "failure")
    ]


@pytest.mark.parametrize(
    ("messages", "wanted"),
    [
        pytest.param(
            (
                f"Invalid user webmaster from {PEER}",
                "input_userauth_request: invalid user webmaster [preauth]",
                "pam_unix(sshd:auth): check pass; user unknown",
                PAM,
                f"Failed password for invalid user webmaster from {PEER} port 38926 ssh2",
                f"Connection closed by {PEER} [preauth]",
            ),
            [("webmaster", PEER, 1)],
            id="a password for a name that is not there",
        ),
        pytest.param(
            (
                f"{PAM}  user=root",
                f"Failed password for root from {PEER} port 42393 ssh2",
                f"message repeated 5 times: [ Failed password for root from {PEER} port 42393 ssh2]",
                "Disconnecting: Too many authentication failures for root [preauth]",
                f"PAM 5 more authentication failures; logname= uid=0 euid=0 tty=ssh ruser= rhost={PEER}  user=root",
                "PAM service(sshd) ignoring max retries; 6 > 3",
            ),
            [("root", PEER, 1), ("root", PEER, 5)],
            id="six passwords in one connection",
        ),
        pytest.param(
            (
                f"Invalid user admin from {PEER} port 44004",
                f"Received disconnect from {PEER} port 44004:11: Bye Bye [preauth]",
                f"Disconnected from invalid user admin {PEER} port 44004 [preauth]",
            ),
            [("admin", PEER, 1)],
            id="a server that takes only keys, and an unknown name",
        ),
        pytest.param(
            (f"Connection closed by authenticating user root {PEER} port 46038 [preauth]",),
            [("root", PEER, 1)],
            id="a server that takes only keys, and a known name",
        ),
        pytest.param(
            (
                f"error: maximum authentication attempts exceeded for root from {PEER} port 49940 ssh2 [preauth]",
                f"Disconnecting authenticating user root {PEER} port 49940: Too many authentication failures [preauth]",
            ),
            [("root", PEER, 1)],
            id="too many keys",
        ),
        pytest.param(
            (f"error: PAM: Authentication failure for sato from {PEER}",) * 2
            + (
                f"error: PAM: Authentication failure for illegal user x from {PEER} via 192.0.2.1",
                f"Failed keyboard-interactive/pam for invalid user x from {PEER} port 54520 ssh2",
            ),
            [("sato", PEER, 1), ("sato", PEER, 1), ("x", PEER, 1)],
            id="PAM asks for the password",
        ),
        pytest.param(
            (f"Failed keyboard-interactive/pam for sato from {PEER} port 54520 ssh2",),
            [("sato", PEER, 1)],
            id="PAM asks, and the log begins behind its line",
        ),
        pytest.param(
            (
                f"User root from {PEER} not allowed because not listed in AllowUsers",
                f"Failed password for invalid user root from {PEER} port 1 ssh2",
                f"Connection closed by invalid user root {PEER} port 1 [preauth]",
            ),
            [("root", PEER, 1)],
            id="a user who may not come in",
        ),
        pytest.param(
            (
                f"Accepted password for sato from {PEER} port 52100 ssh2",
                f"Received disconnect from {PEER} port 52100:11: disconnected by user",
                f"Disconnected from user sato {PEER} port 52100",
            ),
            [],
            id="somebody who got in",
        ),
        pytest.param(
            (f"Invalid user pascal from {PEER} port 1", f"Invalid user hadoop from {PEER} port 2"),
            [("pascal", PEER, 1), ("hadoop", PEER, 1)],
            id="an excerpt in which nothing but the first line of each connection is left",
        ),
        pytest.param(
            (
                f"Invalid user admin from {PEER} port 1",
                f"Failed none for invalid user admin from {PEER} port 1 ssh2",
                f"Failed password for invalid user admin from {PEER} port 1 ssh2",
                f"Failed password for invalid user admin from {PEER} port 1 ssh2",
                f"Connection closed by invalid user admin {PEER} port 1 [preauth]",
            ),
            [("admin", PEER, 1)] * 2,
            id="two passwords for an unknown name, and a question what there is",
        ),
        pytest.param(
            (
                f"Invalid user x from {PEER} port 1",
                f"error: PAM: User not known to the underlying authentication module for illegal user x from {PEER} ",
                f"Failed keyboard-interactive/pam for invalid user x from {PEER} port 1 ssh2",
            ),
            [("x", PEER, 1)],
            id="three lines of one password",
        ),
        pytest.param(
            (f"Invalid user  from {PEER} port 1", f"Connection closed by invalid user  {PEER} port 1 [preauth]"),
            [("", PEER, 1)],
            id="an empty name",
        ),
        pytest.param(
            (
                f"Failed password for root from {PEER} port 1 ssh2",
                f"ROOT LOGIN REFUSED FROM {PEER} port 1 [preauth]",
                f"Failed password for root from {PEER} port 1 ssh2",
            ),
            [("root", PEER, 1), ("ROOT", PEER, 1)],
            id="root's own password, the second time, where root may not come in",
        ),
        pytest.param(
            (
                "User root not allowed because account is locked",
                "input_userauth_request: invalid user root [preauth]",
                f"error: Received disconnect from {PEER}: 11: Bye Bye [preauth]",
            ),
            [("root", PEER, 1)],
            id="a locked user, of whose address the last line tells",
        ),
        pytest.param(
            (
                f"Failed publickey for git from {PEER} port 1 ssh2: ECDSA SHA256:a",
                f"Failed publickey for git from {PEER} port 1 ssh2: RSA SHA256:b",
                f"Accepted publickey for git from {PEER} port 1 ssh2: ED25519 SHA256:c",
                f"Connection closed by {PEER} port 1",
            ),
            [],
            id="somebody whose third key fits",
        ),
        pytest.param(
            (
                f"Failed publickey for git from {PEER} port 1 ssh2: ECDSA SHA256:a",
                f"Failed publickey for git from {PEER} port 1 ssh2: RSA SHA256:b",
                "Disconnecting: Too many authentication failures for git [preauth]",
                f"Connection closed by {PEER} [preauth]",
            ),
            [("git", PEER, 1)],
            id="somebody none of whose keys fits",
        ),
        pytest.param(
            (f"Failed publickey for invalid user nobody from {PEER} port 1 ssh2: RSA SHA256:b",),
            [("nobody", PEER, 1)],
            id="a key for an unknown name, in an excerpt",
        ),
        pytest.param(
            (
                f"Connection from {PEER} port 51353 on 192.0.2.1 port 22",
                "Disconnecting: Too many authentication failures [preauth]",
            ),
            [("", PEER, 1)],
            id="too many of a name that is not told",
        ),
        pytest.param(
            (f"{PAM}", f"Connection closed by {PEER} [preauth]"),
            [("", PEER, 1)],
            id="a refusal by PAM of a name that is not told",
        ),
        pytest.param((f"Connection closed by {PEER} port 35352",), [], id="a scan without a name"),
        pytest.param((f"Did not receive identification string from {PEER} port 35836",), [], id="no SSH at all"),
    ],
)
def test_the_lines_of_one_connection_tell_each_attempt_once(
    messages: tuple[str, ...], wanted: list[tuple[str, str, int]]
) -> None:
    assert attempts(*messages) == wanted


def test_a_process_number_that_serves_again_is_another_connection() -> None:
    once = (
        f"Invalid user admin from {PEER} port 1",
        f"Connection closed by invalid user admin {PEER} port 1 [preauth]",
    )
    assert attempts(*once, *once) == [("admin", PEER, 1)] * 2


def test_a_disconnect_tells_its_address_without_the_colon() -> None:
    line = f"Dec 10 06:55:46 lab sshd[1]: error: Received disconnect from {PEER}: 3: Auth fail [preauth]"
    (found,) = SyslogReader(ZoneInfo("Asia/Tokyo"), 2025, AuthLog())([(Line(1, line.encode()), line)])
    assert isinstance(found, Reading)
    assert found.fields["src_ip"] == PEER
