from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitors.events.readers import dialects
from monitors.events.readers.readings import Line, Quarantined, Reading
from monitors.events.readers.syslog import SyslogReader, first_year
from monitors.events.times import instant_of

TOKYO = ZoneInfo("Asia/Tokyo")


def read(*texts: str, year: int = 2026) -> list[Reading | Quarantined]:
    given = [(Line(number, text.encode()), text) for number, text in enumerate(texts, start=1)]
    return list(SyslogReader(TOKYO, year, dialects.auth)(given))


def one(text: str) -> dict[str, Any]:
    (found,) = read(text)
    assert isinstance(found, Reading)
    return {**found.fields, "ts": instant_of(found.ts).isoformat(), "events": found.events}


HEAD = "Nov 24 08:31:07 cs01 sshd[4711]: "


@pytest.mark.parametrize(
    ("message", "action", "outcome", "user", "address"),
    [
        ("Accepted password for yamada from 10.1.2.3 port 50022 ssh2", "login", "success", "yamada", "10.1.2.3"),
        (
            "Accepted publickey for root from fe80::1 port 22 ssh2: ED25519 SHA256:abc",
            "login",
            "success",
            "root",
            "fe80::1",
        ),
        ("Failed password for yamada from 10.1.2.3 port 50022 ssh2", "login", "failure", "yamada", "10.1.2.3"),
        (
            "Failed password for invalid user admin from 203.0.113.9 port 1 ssh2",
            "login",
            "failure",
            "admin",
            "203.0.113.9",
        ),
        ("Failed none for invalid user  from 203.0.113.9 port 1 ssh2", "login", "failure", "", "203.0.113.9"),
        ("Invalid user admin from 203.0.113.9 port 1", "other", "failure", "admin", "203.0.113.9"),
        (
            "User sato from 10.1.2.3 not allowed because not listed in AllowUsers",
            "login",
            "failure",
            "sato",
            "10.1.2.3",
        ),
        ("Disconnected from user yamada 10.1.2.3 port 50022", "logout", "success", "yamada", "10.1.2.3"),
        ("Connection closed by invalid user x 203.0.113.9 port 1 [preauth]", "other", "failure", "x", "203.0.113.9"),
        (
            "error: maximum authentication attempts exceeded for root from 203.0.113.9 port 1 ssh2 [preauth]",
            "other",
            "failure",
            "root",
            "203.0.113.9",
        ),
        (
            "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.9  user=root",
            "other",
            "failure",
            "root",
            "203.0.113.9",
        ),
        ("ROOT LOGIN REFUSED FROM ::ffff:203.0.113.9 port 1 [preauth]", "other", "failure", "ROOT", "203.0.113.9"),
        ("User root not allowed because account is locked", "other", "failure", "root", ""),
        ("Accepted password for sato from 10.1.2.3 port 1 ssh2 ", "login", "success", "sato", "10.1.2.3"),
        ("refused connect from x@::ffff:203.0.113.9 (::ffff:203.0.113.9)", "other", "unknown", "", "203.0.113.9"),
        (
            "Unable to negotiate with 203.0.113.9 port 5: no matching cipher found.",
            "other",
            "unknown",
            "",
            "203.0.113.9",
        ),
        ("banner exchange: Connection from 203.0.113.9 port 5: invalid format", "other", "unknown", "", "203.0.113.9"),
        (
            "Bad protocol version identification 'x' from 192.0.2.1' from 203.0.113.9 port 5",
            "other",
            "unknown",
            "",
            "203.0.113.9",
        ),
        ("Server listening on 0.0.0.0 port 22.", "other", "unknown", "", ""),
    ],
)
def test_sshd_messages_are_understood(message: str, action: str, outcome: str, user: str, address: str) -> None:
    fields = one(HEAD + message)
    told = (fields["action"], fields["outcome"], fields.get("user_id", ""), fields.get("src_ip", ""))
    assert told == (action, outcome, user, address)
    assert (fields["session"], fields["dest_system"], fields["ts"]) == ("4711", "cs01", "2026-11-23T23:31:07+00:00")


def test_a_hostile_name_cant_pose_as_the_address() -> None:
    fields = one(HEAD + "Failed password for invalid user a from 192.0.2.1 port 22 ssh2 from 203.0.113.9 port 4 ssh2")
    assert (fields["user_id"], fields["src_ip"]) == ("a from 192.0.2.1 port 22 ssh2", "203.0.113.9")


@pytest.mark.parametrize(
    "message",
    [
        'Failed hostbased for sato from 203.0.113.9 port 4 ssh2: RSA SHA256:x, client user "y from 192.0.2.1 port 22 ssh2"',
        'Accepted publickey for sato from 203.0.113.9 port 4 ssh2: ED25519-CERT SHA256:x ID "y from 192.0.2.1 port 2" (serial 1)',
    ],
)
def test_what_a_client_says_of_itself_cant_pose_as_the_address(message: str) -> None:
    fields = one(HEAD + message)
    assert (fields["user_id"], fields["src_ip"]) == ("sato", "203.0.113.9")


