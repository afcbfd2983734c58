"""What one entry is: whole, masked, salted, in order, and told when somebody set the clock."""

import json
import sqlite3
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest

from accesscontrol.canonical import canonical
from accesscontrol.clock import FixedClock, Uptime
from accesscontrol.individual_numbers import check_digit
from accesscontrol.store import Store
from accesscontrol.trail import entries
from accesscontrol.trail.append import masked
from accesscontrol.trail.chain import CHAIN_START, keyed
from tests.accesscontrol.conftest import SEAL
from tests.accesscontrol.trail.intruder import Intruder

NUMBER = "98765432101"
NUMBER += check_digit(NUMBER)


def record(store: Store, act: str = "door.opened", **details: Any) -> int:
    with store.transaction() as tx:
        return tx.record(act, actor="100001", **details)


def acts(store: Store) -> list[str]:
    return [each.act for each in reversed(entries.page(store))]


def test_an_entry_says_who_did_what_to_what_when_and_where(store: Store, clock: FixedClock) -> None:
    record(store, subject="B-0001", outcome="failed", terminal="room-1", octets=4096)
    entry = entries.entry(store, 1)
    assert entry == entries.Entry(
        number=1,
        at=clock.now(),
        act="door.opened",
        actor="100001",
        subject="B-0001",
        outcome="failed",
        terminal="room-1",
        details={"octets": 4096},
    )


def test_the_stored_octets_are_canonical_and_both_hashes_are_over_exactly_them(store: Store) -> None:
    record(store, reason="理由", level=3)
    record(store)
    first, second = store.rows("SELECT body, leaf, chain FROM trail_entry ORDER BY seq")
    link = keyed(SEAL)
    for row, before in ((first, CHAIN_START), (second, first["chain"])):
        assert canonical(json.loads(row["body"])) == row["body"]
        assert row["leaf"] == sha256(b"\x00" + row["body"]).digest()
        assert row["chain"] == link(before, row["leaf"])


def test_equal_acts_have_unequal_hashes_so_that_nobody_guesses_an_erased_body(store: Store) -> None:
    record(store)
    record(store)
    salts = [json.loads(row["body"])["salt"] for row in store.rows("SELECT body FROM trail_entry")]
    assert all(len(bytes.fromhex(salt)) == 16 for salt in salts)
    assert len(set(salts)) == 2


