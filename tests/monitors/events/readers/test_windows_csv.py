from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest

from monitors.events.readers import formats, windows_csv
from monitors.events.readers.readings import Line, Quarantined, Reading

TOKYO = ZoneInfo("Asia/Tokyo")
JAPANESE = """レベル,日付と時刻,ソース,イベント ID,タスクのカテゴリ
情報,2026/11/24 9:31:07,Microsoft-Windows-Security-Auditing,4625,Logon,"アカウントがログオンに失敗しました。

サブジェクト:
\tセキュリティ ID:\t\tSYSTEM
\tアカウント名:\t\tCS01$
\tアカウント ドメイン:\t\tCITY

ログオンを失敗したアカウント:
\tアカウント名:\t\tyamada

エラー情報:
\tサブ ステータス:\t\t0xC000006A

ネットワーク情報:
\tワークステーション名:\tSM-03
\tソース ネットワーク アドレス:\t10.1.2.3"
情報,2026/11/24 9:31:40,Microsoft-Windows-Security-Auditing,4776,Credential Validation,"コンピューターがアカウントの資格情報を検証しようとしました。

認証パッケージ:\tMICROSOFT_AUTHENTICATION_PACKAGE_V1_0
ログオン アカウント:\tsuzuki
ソース ワークステーション:\tSM-04
エラー コード:\t0xC0000064"
情報,2026/11/24 9:32:00,Microsoft-Windows-Eventlog,1102,Log clear,"監査ログが消去されました。
サブジェクト:
\tアカウント名:\tsato"
"""
ENGLISH = """"TimeCreated","Id","ProviderName","LogName","MachineName","RecordId","Message"
"11/24/2026 9:31:07 PM","4","OpenSSH","OpenSSH/Operational","cs01","71","sshd: Accepted password for yamada from 10.1.2.3 port 22 ssh2"
"11/24/2026 12:01:07 AM","7","Other","Application","cs01","72","hello"
"11/24/2026 12:01:06 AM","18456","MSSQLSERVER","Application","cs01","73","Login failed for user 'sa'. Reason: Password did not match. [CLIENT: 203.0.113.9]"
"""


def read(text: str) -> list[Reading | Quarantined]:
    lines = ((Line(n, t.encode()), t) for n, t in enumerate(text.split("\n"), 1) if t)
    return list(windows_csv.read(lines, TOKYO))


def test_an_export_of_the_event_viewer_in_japanese_is_understood() -> None:
    failed, checked, cleared = read(JAPANESE)
    assert isinstance(checked, Reading)
    told = checked.fields
    assert (told["action"], told["outcome"], told["user_id"], told["terminal"], told["reason"]) == (
        "login", "failure", "suzuki", "SM-04", "no such account",
    )  # fmt: skip
    assert isinstance(failed, Reading)
    assert isinstance(cleared, Reading)
    told = failed.fields
    assert (told["action"], told["outcome"], told["user_id"], told["src_ip"], told["reason"], told["terminal"]) == (
        "login", "failure", "yamada", "10.1.2.3", "wrong password", "SM-03",
    )  # fmt: skip
    assert (cleared.fields["action"], cleared.fields["reason"], cleared.fields["user_id"]) == (
        "admin", "log-cleared", "sato",
    )  # fmt: skip


def test_an_export_of_powershell_is_understood_with_its_hours_and_running_numbers() -> None:
    night, evening, database = read(ENGLISH)  # what OpenSSH tells waits for the rest of its connection
    assert isinstance(evening, Reading)
    assert isinstance(night, Reading)
    assert isinstance(database, Reading)
    assert (database.fields["user_id"], database.fields["src_ip"]) == ("sa", "203.0.113.9")
    assert evening.ts - night.ts == 77_400_000  # 21 hours and a half
    assert (evening.fields["user_id"], evening.fields["sequence"], evening.fields["dest_system"]) == (
        "yamada",
        71,
        "cs01",
    )


@pytest.mark.parametrize("text", [JAPANESE, ENGLISH])
def test_the_layout_is_told_from_the_header(text: str) -> None:
    assert formats.guessed(b"", text.split("\n", maxsplit=1)[0]) == formats.WINDOWS_CSV


HEADER = "Level,Date and Time,Source,Event ID,Task Category\n"
CONNECTIONS = [
    ("9:31:07", "Invalid user admin from 203.0.113.9 port 1"),
    ("9:31:07", "Connection closed by authenticating user root 203.0.113.9 port 2 [preauth]"),
    ("9:31:08", "Failed password for invalid user admin from 203.0.113.9 port 1 ssh2"),
    ("9:31:08", "Connection closed by invalid user admin 203.0.113.9 port 1 [preauth]"),
    ("9:40:00", "User yamada from 203.0.113.9 not allowed because not listed in AllowUsers"),
    ("9:40:01", "Connection closed by invalid user yamada 203.0.113.9 port 3 [preauth]"),
    ("9:41:00", "Accepted publickey for sato from 10.1.2.3 port 4 ssh2: RSA SHA256:x"),
    ("9:50:00", "Disconnected from user sato 10.1.2.3 port 4"),
]


def attempts(text: str) -> list[tuple[str, str]]:
    found = [each for each in read(text) if isinstance(each, Reading)]
    assert sorted(each.line_no for each in found) == [*range(2, text.count("\n") + 1)]
    told = [each.fields for each in found if each.fields["action"] == "login"]
    return sorted((str(each["user_id"]), str(each["outcome"])) for each in told)


@pytest.mark.parametrize("is_newest_first", [False, True])
@pytest.mark.parametrize("process", [False, True])
def test_openssh_tells_the_same_attempts_whatever_the_order_of_the_export(process: bool, is_newest_first: bool) -> None:  # noqa: FBT001 - cases
    rows = [f"Information,2026/11/24 {at},OpenSSH,4,None,sshd: {text}" for at, text in CONNECTIONS]
    header = HEADER
    if process:
        numbers = (1, 2, 1, 1, 3, 3, 4, 4)
        rows = [
            f'"2026/11/24 {at}",4,OpenSSH,{n},"sshd: {text}"'
            for n, (at, text) in zip(numbers, CONNECTIONS, strict=True)
        ]
        header = '"TimeCreated","Id","ProviderName","ProcessId","Message"\n'
    rows = rows[::-1] if is_newest_first else rows
    assert attempts(header + "".join(f"{row}\n" for row in rows)) == [
        ("admin", "failure"),
        ("root", "failure"),
        ("sato", "success"),
        ("yamada", "failure"),
    ]


def test_lines_of_openssh_wait_no_longer_than_somebody_may_take_to_sign_in() -> None:
    row = "Information,2026/11/24 9:{:02}:00,OpenSSH,4,None,sshd: Failed password for a from 203.0.113.9 port {} ssh2"
    given: list[int] = []

    def lines() -> Iterator[tuple[Line, str]]:
        for number, text in enumerate([HEADER.strip(), *(row.format(59 - n, n) for n in range(50))], 1):
            given.append(number)
            yield Line(number, text.encode()), text

    first = next(windows_csv.read(lines(), TOKYO))
    assert isinstance(first, Reading)
    assert (first.line_no, given[-1]) == (2, 5)
