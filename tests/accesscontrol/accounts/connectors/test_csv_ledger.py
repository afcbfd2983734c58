"""A system without an interface: work orders go out, and only the next account list proves them."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from accesscontrol.accounts.connectors.csv_ledger import ORDERS, CsvFormat, CsvLedgerConnector, safe_cell
from accesscontrol.accounts.connectors.protocol import TemporaryPassword, Unreadable, Wanted
from accesscontrol.clock import FixedClock
from accesscontrol.people.secret import Secret
from accesscontrol.refusals import Refusal

TOKYO = ZoneInfo("Asia/Tokyo")
FORMAT = CsvFormat(
    columns={
        "user_id": "利用者ID",
        "enabled": "状態",
        "valid_to": "有効期限",
        "entitlements": "権限",
        "last_use": "最終",
    },
    encoding="cp932",
    enabled=("有効",),
)
HEADING = "利用者ID,状態,有効期限,権限,最終\n"


@pytest.fixture
def connector(tmp_path: Path, clock: FixedClock) -> CsvLedgerConnector:
    return CsvLedgerConnector("addressee", tmp_path / "lists", FORMAT, TOKYO, clock)


def hand_in(connector: CsvLedgerConnector, tmp_path: Path, lines: str, as_of: datetime) -> int:
    file = tmp_path / "from-the-operator.csv"
    file.write_bytes((HEADING + lines).encode("cp932"))
    return connector.take_list(file, as_of=as_of)


def ordered(connector: CsvLedgerConnector) -> list[tuple[str, str]]:
    return [(row["act"], row["user_id"]) for row in csv.DictReader(io.StringIO(connector.work_order()))]


def test_a_list_is_read_in_its_own_words_and_counts_as_of_its_own_time(
    connector: CsvLedgerConnector, tmp_path: Path, clock: FixedClock
) -> None:
    as_of = clock.now() - timedelta(hours=3)
    assert hand_in(connector, tmp_path, "AT1,有効,2027/03/31,照会 更新,2026/11/20 09:15\nAT2,停止,,照会,\n", as_of) == 2
    reading = connector.read()
    assert reading.read_at == as_of
    first, second = reading.accounts
    assert (first.enabled, first.entitlements) == (True, ("更新", "照会"))
    assert first.valid_to == datetime(2027, 3, 31, 15, 0, tzinfo=UTC)
    assert first.last_use == datetime(2026, 11, 20, 0, 15, tzinfo=UTC)
    assert (second.lapsed, second.valid_to) == (True, None)


def test_a_list_of_a_time_to_come_proves_nothing(
    connector: CsvLedgerConnector, tmp_path: Path, clock: FixedClock
) -> None:
    hand_in(connector, tmp_path, "AT1,有効,,照会,\n", clock.now())
    clock.leap(timedelta(hours=-1))
    for look in (connector.read, lambda: connector.look(["AT1"])):
        with pytest.raises(Unreadable, match="of a time to come"):
            look()
    clock.advance(timedelta(hours=1))
    assert [each.user_id for each in connector.read().accounts] == ["AT1"]


def test_without_a_list_nothing_is_known(connector: CsvLedgerConnector) -> None:
    with pytest.raises(Unreadable, match="no account list"):
        connector.read()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        HEADING.encode("cp932"),
        "ID,状態\nAT1,有効\n".encode("cp932"),
        (HEADING + "AT1,有効,,,\nAT1,停止,,,\n").encode("cp932"),
        (HEADING + ",有効,,,\n").encode("cp932"),
        (HEADING + "AT1,有効,2027/02/30,,\n").encode("cp932"),
        (HEADING + 'AT1,"有効').encode("cp932"),
        HEADING.encode("cp932") + b"\xff\xff",
    ],
)
def test_a_list_that_is_not_whole_is_refused_and_the_last_one_stays(
    connector: CsvLedgerConnector, tmp_path: Path, clock: FixedClock, content: bytes
) -> None:
    hand_in(connector, tmp_path, "AT1,有効,,,\n", clock.now())
    file = tmp_path / "broken.csv"
    file.write_bytes(content)
    with pytest.raises(Unreadable, match="can't be used"):
        connector.take_list(file, as_of=clock.now())
    assert [each.user_id for each in connector.read().accounts] == ["AT1"]


def test_a_list_of_tomorrow_is_refused(connector: CsvLedgerConnector, tmp_path: Path, clock: FixedClock) -> None:
    with pytest.raises(Refusal, match="time to come"):
        hand_in(connector, tmp_path, "AT1,有効,,,\n", clock.now() + timedelta(seconds=1))


def test_an_order_stays_until_a_later_list_shows_it_done(
    connector: CsvLedgerConnector, tmp_path: Path, clock: FixedClock
) -> None:
    hand_in(connector, tmp_path, "AT1,有効,,照会,\n", clock.now())
    assert connector.block(["AT1"]) == {}
    connector.issue(Wanted(user_id="AT2", display_name="山田", entitlements=("照会",), valid_to=clock.now()))
    assert ordered(connector) == [("disable", "AT1"), ("issue", "AT2")]
    assert connector.look(["AT1"])["AT1"].enabled
    clock.advance(timedelta(hours=1))
    hand_in(connector, tmp_path, "AT1,有効,,照会,\n", clock.now())
    connector.read()
    assert ordered(connector) == [("disable", "AT1"), ("issue", "AT2")]
    hand_in(connector, tmp_path, "AT1,停止,,照会,\nAT2,有効,,照会,\n", clock.now())
    connector.read()
    assert ordered(connector) == []
    assert connector.look(["AT1"])["AT1"].lapsed


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"AT1": 1}', b"\x97"])
def test_orders_that_can_not_be_read_make_the_system_unreadable(
    connector: CsvLedgerConnector, tmp_path: Path, clock: FixedClock, content: bytes
) -> None:
    hand_in(connector, tmp_path, "AT1,有効,,照会,\n", clock.now())
    (tmp_path / "lists" / ORDERS).write_bytes(content)
    with pytest.raises(Unreadable, match=r"open work orders in .*orders\.json can't be read"):
        connector.read()


def test_a_list_from_before_the_order_does_not_settle_it(
    connector: CsvLedgerConnector, tmp_path: Path, clock: FixedClock
) -> None:
    hand_in(connector, tmp_path, "AT1,停止,,,\n", clock.now())
    clock.advance(timedelta(hours=1))
    connector.change([Wanted(user_id="AT1")])
    connector.block(["AT1"])
    connector.read()
    assert ordered(connector) == [("disable", "AT1")]


def test_an_order_that_is_repeated_keeps_its_time(
    connector: CsvLedgerConnector, tmp_path: Path, clock: FixedClock
) -> None:
    hand_in(connector, tmp_path, "AT1,有効,,,\n", clock.now())
    connector.block(["AT1"])
    before = connector.work_order()
    clock.advance(timedelta(hours=1))
    connector.block(["AT1"])
    assert connector.work_order() == before


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_no_cell_of_a_work_order_is_a_formula(text: str) -> None:
    assert safe_cell(text) == f"'{text}"
    assert safe_cell("山田") == "山田"


def test_passwords_are_the_operator_s(connector: CsvLedgerConnector, clock: FixedClock) -> None:
    with pytest.raises(Refusal, match="keeps its passwords itself"):
        connector.set_password("AT1", TemporaryPassword(secret=Secret("x"), until=clock.now()))
