"""What systems have in common that the console closes in one step, because they show nothing more that could be ended.

Such are a table of accounts and a vendor's account list: without sessions, keys or memberships of their own, and with
passwords that only their own operator sets. Whether the step was enough is what their next reading shows.
"""

from collections.abc import Sequence
from typing import NoReturn

from accesscontrol.accounts.connectors.protocol import Failures, SetThere, TemporaryPassword
from accesscontrol.messages import N_


class SingleStepLapse:
    """The steps of a lapse behind ``block`` for a system whose block is the whole of it."""

    def __init__(self, system: str) -> None:
        self._system = system

    @property
    def system(self) -> str:
        """The system's name in the settings and the ledger."""
        return self._system

    def end_sessions(self, user_ids: Sequence[str]) -> Failures:
        """Leave it at the block: no session can be seen here, so none is said to have been ended."""
        del user_ids
        return {}

    def strip(self, user_ids: Sequence[str]) -> Failures:
        """Leave it at the block: a right that still shows in the next reading keeps the lapse open."""
        del user_ids
        return {}

    def set_password(self, user_id: str, password: TemporaryPassword) -> NoReturn:
        """Refuse with ``SetThere``: the system's own operator sets passwords."""
        del password
        raise SetThere(
            N_("{system} keeps its passwords itself. Have the one of {user_id} set there."),
            system=self._system,
            user_id=user_id,
        )
