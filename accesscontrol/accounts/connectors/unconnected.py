"""A system whose settings can't be used now, such as a missing password file: unreadable, and nobody else's trouble."""

from collections.abc import Mapping, Sequence
from typing import NoReturn

from accesscontrol.accounts.connectors.protocol import (
    Failures,
    ObservedAccount,
    Reading,
    TemporaryPassword,
    Unreadable,
    Wanted,
)
from accesscontrol.refusals import Refusal


class UnconnectedSystem:
    """Stands in the place of the connector that could not be made, and says why at every step."""

    def __init__(self, system: str, refusal: Refusal) -> None:
        self.system = system
        self._refusal = refusal

    def _say(self) -> NoReturn:
        raise Unreadable(self._refusal.message, control=self._refusal.control, **self._refusal.fields)

    def read(self) -> Reading:
        """Say why it can't be read."""
        self._say()

    def look(self, user_ids: Sequence[str]) -> Mapping[str, ObservedAccount]:
        """Say why it can't be read."""
        del user_ids
        self._say()

    def issue(self, wanted: Wanted, password: TemporaryPassword | None = None) -> None:
        """Say why it can't be reached."""
        del wanted, password
        self._say()

    def change(self, wanted: Sequence[Wanted]) -> Failures:
        """Say why it can't be reached."""
        del wanted
        self._say()

    def set_password(self, user_id: str, password: TemporaryPassword) -> None:
        """Say why it can't be reached."""
        del user_id, password
        self._say()

    def block(self, user_ids: Sequence[str]) -> Failures:
        """Say why it can't be reached."""
        del user_ids
        self._say()

    def end_sessions(self, user_ids: Sequence[str]) -> Failures:
        """Say why it can't be reached."""
        del user_ids
        self._say()

    def strip(self, user_ids: Sequence[str]) -> Failures:
        """Say why it can't be reached."""
        del user_ids
        self._say()
