"""What waits for people: the queues of Today, for one person or for the whole site."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from accesscontrol.clock import end_of_day
from accesscontrol.messages import N_
from accesscontrol.people import operators
from accesscontrol.people.operators import State as OperatorState
from accesscontrol.people.roles import Role
from accesscontrol.requests import decisions, reading, separation
from accesscontrol.requests.desk import Acting
from accesscontrol.requests.reading import Request
from accesscontrol.requests.states import State
from accesscontrol.store import DamagedError
from accesscontrol.trail import entries
from accesscontrol.trail.append import CLOCK
from accesscontrol.trail.entries import Entry
from console import account_queues, detection, locker, review_queues
from console.account_queues import Ids
from console.account_words import EXPIRING
from console.evidence import duties
from console.wiring import Installation
from monitors.findings import reading as findings
from monitors.findings.judging import CONFIRMERS, JUDGES
from monitors.findings.reviews import REVIEWERS

_SHOWN = (State.SUBMITTED, State.APPROVED, State.EXECUTING, State.INTERRUPTED, State.DONE, State.REPORTED)
# an emergency that came to nothing is reviewed all the same: the glass was broken
_NOTHING_DONE = frozenset({State.WITHDRAWN, State.LAPSED})
SOON: Final = timedelta(days=1)
ESCALATED_TO: Final = frozenset({Role.INFOSEC_MANAGER, Role.DEPT_HEAD})


@dataclass(frozen=True, slots=True)
class Queue:
    """Work of one kind that waits: how much, since when, until when, and where it is done.

    ``first`` is the number of what has waited longest, where the place can show one thing.
    """

    name: str
    title: str
    count: int
    place: str
    oldest: datetime | None = None
    due: datetime | None = None
    loud: bool = False
    first: str = ""


def queues(site: Installation, actor: Acting | None = None, *, ids: Ids | None = None) -> list[Queue]:
    """Return the queues that aren't empty: those of ``actor``, or of everybody when None is given.

    ``ids`` is the ledger of user IDs where it was read already.
    """
    ended = reading.listed(site.store, (State.FAILED, *sorted(_NOTHING_DONE)), limit=10_000)
    requests = [*reading.listed(site.store, _SHOWN, limit=10_000), *(each for each in ended if each.emergency)]
    found = [
        _queue(name, title, [each for each in requests if waits(site, each, actor)], loud=loud)
        for name, title, waits, loud in _REQUEST_QUEUES
    ]
    rooms = (_clock, _findings, _checks, partial(_accounts, ids=ids), _reviews, _media, _operators, _duties)
    for others in rooms:
        try:
            found += others(site, actor)
        except DamagedError as damage:  # the other queues go on without it
            site.store.note_damage(damage)
    found += _damage(site, actor)
    return sorted((each for each in found if each.count), key=lambda each: not each.loud)


def _queue(name: str, title: str, requests: Iterable[Request], *, loud: bool) -> Queue:
    waiting = sorted(requests, key=lambda each: each.changed_at)
    return Queue(
        name,
        title,
        len(waiting),
        "requests",
        waiting[0].changed_at if waiting else None,
        min((each.not_after for each in waiting), default=None),
        loud,
        waiting[0].id if waiting else "",
    )


def _roles(site: Installation, actor: Acting | None) -> frozenset[Role]:
    return frozenset(Role) if actor is None else actor.roles(site.store, site.clock.now())


def _has_part(request: Request, actor: Acting | None) -> bool:
    return actor is not None and actor.staff_number in separation.parts(request)


def waits_for_approval(site: Installation, request: Request, actor: Acting | None) -> bool:
    """Tell whether ``request`` waits for a yes or no that ``actor`` may give."""
    return (
        request.state is State.SUBMITTED
        and not _has_part(request, actor)
        and decisions.open_slot(request, _roles(site, actor)) is not None
    )


def waits_for_witness(site: Installation, request: Request, actor: Acting | None) -> bool:
    """Tell whether ``request`` waits for a statement that ``actor`` may sign as witness."""
    if not request.rule.witness or Role.WITNESS not in _roles(site, actor):
        return False
    before = request.attested(decisions.BEFORE)
    if request.state is State.APPROVED:
        return before is None and not _has_part(request, actor)
    if request.state is State.DONE and request.attested(decisions.AFTER) is None:
        return actor is None or (before is not None and before.witness == actor.staff_number)
    return False


def waits_for_execution(site: Installation, request: Request, actor: Acting | None) -> bool:
    """Tell whether ``request`` is approved and ``actor`` may run it."""
    emergency = request.emergency and actor is not None and actor.staff_number == request.requester
    return (
        request.state is State.APPROVED
        and (emergency or not _has_part(request, actor))
        and bool(request.rule.executors & _roles(site, actor))
    )


def waits_for_settling(site: Installation, request: Request, actor: Acting | None) -> bool:
    """Tell whether ``request`` was interrupted and ``actor`` may decide what came of it."""
    deciders = frozenset({Role.SECURITY_OFFICER}).union(*(slot.roles for slot in request.rule.slots))
    executor = request.performance.executor if request.performance else ""
    mine = actor is None or actor.staff_number not in {executor, request.requester}
    return request.state is State.INTERRUPTED and mine and bool(deciders & _roles(site, actor))


def waits_for_review(site: Installation, request: Request, actor: Acting | None) -> bool:
    """Tell whether ``request`` is an emergency, or a report, that ``actor`` may review."""
    deciders = frozenset({Role.SECURITY_OFFICER}).union(*(slot.roles for slot in request.rule.slots))
    ended = request.state is State.REPORTED or (request.emergency and request.state in _NOTHING_DONE)
    return ended and not _has_part(request, actor) and bool(deciders & _roles(site, actor))


def waits_for_report(_site: Installation, request: Request, actor: Acting | None) -> bool:
    """Tell whether ``actor`` still owes the report on ``request``."""
    failed_emergency = request.emergency and request.state is State.FAILED
    if not failed_emergency and (request.state is not State.DONE or not request.rule.report):
        return False
    executor = request.performance.executor if request.performance else ""
    return actor is None or actor.staff_number in {request.requester, executor}


def is_unreviewed_emergency(_site: Installation, request: Request, _actor: Acting | None) -> bool:
    """Tell whether ``request`` is an emergency that nobody has reviewed: red for everybody until then."""
    return request.emergency and request.state is not State.CLOSED


_REQUEST_QUEUES: tuple[tuple[str, str, Callable[[Installation, Request, Acting | None], bool], bool], ...] = (
    ("emergencies", N_("Emergency acts not yet reviewed"), is_unreviewed_emergency, True),
    ("interrupted", N_("Interrupted acts: result unknown"), waits_for_settling, True),
    ("approvals", N_("Requests waiting for approval"), waits_for_approval, False),
    ("witnessing", N_("Requests waiting for a witness"), waits_for_witness, False),
    ("executions", N_("Approved requests to execute"), waits_for_execution, False),
    ("reports", N_("Reports to write"), waits_for_report, False),
    ("reviews", N_("Reports to review"), waits_for_review, False),
)


def moved_clock(site: Installation) -> list[Entry]:
    """Return the trail's entries of the last day that the clock was moved: an end may have come early or late."""
    since = site.clock.now() - SOON
    return [each for each in entries.about(site.store, CLOCK) if each.at >= since]


