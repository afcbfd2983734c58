"""Duties of the keepers that passed their time become findings: late backups, and media of file 3 that stayed."""

from collections.abc import Sequence
from typing import Final

from accesscontrol.clock import local_day
from accesscontrol.messages import N_
from backups import ledger
from backups.status import standings
from console import media_findings
from console.nightly import targets
from console.own_findings import ONCE_A_DAY, raise_own
from console.wiring import Installation

BACKUP_LATE: Final = "backup-late"
MEDIUM_LATE: Final = "backup-medium-late"
FILE_3_STAYED: Final = "destination-medium-stayed"
HAND_OVER: Final = "hand-over"


def find(site: Installation) -> list[str]:
    """Raise what is overdue or missing and return the names of the new findings; each is raised once while it lasts."""
    return [*_late_backups(site), *_stayed(site), *media_findings.find(site)]


def _late_backups(site: Installation) -> list[str]:
    """Raise a finding of each source without a good backup, or without a medium, within its target (BK-BAK-03)."""
    now = site.clock.now()
    found: list[str] = []
    for each in standings(site.store, site.sources, now, targets(site)):
        if each.backup_late:
            words = N_("{source} has no good backup within the time that the settings allow.")
            title = N_("Backup overdue")
            found += _raised(site, BACKUP_LATE, title, words, "high", "BK-BAK-03", f"source={each.source}", each.source)
        if each.medium_late:
            words = N_("No backup of {source} was written to a medium within the time that the settings allow.")
            title = N_("Medium of a backup overdue")
            found += _raised(site, MEDIUM_LATE, title, words, "low", "BK-BAK-03", f"source={each.source}", each.source)
    return found


def _stayed(site: Installation) -> list[str]:
    """Raise a finding of each medium of file 3 that was not handed over on its day (BK-MED-10)."""
    late = [each for each in ledger.overdue(site.store, site.clock.now(), site.zone) if each.ending == HAND_OVER]
    words = N_("The medium {source} with destination information was not handed over on its day.")
    title = N_("Medium of file 3 still here")
    return [
        name
        for each in late
        for name in _raised(
            site, FILE_3_STAYED, title, words, "high", "BK-MED-10", f"output={each.number}", each.medium or each.folder
        )
    ]


def _raised(
    site: Installation, rule: str, title: str, words: str, severity: str, control: str, group: str, source: str
) -> Sequence[str]:
    return raise_own(
        site,
        rule=rule,
        title=title,
        explanation=words,
        severity=severity,
        control=control,
        system="backups",
        source="backups",
        group=group,
        evidence=[local_day(site.clock.now(), site.zone).toordinal()],
        facts={"source": source},
        goes_on=ONCE_A_DAY,
    )
