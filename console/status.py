"""The state of the site in numbers, each with the time at which it was read: for Today, ``status`` and ``doctor``."""

import shutil
import stat
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any, Final
from zoneinfo import ZoneInfo

from accesscontrol import rows
from accesscontrol.clock import from_text, to_text
from accesscontrol.messages import N_
from accesscontrol.people import operators
from accesscontrol.people.operators import holders
from accesscontrol.people.roles import Role
from accesscontrol.refusals import Refusal
from accesscontrol.requests import locks
from accesscontrol.trail import entries, verification
from accesscontrol.trail.witness import WitnessError
from backups import records
from backups.status import Standing, standings
from console import account_queues, queues
from console import settings as site_settings
from console.elsewhere import leading_elsewhere
from console.home import Home
from console.nightly import targets
from console.translation import _, filled, ngettext, render
from console.wiring import Installation

_LOW_SPACE: Final = 2 * 1024**3
_FEW: Final = 2
_ALL: Final = 10**9
_READ_LATER: Final = (
    "accesscontrol.sessions.ledger",
    "backups.custody",
    "registry.tasks.differences",
    "registry.tasks.permitted_pairs",
)
"""The modules with tables that nothing else here has imported by now."""


def status(site: Installation) -> dict[str, Any]:
    """Return what Today shows, for the whole site, as JSON values."""
    ids = account_queues.read(site)
    return {
        "site": site.settings.site.name,
        "demo": site.settings.site.demo,
        "at": to_text(site.clock.now()),
        "queues": [
            {
                "name": each.name,
                "title": each.title,
                "count": each.count,
                "oldest": each.oldest and to_text(each.oldest),
                "due": each.due and to_text(each.due),
                "loud": each.loud,
            }
            for each in queues.queues(site, ids=ids)
        ],
        **ages(site),
        "accounts": {
            "leftover": ids.proof.leftover,
            "unknown": ids.proof.unknown,
            "read_at": ids.proof.read_at and to_text(ids.proof.read_at),
            "waiting": len(ids.jobs),
        },
        "damaged": damaged(site),
    }


def damaged(site: Installation) -> list[str]:
    """Return, in sentences, the rows that no act wrote so and that were passed over since the site was opened."""
    return [render(each, site.zone) for each in site.store.damage.values()]


def ages(site: Installation) -> dict[str, Any]:
    """Return how old the last backup, its proof, the last import and the last checkpoint are, as JSON values."""
    at = site.clock.now()
    return {
        **_of_backups(at, standings(site.store, site.sources, at, targets(site))),
        "last_import": _age(site, at, _LAST_IMPORT, stale=timedelta(days=1)),
        "last_checkpoint": _age(site, at, _LAST_CHECKPOINT, stale=timedelta(days=1)),
        "entries": entries.size(site.store),
    }


def _of_backups(at: datetime, found: Sequence[Standing]) -> dict[str, Any]:
    """Return the ages of the source that is furthest behind, and where each of them stands (BK-BAK-03)."""
    backup = max(found, key=lambda each: _behind(each.backup_age))
    proof = max(found, key=lambda each: _behind(each.drill_age))
    return {
        "last_backup": _lying_back(at, backup.backup_age, stale=backup.backup_late),
        "last_proof": _lying_back(at, proof.drill_age, stale=any(each.drill_late for each in found)),
        "sources": [each.to_json() for each in found],
    }


def _behind(age: timedelta | None) -> timedelta:
    return timedelta.max if age is None else age


def _lying_back(at: datetime, age: timedelta | None, *, stale: bool) -> dict[str, Any]:
    if age is None:
        return {"at": None, "age_seconds": None, "stale": True}
    return {"at": to_text(at - age), "age_seconds": int(age.total_seconds()), "stale": stale}


_LAST_IMPORT: Final = "SELECT max(imported_at) AS at FROM event_source"
_LAST_CHECKPOINT: Final = "SELECT max(at) AS at FROM trail_checkpoint"


def _age(site: Installation, at: datetime, query: str, *, stale: timedelta) -> dict[str, Any]:
    row = site.store.row(query)
    return _since(at, row["at"] if row else None, stale=stale)


def _since(at: datetime, then: str | None, *, stale: timedelta) -> dict[str, Any]:
    try:
        age = at - from_text(then or "")
    except ValueError:  # never, or an instant that no act wrote
        return {"at": None, "age_seconds": None, "stale": True}
    return {"at": then, "age_seconds": int(age.total_seconds()), "stale": not timedelta() <= age <= stale}


def sentences(found: Mapping[str, Any], zone: ZoneInfo) -> list[str]:
    """Return the ages and sizes of :func:`status` as lines for people."""
    lines = []
    for name, title in (
        ("last_backup", N_("Last backup")),
        ("last_proof", N_("Last proof by restoring")),
        ("last_import", N_("Last import of logs")),
        ("last_checkpoint", N_("Last checkpoint of the trail")),
    ):
        age = found[name]
        when = f"{from_text(age['at']).astimezone(zone):%Y-%m-%d %H:%M}" if age["at"] else _("never")
        overdue = "  " + _("OVERDUE") if age["stale"] else ""
        lines.append(f"{_(title)}: {when}{overdue}")
    ids = found["accounts"]
    words = _("User IDs left over: {leftover}, unknown: {unknown}, acts waiting: {waiting}")
    lines.append(words.format(leftover=ids["leftover"], unknown=ids["unknown"], waiting=ids["waiting"]))
    words = ngettext("Trail: {entries} entry", "Trail: {entries} entries", found["entries"])
    lines.append(words.format(entries=f"{found['entries']:,}"))
    return lines


