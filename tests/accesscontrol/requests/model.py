"""A plain model of who may do what when; it knows nothing of digests, signatures or rows.

It is written from the domain's rules, and the code under test is not asked.
"""

from dataclasses import dataclass, field
from datetime import datetime
from itertools import permutations
from typing import Final

from accesscontrol.clock import Clock
from accesscontrol.people.roles import Role
from accesscontrol.requests.states import State
from tests.accesscontrol.requests.city import PEOPLE, ROOM

REQUESTERS: Final = {Role.OPERATOR, Role.WORK_LEAD}
EXECUTORS: Final = {Role.RESIDENT_OPERATOR, Role.SYSTEM_ADMIN}
SLOTS: Final[dict[str, dict[str, set[Role]]]] = {
    "export": {"officer": {Role.SECURITY_OFFICER}},
    "correction": {"manager": {Role.IDENTINFO_MANAGER}, "second": {Role.SECOND_CHECKER, Role.SUPERIOR}},
    "medium": {"output": {Role.OUTPUT_MANAGER}},
    "emergency": {},
}
WITNESSED: Final = {"medium"}
REPORTED: Final = {"correction", "medium", "emergency"}
SECOND: Final = "mori2"  # a second login of the requester mori's, with every part's role
STAFF: Final = [*PEOPLE, SECOND]
EDITABLE: Final = {State.SUBMITTED, State.APPROVED}


def staff_number(login: str) -> str:
    return "S-mori" if login == SECOND else f"S-{login}"


@dataclass
class Expected:
    """What the model holds of one request."""

    id: str
    kind: str
    requester: str
    state: State
    content: int
    not_after: datetime
    approvals: dict[str, str] = field(default_factory=dict)  # slot: login
    before: str = ""  # the login of the witness of this wording
    after: str = ""
    witnesses: set[str] = field(default_factory=set)  # staff numbers, of all wordings
    executor: str = ""
    reporter: str = ""
    runs: int = 0
    acts: list[str] = field(default_factory=list)

    def parts(self) -> set[str]:
        """Everybody who has a part in this wording, by staff number."""
        people = {self.requester, *map(staff_number, self.approvals.values())}
        return people | {staff_number(each) for each in (self.before, self.after) if each} | ({self.executor} - {""})


class Model:
    """The people with their roles, the locks in force, and what every request has come to."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.roles: dict[str, set[Role]] = {login: set(roles) for login, roles in PEOPLE.items()}
        self.roles[SECOND] = {Role.SECURITY_OFFICER, Role.WITNESS, Role.SYSTEM_ADMIN, Role.OPERATOR}
        self.enabled = dict.fromkeys(STAFF, True)
        self.locks: dict[int, tuple[str, str]] = {}
        self.content = 0
        self.known: dict[str, Expected] = {}

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def held(self, login: str) -> set[Role]:
        return self.roles[login] if self.enabled[login] else set()

    def locked(self, *targets: tuple[str, str]) -> bool:
        return bool(set(targets) & set(self.locks.values()))

    def stopped(self, login: str, expected: Expected) -> bool:
        return self.locked(("person", staff_number(login)), ("terminal", ROOM), ("request", expected.id))

    def somebody_could_approve(self, kind: str, requester: str) -> bool:
        slots = list(SLOTS[kind].values())
        others = {staff_number(login) for login in STAFF} - {requester}
        able = [{staff_number(each) for each in STAFF if self.held(each) & roles} for roles in slots]
        return any(
            all(person in able[at] for at, person in enumerate(chosen)) for chosen in permutations(others, len(slots))
        )

    def may_submit(self, kind: str, login: str) -> bool:
        person = staff_number(login)
        stopped = self.locked(("person", person), ("terminal", ROOM), ("medium", "file"))
        return bool(self.held(login) & REQUESTERS) and not stopped and self.somebody_could_approve(kind, person)

    def may_edit(self, expected: Expected, login: str) -> bool:
        return (
            self.may_submit(expected.kind, login)
            and staff_number(login) == expected.requester
            and expected.kind != "emergency"
            and expected.state in EDITABLE
            and not self.locked(("request", expected.id))
        )

    def slot_for(self, expected: Expected, login: str) -> str | None:
        fitting = {
            name: roles
            for name, roles in SLOTS[expected.kind].items()
            if name not in expected.approvals and roles & self.held(login)
        }
        return min(fitting, key=lambda name: len(fitting[name]), default=None)

    def may_approve(self, expected: Expected, login: str) -> bool:
        return (
            expected.state is State.SUBMITTED
            and self.now < expected.not_after
            and staff_number(login) not in expected.parts()
            and self.slot_for(expected, login) is not None
            and not self.stopped(login, expected)
            and not self.locked(("person", expected.requester), ("medium", "file"))
        )

    def may_reject(self, expected: Expected, login: str) -> bool:
        roles = set().union(*SLOTS[expected.kind].values())
        return (
            expected.state is State.SUBMITTED
            and staff_number(login) not in expected.parts()
            and bool(self.held(login) & roles)
            and not self.stopped(login, expected)
        )

    def may_attest_before(self, expected: Expected, login: str) -> bool:
        return (
            expected.state is State.APPROVED
            and not expected.before
            and Role.WITNESS in self.held(login)
            and staff_number(login) not in expected.parts()
            and not self.stopped(login, expected)
        )

    def may_attest_after(self, expected: Expected, login: str) -> bool:
        same = staff_number(login) == staff_number(expected.before) if expected.before else None
        return (
            expected.state is State.DONE
            and not expected.after
            and Role.WITNESS in self.held(login)
            and (same if same is not None else staff_number(login) not in expected.parts())
            and not self.stopped(login, expected)
        )

    def may_execute(self, expected: Expected, login: str) -> bool:
        person = staff_number(login)
        emergency = expected.kind == "emergency"
        executors = EXECUTORS | REQUESTERS if emergency else EXECUTORS
        own = emergency and person == expected.requester and person not in {
            staff_number(each) for each in (*expected.approvals.values(), expected.before) if each
        }  # fmt: skip
        touched = {("person", each) for each in (*expected.parts(), person)}
        slots = SLOTS[expected.kind]
        return (
            expected.state is State.APPROVED
            and self.now < expected.not_after
            and expected.content == self.content
            and bool(self.held(login) & executors)
            and (own or person not in expected.parts())
            and all(slot in expected.approvals and self.held(expected.approvals[slot]) & slots[slot] for slot in slots)
            and (
                expected.kind not in WITNESSED or (expected.before != "" and Role.WITNESS in self.held(expected.before))
            )
            and not self.locked(*touched, ("terminal", ROOM), ("request", expected.id), ("medium", "file"))
        )

    def may_report(self, expected: Expected, login: str) -> bool:
        seen = expected.kind not in WITNESSED or expected.after != "" or expected.state is State.FAILED
        return (
            expected.kind in REPORTED
            and expected.state in {State.DONE, State.FAILED}
            and staff_number(login) in {expected.requester, expected.executor}
            and seen
        )

    def may_close(self, expected: Expected, login: str) -> bool:
        came_to_nothing = expected.kind == "emergency" and expected.state in {State.WITHDRAWN, State.LAPSED}
        doers = {expected.requester, expected.executor, expected.reporter, *expected.witnesses}
        roles = {Role.SECURITY_OFFICER}.union(*SLOTS[expected.kind].values())
        return (
            (expected.state is State.REPORTED or came_to_nothing)
            and staff_number(login) not in doers
            and bool(self.held(login) & roles)
            and not self.stopped(login, expected)
        )
