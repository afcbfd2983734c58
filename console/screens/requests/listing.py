"""The list of requests with the one under the cursor in full; every act is one letter."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from typing import Any, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.widget import Widget

from accesscontrol.messages import N_
from accesscontrol.requests import reading
from accesscontrol.requests.desk import Acting
from accesscontrol.requests.reading import Request
from accesscontrol.requests.states import TITLES, State
from console import queues
from console.corrections import is_correction
from console.frame.screen import BaseScreen
from console.screens.news import News
from console.screens.people_words import name_of
from console.screens.requests.acts import Acts
from console.screens.requests.explanation import explain
from console.screens.requests.writing import write_request
from console.seat import Seat
from console.text import cells, safe_text
from console.translation import _
from console.widgets.details import Section
from console.widgets.list_and_details import ListAndDetails
from console.widgets.paged_table import PagedTable
from console.widgets.rows import Cell, Column, Query
from console.wiring import Installation

_MOST = 10_000
_STATE = 20  # cells at the most
_LOUD = {State.INTERRUPTED: "high", State.FAILED: "high", State.SUBMITTED: "medium", State.APPROVED: "medium"}
_CALM = {State.DONE: "good", State.CLOSED: "good"}


class RequestSource:
    """Requests, last changed first."""

    def __init__(self, site: Installation) -> None:
        self._site = site
        self._found: dict[int, Request] = {}

    def index(self, query: Query) -> Iterator[Sequence[int]]:
        """Yield the numbers of all requests that contain every word of the filter."""
        self._found = {_digits(each.id): each for each in reading.listed(self._site.store, limit=_MOST)}
        wanted = query.text.casefold().split()
        yield [
            number
            for number, each in self._found.items()
            if not wanted or all(word in self._words(each) for word in wanted)
        ]

    def rows(self, ids: Sequence[int]) -> Sequence[Request | None]:
        """Return these requests."""
        return [self._found.get(number) for number in ids]

    def _words(self, request: Request) -> str:
        kind = self._site.desk.kind(request.kind)
        words = (request.id, _(kind.title), _(TITLES[request.state]), request.requester, request.reason)
        return " ".join(words).casefold()


def _digits(number: str) -> int:
    """Return the digits of a request's number, which stay when its place in the list changes."""
    return int("".join(filter(str.isdecimal, number)))


