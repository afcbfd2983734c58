"""From linkage logs to counts and findings: what was sent, acknowledged, edited, missing, or went where it must not."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from accesscontrol.clock import FixedClock
from accesscontrol.store import Store
from monitors.events import ledger
from monitors.events.imports import import_file
from monitors.events.plans import Wish
from monitors.facts import Facts
from monitors.findings import detection, reading
from monitors.findings.migrations import migrations
from monitors.linkage import declared
from monitors.linkage.declared import Declaration, Server
from monitors.linkage.flows import Flow, flows
from monitors.rules import catalogue

TOKYO = ZoneInfo("Asia/Tokyo")
DAY = datetime(2026, 11, 23, 15, tzinfo=UTC)
HEADER = "連携日時,連携元,連携先,ジョブ名,処理,結果,件数,受付番号"


@pytest.fixture
def store(home: Path) -> Iterable[Store]:
    store = Store(home / "sekisho.sqlite3", FixedClock(datetime(2026, 11, 25, tzinfo=UTC)), seal=b"test")
    store.migrate(ledger.migrations, migrations)
    yield store
    store.close()


def sent(at: str, source: str, target: str, number: str, count: int = 5, ending: str = "正常終了") -> str:
    return f"2026/11/24 {at},{source},{target},JOB,連携送信,{ending},{count},{number}"


def received(at: str, source: str, target: str, number: str, count: int = 5, ending: str = "正常終了") -> str:
    return f"2026/11/24 {at},{source},{target},JOB,受領確認,{ending},{count},{number}"


def bring(store: Store, home: Path, name: str, *rows: str) -> None:
    path = home.parent / name
    path.write_text("\n".join([HEADER, *rows]) + "\n", "utf-8")
    import_file(store, home, path, Wish(system="common-platform"), actor="1", zone=TOKYO)


def of_day(store: Store, home: Path) -> dict[tuple[str, str], Flow]:
    links = declared.shipped()
    found = flows(store, home, links, first=DAY, last=DAY + timedelta(days=1, milliseconds=-1))
    return {(flow.source, flow.target): flow for flow in found}


def detect(store: Store, home: Path, links: Declaration) -> dict[str, int]:
    report = detection.detect(store, home, catalogue.shipped(), lambda *_: Facts(links=links), actor="system")
    return {rule: count for rule, count in report.by_rule.items() if rule.startswith("transfer-")}


STORY = (
    sent("02:00:00", "register", "municipal-cs", "L1"),
    received("02:00:20", "register", "municipal-cs", "L1"),
    sent("02:01:00", "register", "municipal-cs", "L2"),
    sent("02:02:00", "register", "municipal-cs", "L3", 7),
    received("02:02:20", "register", "municipal-cs", "L3", 8),
    sent("02:03:00", "register", "municipal-cs", "L4"),
    received("04:03:01", "register", "municipal-cs", "L4"),
    sent("02:04:00", "register", "municipal-cs", "L5", ending="異常終了"),
    sent("02:05:00", "register", "municipal-cs", "L6"),
    received("02:05:10", "register", "municipal-cs", "L6", ending="異常終了"),
    sent("03:00:00", "register", "tax", "L7"),
    sent("03:01:00", "tax", "municipal-cs", "L8"),
    sent("03:02:00", "tax", "elsewhere", "L9"),
    sent("23:50:00", "register", "addressee", "L10"),
)


def test_each_way_is_counted_and_what_needs_somebody_is_named(store: Store, home: Path) -> None:
    bring(store, home, "a.csv", *STORY)
    found = of_day(store, home)
    flow = found["register", "municipal-cs"]
    told = (flow.sent, flow.persons, flow.acknowledged, flow.late, flow.edited, flow.missing, flow.refused, flow.failed)
    assert told == (6, 32, 1, 1, 1, 1, 1, 1)
    assert flow.open == ["L2", "L3", "L6"]
    assert not flow.is_in_order
    assert found["register", "tax"].is_in_order
    assert (found["register", "addressee"].pending, found["register", "addressee"].is_in_order) == (1, True)
    assert (found["tax", "municipal-cs"].link, found["tax", "elsewhere"].link) == ("forbidden", "undeclared")
    quiet = found["municipal-cs", "register"]
    assert (quiet.sent, quiet.waits, quiet.is_in_order) == (0, True, True)


def test_what_went_wrong_becomes_findings_each_once(store: Store, home: Path) -> None:
    bring(store, home, "a.csv", *STORY)
    expected = {
        "transfer-edited": 1,
        "transfer-failed": 1,
        "transfer-over-forbidden-link": 1,
        "transfer-unacknowledged": 1,
        "transfer-undeclared": 1,
    }
    assert detect(store, home, declared.shipped()) == expected
    (missing,) = [each for each in reading.listed(store) if each.rule == "transfer-unacknowledged"]
    assert (missing.count, missing.facts["sessions"]) == (2, "L2, L6")
    assert detect(store, home, declared.shipped()) == {}


def test_a_receipt_that_never_comes_is_found_by_a_later_run_and_one_that_comes_late_is_not(
    store: Store, home: Path
) -> None:
    bring(
        store,
        home,
        "a.csv",
        sent("09:00:00", "register", "addressee", "L1"),
        sent("09:01:00", "register", "addressee", "L2"),
    )
    assert detect(store, home, declared.shipped()) == {}
    bring(
        store,
        home,
        "b.csv",
        received("09:30:00", "register", "addressee", "L2"),
        sent("10:30:00", "register", "tax", "L3"),
    )
    assert detect(store, home, declared.shipped()) == {"transfer-unacknowledged": 1}
    (missing,) = reading.listed(store)
    assert missing.facts["sessions"] == "L1"


def test_a_number_that_begins_anew_each_day_is_acknowledged_by_that_days_receipt_alone(
    store: Store, home: Path
) -> None:
    def of(day: int, row: str) -> str:
        return row.replace("11/24", f"11/{day}")

    first, second = (
        sent("09:00:00", "register", "addressee", "0001"),
        received("08:59:50", "register", "addressee", "0001"),  # by a slow clock
    )
    bring(store, home, "a.csv", of(23, first), of(23, second), first, sent("12:00:00", "register", "tax", "0002"))
    assert detect(store, home, declared.shipped()) == {"transfer-unacknowledged": 1}
    flow = of_day(store, home)["register", "addressee"]
    assert (flow.sent, flow.acknowledged, flow.missing) == (1, 0, 1)


def test_a_transfer_that_is_sent_again_on_its_day_is_acknowledged_by_one_receipt(store: Store, home: Path) -> None:
    again = sent("09:20:00", "register", "addressee", "0001")
    bring(
        store,
        home,
        "a.csv",
        sent("09:00:00", "register", "addressee", "0001"),
        again,
        received("09:21:00", "register", "addressee", "0001"),
        sent("12:00:00", "register", "tax", "0002"),
    )
    assert detect(store, home, declared.shipped()) == {}


def test_what_was_received_over_a_link_and_never_sent_is_found(store: Store, home: Path) -> None:
    bring(
        store,
        home,
        "a.csv",
        received("09:00:00", "tax", "municipal-cs", "L1"),
        received("09:01:00", "tax", "elsewhere", "L2"),
        received("09:02:00", "register", "tax", "L3"),
        sent("09:03:00", "tax", "elsewhere", "L4"),
        received("09:03:10", "tax", "elsewhere", "L4"),
    )
    assert detect(store, home, declared.shipped()) == {"transfer-over-forbidden-link": 1, "transfer-undeclared": 1}
    assert {each.rule: each.count for each in reading.listed(store)} == {
        "transfer-over-forbidden-link": 1,
        "transfer-undeclared": 2,
    }
    flow = of_day(store, home)["tax", "municipal-cs"]
    assert (flow.link, flow.sent, flow.is_in_order) == ("forbidden", 0, False)


def test_a_transfer_from_a_host_that_is_no_registered_server_is_found(store: Store, home: Path) -> None:
    path = home.parent / "register.csv"
    head = "処理日時,所属,利用者ID,利用者名,端末ID,処理区分,処理名,結果,対象件数,検索条件,対象者,出力先,申請番号"
    rows = [f"2026/11/24 09:00:00,,batch,,{host},連携送信,,正常,5,,,tax," for host in ("srv-01", "SM-03")]
    path.write_text("\n".join([head, *rows]) + "\n", "utf-8")
    import_file(store, home, path, Wish(system="register"), actor="1", zone=TOKYO)
    base = declared.shipped()
    links = Declaration(pair=base.pair, forbidden=base.forbidden, server=(Server(name="srv-01", system="register"),))
    assert detect(store, home, links) == {"transfer-outside-route": 1}
    (found,) = [each for each in reading.listed(store) if each.rule == "transfer-outside-route"]
    assert (found.count, found.source) == (1, "sm-03")


WITH_HOSTS = """
name = "exchange"
title = "exchange"
title_ja = "exchange"
system = "exchange"
time = {columns = ["at"], layouts = ["%H:%M:%S %Y/%m/%d"]}
fields = {user_id = "from", dest_system = "to", session = "number", terminal = "host", action = "act", outcome = "end"}
"""


@pytest.mark.parametrize(
    ("sender", "receiver", "is_found"),
    [
        ("srv-01", "srv-02", False),
        ("srv-01", "", False),
        ("", "", False),
        ("SM-03", "srv-02", True),
        ("srv-01", "SM-03", True),
        ("srv-02", "", True),  # a server, but none of the system that sends
        ("far-01", "", True),  # a server that does not stand in the data centre
    ],
)
def test_both_hosts_of_a_transfer_are_registered_servers_of_their_systems(
    store: Store, home: Path, sender: str, receiver: str, *, is_found: bool
) -> None:
    (home / "mappings").mkdir()
    (home / "mappings" / "exchange.toml").write_text(WITH_HOSTS)
    path = home.parent / "exchange.csv"
    rows = (
        "at,from,to,number,host,act,end",
        f"09:00:00 2026/11/24,register,tax,1,{sender},transfer,success",
        f"09:00:05 2026/11/24,register,tax,1,{receiver},acknowledge,success",
    )
    path.write_text("\n".join(rows) + "\n")
    import_file(store, home, path, Wish(system="exchange"), actor="1", zone=TOKYO)
    base = declared.shipped()
    servers = (
        Server(name="srv-01", system="register"),
        Server(name="srv-02", system="tax"),
        Server(name="far-01", system="register", place="branch"),
    )
    links = Declaration(pair=base.pair, forbidden=base.forbidden, server=servers, logs={"exchange": "user_id"})
    assert detect(store, home, links) == ({"transfer-outside-route": 1} if is_found else {})
