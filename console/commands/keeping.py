"""What the commands around media share: a keeper who acts, and by what a medium is known."""

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any

from accesscontrol.canonical import JSON
from backups.media.register import Medium
from console import locker
from console.commands.context import Context, PersonOption, pass_context, person_option
from console.commands.output import json_option, refusals_spoken
from console.dates import parse_date


def keeping(function: Callable[..., Any]) -> Callable[..., Any]:
    """Sign the person in and give the command site and person; refuse whoever keeps no media (BK-MED-08)."""

    @person_option
    @json_option
    @pass_context
    @refusals_spoken
    @wraps(function)
    def command(context: Context, /, *args: Any, person: PersonOption, **kwargs: Any) -> Any:
        with person.signed_in(context.site) as acting:
            locker.require_keeper(context.site, acting)
            return function(context.site, acting, *args, **kwargs)

    return command


def identified(medium: Medium) -> dict[str, JSON]:
    """Return by what a medium is known, for ``--json``: the hash of its label, and the three identities."""
    return {
        "medium": medium.id,
        "sha256": medium.label_sha256,
        "identity": {"serial": medium.serial, "uuid": medium.uuid, "label": medium.label_sha256},
    }


def perhaps_a_day(text: str | None) -> date | None:
    """Return the day that was typed, if any."""
    return parse_date(text) if text else None