class RequestsScreen(BaseScreen):
    """Place 5."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "values", N_("Values"), id="requests.values"),
        Binding("n", "new", N_("New"), id="requests.new"),
        Binding("a", "approve", N_("Approve"), id="requests.approve"),
        Binding("x", "reject", N_("Reject"), id="requests.reject"),
        Binding("b", "approve_in_place", N_("Another"), id="requests.in-place"),
        Binding("t", "attest", N_("Witness"), id="requests.witness"),
        Binding("g", "execute", N_("Execute"), id="requests.execute"),
        Binding("w", "withdraw", N_("Withdraw"), id="requests.withdraw", show=False),
        Binding("u", "revoke", N_("Take back"), id="requests.revoke", show=False),
        Binding("p", "report", N_("Report"), id="requests.report", show=False),
        Binding("c", "close", N_("Accept"), id="requests.close", show=False),
        Binding("o", "settle", N_("Settle"), id="requests.settle", show=False),
    ]
    help_title = N_("Requests")
    help_text = N_(
        "Every privileged act is a request: one person asks, others approve exactly what they read, and it runs once.\n"
        "n writes a new one. a approves with your two factors, b lets another person approve at this screen,\n"
        "x rejects, t lets the witness sign, g executes. w withdraws your own, u takes your approval back,\n"
        "p reports, c accepts a report, o settles an interrupted act. v shows those who decide on a correction what\n"
        "stands in the record and what would, for a while; the trail says to whom."
    )

    def __init__(self, seat: Seat) -> None:
        super().__init__()
        self._seat = seat
        site = seat.site
        zone = site.zone
        self._table: PagedTable[Request] = PagedTable(
            (
                Column(title=N_("Request"), show=lambda each: each.id, width=11),
                Column(title=N_("Kind"), show=lambda each: _(site.desk.kind(each.kind).title), width=17, grow=4),
                Column(title=N_("State"), show=_state, width=_widest_state()),
                Column(title=N_("Requester"), show=self._requester, width=10, from_width=62),
                Column(title=N_("Until"), show=lambda each: f"{each.not_after.astimezone(zone):%m-%d %H:%M}", width=11),
            ),
            RequestSource(site),
            empty=N_("No request was written yet. n writes one."),
        )
        self._split = ListAndDetails(self._table, self._explain)
        self._names: dict[str, str] = {}
        self._acts = Acts(self, seat)
        self._news = News(self, self._table)

    def _requester(self, request: Request) -> str:
        return self._person(request.requester)

    def _person(self, staff_number: str) -> str:
        known = self._names.get(staff_number)
        if known is None:
            known = self._names[staff_number] = name_of(self._seat.site.store, staff_number)
        return known

    def body(self) -> Iterable[Widget]:
        """Show list and details."""
        yield self._split

    def load(self) -> None:
        """Read the requests."""
        self.head(_("5 Requests"))
        self._names.clear()
        self._table.reload()
        if not self._split.is_explaining:
            self._table.focus()

    def point(self, what: str) -> None:
        """Put the cursor on the request of this number."""
        self._table.go_to(_digits(what))

    def why(self, reason: str | Exception) -> None:
        """Say why something does not go, until the cursor goes on."""
        super().why(reason)
        self._news.hold()

    @property
    def _actor(self) -> Acting:
        session = self._seat.session
        return Acting(session.operator.login, session.operator.staff_number, session.terminal.name)

    def _explain(self, request: Request) -> list[Section]:
        return explain(self._seat.site, request, self._actor)

    @on(ListAndDetails.Explained)
    def _moved(self, event: ListAndDetails.Explained) -> None:
        self.position(self._table.position)
        self.refresh_bindings()
        if event.row is not None:
            self._news.advise(self._advice(event.row))

    @on(PagedTable.Counted)
    def _counted(self) -> None:
        self._news.counted()
        self.position(self._table.position)

    def conceal(self) -> None:
        """Forget the names, too."""
        super().conceal()
        self._names.clear()

    @on(PagedTable.Failed)
    def _failed(self, event: PagedTable.Failed) -> None:
        self.why(event.reason)

    def _advice(self, request: Request) -> str:
        site, actor = self._seat.site, self._actor
        if is_correction(request) and queues.waits_for_approval(site, request, actor):
            return _("v shows before and after; then a approves and x rejects")
        for waits, words in (
            (queues.waits_for_approval, N_("read it with Enter, then a approves and x rejects")),
            (queues.waits_for_witness, N_("t lets the witness sign")),
            (queues.waits_for_execution, N_("g executes it")),
            (queues.waits_for_settling, N_("o settles what came of it")),
            (queues.waits_for_review, N_("c accepts the report")),
            (queues.waits_for_report, N_("p writes the report")),
        ):
            if waits(site, request, actor):
                return _(words)
        if request.state is State.SUBMITTED:
            return _("b lets the approver decide at this screen")
        if request.state is State.APPROVED and request.rule.witness and request.attested("before") is None:
            return _("t lets the witness sign at this screen")
        return _("n writes a new request")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer values only where a record would be corrected."""
        if action == "values":
            request = self._table.row if self.is_attached else None
            return request is not None and request.state is State.SUBMITTED and is_correction(request)
        return super().check_action(action, parameters)

    def why_not(self, action: str) -> str:
        """Say why an act is off for the request under the cursor; what roles allow is for the gate to say."""
        allowed = _ALLOWED.get(action)
        if allowed is None or not self.is_attached:
            return ""
        request = self._table.row
        if request is None:
            return _("There is no request under the cursor.")
        allowed |= _FOR_EMERGENCIES.get(action, frozenset()) if request.emergency else frozenset()
        if request.state not in allowed:
            words = N_("Needs a request that is {allowed}; {id} is {state}.")
            names = " / ".join(_(TITLES[state]) for state in State if state in allowed)
            return _(words).format(id=request.id, state=_(TITLES[request.state]), allowed=names)
        if action == "attest" and not request.rule.witness:
            return _("{id} needs no witness.").format(id=request.id)
        if action == "report" and not request.rule.report:
            return _("{id} needs no report.").format(id=request.id)
        return self._who_may(action, request)

    def _who_may(self, action: str, request: Request) -> str:
        """Name the people who alone may do ``action``, unless the person here is one of them."""
        performance = request.performance
        persons = {
            "withdraw": [request.requester],
            "revoke": sorted(approval.approver for approval in request.in_force()),
            "report": sorted({request.requester, performance.executor if performance else request.requester}),
        }.get(action)
        if persons is None or self._actor.staff_number in persons:
            return ""
        names = " / ".join(map(self._person, persons))
        return _("Only {people} may do this with {id}.").format(people=names, id=request.id)

    # -- the acts -------------------------------------------------------------------------------------

    @work(exclusive=True, group="act")
    async def action_new(self) -> None:
        """Write a new request."""
        made = await write_request(self, self._seat)
        if made:
            self._news.tell(_("{id} waits for approval.").format(id=made))
            self._table.reload()

    @work(exclusive=True, group="act")
    async def _act(self, act: Callable[[Request], Awaitable[str]]) -> None:
        """Do one act on the request under the cursor, as it is now."""
        row = self._table.row
        if row is not None:
            words = await act(reading.get(self._seat.site.store, row.id))
            if words:
                self._news.tell(words)
                self._table.reload()

    def action_values(self) -> None:
        """Look at what a correction changes."""
        self._act(self._acts.values)

    def action_approve(self) -> None:
        """Say yes to what was read."""
        if self._is_open_to_read():
            self._act(self._acts.approve)

    def action_approve_in_place(self) -> None:
        """Let another person say yes at this screen to what was read."""
        if self._is_open_to_read():
            self._act(self._acts.approve_in_place)

    def _is_open_to_read(self) -> bool:
        """Tell whether the request's content stands on the screen; where it doesn't, open it, to be read first."""
        if self._split.details.display:
            return True
        self._table.action_open()
        return False

    def action_reject(self) -> None:
        """Say no."""
        self._act(self._acts.reject)

    def action_attest(self) -> None:
        """Let the witness sign."""
        self._act(self._acts.attest)

    def action_execute(self) -> None:
        """Run it."""
        self._act(self._acts.execute)

    def action_withdraw(self) -> None:
        """Take one's own request back."""
        self._act(self._acts.withdraw)

    def action_revoke(self) -> None:
        """Take one's own yes back."""
        self._act(self._acts.revoke)

    def action_report(self) -> None:
        """Say what was done."""
        self._act(self._acts.report)

    def action_close(self) -> None:
        """Accept the report."""
        self._act(self._acts.close)

    def action_settle(self) -> None:
        """Decide what an interrupted act came to."""
        self._act(self._acts.settle)


# an emergency that came to nothing is reported and reviewed all the same
_FOR_EMERGENCIES: dict[str, frozenset[State]] = {
    "report": frozenset({State.FAILED}),
    "close": frozenset({State.WITHDRAWN, State.LAPSED}),
}
_ALLOWED: dict[str, frozenset[State]] = {
    "approve": frozenset({State.SUBMITTED}),
    "approve_in_place": frozenset({State.SUBMITTED}),
    "reject": frozenset({State.SUBMITTED}),
    "attest": frozenset({State.APPROVED, State.DONE}),
    "execute": frozenset({State.APPROVED}),
    "withdraw": frozenset({State.SUBMITTED, State.APPROVED}),
    "revoke": frozenset({State.APPROVED}),
    "report": frozenset({State.DONE}),
    "close": frozenset({State.REPORTED}),
    "settle": frozenset({State.INTERRUPTED}),
}


def _widest_state() -> int:
    return min(_STATE, max(cells(_(title)) for title in TITLES.values()))


def _state(request: Request) -> Cell:
    tone: Any = _LOUD.get(request.state) or _CALM.get(request.state, "")
    return Cell(safe_text(_(TITLES[request.state])), tone)
