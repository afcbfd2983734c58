"""Which backups the site keeps, for which generation, and the request that erases the others (BK-BAK-03, RG-RET-04)."""

from collections.abc import Mapping, Sequence
from typing import Any

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.requests import submission
from accesscontrol.requests.desk import Acting
from accesscontrol.requests.reading import Request
from backups import erasure, retention
from backups.records import Backup
from backups.retention import Generations
from console.wiring import Installation

TITLES: Mapping[str, str] = {
    "daily": N_("daily"),
    "weekly": N_("weekly"),
    "monthly": N_("monthly"),
    "yearly": N_("yearly"),
    "newest": N_("newest"),
    "proven": N_("last proven"),
}
_PAGE = 1000
_MOST = 1000  # in one request


def generations(site: Installation) -> Generations:
    """Return how many of each generation the settings keep."""
    section = site.settings.backups
    return Generations(daily=section.daily, weekly=section.weekly, monthly=section.monthly, yearly=section.yearly)


def every(site: Installation) -> list[Backup]:
    """Return all backups of the list, newest first."""
    found: list[Backup] = []
    while page := site.catalogue.page(before=found[-1].number if found else None, limit=_PAGE):
        found += page
    return found


def kept(site: Installation) -> Mapping[int, Sequence[str]]:
    """Return for each backup that is kept, by number, the generations that it stands for."""
    return retention.kept(every(site), generations(site), site.zone)


def due(site: Installation) -> list[Backup]:
    """Return the backups that no generation keeps any more, oldest first."""
    return retention.due_for_erasure(every(site), generations(site), site.zone)


def ask_for_erasure(site: Installation, backups: Sequence[Backup], actor: Acting, *, reason: str) -> Request:
    """Hand in the request that erases exactly these; the business owner approves it."""
    if not backups:
        raise Refusal(N_("Every backup stands for a generation; nothing is to be erased."), control="RG-RET-04")
    named: dict[str, Any] = {
        "backups": [{"backup": each.id, "sealed_sha256": each.sealed_sha256} for each in backups[:_MOST]]
    }
    return submission.submit(site.desk, erasure.KIND, named, actor, reason=reason)
