"""What is due for backups and media without anybody asking: taking, verifying, and a look at what is plugged in."""

from collections.abc import Mapping
from datetime import time, timedelta
from pathlib import Path
from typing import Any

from accesscontrol.people.operators import SYSTEM
from accesscontrol.refusals import Refusal
from backups import schedule, verification
from backups.media import attached, scanning, sightings
from backups.media.scanning import Seen
from backups.status import Targets
from console.translation import render
from console.wiring import Installation


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


def look_around(site: Installation) -> list[Seen]:
    """Return every medium that is attached to this host, mounted or not, its own disks aside."""
    fixed = scanning.FIXED | {Path(each) for each in site.settings.media.host_mounts}
    mounted = scanning.mounted()
    return [
        *scanning.scan(site.media, mounted, fixed),
        *attached.scan_unmounted(site.media, mounted, fixed),
    ]


def watch_media(site: Installation) -> list[int]:
    """Enter the unregistered media that appeared since the last look, and return their numbers (BK-MED-03)."""
    if not site.settings.media.watch:
        return []
    seen = [each.observed for each in look_around(site) if each.observed is not None]
    foreign = [each for each in seen if each.mounted or each.medium is None or not _agrees_unmounted(each.agreed)]
    return [each.number for each in sightings.note(site.store, foreign)]


def _agrees_unmounted(agreed: Mapping[str, bool]) -> bool:
    """Say whether a medium that is plugged in and not mounted is ours as far as that can be told."""
    return all(agrees for name, agrees in agreed.items() if name != "label")
