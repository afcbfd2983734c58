"""The register system's own operator accounts, and what speaks against each of them."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from accesscontrol.messages import N_
from console.evidence.rights import LONG_UNUSED, SOON
from console.wiring import Installation
from registry.accounts import RegistryAccount, accounts


class Doubt(StrEnum):
    """Why an account deserves a look (AC-USR-02). The order is that of urgency."""

    ENDED = "ended"
    NOBODY = "nobody"
    NEVER_USED = "never-used"
    LONG_UNUSED = "long-unused"
    ENDS_SOON = "ends-soon"


DOUBT_TITLES: Final[Mapping[Doubt, str]] = {
    Doubt.ENDED: N_("validity ended, still enabled"),
    Doubt.NOBODY: N_("no person behind it"),
    Doubt.NEVER_USED: N_("never signed in"),
    Doubt.LONG_UNUSED: N_("not used for 90 days"),
    Doubt.ENDS_SOON: N_("ends within 30 days"),
}
PROFILE_TITLES: Final[Mapping[str, str]] = {
    "inquiry": N_("Enquiry"),
    "update": N_("Update"),
    "administrator": N_("Administration"),
}


def doubts(account: RegistryAccount, at: datetime, today: date) -> tuple[Doubt, ...]:
    """Return what speaks against ``account`` at ``at``, nothing for one that is disabled."""
    if not account.enabled:
        return ()
    left = None if account.valid_until is None else account.valid_until - today
    use = account.last_sign_in_at
    found = {
        Doubt.ENDED: left is not None and left < timedelta(),
        Doubt.NOBODY: not account.staff_number,
        Doubt.NEVER_USED: use is None,
        Doubt.LONG_UNUSED: use is not None and at - use > LONG_UNUSED,
        Doubt.ENDS_SOON: left is not None and timedelta() <= left <= SOON,
    }
    return tuple(doubt for doubt in Doubt if found[doubt])


def read(site: Installation) -> list[RegistryAccount]:
    """Return all accounts of the site's register; one that can't be opened is refused."""
    with site.register.look() as opened:
        return accounts(opened)
