"""User IDs of the register system, which keeps them in a table of its own.

The table is handed in, because this room knows no register: see :class:`AccountTable`. An ID has one profile, which
is its only right, and counts by days: its last day is valid to its end in the site's zone.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol, TypeAlias
from zoneinfo import ZoneInfo

from accesscontrol.accounts.connectors.protocol import (
    Failures,
    ObservedAccount,
    Reading,
    TemporaryPassword,
    Unreadable,
    Wanted,
)
from accesscontrol.accounts.connectors.single_step import SingleStepLapse
from accesscontrol.clock import Clock, end_of_day, local_day
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal

_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableAccount:
    """One line of the table. ``valid_until`` is the last day, valid to its end."""

    login: str
    display_name: str
    staff_number: str
    profile: str
    enabled: bool
    valid_until: date | None
    last_sign_in_at: datetime | None


class AccountTable(Protocol):
    """The register system's table of accounts, opened for one piece of work."""

    @property
    def profiles(self) -> Sequence[str]:
        """The profiles that the register system knows, the administrator's last."""
        ...

    def accounts(self) -> Sequence[TableAccount]:
        """Return every account."""
        ...

    def add(
        self,
        login: str,
        *,
        display_name: str,
        staff_number: str,
        office: str,
        profile: str,
        valid_until: date | None,
        created_at: datetime,
    ) -> None:
        """Add an enabled account; a login that is there already is refused."""
        ...

    def enable(self, login: str, *, profile: str, valid_until: date | None) -> None:
        """Enable an account up to its last day, with this profile; an unknown login is refused."""
        ...

    def disable(self, logins: Sequence[str]) -> None:
        """Disable accounts."""
        ...


Opening: TypeAlias = Callable[[], AbstractContextManager[AccountTable]]
"""Opens the table for one piece of work; what it refuses makes the system unreadable for now."""


class RegistryConnector(SingleStepLapse):
    """The register system, which asks its table at every act of an account.

    ``looking`` opens the table to be read, ``changing`` to be changed: the ways there may differ.
    """

    def __init__(self, system: str, looking: Opening, changing: Opening, zone: ZoneInfo, clock: Clock) -> None:
        super().__init__(system)
        self._looking, self._changing, self._zone, self._clock = looking, changing, zone, clock

    def read(self) -> Reading:
        """Read the whole table."""
        with _opened(self._looking) as table:
            found = [self._observed(each, table) for each in table.accounts()]
        return Reading(system=self._system, read_at=self._clock.now(), accounts=found)

    def look(self, user_ids: Sequence[str]) -> Mapping[str, ObservedAccount]:
        """Read the table and return these accounts."""
        wanted = frozenset(user_ids)
        return {each.user_id: each for each in self.read().accounts if each.user_id in wanted}

    def issue(self, wanted: Wanted, password: TemporaryPassword | None = None) -> None:
        """Add the account; the register system itself hands its first password out."""
        del password
        with _opened(self._changing) as table:
            table.add(
                wanted.user_id,
                display_name=wanted.display_name or wanted.user_id,
                staff_number=wanted.staff_number,
                office=wanted.office,
                profile=self._profile(wanted, table),
                valid_until=self._last_day(wanted.valid_to),
                created_at=self._clock.now(),
            )

    def change(self, wanted: Sequence[Wanted]) -> Failures:
        """Enable each account up to its last day, with its profile."""
        failures: dict[str, str] = {}
        if not wanted:
            return failures
        with _opened(self._changing) as table:
            for each in wanted:
                try:
                    profile = self._profile(each, table)
                    table.enable(each.user_id, profile=profile, valid_until=self._last_day(each.valid_to))
                except Refusal as refusal:
                    failures[each.user_id] = str(refusal)
        return failures

    def block(self, user_ids: Sequence[str]) -> Failures:
        """Disable the accounts, and with them their profiles."""
        if user_ids:
            with _opened(self._changing) as table:
                table.disable(user_ids)
        return {}

    def _profile(self, wanted: Wanted, table: AccountTable) -> str:
        if len(wanted.entitlements) != 1 or wanted.entitlements[0] not in table.profiles:
            raise Refusal(
                N_("An ID of {system} has exactly one profile: {profiles}."),
                control="AC-USR-01",
                system=self._system,
                profiles=", ".join(table.profiles),
            )
        return wanted.entitlements[0]

    def _last_day(self, end: datetime | None) -> date | None:
        """Return the day in which ``end`` falls; an end at midnight belongs to the day before."""
        return None if end is None else local_day(end - _INSTANT, self._zone)

    def _observed(self, account: TableAccount, table: AccountTable) -> ObservedAccount:
        return ObservedAccount(
            user_id=account.login,
            enabled=account.enabled,
            display_name=account.display_name,
            staff_number=account.staff_number,
            valid_to=None if account.valid_until is None else end_of_day(account.valid_until, self._zone),
            entitlements=(account.profile,) if account.enabled else (),
            last_use=account.last_sign_in_at,
            administrator=account.profile == table.profiles[-1],
        )


@contextmanager
def _opened(opening: Opening) -> Iterator[AccountTable]:
    with ExitStack() as stack:
        try:
            table = stack.enter_context(opening())
        except Refusal as refusal:
            raise Unreadable(refusal.message, control=refusal.control, **refusal.fields) from None
        yield table
