"""Care of the database: the same tasks on both, and never a record changed."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import pytest

from accesscontrol.requests.kinds import Execution
from accesscontrol.requests.states import State
from registry.databases import open_registry
from registry.tasks.care import INTEGRITY, LOOK, TIDY
from registry.tasks.kind import Sitting
from registry.tasks.model import Task
from registry.tasks.running import Silent
from tests.registry.tasks.hall import Hall


def everything(hall: Hall) -> list[tuple[object, ...]]:
    return hall.ask("SELECT * FROM identity_info ORDER BY record_id")


def test_a_sound_database_has_no_damage(hall: Hall) -> None:
    assert hall.run(INTEGRITY)["damage"] == []


def test_a_damaged_index_is_told(postgresql_hall: Hall) -> None:
    postgresql_hall.change(
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'identity_info_resident_code'::regclass"
    )
    assert postgresql_hall.run(INTEGRITY)["damage"] == ["identity_info_resident_code: invalid index"]


def test_tidying_and_rebuilding_change_no_record(hall: Hall) -> None:
    before = everything(hall)
    hall.run(TIDY)
    assert hall.execute(hall.approved("care-reindex", {})).state is State.DONE
    assert everything(hall) == before


def test_a_look_answers_the_same_questions_on_both(hall: Hall) -> None:
    looks = hall.run(LOOK)["looks"]
    assert set(looks) == {"space", "locks", "long_statements", "replication", "settings"}
    assert all(row["bytes"] > 0 for row in looks["space"])
    assert {row["setting"] for row in looks["settings"]}


def test_a_setting_that_is_not_as_agreed_is_a_notice(postgresql_hall: Hall) -> None:
    """The cluster of the tests runs without fsync, which no register should."""
    settings = {row["setting"]: row for row in postgresql_hall.run(LOOK)["looks"]["settings"]}
    assert settings["fsync"] == {"setting": "fsync", "agreed": "on", "found": "off", "notice": True}
    assert not settings["password_encryption"]["notice"]


def test_who_waits_for_whom_and_what_takes_long_is_seen_without_anybody_s_statement(postgresql_hall: Hall) -> None:
    blocked = threading.Event()

    def wait() -> None:
        with postgresql_hall.open() as registry, registry.writing():
            blocked.set()
            registry.execute("UPDATE number_request SET requested_on = 'SECRET' WHERE record_id > 0")

    with postgresql_hall.open() as holder, holder.writing():
        holder.execute("LOCK TABLE number_request IN ACCESS EXCLUSIVE MODE")
        waiter = threading.Thread(target=wait)
        waiter.start()
        assert blocked.wait(30)
        seen: dict[str, list[dict[str, object]]] = {}
        while not seen.get("locks"):  # the server says when the other has begun to wait
            seen = postgresql_hall.run(LOOK)["looks"]
        assert len(seen["locks"]) == 1
        assert len(seen["long_statements"]) == 2
        assert "SECRET" not in str(seen)
    waiter.join()


@dataclass
class Machine:
    """A machine that notes what it is asked to run."""

    code: int = 0
    ran: list[tuple[str, ...]] = field(default_factory=list)

    def run(self, argv: Sequence[str]) -> int:
        self.ran.append(tuple(argv))
        return self.code


@pytest.mark.parametrize(("code", "state"), [(0, State.DONE), (2, State.FAILED)])
def test_a_step_that_is_a_program_runs_by_its_argument_list_on_the_host(
    sqlite_hall: Hall, *, code: int, state: State
) -> None:
    machine = Machine(code)

    @contextmanager
    def seat(_task: Task, _execution: Execution) -> Iterator[Sitting]:
        with open_registry(sqlite_hall.place) as registry:
            yield Sitting(registry=registry, journal=Silent(), host=machine)

    sqlite_hall.site = replace(sqlite_hall.site, seat=seat)
    sqlite_hall.office.desk = replace(sqlite_hall.office.desk, kinds={kind.name: kind for kind in sqlite_hall.kinds()})
    assert sqlite_hall.execute(sqlite_hall.approved("care-cluster", {})).state is state
    assert machine.ran == [("pg_amcheck", "--all", "--heapallindexed", "--install-missing", "--no-password")]


def test_without_a_host_such_a_step_is_refused(sqlite_hall: Hall) -> None:
    done = sqlite_hall.execute(sqlite_hall.approved("care-cluster", {}))
    assert done.state is State.FAILED
    assert "controlled session" in str(done.performance)
