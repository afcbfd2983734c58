"""How this site proves a backup by restoring it: what brings each kind back, and who looks at what came back."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from accesscontrol.clock import local_day
from accesscontrol.messages import N_
from accesscontrol.requests.desk import Acting
from backups import restoring
from backups.restoring import Opening, Restorer
from backups.sealing.keys import Identity
from backups.sources import Fault, basebackup, postgresql
from console.wiring import Installation
from registry.checks import Settings
from registry.checks.formats import LAYOUT_CHECK
from registry.databases.sqlite import SqliteRegistry

_REGISTER = "database.sqlite3"  # what a restored SQLite source is called in its folder


def opening(site: Installation, identities: Sequence[Identity], actor: Acting) -> Opening:
    """Return how ``actor`` opens a backup with ``identities``, compares it and has it examined."""
    return Opening(
        identities=identities,
        actor=actor.staff_number,
        terminal=actor.terminal,
        restorers=restorers(site),
        examiners={"registry": lambda folder: examine_register(site, folder)},
    )


def restorers(site: Installation) -> Mapping[str, Restorer]:
    """Return what brings each kind of backup back; dumps of PostgreSQL need the server that the settings name."""
    scratch = site.settings.backups.scratch
    databases: dict[str, Restorer] = {postgresql.KIND: postgresql.PostgreSQLRestorer(scratch)} if scratch else {}
    return {**restoring.RESTORERS, basebackup.KIND: basebackup.BaseBackupRestorer(), **databases}


def examine_register(site: Installation, folder: Path) -> list[Fault]:
    """Let the register's own check of its layout say whether a restored register can be used (CHK-CNT-01).

    That its records are those that were taken, good and bad ones, is what the comparison of every table says.
    """
    settings = Settings(today=local_day(site.clock.now(), site.zone), zone=site.zone)
    with SqliteRegistry.open(folder / _REGISTER, read_only=True) as register:
        return [
            Fault(N_("The restored register's table {table} does not have its items."), {"table": table})
            for table, _key, _items in LAYOUT_CHECK.find(register, settings)
        ]
