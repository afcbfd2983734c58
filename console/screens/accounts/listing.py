"""Every user ID of every managed system, the systems and the acts still to be done there; every act is one letter."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import date
from functools import partial
from typing import Any, ClassVar

from textual import work
from textual.binding import ActiveBinding, Binding, BindingType
from textual.widget import Widget

from accesscontrol.accounts.jobs import Job
from accesscontrol.accounts.model import Situation
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from console.dates import brief_instant
from console.frame.commands import Command
from console.screens.accounts import account_list, expiry, explanation, exporting, menu, picture, system_list
from console.screens.accounts.account_list import PARTS
from console.screens.accounts.calendar import CalendarScreen
from console.screens.accounts.changes import Changes
from console.screens.accounts.picture import AccountRow, Picture
from console.screens.accounts.rosters import RostersScreen
from console.screens.accounts.system_list import SystemRow
from console.screens.people.listing import PeopleScreen
from console.screens.revealing import RevealingScreen
from console.screens.views import View
from console.seat import Seat
from console.translation import _, ngettext
from console.widgets.details import Section
from console.widgets.list_and_details import ListAndDetails
from console.widgets.plain import Plain, joined, styled

_OF_IDS = frozenset({"take_over", "hand_over", "break_glass", "mark_all"})
_AWAY = frozenset({"calendar", "operators", "quick", "rosters", "table"})
_FIRST = frozenset({"views.turn", "table.open", "table.filter"})
_FIRST_QUICK_KEY = 2  # F1 is help


class AccountsScreen(RevealingScreen):
    """Place 2."""

    place_title = N_("2 User IDs")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "new", N_("New"), id="accounts.new", tooltip=N_("Request a new user ID")),
        Binding("e", "edit", N_("Change"), id="accounts.edit", tooltip=N_("All that can be done about this ID")),
        Binding("v", "read", N_("Read"), id="accounts.read", tooltip=N_("Read the systems again now")),
        Binding("g", "carry_out", N_("Run"), id="accounts.go", tooltip=N_("Do at the systems what is due")),
        Binding("t", "take_over", N_("Take over"), id="accounts.take", tooltip=N_("Give an ID its one owner")),
        Binding("p", "hand_over", N_("Hand over"), id="accounts.issue", tooltip=N_("A first password, shown once")),
        Binding("b", "break_glass", N_("Emergency"), id="accounts.glass", tooltip=N_("Hand an emergency ID out or in")),
        Binding("k", "calendar", N_("Calendar"), id="accounts.calendar", tooltip=N_("On which day how many end")),
        Binding("i", "rosters", N_("Rosters"), id="accounts.rosters", tooltip=N_("What a roster would change")),
        Binding("c", "table", N_("Table"), id="accounts.table", tooltip=N_("Write the ledger of a year for auditors")),
        Binding("o", "operators", N_("Operators"), id="accounts.operators", tooltip=N_("Who may use this console")),
        Binding("m", "reveal", N_("Name"), id="people.reveal"),
        Binding(
            "asterisk",
            "mark_all",
            N_("Mark all"),
            key_display="*",
            id="accounts.mark-all",
            tooltip=N_("Mark all that are listed, for one request"),
        ),
        *(
            Binding(f"f{number}", f"quick({number - _FIRST_QUICK_KEY})", part.title, show=False)
            for number, part in enumerate(PARTS, _FIRST_QUICK_KEY)
        ),
    ]
    DEFAULT_CSS = """
    AccountsScreen #parts { height: 1; padding: 0 1; }
    """
    help_title = N_("User IDs")
    help_text = N_(
        "Every ID of every managed system: what should be beside what was read, the unreadable systems first. The\n"
        "arrows left and right turn to the systems and to the acts that still wait there. F2 to F6 show a part: what\n"
        "is left over, unknown or unreadable, ends within 30 days, belongs to contractors; / searches.\n"
        "n hands in a request for a new ID. e lists what can be done about the one under the cursor: requests, for\n"
        "nobody issues, changes or extends alone, and acts at the desk: disable, enable, discard, or let an ID stand\n"
        "without a person. Space marks one, * all that are listed: then e asks for all of them as one request.\n"
        "v reads the systems now, g does there what is due, t gives a read ID its owner, p hands over a password,\n"
        "b an emergency ID. In the list of systems e names an emergency ID, writes a work order, or takes in a list.\n"
        "k shows on which day how many end, m a full name for a minute, after writing it into the trail,\n"
        "o who may use this console. c writes the ledger of a fiscal year as a table (CSV), i takes rosters."
    )

    def __init__(self, seat: Seat) -> None:
        self._picture: Picture | None = None
        super().__init__(seat)
        self._changes = Changes(self, seat, self._forget_marks)
        self._acts, self._desk = self._changes.requests, self._changes.desk

    def views(self) -> Iterable[View[Any]]:
        """Return IDs, systems, and acts."""
        site = self._seat.site
        return (
            account_list.view(site, lambda: self._read().rows, self._explain),
            system_list.systems_view(site, self._read),
            system_list.jobs_view(site, self._read),
        )

    def body(self) -> Iterable[Widget]:
        """Show the names of the lists, the parts with their numbers, and one list."""
        parts = [Plain(id="parts")]
        for widget in super().body():
            if isinstance(widget, ListAndDetails) and parts:
                yield parts.pop()
            yield widget

    def _read(self) -> Picture:
        self._picture = picture.read(self._seat.site)
        return self._picture

    def _explain(self, row: AccountRow) -> Sequence[Section]:
        name = self._shown_name(row.subject, row.line.person_name)
        picture, person = self._picture, row.line.person
        rows = picture.rows if picture is not None and person else ()
        others = [each for each in rows if each.line.person == person and each.key != row.key]
        return list(explanation.explain(self._seat.site, row, name, others))

    def subject_of(self, row: Any) -> str:
        """Return how the trail names the ID, where a person stands behind it."""
        return row.subject if isinstance(row, AccountRow) and row.line.person_name else ""

    def conceal(self) -> None:
        """Forget everything that was read."""
        super().conceal()
        self._picture = None

    # -- the lines above the list ---------------------------------------------------------------------

    def aside(self) -> str:
        """Return the proof: how many are left over and unknown, and the oldest reading that it rests on."""
        if self._picture is None:
            return ""
        proof, site = self._picture.proof, self._seat.site
        counts = {"leftover": f"{proof.leftover:,}", "unknown": f"{proof.unknown:,}"}
        if proof.read_at is None:
            return _("left over {leftover}, unknown {unknown}, nothing was read yet").format(**counts)
        read_at = brief_instant(proof.read_at, site.zone, self._picture.at)
        return _("left over {leftover}, unknown {unknown}, read at {time}").format(**counts, time=read_at)

    def _head(self) -> None:
        super()._head()
        rows = self._picture.rows if self._picture is not None and not self._at else ()
        parts = (
            joined(
                styled(f"F{number} ", "bold $accent"),
                styled(
                    f"{_(part.title)} {sum(map(part.holds, rows)):,}",
                    "reverse bold" if part is self.source.part else "$secondary",
                ),
            )
            for number, part in enumerate(PARTS, _FIRST_QUICK_KEY)
        )
        for line in self.query("#parts").results(Plain):
            line.say(joined(*parts, between="  ") if rows else "")

    def action_quick(self, number: int) -> None:
        """Show one part of the IDs, or all of them again."""
        source = self.source
        source.part = None if source.part is PARTS[number] else PARTS[number]
        self._head()
        table = self.split.table
        table.cursor = 0
        table.show(source, table.query_now)

    def point(self, what: str) -> None:
        """Show a part (``leftover:system/ID``), the list of ``jobs``, or who uses this console (``operators``)."""
        part, _colon, subject = what.partition(":")
        if part == "operators":
            screen = PeopleScreen(self._seat)
            screen.show_part(N_("locked"))
            self.app.push_screen(screen)
            return
        if part == "jobs":
            self._turn_to(2)
            return
        self._turn_to(0)
        self.show_part(_POINTS.get(part, ""))
        table = self.split.table
        table.reload()
        system, _slash, user_id = subject.partition("/")
        if system:
            table.go_to(self.source.number((system, user_id)))

    def _turn_to(self, at: int) -> None:
        self.action_turn(at - self._at)

    # -- which keys work ------------------------------------------------------------------------------

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """The keys that work now: how to move, then the acts of this place, then what every list has."""
        found = super().active_bindings

        def rank(active: ActiveBinding) -> int:
            name = active.binding.id or ""
            return 0 if name in _FIRST else 1 if name.startswith("accounts.") else 2

        return dict(sorted(found.items(), key=lambda each: rank(each[1])))

    @property
    def _system(self) -> str:
        """The system of the row under the cursor, or nothing."""
        match self.row:
            case AccountRow(line=line):
                return line.system
            case SystemRow(name=name):
                return name
            case Job(system=system):
                return system
        return ""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show each list its own keys, and rare acts only where they can be done."""
        if action in _OF_IDS and self._at:
            return False
        if action == "edit" and self._at > 1:
            return False
        if action == "quick":
            return not self._at
        row = self.row if self.is_attached else None
        if action == "take_over":
            return isinstance(row, AccountRow) and row.account is None and bool(row.line.user_id)
        if action == "break_glass":
            return isinstance(row, AccountRow) and row.break_glass
        return super().check_action(action, parameters)

    def why_not(self, action: str) -> str:
        """Say why an act is off for the row under the cursor; who may do it is for the desk to say."""
        if action not in {"edit", "hand_over"} or not self.is_attached:
            return ""
        row, changing = self.row, action == "edit"
        if changing and (isinstance(row, SystemRow) or self.split.table.marked):
            return ""
        if not isinstance(row, AccountRow) or not row.line.user_id:
            return _("There is no ID under the cursor.")
        if not changing and row.account is None:
            return _("The ledger doesn't have this ID yet. t gives it its owner.")
        if not changing and row.break_glass:
            return _("This is an ID for emergencies. b hands it out or takes it back.")
        return ""

    def advise(self, row: Any) -> None:
        """Say what to do next with a row."""
        if not isinstance(row, AccountRow):
            super().advise(row)
        elif row.unknown:
            self.next_step(_("v reads this system now; until then nothing is known of its IDs"))
        elif row.leftover and row.account is None:
            if row.line.situation is Situation.UNMATCHED:
                self.next_step(_("ask at the system whose this is: t gives it its owner, or it is closed there"))
            else:
                self.next_step(_("t gives this ID its owner"))
        elif row.leftover or row.job is not None:
            self.next_step(_("g does at the system what is due, and reads it again"))
        elif row.expiring:
            self.next_step(_("it ends by itself; e asks to extend it, * and e all listed"))
        else:
            super().advise(row)

    # -- acts -----------------------------------------------------------------------------------------

    @work(exclusive=True, group="act")
    async def _act(self, act: Callable[[], Awaitable[str]]) -> None:
        """Do one act and say what came of it."""
        try:
            said = await act()
        except Refusal as refusal:
            self.why(refusal)
            return
        if said:
            self.split.table.reload()
            self.done(said)

    def action_new(self) -> None:
        """Request a new ID, or many at once."""
        self._act(lambda: self._acts.request_new(self._system, self._changes.many))

    @property
    def _marked(self) -> list[AccountRow]:
        numbers = sorted(self.split.table.marked) if self._splits and not self._at else ()
        return [row for row in self.source.rows(numbers) if row is not None]

    def _forget_marks(self) -> None:
        self.split.table.marked.clear()

    def commands(self) -> Iterable[Command]:
        """Return by name what the key for changes offers here."""
        for entry in (*self._changes.entries(self.row, self._marked), self._changes.many):
            yield Command(entry.title, partial(self._act, entry.do), entry.help)

    def action_edit(self) -> None:
        """Offer what can be done about what is marked, or about the row under the cursor."""
        row, marked = self.row, self._marked
        title, entries = self._changes.title(row, marked), self._changes.entries(row, marked)
        self._act(lambda: menu.choose(self, title, entries))

    def action_mark_all(self) -> None:
        """Mark all IDs that are listed now, or none again."""
        table = self.split.table
        listed = set(self.source.chosen)
        table.marked = set() if table.marked >= listed else listed
        table.refresh()
        self.refresh_bindings()
        words = ngettext("{number} ID is marked", "{number} IDs are marked", len(table.marked))
        self.next_step(words.format(number=f"{len(table.marked):,}"))

    def action_read(self) -> None:
        """Read the system of the row, or all, again now."""
        self._act(lambda: self._acts.read(self._system))

    def action_carry_out(self) -> None:
        """Do at the systems what is due."""
        self._act(lambda: self._acts.carry_out(self._system))

    def action_take_over(self) -> None:
        """Give the ID under the cursor its owner."""
        if isinstance(row := self.row, AccountRow):
            self._act(lambda: self._desk.take_over(row))

    def action_hand_over(self) -> None:
        """Hand over a first password, or confirm that the person chose one."""
        if isinstance(row := self.row, AccountRow):
            self._act(lambda: self._desk.hand_over(row))

    def action_break_glass(self) -> None:
        """Hand the emergency ID out, or take it back."""
        if isinstance(row := self.row, AccountRow):
            self._act(lambda: self._desk.break_glass(row))

    @work(exclusive=True, group="act")
    async def action_table(self) -> None:
        """Write the ledger of a fiscal year."""
        written = await self.app.ask(exporting.dialog(self._seat))
        if written is not None:
            self.done(exporting.words(written))

    async def action_calendar(self) -> None:
        """Show on which day how many IDs end."""
        await self.app.push_screen(CalendarScreen(self._seat, lambda day: DayScreen(self._seat, day)))

    async def action_rosters(self) -> None:
        """Show the rosters, and what a new one would change."""
        await self.app.push_screen(RostersScreen(self._seat))

    async def action_operators(self) -> None:
        """Show who may use this console, its terminals, and the register's own accounts."""
        await self.app.push_screen(PeopleScreen(self._seat))


class DayScreen(AccountsScreen):
    """The IDs that may be used on one day for the last time; the same keys as in the whole list."""

    DEFAULT_CSS = "DayScreen #parts { display: none; }"

    def __init__(self, seat: Seat, day: date) -> None:
        self._day = day
        super().__init__(seat)

    def views(self) -> Iterable[View[Any]]:
        """Return the list of the day."""
        site = self._seat.site
        return (account_list.view(site, self._of_the_day, self._explain),)

    def _of_the_day(self) -> Iterable[AccountRow]:
        return expiry.by_day(self._read().rows, self._seat.site.zone).get(self._day, [])

    def _head(self) -> None:
        super()._head()
        self.head(_(self.place_title), _("Expiry calendar"), f"{self._day:%Y-%m-%d}")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave out what would lead away from the day."""
        return action not in _AWAY and super().check_action(action, parameters)


_POINTS = {
    "leftover": account_list.LEFTOVER,
    "unknown": account_list.UNKNOWN,
    "unreadable": account_list.UNREADABLE,
    "expiring": account_list.EXPIRING,
}
