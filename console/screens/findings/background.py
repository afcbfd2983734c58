"""What a finding is compared with: its person, the applications of that time, and the hour before and after."""

from collections.abc import Sequence
from dataclasses import dataclass

from accesscontrol.people import operators
from console.text import mask
from console.wiring import Installation
from monitors.events.browsing import Surroundings
from monitors.facts import ApprovedRequest
from monitors.findings.reading import Finding


@dataclass(frozen=True, slots=True)
class Background:
    """The person's staff number and masked name (empty when not known), the applications, the surroundings."""

    owner: str
    name: str
    applications: Sequence[ApprovedRequest]
    surroundings: Surroundings


def gather(site: Installation, finding: Finding) -> Background:
    """Return the background of ``finding``; it reads the archive and the registers, so it belongs in a thread."""
    owner = site.judges.owner_of(finding.system, finding.account)
    people = operators.logins_of(site.store, owner) if owner else []
    return Background(
        owner=owner,
        name=mask(people[0].name) if people else "",
        applications=site.facts.matching(finding.system, finding.account, finding.first, finding.last),
        surroundings=site.archive.around(finding.system, finding.account, finding.first, finding.last),
    )
