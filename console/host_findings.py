"""What the trail tells of managed hosts that somebody must look into becomes findings.

That is: another key, a list of revoked certificates that somebody changed, that does not reach its host, or that holds
more than this console knows.
"""

from collections.abc import Mapping
from typing import Any, Final

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.sessions import delivery, hosts, revocation
from accesscontrol.trail import entries
from accesscontrol.trail.entries import Entry
from console.opened import OpenedSite
from console.own_findings import raise_own
from console.translation import render

KEY_CHANGED: Final = "host-key-changed"
LIST_CHANGED: Final = "host-revocations-changed"
NOT_DELIVERED: Final = "host-revocations-undelivered"
LEARNT: Final = "host-revocations-learnt"
_TOLD: Final[Mapping[str, tuple[str, str, str, str, str]]] = {
    hosts.KEY_CHANGED: (
        KEY_CHANGED,
        N_("Managed host showed another key"),
        N_(
            "{host} showed the key {seen}; registered is {pinned}. Nothing was sent to it, and it is locked until"
            " somebody has found out on the host itself why."
        ),
        "high",
        "MO-SYS-06",
    ),
    delivery.REPLACED: (
        LIST_CHANGED,
        N_("List of revoked certificates was changed on its host"),
        N_("On {host} somebody else had changed the list of revoked certificates. The console has put it right."),
        "high",
        "AC-AUT-03",
    ),
    revocation.LEARNT: (
        LEARNT,
        N_("Host revokes certificates that this console does not know"),
        N_(
            "The list of {host} revokes certificates of which this console knows nothing: it was restored from an older"
            " backup, or somebody else wrote that list. They stay revoked. Compare the trail with its second place."
        ),
        "medium",
        "AC-AUT-03",
    ),
    delivery.UNDELIVERED: (
        NOT_DELIVERED,
        N_("Revoked certificate not refused by its host yet"),
        N_("{host} does not refuse every revoked certificate yet; the trail says why. Each tick tries it again."),
        "medium",
        "AC-AUT-03",
    ),
}


def find(site: OpenedSite) -> list[str]:
    """Raise a finding of each such entry about a registered host, and return the names of the new ones."""
    found: list[str] = []
    for host in hosts.listed(site.store):
        for entry in entries.about(site.store, host.name):
            if entry.act in _TOLD:
                found += _raised(site, host.name, entry)
    return found


def withdraw(site: OpenedSite) -> dict[str, Any]:
    """Bring the lists of revoked certificates to the hosts that lack them; return who has them now, and who has not."""
    delivered: list[str] = []
    failed: dict[str, str] = {}
    for host in delivery.stale(site.store, site.authority):
        try:
            delivery.deliver(site.store, site.authority, host, alarmed=lambda: find(site))
        except Refusal as refusal:
            failed[host.name] = render(refusal, site.zone)
        else:
            delivered.append(host.name)
    return {"delivered": delivered, "failed": failed}


def _raised(site: OpenedSite, host: str, entry: Entry) -> list[str]:
    rule, title, explanation, severity, control = _TOLD[entry.act]
    details = {name: entry.details[name] for name in ("seen", "pinned", "address") if name in entry.details}
    return raise_own(
        site,
        rule=rule,
        title=title,
        explanation=explanation,
        severity=severity,
        control=control,
        system=host,
        source="sessions",
        group=f"host={host}",
        evidence=[entry.number],
        facts={"host": host, **details},
    )
