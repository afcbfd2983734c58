"""Who may do what now: every person with roles and rights, last use, factors, end, deputies and conflicts.

This is what a resident operator looks through as a third party (AC-PRM-02), read from the store at one instant.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from accesscontrol.messages import N_
from accesscontrol.people import deputies, factors, operators
from accesscontrol.people.deputies import Deputy
from accesscontrol.people.factors import EnrolledFactor, FactorKind
from accesscontrol.people.operators import Operator, State
from accesscontrol.people.reading import Reader
from accesscontrol.people.roles import Role, conflict
from accesscontrol.requests.kinds import Kind
from console.evidence.activity import LastUse, last_uses

SOON: Final = timedelta(days=30)
LONG_UNUSED: Final = timedelta(days=90)


class Concern(StrEnum):
    """Why a person's rights deserve a look. The order is that of urgency."""

    CONFLICT = "conflict"
    ENDED = "ended"
    LOCKED = "locked"
    NO_FACTOR = "no-factor"
    SUBSTITUTE = "substitute"
    NEVER_USED = "never-used"
    LONG_UNUSED = "long-unused"
    ENDS_SOON = "ends-soon"
    NO_END = "no-end"


CONCERN_TITLES: Final[Mapping[Concern, str]] = {
    Concern.CONFLICT: N_("roles that one person may not hold together"),
    Concern.ENDED: N_("validity ended, roles still held"),
    Concern.LOCKED: N_("locked after failures"),
    Concern.NO_FACTOR: N_("no second factor enrolled"),
    Concern.SUBSTITUTE: N_("second factor is a substitute, not biometric"),
    Concern.NEVER_USED: N_("never signed in"),
    Concern.LONG_UNUSED: N_("not used for 90 days"),
    Concern.ENDS_SOON: N_("ends within 30 days"),
    Concern.NO_END: N_("no end of validity"),
}


@dataclass(frozen=True, slots=True)
class Right:
    """What a role lets its holder do: one side of one kind of request."""

    side: str  # msgid
    kind: Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """One login of a person, with what it was last used for and what it is proven by."""

    operator: Operator
    last_use: LastUse | None
    factors: tuple[EnrolledFactor, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """One person (by staff number) with everything that they may do at ``at``."""

    staff_number: str
    at: datetime
    logins: tuple[Login, ...]
    borrowed: tuple[Deputy, ...]
    lent: tuple[Deputy, ...]

    @property
    def name(self) -> str:
        """The person's name, in full."""
        return self.logins[0].operator.name

    @property
    def office(self) -> str:
        """The person's office."""
        return self.logins[0].operator.office

    @property
    def live(self) -> tuple[Login, ...]:
        """The logins that nobody has disabled."""
        return tuple(each for each in self.logins if each.operator.state is not State.DISABLED)

    @property
    def own_roles(self) -> frozenset[Role]:
        """The roles that the person holds personally, over all live logins."""
        return frozenset[Role]().union(*(each.operator.roles for each in self.live))

    @property
    def roles(self) -> frozenset[Role]:
        """The roles that the person holds, lent ones included."""
        return self.own_roles | {each.role for each in self.borrowed}

    @property
    def conflict(self) -> tuple[Role, Role] | None:
        """The first two roles that one person may not hold together, or None."""
        return conflict(self.roles)

    @property
    def last_use(self) -> LastUse | None:
        """The last use of any login."""
        uses = [each.last_use for each in self.logins if each.last_use is not None]
        return max(uses, key=lambda use: use.at, default=None)

    @property
    def ends(self) -> datetime | None:
        """The end of the validity that lasts longest; None when one has no end."""
        ends = [each.operator.valid_until for each in self.live]
        dated = [end for end in ends if end is not None]
        return max(dated, default=None) if len(dated) == len(ends) else None

    @property
    def factor_kinds(self) -> tuple[FactorKind, ...]:
        """The kinds of second factor enrolled."""
        return tuple(sorted({factor.kind for each in self.live for factor in each.factors}))

    @property
    def concerns(self) -> tuple[Concern, ...]:
        """Everything that deserves a look, the most urgent first; nothing for somebody without live logins."""
        if not self.live:
            return ()
        found = {
            Concern.CONFLICT: self.conflict is not None,
            Concern.LOCKED: any(each.operator.state is State.LOCKED for each in self.live),
            Concern.NO_FACTOR: not self.factor_kinds,
            Concern.SUBSTITUTE: self.factor_kinds == (FactorKind.SUBSTITUTE,),
            **self._of_time(),
        }
        return tuple(concern for concern in Concern if found[concern])

    def _of_time(self) -> dict[Concern, bool]:
        use, ends = self.last_use, self.ends
        left = None if ends is None else ends - self.at
        return {
            Concern.ENDED: left is not None and left <= timedelta(),
            Concern.ENDS_SOON: left is not None and timedelta() < left <= SOON,
            Concern.NO_END: ends is None,
            Concern.NEVER_USED: use is None,
            Concern.LONG_UNUSED: use is not None and self.at - use.at > LONG_UNUSED,
        }


def holders(reader: Reader, at: datetime) -> list[Holder]:
    """Return every person of the console at ``at``, in order of office and staff number."""
    uses = last_uses(reader)
    running = deputies.running(reader, at)
    people: dict[str, list[Operator]] = {}
    for operator in operators.every(reader):
        people.setdefault(operator.staff_number, []).append(operator)
    found = [_holder(reader, number, logins, uses, running, at) for number, logins in people.items()]
    return sorted(found, key=lambda each: (each.office, each.staff_number))


def _holder(
    reader: Reader,
    staff_number: str,
    logins: Sequence[Operator],
    uses: Mapping[str, LastUse],
    running: Sequence[Deputy],
    at: datetime,
) -> Holder:
    names = {each.login for each in logins}
    return Holder(
        staff_number=staff_number,
        at=at,
        logins=tuple(
            Login(operator=each, last_use=uses.get(each.login), factors=tuple(factors.enrolled(reader, each.login)))
            for each in logins
        ),
        borrowed=tuple(each for each in running if each.deputy in names),
        lent=tuple(each for each in running if each.principal in names),
    )


def rights(roles: Iterable[Role], kinds: Iterable[Kind]) -> list[Right]:
    """Return what ``roles`` allow: which kinds of request may be asked for, approved, witnessed and executed."""
    held = frozenset(roles)
    found = []
    for kind in kinds:
        sides = (
            (N_("ask for"), bool(kind.requesters & held)),
            (N_("approve"), any(slot.roles & held for slot in kind.slots)),
            (N_("witness"), kind.witness and Role.WITNESS in held),
            (N_("execute"), bool(kind.executors & held)),
        )
        found += [Right(side, kind) for side, allowed in sides if allowed]
    return found