def test_numbers_run_without_a_gap_over_entries_that_were_rolled_back(store: Store) -> None:
    record(store)
    with pytest.raises(ZeroDivisionError):
        record(store, act="door.opened", level=1 // 0)
    assert record(store) == 2


def test_an_entry_keeps_long_details_whole(store: Store) -> None:
    record(store, statement="見た。" * 20_000)
    entry = entries.entry(store, 1)
    assert entry is not None
    assert entry.details["statement"] == "見た。" * 20_000


@pytest.mark.parametrize("act", ["opened", "door.", "Door.opened", "door.opened!", "door opened", "", "door.opened\n"])
def test_an_act_without_the_form_thing_and_verb_is_a_fault(store: Store, act: str) -> None:
    with pytest.raises(ValueError, match="not an act"):
        record(store, act)
    assert entries.size(store) == 0


@pytest.mark.parametrize("value", [float("nan"), 1 << 60, b"octets", object(), "\udc80"])
def test_what_can_not_be_written_means_that_the_act_does_not_happen(store: Store, value: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each has words of its own
        record(store, value=value)
    assert entries.size(store) == 0


@pytest.mark.parametrize("statement", ["DELETE FROM trail_entry", "UPDATE trail_entry SET chain = x'00'"])
def test_the_file_itself_refuses_to_change_an_entry(store: Store, statement: str) -> None:
    record(store)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"), store.bookkeeping() as connection:
        connection.execute(statement)


class TestIndividualNumbers:
    @pytest.mark.parametrize(
        "value",
        [NUMBER, f"{NUMBER[:4]}-{NUMBER[4:8]}-{NUMBER[8:]}", f"番号{NUMBER}です", int(NUMBER), float(NUMBER)],
    )
    def test_are_masked_wherever_an_act_mentions_them(self, store: Store, value: Any) -> None:
        record(store, subject=str(value), terminal=str(value), plain=value, deep={"list": [value, {"x": value}]})
        (body,) = store.rows("SELECT body FROM trail_entry")[0]
        assert NUMBER not in "".join(filter(str.isdigit, body.decode())).replace("uptime", "")
        assert b"*" in body

    def test_are_masked_as_names_of_fields(self) -> None:
        assert masked({NUMBER: 1}) == {"*" * 12: 1}

    def test_look_alike_with_a_wrong_check_digit_stays(self) -> None:
        wrong = NUMBER[:-1] + str((int(NUMBER[-1]) + 1) % 10)
        assert masked([wrong, int(wrong)]) == [wrong, int(wrong)]

    def test_are_not_seen_in_flags_digests_and_fractions(self) -> None:
        value = {"flag": True, "none": None, "digest": "0" * 20 + NUMBER + "0" * 32, "share": float(f"0.{NUMBER}")}
        assert masked(value) == value


class TestTheClock:
    def test_that_runs_on_leaves_no_trace(self, store: Store, clock: FixedClock) -> None:
        record(store)
        clock.advance(timedelta(days=3))
        record(store)
        assert acts(store) == ["door.opened", "door.opened"]

    @pytest.mark.parametrize(("step", "outcome"), [(-3600, "backwards"), (-3, "backwards"), (7200, "forwards")])
    def test_that_was_set_is_an_entry_before_the_next_one(
        self, store: Store, clock: FixedClock, step: int, outcome: str
    ) -> None:
        record(store)
        before = clock.now()
        clock.leap(timedelta(seconds=step))
        record(store)
        assert acts(store) == ["door.opened", "clock.stepped", "door.opened"]
        entry = entries.entry(store, 2)
        assert entry is not None
        assert (entry.actor, entry.outcome, entry.details["seconds"]) == ("system", outcome, step)
        assert entry.details["last_entry_at"] == before.isoformat(timespec="microseconds")

    def test_is_noticed_without_another_entry_too(self, store: Store, clock: FixedClock) -> None:
        record(store)
        clock.leap(timedelta(hours=-1))
        for expected in (1, 0):
            with store.transaction() as tx:
                assert tx.notice() == expected
        assert acts(store) == ["door.opened", "clock.stepped"]

    def test_is_reported_once_for_each_step(self, store: Store, clock: FixedClock) -> None:
        record(store)
        clock.leap(timedelta(hours=-1))
        record(store)
        record(store)
        assert acts(store).count("clock.stepped") == 1

    def test_may_be_corrected_by_a_second_or_two_without_a_word(self, store: Store, clock: FixedClock) -> None:
        record(store)
        clock.leap(timedelta(seconds=-1.5))
        record(store)
        assert acts(store) == ["door.opened", "door.opened"]

    def test_that_went_backwards_while_the_host_was_off_is_told_by_the_last_entry(
        self, store: Store, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        record(store)
        restart(clock, monkeypatch, "second start")
        clock.advance(timedelta(minutes=10))
        record(store)
        restart(clock, monkeypatch, "third start")
        clock.leap(timedelta(hours=-1))
        record(store)
        assert acts(store) == ["door.opened", "door.opened", "clock.stepped", "door.opened"]

    def test_that_passes_inside_a_long_transaction_is_not_taken_for_a_step(
        self, store: Store, clock: FixedClock
    ) -> None:
        record(store)
        with store.transaction() as tx:
            clock.advance(timedelta(minutes=5))
            tx.record("door.closed", actor="100001")
        record(store)
        assert acts(store) == ["door.opened", "door.closed", "door.opened"]

    def test_has_its_evidence_inside_the_entry_that_the_hashes_cover(self, store: Store, clock: FixedClock) -> None:
        record(store)
        body = json.loads(store.rows("SELECT body FROM trail_entry")[0]["body"])
        assert (body["boot"], body["uptime"]) == ("fixed", round(clock.uptime().seconds * 1000))

    @pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"at": 5, "boot": 1, "uptime": null}', b"\xff"])
    def test_can_not_be_judged_by_an_entry_that_somebody_made_unreadable(
        self, store: Store, clock: FixedClock, body: bytes
    ) -> None:
        record(store)
        Intruder(store.path).set(1, body=body)
        assert record(store) == 2


def restart(clock: FixedClock, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Let the host start anew, its uptime at zero."""
    origin = clock.now().timestamp()
    monkeypatch.setattr(clock, "uptime", lambda: Uptime(name, clock.now().timestamp() - origin))


class TestReading:
    def test_gives_the_newest_first_page_by_page(self, store: Store) -> None:
        for _ in range(5):
            record(store)
        assert [each.number for each in entries.page(store, limit=2)] == [5, 4]
        assert [each.number for each in entries.page(store, before=4, limit=2)] == [3, 2]

    def test_finds_entries_by_a_part_of_their_text_whatever_its_case(self, store: Store) -> None:
        record(store, reason="Fire drill")
        record(store, reason="inventory")
        assert [each.number for each in entries.page(store, contains="FIRE")] == [1]

    def test_gives_everything_about_one_subject_in_order(self, store: Store) -> None:
        record(store, subject="R-1")
        record(store, subject="R-2")
        record(store, subject="R-1")
        record(store)
        assert [each.number for each in entries.about(store, "R-1")] == [1, 3]
        assert entries.about(store, "") == []

    @pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"\xff", b'{"act": "x"}', None, "text"])
    def test_shows_an_entry_that_somebody_made_unreadable_as_such_in_its_place(
        self, store: Store, body: object
    ) -> None:
        for _ in range(3):
            record(store)
        Intruder(store.path).set(2, body=body)
        assert [(each.number, each.act) for each in entries.page(store)] == [
            (3, "door.opened"),
            (2, entries.UNREADABLE),
            (1, "door.opened"),
        ]

    def test_knows_no_entry_that_was_never_written(self, store: Store) -> None:
        assert entries.entry(store, 1) is None
        assert entries.size(store) == 0
