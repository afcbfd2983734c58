"""Windows event logs. The files are made by hand (see ``evtx_file``), because no real one can be shipped."""

import io
import struct
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from accesscontrol.refusals import Refusal
from monitors.events import plans
from monitors.events.plans import Wish
from monitors.events.readers import windows
from monitors.events.readers.readings import Outcome, Quarantined, Reading
from tests.monitors.events.readers import evtx_file
from tests.monitors.events.readers.evtx_file import WindowsEvent

TOKYO = ZoneInfo("Asia/Tokyo")
FAILED = WindowsEvent(
    4625,
    {
        "SubjectUserName": "CS01$",
        "TargetUserName": "yamada",
        "TargetDomainName": "CITY",
        "SubStatus": "0xc000006a",
        "LogonType": "3",
        "WorkstationName": "SM-03",
        "IpAddress": "::ffff:10.1.2.3",
    },
)


def read(data: bytes) -> list[Outcome]:
    return list(windows.read(io.BytesIO(data), TOKYO))


def fields(event: WindowsEvent) -> Mapping[str, Any]:
    (found,) = read(evtx_file.file_of(evtx_file.chunk([event])))
    assert isinstance(found, Reading)
    return found.fields


def test_a_failed_sign_in_tells_who_from_where_and_why() -> None:
    told = fields(FAILED)
    assert {name: told[name] for name in ("action", "outcome", "user_id", "terminal", "src_ip", "reason")} == {
        "action": "login",
        "outcome": "failure",
        "user_id": "yamada",
        "terminal": "SM-03",
        "src_ip": "10.1.2.3",
        "reason": "wrong password",
    }
    assert (told["sequence"], told["dest_system"]) == (1, "cs01.city.example")


@pytest.mark.parametrize(
    ("event", "action", "outcome", "user", "reason"),
    [
        (WindowsEvent(4624, {"TargetUserName": "yamada", "LogonType": "10"}), "login", "success", "yamada", "type 10"),
        (WindowsEvent(4624, {"TargetUserName": "CS01$", "LogonType": "3"}), "other", "success", "CS01$", "type 3"),
        (WindowsEvent(4624, {"TargetUserName": "SYSTEM", "LogonType": "5"}), "other", "success", "SYSTEM", "type 5"),
        (WindowsEvent(4634, {"TargetUserName": "yamada"}), "logout", "success", "yamada", ""),
        (WindowsEvent(4771, {"TargetUserName": "yamada", "Status": "0x18"}), "login", "failure", "yamada", "wrong password"),
        (WindowsEvent(4768, {"TargetUserName": "nobody", "Status": "0x6"}), "login", "failure", "nobody", "no such account"),
        (WindowsEvent(4768, {"TargetUserName": "yamada", "Status": "0x0"}), "other", "success", "yamada", ""),
        (WindowsEvent(4768, {"TargetUserName": "yamada", "Status": "0x19"}), "other", "success", "yamada", ""),
        (WindowsEvent(4776, {"TargetUserName": "yamada", "Status": "0xc000006a"}), "login", "failure", "yamada", "wrong password"),
        (WindowsEvent(4776, {"TargetUserName": "yamada", "Status": "0x0"}), "other", "success", "yamada", ""),
        (WindowsEvent(4732, {"SubjectUserName": "root1", "TargetUserName": "Administrators"}), "admin", "success", "root1", ""),
        (
            WindowsEvent(1102, {"SubjectUserName": "yamada"}, provider="Microsoft-Windows-Eventlog", user_data="LogFileCleared"),
            "admin", "success", "yamada", "log-cleared",
        ),
        (WindowsEvent(4624, {"TargetUserName": "yamada"}, provider="Somebody"), "other", "unknown", "", ""),
        (WindowsEvent(4624, {"TargetUserName": "DWM-2", "TargetUserSid": "S-1-5-90-0-2", "LogonType": "2"}), "other", "success", "DWM-2", "type 2"),
        (WindowsEvent(4624, {"TargetUserName": "UMFD-0", "TargetDomainName": "Font Driver Host", "LogonType": "2"}), "other", "success", "UMFD-0", "type 2"),
        (WindowsEvent(4624, {"TargetUserName": "ANONYMOUS LOGON", "TargetUserSid": "S-1-5-7", "LogonType": "3"}), "other", "success", "ANONYMOUS LOGON", "type 3"),
        (
            WindowsEvent(
                4, {"process": "sshd", "payload": "Failed password for yamada from 10.1.2.3 port 5 ssh2"}, provider="OpenSSH"
            ),
            "login", "failure", "yamada", "password",
        ),
    ],
)  # fmt: skip
def test_events_mean_what_they_are_described_to_mean(
    event: WindowsEvent, action: str, outcome: str, user: str, reason: str
) -> None:
    told = fields(event)
    assert (told["action"], told["outcome"], told.get("user_id", ""), told.get("reason", "")) == (
        action,
        outcome,
        user,
        reason,
    )