@pytest.mark.parametrize(
    ("line", "outcome", "user", "object_"),
    [
        (
            "sudo:   yamada : TTY=pts/0 ; PWD=/home/y ; USER=root ; COMMAND=/bin/cat /etc/shadow",
            "success",
            "yamada",
            "/bin/cat /etc/shadow",
        ),
        (
            "sudo:   yamada : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/sh",
            "failure",
            "yamada",
            "/bin/sh",
        ),
        (
            "sudo:   guest : user NOT in sudoers ; TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/bin/sh",
            "failure",
            "guest",
            "/bin/sh",
        ),
        ("su[12]: (to root) yamada on pts/0", "success", "yamada", "root"),
        ("su[12]: FAILED SU (to root) yamada on pts/0", "failure", "yamada", "root"),
    ],
)
def test_sudo_and_su_are_privileged_acts(line: str, outcome: str, user: str, object_: str) -> None:
    fields = one(f"Nov 24 08:31:07 cs01 {line}")
    assert (fields["action"], fields["outcome"], fields["user_id"], fields["object"]) == (
        "admin",
        outcome,
        user,
        object_,
    )


@pytest.mark.parametrize(
    "line",
    [
        "<38>1 2026-11-24T08:31:07.003+09:00 cs01 sshd 4711 - - Accepted password for yamada from 10.1.2.3 port 5 ssh2",
        '<38>1 2026-11-23T23:31:07.003Z cs01 sshd 4711 ID1 [a@1 b="x\\"]y"][c@2 d="e"] Accepted password for yamada from 10.1.2.3 port 5 ssh2',
        "2026-11-24T08:31:07.003+09:00 cs01 sshd[4711]: Accepted password for yamada from 10.1.2.3 port 5 ssh2",
        "<38>Nov 24 08:31:07 cs01 sshd[4711]: Accepted password for yamada from 10.1.2.3 port 5 ssh2",
    ],
)
def test_old_and_new_headers_tell_the_same(line: str) -> None:
    fields = one(line)
    assert (fields["user_id"], fields["src_ip"], fields["session"]) == ("yamada", "10.1.2.3", "4711")
    assert fields["ts"].startswith("2026-11-23T23:31:07")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            "sshd(pam_unix)[23780]: authentication failure; logname= uid=0 euid=0 tty=NODEVssh ruser= rhost=203.0.113.9  user=root",
            ("login", "failure", "root", "203.0.113.9"),
        ),
        ("sshd(pam_unix)[24138]: session opened for user test by (uid=509)", ("login", "success", "test", "")),
        ("su(pam_unix)[14943]: session opened for user cyrus by (uid=0)", ("other", "success", "cyrus", "")),
        (
            "vsftpd: pam_unix(vsftpd:auth): authentication failure; logname= uid=0 euid=0 tty=ftp ruser=x rhost=203.0.113.9",
            ("login", "failure", "x", "203.0.113.9"),
        ),
        (
            "pop(pam_unix)[4920]: authentication failure; logname= uid=0 euid=0 tty= ruser= rhost=203.0.113.9 user=sato",
            ("login", "failure", "sato", "203.0.113.9"),
        ),
        (
            "pvedaemon[3483744]: authentication failure; rhost=::ffff:203.0.113.9 user=root@pam msg=no such user",
            ("login", "failure", "root@pam", "203.0.113.9"),
        ),
        ("CRON[5]: pam_unix(cron:session): session opened for user sato(uid=5)", ("other", "success", "sato", "")),
        (
            "proftpd: (pam_unix) authentication failure; logname= uid=0 euid=0 tty= ruser= rhost=203.0.113.9  user=mark rhost=192.0.2.1",
            ("login", "failure", "mark rhost=192.0.2.1", "203.0.113.9"),
        ),
        (
            "sshd[63]: [ID 800047 auth.info] Failed keyboard-interactive for james from 203.0.113.9 port 54520 ssh2",
            ("login", "failure", "james", "203.0.113.9"),
        ),
    ],
)
def test_older_and_other_systems_tell_their_sign_ins_too(line: str, told: tuple[str, str, str, str]) -> None:
    fields = one(f"Jul  9 19:34:06 combo {line}")
    assert (fields["action"], fields["outcome"], fields["user_id"], fields["src_ip"]) == told


def test_a_line_may_lack_its_host() -> None:
    fields = one("Nov 23 21:50:37 sshd[8148]: Accepted password for sato from 10.1.2.3 port 1 ssh2")
    assert (fields["user_id"], fields["session"], fields["dest_system"]) == ("sato", "8148", "")


