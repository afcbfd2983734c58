"""Words about user IDs that commands and screens share."""

from datetime import timedelta
from typing import Final

from accesscontrol.accounts.trouble import Trouble
from console.translation import filled

EXPIRING: Final = timedelta(days=30)
"""How long before its end an ID counts as expiring."""


def trouble_words(trouble: Trouble) -> str:
    """Return in the reader's language why something did not work."""
    return filled(trouble.message, trouble.fields)