@pytest.mark.parametrize(
    ("workstation", "address", "terminal"),
    [
        ("SM-03", "203.0.113.9", "SM-03"),
        ("CS01", "203.0.113.9", ""),  # by remote desktop: the server names itself
        ("CS01", "127.0.0.1", "CS01"),
        ("CS01", "-", "CS01"),
    ],
)
def test_a_server_is_not_the_terminal_of_somebody_who_comes_from_elsewhere(
    workstation: str, address: str, terminal: str
) -> None:
    data = {"TargetUserName": "yamada", "LogonType": "10", "WorkstationName": workstation, "IpAddress": address}
    assert fields(WindowsEvent(4624, data))["terminal"] == terminal


@pytest.mark.parametrize(
    ("event", "action", "outcome", "user", "address"),
    [
        (
            WindowsEvent(18456, {"#1": "sa", "#2": "Reason: a", "#3": " [CLIENT: 203.0.113.9]"}, provider="MSSQLSERVER"),
            "login", "failure", "sa", "203.0.113.9",
        ),
        (
            WindowsEvent(18456, {"#1": "x [CLIENT: 192.0.2.1]", "#2": "理由", "#3": "[クライアント: 203.0.113.9]"}, provider="MSSQL$CITY"),
            "login", "failure", "x [CLIENT: 192.0.2.1]", "203.0.113.9",
        ),
        (
            WindowsEvent(18454, {"#1": "yamada", "#2": "[CLIENT: <local machine>]"}, provider="MSSQLSERVER"),
            "login", "success", "yamada", "",
        ),
        (WindowsEvent(18456, {"#1": "sa"}, provider="Somebody"), "other", "unknown", "", ""),
        (
            WindowsEvent(
                0,
                {"#1": '2026-11-24 09:31:07 JST [9] 203.0.113.9 sato@city FATAL:  password authentication failed for user "sato"'},
                provider="PostgreSQL",
            ),
            "login", "failure", "sato", "203.0.113.9",
        ),
    ],
)  # fmt: skip
def test_database_servers_tell_their_sign_ins_in_the_application_log(
    event: WindowsEvent, action: str, outcome: str, user: str, address: str
) -> None:
    told = fields(replace(event, channel="Application"))
    assert (told["action"], told["outcome"], told.get("user_id", ""), told.get("src_ip", "")) == (
        action,
        outcome,
        user,
        address,
    )


def test_what_openssh_writes_of_one_connection_is_one_attempt() -> None:
    texts = (
        "Invalid user admin from 203.0.113.9 port 1",
        "Failed password for invalid user admin from 203.0.113.9 port 1 ssh2",
        "Connection closed by invalid user admin 203.0.113.9 port 1 [preauth]",
        "Connection closed by authenticating user root 203.0.113.9 port 2 [preauth]",
    )
    events = [
        WindowsEvent(4, {"process": "sshd", "payload": text}, record=number, provider="OpenSSH", process=7964)
        for number, text in enumerate(texts, start=1)
    ]
    found = read(evtx_file.file_of(evtx_file.chunk(events)))
    attempts = [each.fields for each in found if isinstance(each, Reading) and each.fields["action"] == "login"]
    assert [(told["user_id"], told["src_ip"], told["session"]) for told in attempts] == [
        ("admin", "203.0.113.9", "7964"),
        ("root", "203.0.113.9", "7964"),
    ]


@pytest.mark.parametrize(
    "event",
    [
        WindowsEvent(4625, {"TargetUserName": "yamada@city.example", "IpAddress": "10.1.2.3"}),
        WindowsEvent(4625, {"TargetUserName": "CITY\\yamada", "IpAddress": "10.1.2.3"}),
        WindowsEvent(
            4,
            {"process": "sshd", "payload": "Failed password for city\\yamada from 10.1.2.3 port 5 ssh2"},
            provider="OpenSSH",
        ),
    ],
)
def test_an_account_is_the_same_under_each_name_that_windows_takes_for_it(event: WindowsEvent) -> None:
    told = fields(event)
    assert (told["user_id"], told["src_ip"], told["outcome"]) == ("yamada", "10.1.2.3", "failure")


CHECK = WindowsEvent(4776, {"TargetUserName": "Yamada", "Workstation": "SM-03", "Status": "0xc000006a"})


