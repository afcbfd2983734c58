"""Place 3: the reviews, and beside them who may do what at this console; every act is one letter."""

from collections.abc import Iterable
from typing import Any, ClassVar

from textual import work
from textual.binding import Binding, BindingType

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.reviews import withdrawing
from accesscontrol.reviews.model import Review, State
from console.evidence import rights_table, tables
from console.evidence.rights import Holder
from console.frame.dialogs import ReasonDialog
from console.frame.forms import Field, FormDialog
from console.screens.reviews import campaigns, ordering, rights
from console.screens.reviews.files import file_name
from console.screens.reviews.items import ItemsScreen
from console.screens.reviews.report import ReportScreen
from console.screens.views import View, ViewsScreen
from console.seat import Seat
from console.translation import _, ngettext

_DIGEST = 16
_NOT_ORDERED = N_("Reviews are ordered by the system administrator or the security officer.")


class ReviewsScreen(ViewsScreen):
    """Place 3."""

    place_title = N_("3 Reviews")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "items", N_("Items"), id="reviews.items"),
        Binding("n", "order", N_("Order"), id="reviews.order"),
        Binding("p", "report", N_("Report"), id="reviews.report"),
        Binding("w", "withdraw", N_("Withdraw"), id="reviews.withdraw", tooltip=N_("Take a wrongly ordered one back")),
        Binding("c", "table", N_("Table"), id="reviews.table"),
    ]
    help_title = N_("Reviews")
    help_text = N_(
        "Two lists, turned by the arrows left and right: the reviews, and who holds which roles and rights at this\n"
        "console. A review freezes the list of user IDs; resident operators answer each one as a third party, the\n"
        "security officer the monthly check of unneeded IDs. o opens the items, p the report.\n"
        "n orders a review, also of what an earlier one left unanswered; w takes back one that was ordered wrongly,\n"
        "with a reason: while nobody has answered who ordered it may, after that the security officer.\n"
        "In the second list c writes the list as a table (CSV) into the site's own folder, with its fingerprint in\n"
        "the trail; names stay masked in it."
    )

    def __init__(self, seat: Seat) -> None:
        self._seat = seat
        super().__init__()

    def views(self) -> Iterable[View[Any]]:
        """Return both lists of this place."""
        return (campaigns.view(self._seat.site), rights.view(self._seat.site))

    def aside(self) -> str:
        """Say when this was read."""
        return _("read at {time}").format(time=f"{self._seat.site.clock.now().astimezone(self._seat.site.zone):%H:%M}")

    def advise(self, row: Any) -> None:
        """Say what comes next with a review, and that nobody inspects their own rights."""
        if isinstance(row, Holder) and row.staff_number == self._seat.session.operator.staff_number:
            self.next_step(_("these rights are your own: somebody else inspects them (AC-PRM-02)"))
        elif isinstance(row, Review) and row.state is State.ANSWERING and row.part.answers & self._seat.roles:
            words = ngettext("o answers {number} item", "o answers {number} items", row.items - row.answered)
            self.next_step(words.format(number=f"{row.items - row.answered:,}"))
        else:
            super().advise(row)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show each list its own keys."""
        if action in {"items", "order", "report", "withdraw"} and self._at:
            return False
        if action == "table" and not self._at:
            return False
        return super().check_action(action, parameters)

    def why_not(self, action: str) -> str:
        """Say why a key is off."""
        if action == "order" and not ordering.orders(self._seat):
            return _(_NOT_ORDERED)
        if action in {"items", "report"} and self.is_attached and not isinstance(self.row, Review):
            return _("There is no review under the cursor.")
        if action == "withdraw" and self.is_attached:
            return self._not_to_withdraw(self.row)
        return ""

    def _not_to_withdraw(self, row: Any) -> str:
        if not isinstance(row, Review):
            return _("There is no review under the cursor.")
        if row.state is not State.ANSWERING:
            return _("Only a review that is being answered can be withdrawn.")
        if not withdrawing.withdrawers(row) & self._seat.roles:
            return _("Answers stand in it: the security officer withdraws it.") if row.answered else _(_NOT_ORDERED)
        return ""

    async def action_items(self) -> None:
        """Open the items of the review under the cursor."""
        if isinstance(self.row, Review):
            await self.app.push_screen(ItemsScreen(self._seat, self.row.number))

    async def action_report(self) -> None:
        """Show the report of the review under the cursor."""
        if isinstance(self.row, Review):
            await self.app.push_screen(ReportScreen(self._seat, self.row.number))

    @work(exclusive=True, group="act")
    async def action_order(self) -> None:
        """Order a review."""
        offered = ordering.choices(self._seat)
        opened: Review | None = await self.app.ask(ordering.dialog(self._seat, offered))
        if opened is not None:
            words = ngettext("{name} holds {number} item.", "{name} holds {number} items.", opened.items)
            self.done(words.format(name=opened.name, number=f"{opened.items:,}"))
            self.split.table.go_to(*self.source.numbers([opened]))
            self._advised = None  # the row that comes under the cursor now is news of the act, not of a move

    @work(exclusive=True, group="act")
    async def action_withdraw(self) -> None:
        """Take the review under the cursor back, with a reason."""
        if not isinstance(review := self.row, Review):
            return
        title = _("Withdraw {name}").format(name=review.name)
        lines = [
            _("It counts as never held: what was answered leads to nothing, and this month's review is due again."),
            _("Everything stays readable, and the trail keeps your name and reason."),
        ]
        reason = await self.app.ask(ReasonDialog(title, lines, act=N_("Withdraw")))
        if reason is None:
            return
        try:
            withdrawing.withdraw(self._seat.site.store, review.number, self._seat.acting, reason=reason)
        except Refusal as refusal:
            self.why(refusal)
            return
        self.split.table.reload()
        self._advised = None
        self.done(_("{name} is withdrawn.").format(name=review.name))

    # -- the table ------------------------------------------------------------------------------------

    @work(exclusive=True, group="act")
    async def action_table(self) -> None:
        """Write the list as a table."""
        site = self._seat.site
        local = site.clock.now().astimezone(site.zone)
        name = Field(
            name="file",
            label=_("File"),
            initial=f"rights-{local:%Y%m%d-%H%M%S}.csv",
            hint=str(site.home.path / tables.FOLDER),
            check=file_name,
        )
        words = [
            _("The list of all persons with their rights, as it is now. Names are masked."),
            _("The trail keeps the fingerprint of the file."),
        ]
        dialog = FormDialog(
            _("Write the list as a table"), [name], text=words, act=N_("Write the file"), submit=self._write
        )
        written = await self.app.ask(dialog)
        if written is not None:
            rows, digest = written
            said = ngettext(
                "{rows} person written, SHA-256 {digest}…", "{rows} persons written, SHA-256 {digest}…", rows
            )
            self.done(said.format(rows=rows, digest=digest[:_DIGEST]))

    def _write(self, values: dict[str, Any]) -> tuple[int, str]:
        site = self._seat.site
        file = tables.folder(site) / values["file"]
        return rights_table.write(site, file, self._seat.acting)
