"""What detection must know from elsewhere, gathered from this site: accounts, terminals, approved requests."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from accesscontrol.clock import end_of_day
from accesscontrol.people import operators
from accesscontrol.people import terminals as console_terminals
from accesscontrol.people.operators import State as OperatorState
from accesscontrol.requests import reading
from accesscontrol.requests.reading import Request
from accesscontrol.requests.states import State
from accesscontrol.store import Store
from console import account_facts
from console.register import SiteRegister
from monitors.calendars import overtime
from monitors.events.schema import Action
from monitors.facts import Account, AccountKind, AccountState, ApprovedRequest, Terminal
from monitors.findings import applications
from registry import accounts as registry_accounts

CONSOLE: Final = "sekisho"
REGISTER: Final = "register"
_TAKING_OUT: Final = frozenset({Action.BACKUP, Action.MEDIA, Action.EXPORT})
_WORKING_ON: Final = frozenset({Action.ADMIN})
_COVERED: Final = dict.fromkeys(("backup-export", "media-output", "media-output-bulk"), _TAKING_OUT)
_MAINTENANCE: Final = ("maintenance-task:", "adhoc-sql")  # how the kinds of work on a system itself begin


class SiteFacts:
    """The site's own knowledge of who may be seen in the logs, and what was approved.

    ``names`` are what the logs call a managed system, where that is not its name in the settings.
    """

    def __init__(
        self, store: Store, register: SiteRegister, zone: ZoneInfo, names: Mapping[str, str] | None = None
    ) -> None:
        self._store, self._register, self._zone, self._names = store, register, zone, names or {}

    def systems(self) -> Iterable[str]:
        """Return the systems whose ledger of accounts is complete here."""
        read = account_facts.systems(self._store, self._names)
        return {CONSOLE, *read, *((REGISTER,) if self._register.exists else ())}

    def accounts(self) -> Iterator[Account]:
        """Yield every account of the console, of the ledger of user IDs, and of the register those it hasn't."""
        for operator in operators.every(self._store):
            changes = [(operator.valid_from, AccountState.ACTIVE)]
            if operator.valid_until is not None:
                changes.append((operator.valid_until, AccountState.EXPIRED))
            if operator.state is OperatorState.DISABLED:
                changes = [(operator.valid_from, AccountState.DISABLED)]
            yield Account(
                system=CONSOLE,
                user_id=operator.login,
                staff_number=operator.staff_number,
                office=operator.office,
                changes=changes,
            )
        known = set()
        for account in account_facts.known(self._store, self._names):
            known.add((account.system, account.user_id))
            yield account
        for account in self._register_accounts():
            if (account.system, account.user_id) not in known:
                yield account

    def _register_accounts(self) -> Iterator[Account]:
        if not self._register.exists:
            return
        with self._register.look() as registry:
            found = registry_accounts.accounts(registry)
        for each in found:
            changes = [(each.created_at, AccountState.ACTIVE)]
            if each.valid_until is not None:
                changes.append((end_of_day(each.valid_until, self._zone), AccountState.EXPIRED))
            if not each.enabled:
                changes = [(each.created_at, AccountState.DISABLED)]
            yield Account(
                system=REGISTER,
                user_id=each.login,
                staff_number=each.staff_number,
                kind=AccountKind.CONTRACTOR if each.valid_until else AccountKind.PERSON,
                office=each.office,
                changes=changes,
            )

    def terminals(self) -> Iterator[Terminal]:
        """Yield the console's registered terminals."""
        for each in console_terminals.every(self._store):
            yield Terminal(terminal=each.name)

    def terminal_systems(self) -> Iterable[str]:
        """Return the systems that may be used at registered terminals only: the console itself."""
        return (CONSOLE,)

    def approved(self, first: datetime, last: datetime) -> Iterator[ApprovedRequest]:
        """Yield the approved requests whose window touches ``first`` to ``last``."""
        for request in reading.listed(self._store, (*applications.APPROVED, State.LAPSED), limit=10_000):
            if not applications.was_approved(request):
                continue
            if request.kind == overtime.KIND:
                yield from self._overtime(request, first, last)
            elif request.not_before <= last and request.not_after >= first:
                yield from self._covering(request)

    def _overtime(self, request: Request, first: datetime, last: datetime) -> Iterator[ApprovedRequest]:
        approvals = [each.at for each in request.in_force()]
        work, start, end = overtime.covered(request.parameters, approvals, self._zone)
        if start <= last and end >= first and start < end:
            for staff_number in work.staff:
                yield ApprovedRequest(
                    reference=request.id,
                    start=start,
                    end=end,
                    staff_number=staff_number,
                    system=work.system,
                    out_of_hours=True,
                )

    def _covering(self, request: Request) -> Iterator[ApprovedRequest]:
        executor = request.performance.executor if request.performance else ""
        for staff_number in {request.requester, executor} - {""}:
            yield ApprovedRequest(
                reference=request.id,
                start=request.not_before,
                end=request.not_after,
                staff_number=staff_number,
                actions=actions_of(request.kind),
                used=request.performance is not None,
            )

    def owner_of(self, system: str, account: str) -> str:
        """Return the staff number of an account's person, or an empty text when none is known."""
        wanted = account.casefold()
        return next(
            (
                each.staff_number
                for each in self.accounts()
                if each.system == system and each.user_id.casefold() == wanted
            ),
            "",
        )

    def matching(self, system: str, account: str, first: datetime, last: datetime) -> list[ApprovedRequest]:
        """Return the approved requests of an account's person that touch the time of a finding (MO-ANM-06)."""
        owner = self.owner_of(system, account)
        day = timedelta(days=1)
        found = self.approved(first - day, last + day)
        return [each for each in found if owner and each.staff_number == owner and each.system in {"", system}]


def actions_of(kind: str) -> frozenset[Action]:
    """Return the actions that an approved request of ``kind`` makes expected (AC-AUT-03, MO-ANM-06)."""
    return _WORKING_ON if kind.startswith(_MAINTENANCE) else _COVERED.get(kind, frozenset())
