"""What a review is made of: the campaign, its items, the answers given, and the remedies that follow."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from accesscontrol.messages import N_
from accesscontrol.people.roles import Role
from accesscontrol.reviews.lines import Line, Trait


class ReviewKind(StrEnum):
    """The inspection is a third party's (AC-PRM-02); the check of unneeded IDs the security officer's (AC-USR-02)."""

    INSPECTION = "inspection"
    ID_CHECK = "id-check"


KIND_TITLES: Final[Mapping[ReviewKind, str]] = {
    ReviewKind.INSPECTION: N_("Inspection of access rights"),
    ReviewKind.ID_CHECK: N_("Check of unneeded IDs"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Who orders a kind of review, who answers and signs it, and the control that says so.

    ``third_party``: whoever granted an ID or ordered the review doesn't answer. Nobody ever answers for their own ID.
    """

    orders: frozenset[Role]
    answers: frozenset[Role]
    control: str
    third_party: bool


PARTS: Final[Mapping[ReviewKind, Part]] = {
    ReviewKind.INSPECTION: Part(
        orders=frozenset({Role.SYSTEM_ADMIN}),
        answers=frozenset({Role.RESIDENT_OPERATOR}),
        control="AC-PRM-02",
        third_party=True,
    ),
    ReviewKind.ID_CHECK: Part(
        orders=frozenset({Role.SECURITY_OFFICER}),
        answers=frozenset({Role.SECURITY_OFFICER}),
        control="AC-USR-02",
        third_party=False,
    ),
}
REMEDIERS: Final = frozenset({Role.SYSTEM_ADMIN, Role.IDPW_CUSTODIAN})
ACCEPTERS: Final = frozenset({Role.SECURITY_OFFICER})


class State(StrEnum):
    """Where a review is: answers can be taken back only while it is being answered, a closed one is never edited.

    One that was ordered wrongly is withdrawn: it counts as never held, and keeps what was said in it.
    """

    ANSWERING = "answering"
    REMEDYING = "remedying"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


STATE_TITLES: Final[Mapping[State, str]] = {
    State.ANSWERING: N_("being answered"),
    State.REMEDYING: N_("being remedied"),
    State.CLOSED: N_("closed"),
    State.WITHDRAWN: N_("withdrawn"),
}


class Verdict(StrEnum):
    """What a reviewer says of one item."""

    KEEP = "keep"
    CHANGE = "change"
    REVOKE = "revoke"


VERDICT_TITLES: Final[Mapping[Verdict, str]] = {
    Verdict.KEEP: N_("keep"),
    Verdict.CHANGE: N_("change"),
    Verdict.REVOKE: N_("revoke"),
}


class RemedyState(StrEnum):
    """How far a change or revocation has come; verified is only what a fresh reading of the target shows."""

    PLANNED = "planned"
    EXECUTING = "executing"
    VERIFIED = "verified"
    ACCEPTED = "accepted"


REMEDY_TITLES: Final[Mapping[RemedyState, str]] = {
    RemedyState.PLANNED: N_("planned"),
    RemedyState.EXECUTING: N_("executing"),
    RemedyState.VERIFIED: N_("verified by reading"),
    RemedyState.ACCEPTED: N_("accepted as it is"),
}
OPEN_REMEDIES: Final = (RemedyState.PLANNED, RemedyState.EXECUTING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is said of an item. ``remove`` names rights to take away, ``until`` (UTC, not included) a new end."""

    verdict: Verdict
    comment: str = ""
    remove: tuple[str, ...] = ()
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One reviewer's answer on one item."""

    item: int
    reviewer: str
    answer: Answer
    at: datetime


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the snapshot with its number in the review, from 1 on, and what deserved a look at that time."""

    number: int
    line: Line
    traits: tuple[Trait, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """What becomes of an item that is not kept. ``seen`` is what the last reading still showed, a msgid."""

    item: int
    answer: Answer
    state: RemedyState
    since: datetime
    request: str = ""
    by: str = ""
    seen: str = ""
    read_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A signature that stands in a review: over ``digest``, by whom, where, when, with which key."""

    digest: str
    staff_number: str
    login: str
    terminal: str
    at: datetime
    key_id: str
    factor: str
    value: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """Who took a review back, when (UTC) and why."""

    by: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One campaign. ``due`` (UTC, not included) ends the time for answers; ``digest`` is of the frozen snapshot.

    After ``unused_days`` without use an ID counted as unused when it was taken.
    """

    number: int
    kind: ReviewKind
    state: State
    instruction: str
    ordered_by: str
    ordered_at: datetime
    due: datetime
    items: int
    answered: int
    remedies_open: int
    digest: str
    unused_days: int
    rerun_of: int | None = None
    escalated_at: datetime | None = None
    settled: Signed | None = None
    closed: Signed | None = None
    withdrawal: Withdrawal | None = None

    @property
    def name(self) -> str:
        """How people call the review."""
        return review_name(self.number)

    @property
    def part(self) -> Part:
        """Who orders and who answers it."""
        return PARTS[self.kind]

    def overdue(self, at: datetime) -> bool:
        """Tell whether answers are missing after the deadline."""
        return self.state is State.ANSWERING and at >= self.due and self.answered < self.items


def review_name(number: int) -> str:
    """Return how the review of this number is called."""
    return f"V-{number:04d}"


def outcome(decisions: Iterable[Decision]) -> Answer | None:
    """Return what several answers come to: one deny denies, and no answer is no certificate (None)."""
    given = [each.answer for each in decisions]
    if not given:
        return None
    worst = max(given, key=lambda each: list(Verdict).index(each.verdict))
    if worst.verdict is not Verdict.CHANGE:
        return worst
    changes = [each for each in given if each.verdict is Verdict.CHANGE]
    ends = [each.until for each in changes if each.until is not None]
    return Answer(
        verdict=Verdict.CHANGE,
        comment=" / ".join(dict.fromkeys(each.comment for each in changes)),
        remove=tuple(sorted(frozenset[str]().union(*(each.remove for each in changes)))),
        until=min(ends, default=None),
    )


def by_item(decisions: Sequence[Decision]) -> dict[int, list[Decision]]:
    """Return the answers by item."""
    found: dict[int, list[Decision]] = {}
    for each in decisions:
        found.setdefault(each.item, []).append(each)
    return found