def _damage(site: Installation, actor: Acting | None) -> list[Queue]:
    """Return the rows that no act wrote so, found by whoever read them since this console began."""
    if not _roles(site, actor) & {Role.SYSTEM_ADMIN, Role.SECURITY_OFFICER}:
        return []
    reading.note_unlisted(site.store)
    findings.note_unlisted(site.store)
    return [Queue("damaged", N_("Damaged rows in the database"), len(site.store.damage), "trail", loud=True)]


def _clock(site: Installation, actor: Acting | None) -> list[Queue]:
    if not _roles(site, actor) & {Role.SYSTEM_ADMIN, Role.SECURITY_OFFICER}:
        return []
    moved = moved_clock(site)
    oldest = moved[0].at if moved else None
    return [Queue("clock", N_("Times that the clock was moved"), len(moved), "trail", oldest, loud=True)]


def _findings(site: Installation, actor: Acting | None) -> list[Queue]:
    """Return the findings that wait, and apart from them, loud, those that wait too long: they escalate (MO-ANM-04)."""
    roles, at = _roles(site, actor), site.clock.now()
    patience = timedelta(days=site.settings.events.overdue_days)
    oldest = findings.oldest_open(site.store)
    overdue = findings.open_count(site.store, raised_before=at - patience)
    waiting = findings.open_count(site.store) - overdue
    found = []
    if roles & (JUDGES | ESCALATED_TO):
        due = oldest + patience if oldest else None
        title = N_("Findings overdue for a judgement")
        found.append(Queue("findings-overdue", title, overdue, "findings", oldest, due, loud=True))
    if roles & JUDGES:
        next_oldest = findings.oldest_open(site.store, raised_from=at - patience)
        due = next_oldest + patience if next_oldest else None
        found.append(Queue("findings", N_("Findings not judged"), waiting, "findings", next_oldest, due))
    if roles & CONFIRMERS:
        ends = findings.proposed_suppressions(site.store, at, besides=actor.staff_number if actor else "")
        due = ends[0] if ends else None
        found.append(Queue("suppressions", N_("Suppressions to confirm"), len(ends), "findings", None, due))
    return found


