"""Windows events exported as XML. What they mean is held to what the same events mean in the log itself."""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

import pytest
from evtx import PyEvtxParser
from hypothesis import given, settings
from hypothesis import strategies as st

from accesscontrol.refusals import Refusal
from accesscontrol.store import Store
from monitors.events import plans
from monitors.events.imports import import_file
from monitors.events.plans import Wish
from monitors.events.readers import windows, windows_xml
from monitors.events.readers.readings import Outcome, Quarantined, Reading
from tests.monitors.events.readers import evtx_file
from tests.monitors.events.readers.evtx_file import WindowsEvent

TOKYO = ZoneInfo("Asia/Tokyo")
HEAD = '<?xml version="1.0" encoding="utf-8" standalone="yes"?>\r\n<Events>'
MANY = [
    WindowsEvent(4625, {"TargetUserName": "yamada", "SubStatus": "0xc000006a", "IpAddress": "10.1.2.3"}, record=1),
    WindowsEvent(4624, {"TargetUserName": "山田<&髙", "LogonType": "10"}, record=2),
    WindowsEvent(18456, {"#1": "sa", "#2": "Reason: a", "#3": "[CLIENT: 203.0.113.9]"}, record=3, provider="MSSQLSERVER"),
    WindowsEvent(0, {"#1": "one text alone"}, record=4, provider="PostgreSQL"),
    WindowsEvent(1102, {"SubjectUserName": "sato"}, record=5, provider="Microsoft-Windows-Eventlog", user_data="LogFileCleared"),
    WindowsEvent(4, {"process": "sshd", "payload": "Invalid user a from 203.0.113.9 port 1"}, record=6, provider="OpenSSH", process=79),
    WindowsEvent(4, {"process": "sshd", "payload": "Failed password for invalid user a from 203.0.113.9 port 1 ssh2"}, record=7, provider="OpenSSH", process=79),
]  # fmt: skip


def event(user: str = "yamada", number: int = 1, text: str = "") -> str:
    at = (datetime(2026, 11, 24, 0, 31, 7, tzinfo=UTC) + timedelta(seconds=number)).strftime("%Y-%m-%dT%H:%M:%S")
    return (
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>"
        "<Provider Name='Microsoft-Windows-Security-Auditing' Guid='{54849625-5478-4994-a5ba-3e3b0328c30d}'/>"
        f"<EventID>4625</EventID><TimeCreated SystemTime='{at}.1234567Z'/><EventRecordID>{number}</EventRecordID>"
        "<Execution ProcessID='712' ThreadID='7'/><Channel>Security</Channel><Computer>cs01</Computer></System>"
        f"<EventData><Data Name='TargetUserName'>{user}</Data>{text}</EventData>"
        "<RenderingInfo Culture='ja-JP'><Message>アカウントがログオンに失敗しました。</Message></RenderingInfo></Event>"
    )


def read(text: str | bytes, encoding: str = "utf-8") -> list[Outcome]:
    data = text.encode() if isinstance(text, str) else text
    return sorted(windows_xml.read(io.BytesIO(data), TOKYO, encoding), key=place)


def place(outcome: Outcome) -> int:
    return outcome.line.number if isinstance(outcome, Quarantined) else outcome.line_no


def users(outcomes: list[Outcome]) -> list[str]:
    return [str(each.fields["user_id"]) if isinstance(each, Reading) else each.reason for each in outcomes]


@pytest.mark.parametrize("is_newest_first", [False, True])
def test_an_export_means_what_the_log_itself_means(is_newest_first: bool) -> None:  # noqa: FBT001 - a case
    data = evtx_file.file_of(evtx_file.chunk(MANY))
    exported = [str(each["data"]).partition("?>")[2] for each in PyEvtxParser(io.BytesIO(data)).records() if each]
    exported = exported[::-1] if is_newest_first else exported
    told = [each for each in read(HEAD + "\n".join(exported) + "</Events>") if isinstance(each, Reading)]
    wanted = [each for each in windows.read(io.BytesIO(data), TOKYO) if isinstance(each, Reading)]
    assert len(wanted) == len(MANY)
    told.sort(key=lambda each: int(each.fields["sequence"]))
    assert [(each.ts, dict(each.fields)) for each in told] == [(each.ts, dict(each.fields)) for each in wanted]


@pytest.mark.parametrize(
    "data",
    [
        (HEAD + event("佐藤") + event("b", 2) + "</Events>").encode(),
        (HEAD + event("佐藤") + event("b", 2) + "</Events>").encode("utf-8-sig"),
        (HEAD.replace("utf-8", "utf-16") + event("佐藤") + event("b", 2) + "</Events>").encode("utf-16"),
        (event("佐藤") + "\r\n" + event("b", 2) + "\r\n").encode("cp932"),  # wevtutil, in a Japanese console
    ],
)
def test_a_file_is_known_by_its_beginning_in_each_encoding(data: bytes, tmp_path: Path) -> None:
    (path := tmp_path / "Security.xml").write_bytes(data)
    plan = plans.make(path, Wish(system="windows"), home=tmp_path, zone=TOKYO, latest=datetime(2026, 12, 1, tzinfo=UTC))
    assert plan.format == "windows-xml"
    found = list(plan.outcomes())
    assert users(found) == ["佐藤", "b"]
    assert next(each.ts_raw for each in found if isinstance(each, Reading)) == "2026-11-24T00:31:08.1234567Z"


