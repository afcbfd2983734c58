"""Words about user IDs that commands and screens share."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from accesscontrol.accounts.listing import UNLISTED, AccountLine, Why
from accesscontrol.accounts.model import ACCOUNT_STATE_TITLES, DISABLE_REASON_TITLES, AccountState
from accesscontrol.accounts.trouble import Trouble
from accesscontrol.messages import N_
from console.translation import _, filled, ngettext

EXPIRING: Final = timedelta(days=30)
"""How long before its end an ID counts as expiring."""


def expiring(line: AccountLine, at: datetime) -> bool:
    """Tell whether an ID that may be used now ends within the next days."""
    return line.state == AccountState.LIVE and line.valid_to is not None and line.valid_to - at <= EXPIRING


def trouble_words(trouble: Trouble, title: Callable[[str], str] = str) -> str:
    """Return in the reader's language why something did not work; ``title`` tells what a system is called there."""
    named = {name: title(value) if name == "system" else value for name, value in trouble.fields.items()}
    return filled(trouble.message, named)


def list_read(count: int, system: str) -> str:
    """Return that the account list of ``system`` was read, with how many IDs."""
    words = ngettext("{count} ID of {system} was read.", "{count} IDs of {system} were read.", count)
    return words.format(count=count, system=system)


def state_words(line: AccountLine) -> str:
    """Return what an ID should be, in the reader's language."""
    return _(ACCOUNT_STATE_TITLES[AccountState(line.state)]) if line.state != UNLISTED else _("not listed")


def why_words(line: AccountLine) -> str:
    """Return why an ID is left over or unknown, in the reader's language."""
    if line.why is Why.ENDED and line.reason is not None:
        return _("can still be used: {reason}").format(reason=_(DISABLE_REASON_TITLES[line.reason]))
    titles = {
        Why.ENDED: N_("can be used before its first day"),
        Why.NOBODY: N_("no person, or more than one, stands behind it"),
        Why.UNREADABLE: N_("its system could not be read"),
    }
    return _(titles[line.why]) if line.why is not None else ""


def last_day(end: datetime | None, zone: ZoneInfo) -> str:
    """Return the last day of something that is over at ``end``, in the site's zone; a dash without one."""
    return "-" if end is None else f"{(end - datetime.resolution).astimezone(zone):%Y-%m-%d}"