def _checks(site: Installation, actor: Acting | None) -> list[Queue]:
    """Return the days whose regular check nobody has signed; a missed one is overdue after the days for findings."""
    if not _roles(site, actor) & REVIEWERS:
        return []
    period = detection.reviews(site).next_period()
    if period is None:
        return []
    days = (period.last - period.first).days + 1
    began = end_of_day(period.first, site.zone)
    due = began + timedelta(days=site.settings.events.overdue_days)
    return [Queue("checks", N_("Days whose regular check isn't signed"), days, "checks", began, due)]


def _accounts(site: Installation, actor: Acting | None, *, ids: Ids | None) -> list[Queue]:
    """Return what of the user IDs waits for those who govern them; nothing left over is the aim (AC-USR-02)."""
    if not _roles(site, actor) & account_queues.GOVERNORS:
        return []
    return [
        Queue(each.name, each.title, each.count, "people", each.oldest, each.due, each.loud, each.first)
        for each in account_queues.waiting(ids or account_queues.read(site))
    ]


def _reviews(site: Installation, actor: Acting | None) -> list[Queue]:
    """Return what of the permission reviews waits, and which is due next (AC-PRM-01, AC-PRM-02, AC-USR-02)."""
    return [
        Queue(each.name, each.title, each.count, "reviews", each.oldest, each.due, each.loud)
        for each in review_queues.waiting(site, _roles(site, actor), actor)
    ]


def _media(site: Installation, actor: Acting | None) -> list[Queue]:
    """Return what waits for those who keep the media, their store and its keys (BK-MED-08)."""
    if not _roles(site, actor) & locker.KEEPERS:
        return []
    return [
        Queue(each.name, each.title, each.count, "backups", each.since, loud=each.wrong)
        for each in locker.waiting(site)
    ]


def _operators(site: Installation, actor: Acting | None) -> list[Queue]:
    """Return the console's own logins that somebody must open, or that end within 30 days (AC-USR-03)."""
    if not _roles(site, actor) & {Role.SYSTEM_ADMIN, Role.IDPW_CUSTODIAN}:
        return []
    at, known = site.clock.now(), operators.every(site.store)
    locked = [each for each in known if each.state is OperatorState.LOCKED]
    ends = [each.valid_until for each in known if each.usable(at) and each.valid_until]
    near = [each for each in ends if each - at <= EXPIRING]
    title = N_("Logins of this console that end within 30 days")
    return [
        Queue("locked-operators", N_("Operators locked after failures"), len(locked), "people", first="operators"),
        Queue("operators-expiring", title, len(near), "people", due=min(near, default=None), first="operators"),
    ]


def _duties(site: Installation, actor: Acting | None) -> list[Queue]:
    """Return the controls whose work by hand is to be stated by now, and apart from them, loud, those overdue."""
    at = site.clock.now()
    waiting = duties.waiting(site.store, site.zone, _roles(site, actor))
    overdue = [each for each in waiting if each.overdue(at)]
    return [
        Queue(name, title, len(found), "controls", due=found[0].due if found else None, loud=loud, first=duties.WAITING)
        for name, title, found, loud in (
            ("statements-overdue", N_("Overdue statements about controls"), overdue, True),
            ("statements", N_("Statements about controls to sign"), waiting[len(overdue) :], False),
        )
    ]
