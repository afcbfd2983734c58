"""What is due for backups and media without anybody asking: taking, verifying, and a look at what is plugged in."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path
from typing import Any, Final

from accesscontrol.clock import local_day
from accesscontrol.messages import N_
from accesscontrol.people.operators import SYSTEM
from accesscontrol.refusals import Refusal
from backups import openings, schedule, verification
from backups.folders import Busy
from backups.media import attached, scanning, sightings
from backups.media.condition import condition_of
from backups.media.scanning import Seen
from backups.openings import BrokenOff
from backups.status import Targets
from console.own_findings import ONCE_A_DAY, raise_own
from console.translation import render
from console.wiring import Installation

MEDIUM_WORN: Final = "medium-worn"
LEFT_OPEN: Final = "backup-left-open"


def targets(site: Installation) -> Targets:
    """Return how old backups, drills and copies on media may be here, and how long a restore may take."""
    section = site.settings.backups
    return Targets(
        backup=timedelta(hours=section.stale_hours),
        drill=timedelta(days=section.drill_days),
        medium=timedelta(days=section.medium_days),
        restore=timedelta(hours=section.restore_hours),
    )


def take_due(site: Installation) -> dict[str, Any]:
    """Take every backup that is due and look again at old ones; what fails is told, and the rest goes on."""
    done: dict[str, Any] = {"taken": [], "verified": [], "failed": []}
    section = site.settings.backups
    if not (section.slot and section.recipients):
        return done
    now = site.clock.now()
    for source in schedule.sources_due(site.store, site.sources, now, site.zone, time.fromisoformat(section.slot)):
        try:
            done["taken"].append(site.catalogue.take(site.order(source, actor=SYSTEM, terminal="")).id)
        except Refusal as refusal:
            done["failed"].append(f"{source}: {render(refusal)}")
    for name in schedule.verifications_due(site.store, now, timedelta(days=section.verify_days)):
        try:
            found = verification.verify(site.catalogue, name, actor=SYSTEM)
        except Refusal as refusal:
            done["failed"].append(f"{name}: {render(refusal)}")
        else:
            done["verified" if found.good else "failed"].append(name)
    return done


def clear_away(site: Installation) -> dict[str, Any]:
    """Give up what killed processes left half done, and raise each unsealed copy that one left behind (BK-BAK-04)."""
    try:
        given_up = site.catalogue.sweep()
    except Busy:
        given_up = 0  # one is at work, and clears away itself
    broken = [each for each in openings.clear_away(site.store) if each.left]
    return {"given_up": given_up, "left_open": [name for each in broken for name in _left_open(site, each)]}


def _left_open(site: Installation, broken: BrokenOff) -> list[str]:
    return raise_own(
        site,
        rule=LEFT_OPEN,
        title=N_("Unsealed copy left behind"),
        explanation=N_("A restore of {backup} into {folder} broke off. What it unpacked is not sealed; remove it."),
        severity="high",
        control="BK-BAK-04",
        system="backups",
        source="backups",
        group=f"opening={broken.number}",
        evidence=[broken.number],
        facts={"backup": broken.backup, "folder": str(broken.folder)},
    )


def look_around(site: Installation) -> list[Seen]:
    """Return every medium that is attached to this host with its condition, mounted or not, its own disks aside."""
    fixed = scanning.FIXED | {Path(each) for each in site.settings.media.host_mounts}
    mounted = scanning.mounted()
    seen = [*scanning.scan(site.media, mounted, fixed), *attached.scan_unmounted(site.media, mounted, fixed)]
    return [_examined(site, each) for each in seen]


def _examined(site: Installation, seen: Seen) -> Seen:
    if seen.observed is None:
        return seen
    return replace(seen, condition=condition_of(seen.observed.device, site.media.sysfs))


def watch_media(site: Installation) -> dict[str, Any]:
    """Look at what is plugged in: enter what is unregistered and new, and raise what is near its end (BK-MED-03)."""
    found = look_around(site) if site.settings.media.watch else []
    return {"unregistered": _enter(site, found), "failing": [name for each in found for name in _worn(site, each)]}


def _worn(site: Installation, seen: Seen) -> list[str]:
    """Raise a finding, once a day while it lasts, of a medium of ours that shows signs of its end (BK-BAK-04)."""
    if seen.observed is None or seen.observed.medium is None or seen.condition is None or not seen.condition.signs:
        return []
    medium = seen.observed.medium.id
    return raise_own(
        site,
        rule=MEDIUM_WORN,
        title=N_("Medium near its end"),
        explanation=N_("The medium {medium} shows signs of its end; the list of what is plugged in names them."),
        severity="high" if seen.condition.failing else "low",
        control="BK-BAK-04",
        system="backups",
        source="media",
        group=f"medium={medium}",
        evidence=[local_day(site.clock.now(), site.zone).toordinal()],
        facts={"medium": medium},
        goes_on=ONCE_A_DAY,
    )


def _enter(site: Installation, found: Sequence[Seen]) -> list[int]:
    seen = [each.observed for each in found if each.observed is not None]
    foreign = [each for each in seen if each.mounted or each.medium is None or not _agrees_unmounted(each.agreed)]
    return [each.number for each in sightings.note(site.store, foreign)]


def _agrees_unmounted(agreed: Mapping[str, bool]) -> bool:
    """Say whether a medium that is plugged in and not mounted is ours as far as that can be told."""
    return all(agrees for name, agrees in agreed.items() if name != "label")
