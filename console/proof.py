"""How this site proves a backup by restoring it: what brings each kind back, and who looks at what came back."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from accesscontrol.clock import local_day
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.requests.desk import Acting
from accesscontrol.trail import verification as trail
from backups import restoring
from backups.manifest import Manifest
from backups.media.log_output import EVENTS
from backups.media.output import EXTRACT
from backups.records import Backup
from backups.restoring import Examiner, Opening, Restorer
from backups.sealing.keys import Identity
from backups.sources import Fault, basebackup, postgresql, sqlite, tree
from backups.verification import read_manifest
from console import database_sources, event_extracts, extracts, register_source
from console.register_source import REGISTER
from console.wiring import Installation, open_site
from registry.checks import Settings
from registry.checks.formats import LAYOUT_CHECK
from registry.databases.sqlite import SqliteRegistry

_REGISTER = "database.sqlite3"  # what a restored SQLite source is called in its folder
_FILES = "files"  # what a restored tree is called in its folder


def opening(site: Installation, backup: Backup, identities: Sequence[Identity], actor: Acting) -> Opening:
    """Return how ``actor`` opens ``backup`` with ``identities``, compares it and has it examined."""
    return Opening(
        identities=identities,
        actor=actor.staff_number,
        terminal=actor.terminal,
        restorers=restorers(site, backup, actor),
        examiners=_examiners(site, backup),
    )


def _examiners(site: Installation, backup: Backup) -> Mapping[str, Examiner]:
    home: Mapping[str, Examiner] = {tree.HOME: lambda folder: examine_home(site, folder)}
    if backup.kind != sqlite.KIND:
        return home
    return {**home, REGISTER: lambda folder: examine_register(site, folder)}


def restorers(site: Installation, backup: Backup, actor: Acting) -> Mapping[str, Restorer]:
    """Return what brings each kind of backup back; dumps of PostgreSQL need the server that the settings name.

    ``actor`` reaches that server in a controlled session.
    """
    known, _faults = read_manifest(backup) if backup.manifest_sha256 else (None, ())
    return {
        **restoring.RESTORERS,
        sqlite.KIND: lambda plain, to: register_source.restore(plain, to, known, site.zone),
        basebackup.KIND: basebackup.BaseBackupRestorer(),
        EXTRACT: lambda plain, to: extracts.restore(plain, to, known),
        EVENTS: event_extracts.restore,
        **_databases(site, known, actor),
    }


def _databases(site: Installation, known: Manifest | None, actor: Acting) -> Mapping[str, Restorer]:
    scratch, day = site.settings.backups.scratch, register_source.judged_on(known)
    if not scratch:
        return {}
    judge = postgresql.unjudged if day is None else register_source.judge(lambda: day, site.zone)
    kinds = (postgresql.KIND, postgresql.DIRECTORY_KIND)
    route = database_sources.scratch(site, actor)
    return {kind: postgresql.PostgreSQLRestorer(scratch, kind=kind, judge=judge, route=route) for kind in kinds}


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


def examine_home(site: Installation, folder: Path) -> list[Fault]:
    """Open a restored home as a console would: private, its keys readable, its databases sound, its trail unbroken."""
    root = folder / _FILES
    faults = [fault for path in sorted(root.rglob("*.sqlite3")) for fault in sqlite.examine(path)]
    try:
        restored = open_site(root, site.clock)
        with closing(restored.store) as store:
            found = trail.verify(store, log=restored.log_verifier)
    except Refusal as refusal:
        return [*faults, Fault(refusal.message, refusal.fields)]
    if found.faults:
        first = found.faults[0]
        where = Fault(N_("The restored trail is not whole, first at entry {entry}."), {"entry": first.entry})
        faults += [where, Fault(first.fault, {})]
    return faults