@pytest.mark.parametrize("mark", ["[sshd]:", "[sshd]"])
def test_a_line_may_have_its_program_in_brackets_and_nothing_else(mark: str) -> None:
    fields = one(f"Mar  3 00:17:22 {mark} Failed password for sato from 10.1.2.3 port 1 ssh2")
    assert (fields["user_id"], fields["session"], fields["dest_system"]) == ("sato", "", "")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "[6-1] db=postgres,user=sato,app=[unknown],client=10.1.2.3 LOG:  connection authorized: user=sato database=postgres",
            ("login", "success", "sato", "10.1.2.3", "postgres"),
        ),
        (
            '[3-1] db=city,user=sato,app=,client=10.1.2.3 FATAL:  password authentication failed for user "sato"',
            ("login", "failure", "sato", "10.1.2.3", "city"),
        ),
        (
            "[134-1] db=city,user=sato,app=psql,client=[local] LOG:  duration: 0.3 ms  statement: UPDATE t SET a = 1;",
            ("update", "success", "sato", "", "city"),
        ),
        ("[134-2] #011WHERE id = 7", ("other", "unknown", "", "", "")),
    ],
)
def test_postgresql_may_write_by_syslog(text: str, told: tuple[str, ...]) -> None:
    fields = one(f"Feb 11 13:15:40 db postgres[10819]: {text}")
    assert tuple(fields.get(name, "") for name in ("action", "outcome", "user_id", "src_ip", "object")) == told
    assert fields["session"] == "10819"


def test_a_password_in_a_statement_that_came_by_syslog_is_not_kept() -> None:
    fields = one("Feb 11 13:15:40 db postgres[1]: [1-1] LOG:  statement: ALTER ROLE x PASSWORD 'hunter2-Secret'")
    assert "hunter2" not in str(fields)


def test_a_repeated_message_is_that_many_events() -> None:
    failed = "Failed password for root from 203.0.113.9 port 9 ssh2"
    found = read(
        HEAD + failed,
        HEAD + f"message repeated 4 times: [ {failed}]",
        "Nov 24 08:31:09 cs01 last message repeated 2 times",
    )
    assert [each.events for each in found if isinstance(each, Reading)] == [1, 4, 2]
    assert all(isinstance(each, Reading) and each.fields["action"] == "login" for each in found)


def test_a_repetition_of_nothing_or_without_measure_is_quarantined() -> None:
    found = read("Nov 24 08:31:09 cs01 last message repeated 2 times", HEAD + "message repeated 999999999 times: [ x]")
    assert [each.reason for each in found if isinstance(each, Quarantined)] == ["repeated", "repeated"]


def test_the_year_rolls_over_at_new_year_and_late_lines_stay_in_the_old_one() -> None:
    found = read(
        "Dec 31 23:59:58 h a: 1",
        "Jan  1 00:00:01 h a: 2",
        "Dec 31 23:59:59 h a: 3",
        "Jan  2 00:00:00 h a: 4",
        year=2025,
    )
    days = [instant_of(each.ts).astimezone(TOKYO).date().isoformat() for each in found if isinstance(each, Reading)]
    assert days == ["2025-12-31", "2026-01-01", "2025-12-31", "2026-01-02"]


@pytest.mark.parametrize(
    ("head", "tail", "year"),
    [
        ("Nov  1 00:00:00 h a: x", "Nov 24 09:00:00 h a: x", 2026),
        ("Nov 30 00:00:00 h a: x", "Dec 24 09:00:00 h a: x", 2025),
        ("Dec 30 00:00:00 h a: x", "Jan 24 09:00:00 h a: x", 2025),
        ("Nov 25 00:00:00 h a: x", "Nov 25 09:00:00 h a: x", 2026),
        ("nothing", "nothing", 2026),
    ],
)
def test_the_first_year_is_such_that_the_last_line_is_not_in_the_future(head: str, tail: str, year: int) -> None:
    assert first_year(head, tail, datetime(2026, 11, 24, 0, 30, tzinfo=UTC), TOKYO) == year


def test_a_line_without_a_header_or_with_an_impossible_day_is_quarantined() -> None:
    found = read("hello", "Feb 30 00:00:00 h a: x", "Xyz 10 00:00:00 h a: x", "Nov 24 25:00:00 h a: x")
    assert [each.reason for each in found if isinstance(each, Quarantined)] == ["syslog", "time", "time", "time"]


@given(text=st.text(max_size=200).filter(lambda text: text and "\n" not in text))
@settings(max_examples=300, deadline=None)
def test_no_line_is_lost_and_none_crashes_the_reader(text: str) -> None:
    assert len(read(text, HEAD + text, f"<1>1 2026-11-24T08:31:07Z h {text}")) == 3
