"""How long the site keeps events, what is past it, and the request that erases that (MO-LOG-05)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.requests import submission
from accesscontrol.requests.desk import Acting
from accesscontrol.requests.reading import Request
from console.wiring import Installation
from monitors.events import erasure, retention
from monitors.events.ledger import Segment

_MOST: Final = 1000  # in one request


def limit(site: Installation) -> datetime:
    """Return the beginning of the day before which events need not be kept any more."""
    return erasure.limit(site.clock.now(), site.settings.events.keep_years, site.zone)


def due(site: Installation) -> list[Segment]:
    """Return the segments whose period is over, oldest first."""
    return retention.due(site.store, limit(site))


def ask_for_erasure(site: Installation, segments: Sequence[Segment], actor: Acting, *, reason: str) -> Request:
    """Hand in the request that erases exactly these; the security officer approves it."""
    if not segments:
        raise Refusal(
            N_("Every event must still be kept: the settings say {years} years."),
            control=retention.CONTROL,
            years=site.settings.events.keep_years,
        )
    named = erasure.parameters_for(segments[:_MOST], limit(site))
    return submission.submit(site.desk, erasure.KIND, named, actor, reason=reason)
