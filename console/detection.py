"""Running the rules over the site's archive, and checking what they found, with what the site knows of its people."""

from typing import Any

from accesscontrol.people.operators import SYSTEM
from console.wiring import Installation
from monitors import facts
from monitors.findings import detection
from monitors.findings.reviews import Reviews
from monitors.rules import catalogue
from monitors.site import known


def detect(site: Installation, *, actor: str = SYSTEM) -> dict[str, Any]:
    """Run the shipped rules and the site's own, raise what they find, and return the account of it."""
    own, _unusable = catalogue.of_site(site.home.path)
    report = detection.detect(
        site.store,
        site.home.path,
        [*catalogue.shipped(), *own],
        lambda first, last: known(
            site.home.path,
            facts.gather(
                accounts=site.facts,
                terminals=site.facts,
                requests=site.facts,
                calendar=site.calendar,
                first=first,
                last=last,
            ),
        ),
        actor=actor,
    )
    return report.as_json()


def reviews(site: Installation) -> Reviews:
    """Return where the regular checks of this site are signed."""
    return Reviews(site.store, site.zone, site.facts.owner_of)
