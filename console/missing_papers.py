"""Papers that are overdue become a finding of each sort, which ends by itself when the last one is entered."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from accesscontrol.accounts import papers
from accesscontrol.accounts.papers import RULES, Owing, Paper
from accesscontrol.clock import local_day
from accesscontrol.messages import N_
from accesscontrol.people.roles import ROLE_TITLES, Role
from accesscontrol.refusals import Refusal
from accesscontrol.requests.desk import Acting
from console.own_findings import ONCE_A_DAY, raise_own
from console.wiring import Installation
from monitors.findings.making_good import make_good

MISSING: Final = "papers-missing"
KEEPERS: Final = frozenset({Role.SECURITY_OFFICER, Role.SYSTEM_ADMIN, Role.IDPW_CUSTODIAN, Role.DEPT_HEAD})


def enter(site: Installation, paper: Paper, subjects: Sequence[str], day: date, reference: str, actor: Acting) -> None:
    """Enter papers, as a person who keeps them."""
    if not actor.roles(site.store, site.clock.now()) & KEEPERS:
        raise Refusal(
            N_("This needs a role that you don't hold: {roles}."),
            control=RULES[paper].control,
            roles=[ROLE_TITLES[role] for role in sorted(KEEPERS)],
        )
    with site.store.transaction() as tx:
        papers.enter(tx, paper, subjects, day, reference, actor=actor.staff_number, zone=site.zone)


def owing(site: Installation, paper: Paper) -> Sequence[Owing]:
    """Return of whom ``paper`` is missing now, the longest overdue first."""
    return papers.owing(site.store, paper, site.clock.now(), site.zone)


def find(site: Installation) -> list[str]:
    """Raise a finding of each sort of paper that is overdue of somebody; return the names of the new ones."""
    at, found = site.clock.now(), list[str]()
    for paper, rule in RULES.items():
        late = [each for each in owing(site, paper) if each.late(at)]
        if not late:
            make_good(site.store, MISSING, f"paper={paper.value}", by=paper.value)
            continue
        found += raise_own(
            site,
            rule=MISSING,
            title=N_("Papers overdue"),
            explanation=N_("{paper}: {number} papers are overdue. Place 0 and sekisho papers missing list whose."),
            severity="medium",
            control=rule.control,
            system="controls",
            source="papers",
            group=f"paper={paper.value}",
            evidence=[local_day(at, site.zone).toordinal()],
            facts={"number": len(late), "paper": paper.value},
            goes_on=ONCE_A_DAY,
        )
    return found
