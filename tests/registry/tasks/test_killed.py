"""A console that is killed in the middle of an erasure has erased nothing."""

import signal
import subprocess
import sys

from registry.tasks.erasure import TASK
from tests.registry.tasks.hall import Hall


def test_killed_after_the_rows_went_and_before_the_commit_nothing_is_gone(hall: Hall) -> None:
    before = hall.count("resident_register")
    command = [sys.executable, "-m", "tests.registry.tasks.dying", str(hall.place), str(hall.store.path)]
    ended = subprocess.run(command, check=False, capture_output=True, text=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert hall.count("resident_register") == before
    with hall.open() as registry:
        assert registry.integrity() == []
    done = hall.execute(hall.approved(TASK.name, {"day": "2026-11-24"}))
    assert done.performance is not None
    assert done.performance.outcome == "done"
    assert hall.count("resident_register") < before
