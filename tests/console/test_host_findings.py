"""A host that shows another key, or whose list somebody changed, is a finding; lists go to the hosts that lack them."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from accesscontrol.clock import SystemClock
from accesscontrol.refusals import Refusal
from accesscontrol.requests import locks
from accesscontrol.sessions import delivery, hosts, ledger
from accesscontrol.sessions.ledger import Assignment, Ending, State
from accesscontrol.sessions.transport import Command
from console import host_findings, translation, upkeep
from console.finding_words import spoken_explanation
from monitors.findings import reading
from tests.accesscontrol.sessions.halls import pin
from tests.accesscontrol.sessions.targets import Target, running_target
from tests.console.town import Town
from tests.services.networking import free_port
from tests.services.sshd import make_key


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    with running_target() as running:
        yield running


@pytest.fixture
def town(tmp_path: Path, target: Target) -> Iterator[Town]:
    """A town on the host's own time, whose sessions the target trusts."""
    translation.choose("en")
    target.revoke()
    town = Town.copied_to(tmp_path, SystemClock().now())
    (town.home / "keys" / "sessions").write_bytes(target.authority._key.private_bytes_raw())
    pin(town.site.store, target)
    yield town
    town.site.store.close()


def assignment(town: Town) -> Assignment:
    now = town.clock.now()
    return Assignment(
        request="R-2026-0001",
        title="Care",
        host="register-db",
        executor=town.acting("yamada"),
        not_before=now - timedelta(minutes=1),
        until=now + timedelta(minutes=10),
        commands=(Command.of(["both"]),),
    )


def test_a_changed_host_key_stops_the_session_locks_the_host_and_is_a_finding_at_once(
    town: Town, target: Target, tmp_path: Path
) -> None:
    other = " ".join(make_key(tmp_path / "other").with_suffix(".pub").read_text().split()[:2])
    pin(town.site.store, target, host_key=other)
    with pytest.raises(Refusal, match="not the registered one"), town.site.supervision.session(assignment(town)):
        pass
    [finding] = reading.listed(town.site.store)
    assert (finding.rule, finding.severity, finding.controls) == (host_findings.KEY_CHANGED, "high", ["MO-SYS-06"])
    said = spoken_explanation(finding)
    assert target.host.fingerprint in said
    assert hosts.fingerprint(other) in said
    assert [lock.name for lock in locks.in_force(town.site.store, town.clock.now())] == ["register-db"]
    assert host_findings.find(town.site) == []
    with pytest.raises(Refusal, match="locked"), town.site.supervision.session(assignment(town)):
        pass


def test_the_scheduler_brings_the_list_to_a_host_that_was_away_and_finds_one_that_was_changed(
    town: Town, target: Target
) -> None:
    for number in (1, 2):
        row = ledger.begin(town.site.store, assignment(town), target="t", zone=town.site.zone)
        ledger.finish(town.site.store, row.id, Ending(state=State.INTERRUPTED, by="system"))
        assert host_findings.withdraw(town.site) == {"delivered": ["register-db"], "failed": {}}
        assert host_findings.withdraw(town.site) == {"delivered": [], "failed": {}}
        with pytest.raises(Refusal, match="does not let the session in"):
            target.connect(target.certify("both", serial=row.serial))
        if number == 1:
            target.revoke()
    assert [each.rule for each in reading.listed(town.site.store)] == [host_findings.LIST_CHANGED]
    assert len(town.entries(delivery.REPLACED)) == 1


def test_a_host_that_revokes_more_than_a_restored_console_knows_is_a_finding(town: Town, target: Target) -> None:
    row = ledger.begin(town.site.store, assignment(town), target="t", zone=town.site.zone)
    ledger.finish(town.site.store, row.id, Ending(state=State.INTERRUPTED, by="system"))
    target.revoke(row.serial - 1)
    assert host_findings.withdraw(town.site) == {"delivered": ["register-db"], "failed": {}}
    [finding] = reading.listed(town.site.store)
    assert (finding.rule, finding.severity) == (host_findings.LEARNT, "medium")
    assert "They stay revoked" in spoken_explanation(finding)


def test_a_host_that_does_not_get_its_list_is_a_finding_once(town: Town, target: Target) -> None:
    row = ledger.begin(town.site.store, assignment(town), target="t", zone=town.site.zone)
    ledger.finish(town.site.store, row.id, Ending(state=State.INTERRUPTED, by="system"))
    pin(town.site.store, target, port=free_port())
    for _ in range(2):
        assert "can't be reached" in host_findings.withdraw(town.site)["failed"]["register-db"]
        host_findings.find(town.site)
    [finding] = reading.listed(town.site.store)
    assert (finding.rule, finding.severity) == (host_findings.NOT_DELIVERED, "medium")
    assert "does not refuse every revoked certificate yet" in spoken_explanation(finding)


def test_what_became_of_the_lists_is_told_by_a_tick() -> None:
    translation.choose("en")
    told = upkeep.sentences(
        {
            "refused": {},
            "checkpoint": 1,
            "witnessed": False,
            "revocations": {"delivered": ["db1"], "failed": {"db2": "Host db2 can't be reached: refused."}},
        }
    )
    assert "Lists of revoked certificates delivered: db1" in told
    assert "Hosts that still lack theirs: db2" in told
