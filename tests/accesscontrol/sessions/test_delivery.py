"""Revoked certificates: the list reaches its host, is read back, and the host's own sshd proves that it is heeded."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from accesscontrol.refusals import Refusal
from accesscontrol.sessions import ledger, reaching, trust
from accesscontrol.sessions.delivery import DELIVERED, REPLACED, UNDELIVERED, deliver, stale
from accesscontrol.sessions.hosts import Host, find
from accesscontrol.sessions.revocation import LEARNT, revoke
from accesscontrol.sessions.ssh import NotLetIn
from accesscontrol.sessions.watching import ask_stop
from accesscontrol.store import Store
from accesscontrol.trail import entries
from tests.accesscontrol.requests.city import ZONE, City
from tests.accesscontrol.sessions.halls import assigned, furnish, register, sleeping, supervision
from tests.accesscontrol.sessions.targets import SLEEP, Target, running_target, sleepers, until
from tests.services.networking import free_port

SLEEPING = f"sleep {SLEEP}"
CLOCKS = (timedelta(0), timedelta(minutes=-6), timedelta(minutes=6))  # how far the console's is ahead of the host's


@pytest.fixture(scope="module")
def shared() -> Iterator[Target]:
    with running_target() as running:
        yield running


@pytest.fixture
def target(shared: Target) -> Target:
    shared.revoke()
    return shared


@pytest.fixture
def hall(city: City, target: Target) -> City:
    furnish(city, target)
    return city


def revoked(hall: City) -> ledger.SessionRow:
    """Return a session whose certificate was revoked while it ran."""
    row = ledger.begin(hall.store, assigned(hall, ("sleep", SLEEP)), target="t", zone=hall.desk.zone)
    revoke(hall.store, row.id, hall.acting("suzuki"), reason="the wrong day")
    return ledger.get(hall.store, row.id)


def told(hall: City, act: str) -> list[entries.Entry]:
    return [each for each in entries.about(hall.store, "register-db") if each.act == act]


def host(hall: City) -> Host:
    return find(hall.store, "register-db")


def test_a_delivered_list_makes_the_host_refuse_the_certificate_and_no_other(hall: City, target: Target) -> None:
    row = revoked(hall)
    target.connect(target.certify(SLEEPING, serial=row.serial)).close()
    assert [each.name for each in stale(hall.store, target.authority)] == ["register-db"]
    done = deliver(hall.store, target.authority, host(hall))
    assert done.serials == 1
    assert stale(hall.store, target.authority) == []
    with pytest.raises(NotLetIn):
        target.connect(target.certify(SLEEPING, serial=row.serial))
    target.connect(target.certify(SLEEPING, serial=row.serial + 1)).close()
    [entry] = told(hall, DELIVERED)
    assert entry.details["sha256"] == done.sha256


def test_a_stop_has_the_host_refuse_the_certificate_although_its_window_goes_on(hall: City, target: Target) -> None:
    with sleeping(hall, target) as running:
        ask_stop(hall.store, ledger.listed(hall.store)[0].id, hall.acting("suzuki"), reason="the wrong day")
        row = running.ended(hall)
    assert row.revoked_at is not None
    assert len(told(hall, DELIVERED)) == 1
    with pytest.raises(NotLetIn):
        target.connect(target.certify(SLEEPING, serial=row.serial))


def test_what_a_stolen_certificate_began_is_ended_with_its_revocation(hall: City, target: Target) -> None:
    row = ledger.begin(hall.store, assigned(hall, ("sleep", SLEEP)), target="t", zone=hall.desk.zone)
    thief = target.connect(target.certify(SLEEPING, serial=row.serial))
    process = thief.ask(SLEEPING)
    until(sleepers)
    revoke(hall.store, row.id, hall.acting("suzuki"), reason="stolen")
    deliver(hall.store, target.authority, host(hall))
    assert process.read(10) == b""
    assert (process.wait(5), process.over) == (125, "revoked")
    assert not sleepers()
    again = thief.ask(SLEEPING)
    assert (again.read(10), again.wait(5)) == (b"", 126)
    thief.close()


def test_a_session_that_ended_before_its_window_leaves_no_certificate_that_goes_on(hall: City, target: Target) -> None:
    with supervision(hall, target).session(assigned(hall, ("both",))) as session:
        session.run(["both"])
    assert ledger.get(hall.store, session.id).revoked_at is not None
    assert stale(hall.store, target.authority)


def test_one_that_ended_with_its_window_needs_no_revocation(hall: City, target: Target) -> None:
    with sleeping(hall, target) as running:
        hall.clock.advance(timedelta(minutes=10))
        assert running.ended(hall).revoked_at is None


def test_a_host_that_is_away_stays_stale_and_is_written_down_once(hall: City, target: Target) -> None:
    revoked(hall)
    register(hall, target, port=free_port())
    for _ in range(2):
        with pytest.raises(Refusal, match="can't be reached"):
            deliver(hall.store, target.authority, host(hall))
    assert len(told(hall, UNDELIVERED)) == 1
    assert stale(hall.store, target.authority)
    register(hall, target)
    deliver(hall.store, target.authority, host(hall))
    assert stale(hall.store, target.authority) == []


@pytest.mark.parametrize("off", CLOCKS)
def test_a_host_whose_sshd_does_not_heed_the_list_is_found(hall: City, target: Target, off: timedelta) -> None:
    hall.clock.advance(off)
    revoked(hall)
    gate = target.folder / "sekisho-gate"
    before = gate.read_bytes()
    elsewhere = target.folder / "kept" / "elsewhere"
    shutil.copy2(target.folder / "kept" / "revoked", elsewhere)
    os.chown(elsewhere, (target.folder / "kept").stat().st_uid, -1)
    gate.write_bytes(trust.gate_program(str(target.folder / "tasks"), str(elsewhere)))
    try:
        with pytest.raises(Refusal, match="still lets a revoked certificate in"):
            deliver(hall.store, target.authority, host(hall))
    finally:
        gate.write_bytes(before)
        elsewhere.unlink()
    assert stale(hall.store, target.authority)
    assert "RevokedKeys" in str(told(hall, UNDELIVERED)[0].details["reason"])


def test_a_list_that_somebody_emptied_is_put_back_and_told(hall: City, target: Target) -> None:
    revoked(hall)
    deliver(hall.store, target.authority, host(hall))
    target.revoke()
    alarms: list[str] = []
    with hall.store.transaction() as tx:
        tx.execute("UPDATE session SET request = 'R-2026-0002'")
        tx.record("clock.stepped", actor="system")
    revoked(hall)
    deliver(hall.store, target.authority, host(hall), alarmed=lambda: alarms.append("alarm"))
    assert (len(told(hall, REPLACED)), alarms) == (1, ["alarm"])


def test_a_console_with_an_older_list_learns_what_its_host_revokes_and_lets_nobody_in_again(
    hall: City, target: Target
) -> None:
    row = revoked(hall)
    target.revoke(row.serial, row.serial + 1, 7)
    alarms: list[str] = []
    assert deliver(hall.store, target.authority, host(hall), alarmed=lambda: alarms.append("alarm")).serials == 3
    assert (alarms, told(hall, REPLACED)) == (["alarm"], [])
    for serial in (7, row.serial, row.serial + 1):
        with pytest.raises(NotLetIn):
            target.connect(target.certify(SLEEPING, serial=serial))
    [entry] = told(hall, LEARNT)
    assert entry.details["serials"] == ["7", str(row.serial + 1)]
    assert stale(hall.store, target.authority) == []


def test_a_host_that_keeps_its_list_and_names_nothing_in_it_has_not_taken_the_new_one(
    hall: City, target: Target
) -> None:
    revoked(hall)
    target.revoke(7)
    gate = target.folder / "sekisho-gate"
    before = gate.read_bytes()
    gate.write_bytes(before.replace(b", *map(str, sorted(lacking))", b""))
    try:
        with pytest.raises(Refusal, match="does not take the list"):
            deliver(hall.store, target.authority, host(hall))
    finally:
        gate.write_bytes(before)
    assert stale(hall.store, target.authority)


def test_a_console_restored_from_an_older_backup_gives_no_serial_again_and_its_sessions_are_let_in(
    hall: City, target: Target, tmp_path: Path
) -> None:
    backup = tmp_path / "backup.sqlite3"
    with sqlite3.connect(hall.store.path) as live, sqlite3.connect(backup) as copy:
        live.backup(copy)
    asked = assigned(hall, ("both",))
    with supervision(hall, target).session(asked) as session:
        session.run(["both"])
    deliver(hall.store, target.authority, host(hall))
    restored = Store(backup, hall.clock, seal=hall.store.seal)
    hall.clock.advance(timedelta(seconds=1))
    folder = hall.store.path.parent / "recordings"
    again = reaching.over_ssh(restored, ZONE, folder, target.authority)
    with again.session(asked) as second:
        assert second.run(["both"]) == 3
    assert (second.id, second.row.serial > session.row.serial) == (session.id, True)
    assert len(list(folder.iterdir())) == 2
    assert deliver(restored, target.authority, host(hall)).serials == 2
    restored.close()


def test_a_serial_is_beyond_the_last_one_also_when_the_clock_was_put_back(hall: City) -> None:
    first = revoked(hall)
    hall.clock.advance(-timedelta(days=1))
    with hall.store.transaction() as tx:
        tx.execute("UPDATE session SET request = 'R-2026-0002'")
        tx.record("clock.stepped", actor="system")
    assert revoked(hall).serial == first.serial + 1


def test_nothing_is_to_be_delivered_where_nothing_was_revoked(hall: City, target: Target) -> None:
    assert stale(hall.store, target.authority) == []


@pytest.mark.parametrize("off", CLOCKS[1:])
def test_a_clock_that_is_minutes_off_keeps_no_list_from_its_host(hall: City, target: Target, off: timedelta) -> None:
    hall.clock.advance(off)
    row = revoked(hall)
    assert deliver(hall.store, target.authority, host(hall)).serials == 1
    with pytest.raises(NotLetIn):
        target.connect(target.certify(SLEEPING, serial=row.serial))


def test_a_list_that_somebody_emptied_is_noticed_within_hours_although_nothing_else_was_revoked(
    hall: City, target: Target
) -> None:
    row = revoked(hall)
    deliver(hall.store, target.authority, host(hall))
    target.revoke()
    hall.clock.advance(timedelta(hours=5))
    assert stale(hall.store, target.authority) == []
    hall.clock.advance(timedelta(hours=2))
    [again] = stale(hall.store, target.authority)
    hall.clock.advance(-timedelta(hours=7))  # the host's own clock stood still meanwhile
    alarms: list[str] = []
    deliver(hall.store, target.authority, again, alarmed=lambda: alarms.append("alarm"))
    assert (len(told(hall, REPLACED)), alarms) == (1, ["alarm"])
    with pytest.raises(NotLetIn):
        target.connect(target.certify(SLEEPING, serial=row.serial))
