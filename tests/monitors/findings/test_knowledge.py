"""What detection knows besides the events: ties, networks, offices; and what it notes by looking at other events."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from accesscontrol.clock import FixedClock
from accesscontrol.refusals import Refusal
from accesscontrol.store import Store
from monitors import site
from monitors.events import ledger
from monitors.events.imports import import_file
from monitors.events.plans import Wish
from monitors.facts import Account, AccountState, Facts, Terminal, Tie, TieKind
from monitors.findings import detection, reading
from monitors.findings.migrations import migrations
from monitors.rules import catalogue
from tests.monitors.conftest import TOKYO
from tests.monitors.events.readers import evtx_file
from tests.monitors.events.readers.evtx_file import WindowsEvent

LONG_AGO = datetime(2020, 4, 1, tzinfo=UTC)
REGISTER = "処理日時,所属,利用者ID,利用者名,端末ID,処理区分,処理名,結果,対象件数,検索条件,対象者,出力先,申請番号"
INTERMEDIARY = "処理日時,利用者ID,端末識別子,機能,操作,結果,対象数,提供先,承認番号"
Detect = Callable[..., dict[str, list[reading.Finding]]]
TERMINAL_RULES = {"unregistered-terminal": "s1", "terminal-of-others": "s2", "out-of-own-office": "s2"}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def store(home: Path) -> Iterable[Store]:
    store = Store(home / "sekisho.sqlite3", FixedClock(datetime(2026, 11, 25, tzinfo=UTC)), seal=b"test")
    store.migrate(ledger.migrations, migrations)
    yield store
    store.close()


@pytest.fixture
def detect(store: Store, home: Path) -> Detect:
    def run(path: Path, facts: Facts = Facts(), system: str = "register") -> dict[str, list[reading.Finding]]:  # noqa: B008 - frozen
        import_file(store, home, path, Wish(system=system), actor="1", zone=TOKYO)
        detection.detect(store, home, catalogue.shipped(), lambda *_: facts, actor="system")
        found: dict[str, list[reading.Finding]] = {}
        for each in reading.listed(store):
            found.setdefault(each.rule, []).append(each)
        return found

    return run


def rows(tmp_path: Path, head: str, *lines: str) -> Path:
    path = tmp_path / "log.csv"
    path.write_text("\n".join([head, *lines]) + "\n", "utf-8")
    return path


def account(user: str, office: str) -> Account:
    return Account(
        system="register", user_id=user, staff_number=user, office=office, changes=[(LONG_AGO, AccountState.ACTIVE)]
    )


def view(user: str, record: str, terminal: str = "SM-01") -> str:
    return f"2026/11/24 10:00:00,市民課,{user},,{terminal},照会,,正常,1,,{record},,"


PEOPLE = Facts(
    accounts=[account("S1", "市民課"), account("S2", "市民課"), account("S3", "税務課")],
    terminals=[Terminal(terminal="SM-01", office="市民課"), Terminal(terminal="ZM-01", office="税務課")],
    ties=[
        Tie(staff_number="S1", object="K1", kind=TieKind.SELF),
        Tie(staff_number="S1", object="K2", kind=TieKind.HOUSEHOLD),
    ],
)


def test_ones_own_record_and_the_households_are_found_and_a_colleagues_only_where_the_site_says_so(
    tmp_path: Path, detect: Detect, store: Store, home: Path
) -> None:
    lines = [view("S1", "K1"), view("S1", "K2"), view("S1", "K9"), view("S2", "K1"), view("S2", "K2"), view("S3", "K1")]
    found = detect(rows(tmp_path, REGISTER, *lines), PEOPLE)
    (own,) = found["own-or-household-record"]
    assert (own.account, own.count, own.facts["objects"]) == ("s1", 2, "K1, K2")
    assert "record-of-a-colleague" not in found
    facts = replace(PEOPLE, colleagues=True)
    detection.detect(store, home, catalogue.shipped(), lambda *_: facts, actor="system", everything=True)
    (colleague,) = [each for each in reading.listed(store) if each.rule == "record-of-a-colleague"]
    assert (colleague.account, colleague.count) == ("s2", 1)


def test_an_id_at_another_offices_terminal_is_found(tmp_path: Path, detect: Detect) -> None:
    lines = [view("S1", "K8"), view("S2", "K8", "ZM-01"), view("S3", "K8", "ZM-01"), view("S3", "K8", "XX-99")]
    (found,) = detect(rows(tmp_path, REGISTER, *lines), PEOPLE)["out-of-own-office"]
    assert (found.account, found.count) == ("s2", 1)


def test_a_query_outside_the_affairs_of_the_office_is_found_where_the_site_tells_them(
    tmp_path: Path, detect: Detect
) -> None:
    lines = [
        "2026-11-24 10:00:01,020,市民課,S1,SM-01,照会,0,1,A1",
        "2026-11-24 10:00:02,050,市民課,S1,SM-01,照会,0,1,A2",
        "2026-11-24 10:00:03,050,市民課,S1,SM-01,連携,0,1,A3",
        "2026-11-24 10:00:04,,市民課,S2,SM-01,照会,0,1,A4",
        "2026-11-24 10:00:05,050,福祉課,S4,FK-01,照会,0,1,A5",
    ]
    file = rows(tmp_path, "日時,事務コード,部署名,職員番号,端末名,操作,結果コード,件数,宛名番号", *lines)
    (found,) = detect(file, Facts(affairs={"市民課": ("020", "021")}), "addressee")["query-outside-affairs"]
    assert (found.account, found.count, found.facts["objects"]) == ("s1", 1, "A2")


def test_an_address_outside_the_networks_is_found_and_without_networks_none_is(tmp_path: Path, detect: Detect) -> None:
    lines = [
        f"Nov 24 10:00:0{number} cs01 sshd[1]: Accepted publickey for yamada from {address} port 22 ssh2"
        for number, address in enumerate(["10.20.1.1", "203.0.113.9", "2001:db8::1"])
    ]
    path = tmp_path / "auth.log"
    path.write_text("\n".join(lines) + "\n")
    found = detect(path, replace(PEOPLE, networks=("10.20.0.0/16", "2001:db8::/32")), "servers")
    assert [each.source for each in found["address-outside-networks"]] == ["203.0.113.9"]


def test_a_sign_in_without_a_sign_out_is_found_a_day_later(tmp_path: Path, detect: Detect) -> None:
    def line(at: str, user: str, act: str) -> str:
        return f"2026/11/{at},{user},CT-01,職員認証,{act},OK,0,,"

    lines = [
        line("20 09:00:00", "A", "ログイン"), line("20 17:00:00", "A", "ログアウト"),
        line("20 09:00:00", "B", "ログイン"), line("21 09:00:00", "B", "ログイン"), line("21 17:00:00", "B", "ログアウト"),
        line("20 10:00:00", "C", "ログイン"), line("23 16:00:00", "D", "ログイン"), line("24 09:00:00", "A", "照会"),
    ]  # fmt: skip
    found = detect(rows(tmp_path, INTERMEDIARY, *lines), Facts(), "intermediary")
    assert sorted((each.account, each.count) for each in found["sign-in-left-open"]) == [("b", 1), ("c", 1)]


def test_a_record_that_was_taken_out_of_an_event_log_leaves_a_gap_and_so_does_clearing_it(
    tmp_path: Path, detect: Detect
) -> None:
    told = {"TargetUserName": "yamada", "LogonType": "10"}
    events = [WindowsEvent(4624, told, record=number) for number in (5, 6, 9, 10)]
    cleared = WindowsEvent(
        1102,
        {"SubjectUserName": "yamada"},
        record=11,
        provider="Microsoft-Windows-Eventlog",
        user_data="LogFileCleared",
    )
    found = detect(evtx_file.write(tmp_path / "s.evtx", *events, cleared), Facts(), "windows")
    (gap,) = found["log-gap"]
    assert (gap.count, gap.system) == (1, "windows")
    (clearing,) = found["audit-log-cleared"]
    assert (clearing.account, clearing.facts["objects"]) == ("yamada", "Security")


def test_the_sites_file_tells_networks_and_ties_and_what_is_wrong_in_it_is_said(home: Path) -> None:
    (home / "ties.csv").write_text("staff_number,object,tie\nS1,K1,self\n")
    (home / site.FILE).write_text(
        'networks = ["10.0.0.0/8"]\nties = "ties.csv"\ncolleagues = true\n[affairs]\ntax = ["020"]\n'
    )
    facts = site.known(home, Facts())
    assert (facts.networks, facts.colleagues, facts.affairs) == (("10.0.0.0/8",), True, {"tax": ("020",)})
    assert [tie.kind for tie in facts.ties] == [TieKind.SELF]
    (home / "short.csv").write_text("terminal,office,users\nSM-01\n")
    for text in ('networks = ["10.0.0.1/8"]', "x = 1", 'ties = "nothing.csv"', 'terminals = "short.csv"'):
        (home / site.FILE).write_text(text + "\n")
        with pytest.raises(Refusal, match="Mend the file"):
            site.known(home, Facts())


def test_the_sites_terminals_tell_which_id_sits_where_it_should_not(home: Path, tmp_path: Path, detect: Detect) -> None:
    (home / "terminals.csv").write_text("terminal,office,users\nSM-01,市民課,\nZM-01,税務課,S3 S4\n", "utf-8")
    (home / site.FILE).write_text('terminals = "terminals.csv"\nterminal_systems = ["register"]\n')
    console = Facts(accounts=PEOPLE.accounts, terminals=[Terminal(terminal="server-room-01")])
    lines = [view("S1", "K1"), view("S3", "K1", "ＺＭ-01"), view("S2", "K1", "ZM-01"), view("S1", "K1", "XX-99")]
    found = detect(rows(tmp_path, REGISTER, *lines), site.known(home, console))
    assert {each.rule: each.account for (each,) in (found[rule] for rule in TERMINAL_RULES)} == TERMINAL_RULES