def test_other_text_in_utf_16_is_refused_as_before(tmp_path: Path) -> None:
    (path := tmp_path / "a.xml").write_bytes("<html>".encode("utf-16"))
    with pytest.raises(Refusal, match="UTF-16"):
        plans.make(path, Wish(system="x"), home=tmp_path, zone=TOKYO, latest=datetime(2026, 12, 1, tzinfo=UTC))


def test_every_piece_is_accounted_for_and_what_is_whole_is_read() -> None:
    whole = HEAD + event("a") + "stray" + event("b").replace("</System>", "") + event("c") + event("d")[:-30]
    found = read(whole)
    assert users(found) == ["a", "xml", "xml", "c", "xml"]
    bad = [each.line.data.decode() for each in found if isinstance(each, Quarantined)]
    assert (bad[0], bad[2]) == ("stray", event("d")[:-30])
    joined = read(HEAD + event("a")[:-30] + HEAD + event("b") + "</Events>")
    assert users(joined) == ["xml", "b"]


def test_no_entity_is_ever_declared() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    doctype = f'<!DOCTYPE Events [<!ENTITY l0 "lol">{laughs}<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    found = read(f'<?xml version="1.0"?>{doctype}<Events>{event("&l9;")}{event("&f;")}{event("a")}</Events>')
    assert users(found) == ["xml", "xml", "xml", "a"]
    inside = event("a").replace("<System>", f"{doctype}<System>")
    assert set(users(read(HEAD + inside))) == {"xml"}


@pytest.mark.parametrize(
    ("piece", "told"),
    [
        (event("a\x01b"), "a\ufffdb"),
        (event("a&#x1B;b"), "a\ufffdb"),
        (event(escape("</Event>")), "</Event>"),
        (event().replace("2026-11-24T", "1601-01-01T"), "time"),
        (event().replace("4625", "many"), "xml"),
        (event().replace("<EventID>4625</EventID>", ""), "xml"),
        ("<Event/></Event>", "xml"),
    ],
)
def test_hostile_content_is_text_or_quarantined(piece: str, told: str) -> None:
    assert users(read(HEAD + piece + event("z", 2))) == [told, "z"]


def test_half_a_character_and_bytes_of_another_encoding_are_quarantined() -> None:
    assert users(read((HEAD + event("佐") + event("b")).encode("cp932"))) == ["encoding", "encoding"]
    wide = (HEAD + event("a") + event("\ud800")).encode("utf-16", "surrogatepass")
    assert users(read(wide, "utf-16")) == ["a", "encoding"]
    assert users(read((HEAD + event("a") + event("b")).encode("utf-16")[:-5], "utf-16")) == ["a", "xml"]


def test_an_event_without_end_is_held_in_parts_of_bounded_size() -> None:
    given = event("a", text="x" * 5_000_000)
    found = read(HEAD + given + event("b", 2))
    assert users(found)[-1] == "b"
    kept = [each.line for each in found if isinstance(each, Quarantined)]
    assert sum(len(line.data) if line.whole else line.size for line in kept) == len(given.encode())
    assert all(len(line.data) <= 65_536 for line in kept)
    assert len(kept) <= 5


def test_an_import_reads_as_much_as_it_accounts_for(tmp_path: Path, store: Store, home: Path) -> None:
    (path := tmp_path / "Security.xml").write_text(HEAD + event("a") + "stray" + event("b", 2) + "</Events>")
    report = import_file(store, home, path, Wish(system="windows"), actor="100200", zone=TOKYO)
    assert (report.read, report.imported, report.duplicate, report.quarantined) == (3, 2, 0, 1)
    again = tmp_path / "later.xml"
    again.write_text(HEAD + event("c", 3) + event("b", 2) + "</Events>")
    report = import_file(store, home, again, Wish(system="windows"), actor="100200", zone=TOKYO)
    assert (report.read, report.imported, report.duplicate, report.quarantined) == (2, 1, 1, 0)


PIECES = st.sampled_from([event("a"), event("b")[:300], event("b")[300:], HEAD, "</Events>", "<Event ", "</Event>", "<!--", "]]>", "<![CDATA[", "\0", "&x;", " ", "<?xml?>"])  # fmt: skip


@given(pieces=st.lists(st.one_of(PIECES, st.text(max_size=8)), max_size=12), wide=st.booleans(), cut=st.integers(0, 3))
@settings(max_examples=80, deadline=None)
def test_no_damage_crashes_the_reader_or_loses_a_piece(pieces: list[str], wide: bool, cut: int) -> None:  # noqa: FBT001 - drawn
    text = "".join(pieces)
    data = text.encode("utf-16" if wide else "utf-8", "surrogatepass")
    found = read(data[: len(data) - cut], "utf-16" if wide else "utf-8")
    assert [place(each) for each in found] == list(range(1, len(found) + 1))
    assert (
        users(found).count("a") == text.count(event("a"))
        or cut
        or "a" in "".join(each for each in pieces if len(each) < 9)
    )
