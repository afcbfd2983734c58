"""Care of the database: integrity, statistics and free space, indexes, and a look at how it is doing.

Nothing here reads or changes a record. Statements that a database runs only by themselves run outside a transaction.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from accesscontrol.messages import N_
from accesscontrol.requests import slots
from registry.databases.interface import TABLES
from registry.files.tables import Dialect
from registry.tasks.care_looks import look
from registry.tasks.model import Cadence, Condition, Effect, Ground, Run, Step, Task, program


def _no_records(_ground: Ground, _parameters: Any) -> Effect:
    """Return the effect on no record; counting would wait for the very locks that a look is to show."""
    return Effect(counts={})


def _examine(run: Run) -> None:
    damage = run.registry.integrity()
    run.evidence["damage"] = len(damage)
    run.output["damage"] = damage
    for line in damage:
        run.journal.note(line)


def _statements(run: Run, statements: Iterator[str]) -> None:
    for number, sql in enumerate(statements, start=1):
        run.execute(sql)
        run.progress(number, len(TABLES))


def _tidy(run: Run) -> None:
    if run.registry.dialect is Dialect.sqlite:
        _statements(run, iter(("ANALYZE", "PRAGMA optimize", "PRAGMA wal_checkpoint(PASSIVE)")))
    else:
        _statements(run, (f"VACUUM (ANALYZE) {table}" for table in TABLES))


def _rebuild(run: Run) -> None:
    """Rebuild every index; PostgreSQL does so beside the work of others."""
    if run.registry.dialect is Dialect.sqlite:
        _statements(run, (f"REINDEX {table}" for table in TABLES))
    else:
        _statements(run, (f"REINDEX TABLE CONCURRENTLY {table}" for table in TABLES))


def _sound(run: Run) -> bool:
    return not run.registry.integrity()


def _look(run: Run) -> None:
    seen = look(run.registry)
    run.output["looks"] = seen
    run.evidence["notices"] = sorted(name for name, rows in seen.items() if any(row.get("notice") for row in rows))


INTEGRITY: Final = Task(
    name="care-integrity",
    title=N_("Integrity of the register's database"),
    purpose=N_("Reads every table and, where the database can, checks each index against its table."),
    controls=("RG-INT-08", "BK-BAK-03"),
    effect=_no_records,
    steps=(Step(N_("Examine tables and indexes"), _examine),),
    expected=timedelta(minutes=5),
    due=Cadence.weekly,
)
LOOK: Final = Task(
    name="care-look",
    title=N_("How the register's database is doing"),
    purpose=N_("Shows free space, locks, long statements, replication and settings that are not as agreed."),
    controls=("MO-SYS-09",),
    effect=_no_records,
    steps=(Step(N_("Look around"), _look),),
    expected=timedelta(minutes=1),
    due=Cadence.daily,
)
TIDY: Final = Task(
    name="care-tidy",
    title=N_("Free space and statistics of the register's database"),
    purpose=N_("Makes the space of erased rows usable again and renews what the planner knows."),
    controls=("MO-SYS-09",),
    effect=_no_records,
    steps=(Step(N_("Tidy up table by table"), _tidy),),
    after=(Condition(N_("The database is sound."), _sound),),
    undo=N_("There is nothing to undo: no record changes."),
    apart=True,
    automatic=True,
    expected=timedelta(minutes=10),
    due=Cadence.weekly,
)
REINDEX: Final = Task(
    name="care-reindex",
    title=N_("Rebuilding of the register's indexes"),
    purpose=N_("Builds each index anew, where one was found damaged or has grown too large."),
    controls=("RG-INT-08",),
    effect=_no_records,
    steps=(Step(N_("Rebuild the indexes"), _rebuild),),
    after=(Condition(N_("The database is sound."), _sound),),
    slots=(slots.SECURITY_OFFICER,),
    undo=N_("There is nothing to undo: no record changes."),
    apart=True,
    expected=timedelta(minutes=30),
)
CLUSTER: Final = Task(
    name="care-cluster",
    title=N_("Integrity of the whole database cluster"),
    purpose=N_("Runs the database's own examination of all databases on its host; it needs a controlled session."),
    controls=("RG-INT-08", "MO-SYS-06"),
    effect=_no_records,
    steps=(
        program(
            N_("Examine the cluster"),
            lambda _: ("pg_amcheck", "--all", "--heapallindexed", "--install-missing", "--no-password"),
        ),
    ),
    slots=(slots.SECURITY_OFFICER,),
    undo=N_("There is nothing to undo: no record changes."),
    moderated=True,
    expected=timedelta(minutes=60),
)
