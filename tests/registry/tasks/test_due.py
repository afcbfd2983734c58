"""Automatic tasks run by themselves when they are due, a lock is their stop switch, and every run is in the trail."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from accesscontrol.clock import FixedClock
from accesscontrol.refusals import Refusal
from accesscontrol.requests import locks
from accesscontrol.trail import entries
from registry.tasks import account_list, erasure
from registry.tasks.catalogue import CATALOGUE
from registry.tasks.due import RAN, Last, last_run, next_due, run_automatic, run_unapproved
from registry.tasks.kind import Sitting
from registry.tasks.model import Cadence, Outcome
from registry.tasks.purge import PURGE
from registry.tasks.running import Silent
from tests.registry.tasks.hall import MACHINE, Hall


def automatic(hall: Hall) -> dict[str, Outcome | Refusal]:
    with hall.open() as registry:
        return run_automatic(CATALOGUE, hall.site, Sitting(registry=registry, journal=Silent()))


def later(hall: Hall, by: timedelta) -> None:
    clock = hall.store.clock
    assert isinstance(clock, FixedClock)
    clock.advance(by)
    hall.settings = replace(hall.settings, today=clock.now().astimezone(hall.settings.zone).date())


def test_what_is_due_runs_once_and_again_when_it_is_due_again(sqlite_hall: Hall) -> None:
    assert set(automatic(sqlite_hall)) == {"erase-identity", "purge-destination", "care-tidy"}
    assert automatic(sqlite_hall) == {}
    later(sqlite_hall, timedelta(days=1))
    assert set(automatic(sqlite_hall)) == {"purge-destination"}


def test_a_lock_on_a_task_is_its_stop_switch(sqlite_hall: Hall) -> None:
    before = sqlite_hall.count("destination_info")
    number = locks.place(sqlite_hall.store, "task", "purge-destination", reason="dispute", actor="S-sato")
    stopped = automatic(sqlite_hall)["purge-destination"]
    assert isinstance(stopped, Refusal)
    assert "locked" in str(stopped)
    assert sqlite_hall.count("destination_info") == before
    locks.lift(sqlite_hall.store, number, reason="settled", actor="S-sato")
    assert isinstance(automatic(sqlite_hall)["purge-destination"], Outcome)


def test_a_run_that_fails_is_in_the_trail_and_stops_no_other_and_is_tried_again_an_hour_later(
    sqlite_hall: Hall,
) -> None:
    sqlite_hall.change("CREATE TRIGGER no_purge BEFORE DELETE ON destination_info BEGIN SELECT raise(ABORT, 'no'); END")
    before = sqlite_hall.count("destination_linkage")
    done = automatic(sqlite_hall)
    failed = done["purge-destination"]
    assert isinstance(failed, Refusal)
    assert isinstance(done["care-tidy"], Outcome)
    assert sqlite_hall.count("destination_linkage") == before  # all of it was taken back
    last = last_run(sqlite_hall.store, PURGE)
    assert last is not None
    assert last.outcome == "failed"
    assert "purge-destination" not in automatic(sqlite_hall)
    later(sqlite_hall, timedelta(hours=1))
    sqlite_hall.change("DROP TRIGGER no_purge")
    assert isinstance(automatic(sqlite_hall)["purge-destination"], Outcome)


def test_a_task_that_needs_an_approval_never_runs_without_a_request(sqlite_hall: Hall) -> None:
    before = sqlite_hall.count("resident_register")
    with sqlite_hall.open() as registry, pytest.raises(Refusal, match="needs an approval"):
        run_unapproved(
            erasure.TASK,
            Sitting(registry=registry, journal=Silent()),
            sqlite_hall.site,
            MACHINE,
            {"day": "2026-11-24"},
        )
    assert sqlite_hall.count("resident_register") == before
    (entry,) = entries.about(sqlite_hall.store, "task:erase-register")
    assert (entry.act, entry.outcome) == (RAN, "failed")


def test_a_run_behind_the_gate_is_the_last_run_too(sqlite_hall: Hall) -> None:
    sqlite_hall.execute(sqlite_hall.approved("erase-register", {"day": "2026-11-24"}))
    last = last_run(sqlite_hall.store, erasure.TASK)
    assert last is not None
    assert (last.actor, last.outcome) == ("S-kawai", "done")
    assert next_due(erasure.TASK, last, sqlite_hall.settings) == date(2026, 12, 24)


@pytest.mark.parametrize(
    ("every", "due"),
    [
        (Cadence.daily, date(2026, 11, 25)),
        (Cadence.weekly, date(2026, 12, 1)),
        (Cadence.monthly, date(2026, 12, 24)),
        (Cadence.yearly, date(2027, 11, 24)),
        (None, None),
    ],
)
def test_the_next_day_follows_from_the_last_run(sqlite_hall: Hall, every: Cadence | None, due: date | None) -> None:
    task = replace(account_list.TASK, due=every)
    last = Last(sqlite_hall.store.clock.now(), "system", "done")
    assert next_due(task, last, sqlite_hall.settings) == due
    expected = sqlite_hall.settings.today if every else None
    assert next_due(task, None, sqlite_hall.settings) == expected
    assert next_due(task, replace(last, outcome="failed"), sqlite_hall.settings) == expected