@dataclass(frozen=True, slots=True)
class Examination:
    """One check of the installation."""

    name: str
    title: str
    ok: bool
    detail: str = ""


def examine(site: Installation) -> list[Examination]:
    """Check the installation itself: rights, keys, space, second place, enough people."""
    checks: tuple[tuple[str, str, Callable[[Installation], str]], ...] = (
        ("home", N_("The home is private and its keys are readable"), _keys),
        ("store", N_("The database is sound"), _store),
        ("rows", N_("Every row of the database can be read"), _rows),
        ("space", N_("There is space on the disk"), _space),
        ("witness", N_("The trail's second place answers"), _witness),
        ("trail", N_("The trail ends where it was last written"), _trail),
        ("clock", N_("The clock ran evenly for a day"), _clock),
        ("people", N_("Two people can work: one asks, another approves"), _people),
        ("recipients", N_("Backups are sealed to somebody"), _recipients),
        ("strays", N_("Every sealed file beside the backups is listed"), _strays),
        ("elsewhere", N_("Nothing leads into another site's home"), _elsewhere),
    )
    found = []
    for name, title, check in checks:
        try:
            found.append(Examination(name, title, ok=True, detail=check(site)))
        except (Refusal, WitnessError) as trouble:
            found.append(Examination(name, title, ok=False, detail=_told(trouble)))
    return found


def _told(trouble: Refusal | WitnessError) -> str:
    return render(trouble) if isinstance(trouble, Refusal) else filled(trouble.message, trouble.fields)


def _trail(site: Installation) -> str:
    if not verification.ends_as_marked(site.store):
        raise Refusal(
            N_("Its end was cut off or put in. `sekisho trail verify` names what is wrong."), control="MO-LOG-01"
        )
    return ""


def _clock(site: Installation) -> str:
    moved = queues.moved_clock(site)
    if moved:
        raise Refusal(
            N_(
                "The clock was moved {times} times, last at entry {number} of the trail. Check the host's time service."
            ),
            times=len(moved),
            number=moved[-1].number,
        )
    return ""


def _keys(site: Installation) -> str:
    _require_private(site.home)
    site.home.pepper()
    site.home.seal()
    site.home.trail_key()
    site.home.manifest_key()
    return ""


def _require_private(home: Home) -> None:
    """Refuse keys, settings or databases that others can read, in a home that keeps them out or not."""
    databases = (home.store, home.registry)
    for path in (*sorted((home.path / "keys").iterdir()), home.path / site_settings.FILE, *databases):
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise Refusal(N_("Others can read {path}. Mend it with: chmod 600 {path}"), path=str(path))


def _store(site: Installation) -> str:
    found = [row[0] for row in site.store.rows("PRAGMA quick_check")]
    broken = site.store.rows("PRAGMA foreign_key_check")
    if found != ["ok"] or broken:
        raise Refusal(N_("The database is damaged: {found}. Restore the newest backup of this home."), found=found)
    return ""


def _rows(site: Installation) -> str:
    """Read every row of every table, and what rows mean together: each that no act wrote so is noted."""
    for module in _READ_LATER:
        import_module(module)
    reader, at = site.store, site.clock.now()
    for mapper in rows.mappers():
        mapper.examine(reader)
    operators.every(reader)
    locks.in_force(reader, at)
    records.page(reader, limit=_ALL)
    if reader.damage:
        raise Refusal(
            N_("{count} rows are damaged, among them: {first}"), count=len(reader.damage), first=damaged(site)[0]
        )
    return ""


def _space(site: Installation) -> str:
    free = shutil.disk_usage(site.home.path).free
    if free < _LOW_SPACE:
        raise Refusal(N_("Only {free} MiB are free. Work stops when the disk is full."), free=free // 1024**2)
    return f"{free // 1024**3} GiB"


def _witness(site: Installation) -> str:
    if site.witness is None:
        raise Refusal(N_("None is set up. Prepare one with `sekisho trail witness DIRECTORY` on another medium."))
    last = site.witness.last()
    seen = last.size if last else 0
    return ngettext("{entries} entry seen", "{entries} entries seen", seen).format(entries=seen)


def _people(site: Installation) -> str:
    at = site.clock.now()
    officers = {each.staff_number for each in holders(site.store, Role.SECURITY_OFFICER, at)}
    administrators = {each.staff_number for each in holders(site.store, Role.SYSTEM_ADMIN, at)}
    if not officers or not administrators or len(officers | administrators) < _FEW:
        raise Refusal(N_("There must be a system administrator and another person who is security officer."))
    return ""


def _strays(site: Installation) -> str:
    found = [path.name for path in site.catalogue.strays()]
    if found:
        raise Refusal(
            N_("These are copies for which no line answers: {found}. Find out where they come from, then remove them."),
            control="BK-BAK-04",
            found=found,
        )
    return ""


def _elsewhere(site: Installation) -> str:
    found = leading_elsewhere(site)
    if found:
        raise Refusal(
            N_(
                "These lead into the home of another site, of which this is a copy: {found}. Name what stands in"
                " site.toml from this home on, without a leading slash, and make such requests anew."
            ),
            found=found,
        )
    return ""


def _recipients(site: Installation) -> str:
    if not site.settings.backups.recipients:
        raise Refusal(N_("No recipient is set ([backups] recipients), so no backup can be taken."))
    return str(len(site.settings.backups.recipients))
