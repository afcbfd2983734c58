"""The early end of a session: told to stop, its certificate revoked, and its host made to refuse it."""

from dataclasses import dataclass

from accesscontrol.refusals import Refusal
from accesscontrol.requests.desk import Acting
from accesscontrol.sessions import delivery, hosts, revocation, watching
from accesscontrol.sessions.ledger import SessionRow
from accesscontrol.sessions.watching import Signing
from console import host_findings
from console.translation import _, render
from console.wiring import Installation


@dataclass(frozen=True, slots=True)
class EarlyEnd:
    """What became of it. ``refused_there`` is None for a session that reached no other host."""

    refused_there: bool | None
    trouble: str = ""

    @property
    def words(self) -> str:
        """What to tell whoever asked for it."""
        told = _("The session was told to stop.")
        if self.refused_there is None:
            return told
        if self.refused_there:
            return told + " " + _("Its host refuses its certificate from now on.")
        return (
            told
            + " "
            + _("Its host does not know yet that its certificate is revoked: {trouble}").format(trouble=self.trouble)
        )


def stop(site: Installation, row: SessionRow, actor: Acting, *, reason: str, sign: Signing | None = None) -> EarlyEnd:
    """Have a session stopped at once, and its certificate refused by its host; takes seconds where that is away.

    The console that runs it ends it; the host is told from here too, in case that console does not answer. Raises
    ``Refusal`` for one who may not watch.
    """
    watching.ask_stop(site.store, row.id, actor, reason=reason, sign=sign)
    revocation.revoke(site.store, row.id, actor, reason=reason)
    host = next((each for each in hosts.listed(site.store) if each.name == row.host), None)
    if host is None:
        return EarlyEnd(None)
    try:
        delivery.deliver(
            site.store, site.authority, host, actor=actor.staff_number, alarmed=lambda: host_findings.find(site)
        )
    except Refusal as refusal:
        return EarlyEnd(refused_there=False, trouble=render(refusal, site.zone))
    return EarlyEnd(refused_there=True)
