"""The items of one review: read, answered at one key each, remedied, and signed."""

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from textual import on, work
from textual.binding import ActiveBinding, Binding, BindingType
from textual.widget import Widget

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.requests.desk import Acting
from accesscontrol.reviews import answering, remedying
from accesscontrol.reviews.model import (
    ACCEPTERS,
    KIND_TITLES,
    REMEDIERS,
    STATE_TITLES,
    Item,
    Review,
    State,
    Verdict,
)
from console import accounts, review_words
from console.frame.dialogs import ReasonDialog
from console.screens.reviews import item_list, signing
from console.screens.reviews.answers import Answers
from console.screens.reviews.explanation import evidence
from console.screens.reviews.item_list import TO_REMEDY, WAITING
from console.screens.reviews.report import ReportScreen
from console.screens.reviews.sheet import Sheet
from console.screens.views import View, ViewsScreen
from console.seat import Seat
from console.system_titles import id_named, title_of
from console.translation import _, ngettext
from console.widgets.list_and_details import ListAndDetails
from console.widgets.plain import Plain

_ANSWERING = frozenset({"answer", "take_back", "alike", "words"})
_REMEDYING = frozenset({"begin", "verify", "accept"})


class ItemsScreen(ViewsScreen):
    """One review, line by line."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("k", "answer('keep')", N_("Keep"), id="items.keep"),
        Binding("c", "answer('change')", N_("Change"), id="items.change"),
        Binding("x", "answer('revoke')", N_("Revoke"), id="items.revoke"),
        Binding("u", "take_back", N_("Undo"), id="items.undo"),
        Binding("m", "alike", N_("All alike"), id="items.alike"),
        Binding("e", "words", N_("Comment"), id="items.words"),
        Binding("g", "begin", N_("Carry out"), id="items.begin"),
        Binding("v", "verify", N_("Verify"), id="items.verify"),
        Binding("a", "accept", N_("Accept"), id="items.accept"),
        Binding("n", "sign", N_("Sign"), id="items.sign"),
        Binding("p", "report", N_("Report"), id="items.report"),
        Binding("z", "whole", N_("Open/all"), id="items.whole", show=False),
    ]
    DEFAULT_CSS = """
    ItemsScreen #evidence { height: 2; padding: 0 1; color: $secondary; }
    ItemsScreen.-wide #evidence { display: none; }
    ItemsScreen.-widest #evidence { display: none; }
    """
    help_title = N_("Items of a review")
    help_text = N_(
        "k keeps, c changes, x revokes the ID under the cursor and goes on to the next; u takes the last answer back,\n"
        "until the answers are signed. A plain k confirms the reason that the ledger holds; words are asked for only\n"
        "where they are needed, and Enter repeats the last ones. e keeps with a comment of your own.\n"
        "Space marks several, m marks all unanswered ones alike (same system, rights and reason) for one answer.\n"
        "f shows a part: waiting for you, never used, ends soon, contractors, privileged and so on; z shows all.\n"
        "n signs: first the answers, then, when every remedy is verified or accepted, the report. g carries a remedy\n"
        "out, v reads the systems and compares, a accepts by name what stays as it is. p shows the report."
    )

    def __init__(self, seat: Seat, number: int) -> None:
        self._seat = seat
        self._sheet = Sheet(seat.site, number)
        self._answers = Answers(self, seat, self._sheet)
        self._done: list[tuple[list[int], int]] = []  # what was answered here, and where the cursor stood
        self._stale = True
        self._roles = seat.roles
        super().__init__()
        self._begin_with_what_waits()

    def _begin_with_what_waits(self) -> None:
        if self._review.state is State.ANSWERING and self._review.part.answers & self._roles:
            self.show_part(WAITING)
        elif self._review.state is State.REMEDYING and self._review.remedies_open:
            self.show_part(TO_REMEDY)

    @property
    def _review(self) -> Review:
        return self._sheet.review

    @property
    def _actor(self) -> Acting:
        session = self._seat.session
        return Acting(session.operator.login, session.operator.staff_number, session.terminal.name)

    # -- the list -------------------------------------------------------------------------------------

    def views(self) -> Iterable[View[Any]]:
        """Return the one list."""
        return (item_list.view(self._seat.site, self._sheet, self._actor),)

    def body(self) -> Iterable[Widget]:
        """Show the list, and below it what a narrow list has no room for."""
        yield from super().body()
        yield Plain(id="evidence")

    def load(self) -> None:
        """Read everything at first and when asked; coming back from a dialog the list stays as it is."""
        if self._stale or not self.split.table.count:
            self._stale = False
            super().load()
            self._compare()
        else:
            self._head()

    @work(thread=True, exclusive=True, group="compare")
    def _compare(self) -> None:
        try:
            self._sheet.compare()
        except Exception as error:  # noqa: BLE001 - said on the status line, with a trace kept
            self.app.call_from_thread(self.why, error)
            return
        self.app.call_from_thread(self._head)

    def _head(self) -> None:
        super()._head()
        review, part = self._review, self.source.part
        self.head(_("3 Reviews"), review.name, _(part.title if part else KIND_TITLES[review.kind]), aside=self.aside())

    def aside(self) -> str:
        """Return the state and how many items are answered."""
        review = self._review
        done = f"{self._sheet.answered if self._sheet.items else review.answered:,}/{review.items:,}"
        return f"{_(STATE_TITLES[review.state])} {done}"

    @on(ListAndDetails.Explained)
    def _show_evidence(self, event: ListAndDetails.Explained) -> None:
        words = evidence(self._seat.site, event.row) if isinstance(event.row, Item) else ""
        self.query_one("#evidence", Plain).say(words)

    def advise(self, row: Any) -> None:
        """Say what comes next."""
        self.next_step(self._next(row))

    def _next(self, row: Any) -> str:
        review = self._review
        own = answering.party(review, row, self._actor.staff_number) if isinstance(row, Item) else ""
        if review.state is State.ANSWERING and self._sheet.answered == review.items:
            return _("every item is answered: n signs the answers")
        if review.state is State.ANSWERING:
            return (
                _(own)
                if own
                else _("answer until {day}").format(day=review_words.deadline(review, self._seat.site.zone))
            )
        if review.state is State.REMEDYING and not review.remedies_open:
            return _("nothing is left to remedy: n signs the report")
        if review.state is State.REMEDYING:
            return _("g carries a remedy out; a newer reading proves it")
        return _("p shows the report")

    def conceal(self) -> None:
        """Forget what was read."""
        super().conceal()
        self._sheet.forget()
        self.query_one("#evidence", Plain).say("")
        self._stale = True

    def action_reload(self) -> None:
        """Read everything anew."""
        self._stale = True
        super().action_reload()

    # -- which keys work ------------------------------------------------------------------------------

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """The keys that work now, those of the review before those of every list."""
        found = super().active_bindings
        own = {key: each for key, each in found.items() if (each.binding.id or "").startswith("items.")}
        return {**own, **found}

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show the keys of the state in which the review is."""
        state = self._review.state
        if action in _ANSWERING and state is not State.ANSWERING:
            return False
        if action in _REMEDYING and state is not State.REMEDYING:
            return False
        if action == "sign" and state in {State.CLOSED, State.WITHDRAWN}:
            return False
        return super().check_action(action, parameters)

    def why_not(self, action: str) -> str:
        """Say why a key is off."""
        review = self._review
        if action in _ANSWERING | {"sign"} and not self._roles & review.part.answers:
            return _("This review is answered and signed by others.")
        if action == "sign":
            return signing.obstacle(review, self._seat.site.clock.now())
        if action == "begin" and not self._roles & REMEDIERS:
            return _("Remedies are carried out by an administrator or the ID custodian.")
        if action == "accept" and not self._roles & ACCEPTERS:
            return _("The security officer accepts what stays as it is.")
        if action in {"begin", "accept"} and self.is_attached and not self._remediable():
            return _("There is nothing to remedy under the cursor.")
        return ""

    def _remediable(self) -> bool:
        return isinstance(self.row, Item) and self._sheet.to_remedy(self.row)

    def action_whole(self) -> None:
        """Show all items, or again what waits."""
        self.source.part = None if self.source.part else next(iter(self.view.parts))
        self._head()
        self.split.table.reload()

    # -- answering ------------------------------------------------------------------------------------

    def _chosen(self) -> list[Item]:
        table = self.split.table
        if table.marked:
            return [row for row in self.source.rows(sorted(table.marked)) if row is not None]
        return [self.row] if isinstance(self.row, Item) else []

    @work(exclusive=True, group="act")
    async def action_answer(self, verdict: str) -> None:
        """Answer the item under the cursor, or all marked ones, and go on."""
        await self._give(Verdict(verdict))

    @work(exclusive=True, group="act")
    async def action_words(self) -> None:
        """Keep with words."""
        await self._give(Verdict.KEEP, with_words=True)

    async def _give(self, verdict: Verdict, *, with_words: bool = False) -> None:
        items, table = self._chosen(), self.split.table
        if not items:
            return
        at, many = table.cursor, len(table.marked) > 0
        touched = await self._answers.give(items, verdict, with_words=with_words)
        if not touched:
            return
        self._done.append((touched, at))
        table.marked.clear()
        self._answered(0 if many else 1)

    def _answered(self, step: int) -> None:
        """Show what came of an answer: only what changed is drawn anew, however long the list is."""
        table = self.split.table
        self._head()
        if step and table.cursor + step < table.count:
            table.action_move(step)
        else:
            table.refresh()
            self.explain_again()
            self.advise(self.row)
        self.refresh_bindings()

    def action_take_back(self) -> None:
        """Take the last answer given here back, or else the one under the cursor."""
        table = self.split.table
        numbers, at = self._done.pop() if self._done else ([each.number for each in self._chosen()], table.cursor)
        if numbers and self._answers.take_back(numbers):
            table.cursor = at
            table.marked.clear()
            self._answered(0)
            self._advised = (self._at, self.view.key(self.row)) if self.row is not None else None
            words = ngettext("{number} answer taken back", "{number} answers taken back", len(numbers))
            self.done(words.format(number=len(numbers)))

    def action_alike(self) -> None:
        """Mark all unanswered items like the one under the cursor."""
        if not isinstance(self.row, Item):
            return
        wanted, table = set(self._sheet.like(self.row)), self.split.table
        table.marked |= self.source.numbers(each for each in self._sheet.items if each.number in wanted)
        table.refresh()
        words = ngettext("{number} alike is marked", "{number} alike are marked", len(table.marked))
        self.next_step(words.format(number=len(table.marked)))

    # -- remedies and signatures ----------------------------------------------------------------------

    def _did(self, do: Callable[[], object], words: str) -> None:
        try:
            do()
        except Refusal as refusal:
            self.why(refusal)
            return
        self.action_reload()
        self._advised = None  # the row that comes under the cursor now is news of the act, not of a move
        self.done(words)

    def action_begin(self) -> None:
        """Carry the remedy under the cursor out."""
        site, row = self._seat.site, self.row
        self._did(
            lambda: remedying.begin(site.store, site.reviewed, self._sheet.number, row.number, self._seat.acting),
            _("under way: the next reading of {system} proves it").format(system=title_of(site, row.line.system)),
        )

    @work(thread=True, exclusive=True, group="act")
    def action_verify(self) -> None:
        """Read the systems of the open remedies, and compare."""
        site, actor, sheet = self._seat.site, self._seat.acting, self._sheet
        try:
            wanted = {each.line.system for each in sheet.items if sheet.to_remedy(each)}
            accounts.sync(site, sorted(wanted & accounts.systems(site).keys()), actor=actor.staff_number)
            proven, left = remedying.verify(site.store, site.reviewed, self._sheet.number, actor.staff_number)
        except Exception as error:  # noqa: BLE001 - said on the status line, with a trace kept
            self.app.call_from_thread(self.why, error)
            return
        words = _("{proven} verified, {left} still open").format(proven=proven, left=left)
        self.app.call_from_thread(self._did, lambda: None, words)

    @work(exclusive=True, group="act")
    async def action_accept(self) -> None:
        """Accept by name that an item stays as it is."""
        site, row = self._seat.site, self.row
        title = _("Accept {item} as it is").format(item=id_named(site, row.line.system, row.line.user_id))
        text = _("The review closes without this remedy; the report says so with your name and reason.")
        reason = await self.app.ask(ReasonDialog(title, text, act=N_("Accept")))
        if reason is not None:
            number, actor = self._sheet.number, self._seat.acting
            self._did(
                lambda: remedying.accept(site.store, number, row.number, actor, reason=reason), _("accepted as it is")
            )

    @work(exclusive=True, group="act")
    async def action_sign(self) -> None:
        """Sign the answers, or the report."""
        found: Review | None = await self.app.ask(signing.dialog(self._seat, self._review))
        if found is None:
            return
        self._sheet.review = found
        self._done.clear()
        closed = found.state is State.CLOSED
        self.source.part = None
        if found.remedies_open:
            self.show_part(TO_REMEDY)
        self.action_reload()
        self._advised = None
        self.refresh_bindings()
        words = N_("{name} is closed and its report signed.") if closed else N_("The answers of {name} are signed.")
        self.done(_(words).format(name=found.name))

    async def action_report(self) -> None:
        """Show the report."""
        await self.app.push_screen(ReportScreen(self._seat, self._sheet.number))