def seconds_later(event: WindowsEvent, seconds: float, number: int) -> WindowsEvent:
    return replace(event, at=event.at + timedelta(seconds=seconds), record=number)


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        ([(CHECK, 0)], [(1, "sm-03")]),
        ([(CHECK, 0), (FAILED, 0.01)], [(2, "10.1.2.3")]),
        ([(FAILED, 0), (CHECK, -0.01)], [(1, "10.1.2.3")]),  # an export that begins with the newest
        ([(CHECK, 0), (FAILED, 0.1), (CHECK, 0.2), (FAILED, 0.3)], [(2, "10.1.2.3"), (4, "10.1.2.3")]),
        ([(CHECK, 0), (CHECK, 0.1), (FAILED, 0.2)], [(2, "sm-03"), (3, "10.1.2.3")]),
        ([(CHECK, 0), (FAILED, 5)], [(1, "sm-03"), (2, "10.1.2.3")]),
        ([(CHECK, 0), (replace(FAILED, computer="cs02"), 0.1)], [(1, "sm-03"), (2, "10.1.2.3")]),
    ],
)
def test_a_checked_password_is_an_attempt_where_no_refused_sign_in_tells_it(
    told: list[tuple[WindowsEvent, float]], wanted: list[tuple[int, str]]
) -> None:
    events = [seconds_later(event, seconds, number) for number, (event, seconds) in enumerate(told, start=1)]
    found = read(evtx_file.file_of(evtx_file.chunk(events)))
    assert [each.line_no for each in found if isinstance(each, Reading)] == [*range(1, len(told) + 1)]
    attempts = [each for each in found if isinstance(each, Reading) and each.fields["action"] == "login"]
    assert [
        (each.line_no, each.fields["src_ip"] or str(each.fields["terminal"]).lower()) for each in attempts
    ] == wanted
    assert not {"checked", "refused"} & {name for each in found if isinstance(each, Reading) for name in each.fields}


def numbered(*numbers: int) -> bytes:
    return evtx_file.chunk([WindowsEvent(4625, FAILED.data, record=number) for number in numbers])


def test_an_event_of_1601_is_quarantined_because_that_stands_for_no_time() -> None:
    (found,) = read(evtx_file.file_of(evtx_file.chunk([WindowsEvent(4625, {}, filetime=0)])))
    assert isinstance(found, Quarantined)
    assert found.reason == "time"


def test_a_changed_chunk_is_quarantined_record_by_record_and_its_neighbours_are_read() -> None:
    data = bytearray(evtx_file.file_of(numbered(1, 2), numbered(3, 4), numbered(5)))
    data[4096 + 65_536 + 700] ^= 0xFF
    found = read(bytes(data))
    assert [type(each) for each in found] == [Reading, Reading, Quarantined, Quarantined, Reading]
    assert [each.line_no for each in found if isinstance(each, Reading)] == [1, 2, 5]
    assert [each.line.number for each in found if isinstance(each, Quarantined)] == [3, 4]
    assert {each.reason for each in found if isinstance(each, Quarantined)} == {"checksum"}


def test_a_chunk_without_its_mark_is_one_quarantined_piece_and_a_free_one_is_nothing() -> None:
    found = read(evtx_file.file_of(numbered(1), b"x" * 65_536, bytes(65_536), numbered(2)))
    assert [type(each) for each in found] == [Reading, Quarantined, Reading]
    (bad,) = [each for each in found if isinstance(each, Quarantined)]
    assert (bad.reason, len(bad.line.data)) == ("chunk", 65_536)


def test_a_file_that_is_cut_off_keeps_what_is_whole_of_it_in_account() -> None:
    whole = evtx_file.file_of(numbered(1), numbered(2, 3))
    found = read(whole[: 4096 + 65_536 + 1000])
    assert isinstance(found[0], Reading)
    assert {type(each) for each in found[1:]} == {Quarantined}
    with pytest.raises(Refusal, match="no Windows event log"):
        read(whole[:1000])


def test_a_file_that_was_in_use_is_read_without_regard_to_its_checksum() -> None:
    data = bytearray(evtx_file.file_of(numbered(1)))
    struct.pack_into("<I", data, 120, 1)
    struct.pack_into("<I", data, 4096 + 52, 0)
    assert [type(each) for each in read(bytes(data))] == [Reading]


@pytest.mark.parametrize("packed", [False, True])
def test_a_file_is_known_by_its_first_bytes_packed_or_not(tmp_path: Path, packed: bool) -> None:  # noqa: FBT001 - a case
    data = evtx_file.file_of(numbered(1, 2))
    path = tmp_path / "Security.evtx"
    path.write_bytes(zstandard.compress(data) if packed else data)
    plan = plans.make(path, Wish(system="windows"), home=tmp_path, zone=TOKYO, latest=datetime(2026, 12, 1, tzinfo=UTC))
    assert plan.format == "evtx"
    assert [type(each) for each in plan.outcomes()] == [Reading, Reading]


@given(
    places=st.lists(st.tuples(st.integers(4096, 4096 + 2400), st.integers(0, 255)), max_size=12), dirty=st.booleans()
)
@settings(max_examples=60, deadline=None)
def test_no_damage_crashes_the_reader(places: list[tuple[int, int]], dirty: bool) -> None:  # noqa: FBT001 - drawn
    data = bytearray(evtx_file.file_of(numbered(1, 2, 3)))
    struct.pack_into("<I", data, 120, int(dirty))
    for place, value in places:
        data[place] = value
    seen = [each.line.number if isinstance(each, Quarantined) else each.line_no for each in read(bytes(data))]
    assert seen == list(range(1, len(seen) + 1))
    assert seen
