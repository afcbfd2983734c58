"""The list of controls with what each asks for, what keeps it, and the tests that show it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Literal

from textual import work
from textual.binding import Binding, BindingType

from accesscontrol.messages import N_
from accesscontrol.people.roles import ROLE_TITLES
from console.evidence import controls, duties, kept, statements, yearly_report
from console.evidence.controls import KIND_MEANINGS, KIND_TITLES, PACKAGE_TITLES, Control, Kind
from console.evidence.duties import Duty
from console.evidence.holders import holders
from console.evidence.in_force import STANDING_TITLES, Standing
from console.evidence.kept import Book, FiscalYear
from console.screens.controls import stating
from console.screens.views import Part, View, ViewsScreen
from console.seat import Seat
from console.translation import _, language
from console.widgets.details import Fact, Section
from console.widgets.rows import Cell, Column

_TONES: dict[Standing, Literal["good", "medium", "faint"]] = {
    Standing.IN_FORCE: "good",
    Standing.PARTLY: "medium",
    Standing.NOT_YET: "faint",
}
_MARKS = {Standing.IN_FORCE: "[#]", Standing.PARTLY: "[-]", Standing.NOT_YET: "[ ]"}
_STYLES = {Standing.IN_FORCE: "bold $success", Standing.PARTLY: "$warning", Standing.NOT_YET: "$secondary"}


class ControlsScreen(ViewsScreen):
    """Place 0."""

    place_title = N_("0 Controls")
    BINDINGS: ClassVar[list[BindingType]] = [Binding("n", "state", N_("Sign"), id="controls.state")]
    help_title = N_("Controls")
    help_text = N_(
        "Every measure of the protection assessment, how far this version keeps it, and how many pieces of evidence\n"
        "were kept since 1 April. What is shown as by hand is not claimed: the office keeps it by other means.\n"
        "Enter shows what a control asks for, what keeps it, what was kept, and what is left to do by hand.\n"
        "Due is the day until which whoever is responsible states what was done by hand; n signs it.\n"
        "f shows a part of the list, / searches every word of it.\n"
        "sekisho controls report writes all of it into a file."
    )

    def __init__(self, seat: Seat) -> None:
        self._seat = seat
        self._book: Book | None = None
        self._duties: dict[str, Duty] = {}
        super().__init__()

    def views(self) -> Iterable[View[Any]]:
        """Return the one list of this place."""
        return (
            View[Control](
                title=N_("Controls"),
                columns=(
                    Column(title=N_("Control"), show=lambda each: each.id, width=10, sort="id"),
                    Column(title=N_("In force"), show=standing_cell, width=12, sort="standing"),
                    Column(title=N_("What it asks for"), show=lambda each: each.title(language()), width=26, grow=4),
                    Column(title=N_("Due"), show=self._due, width=10, sort="due"),
                    Column(title=N_("Kept"), show=self._count, width=6, align="right", sort="kept"),
                    Column(title=N_("Waits"), show=self._open, width=6, align="right", sort="open"),
                    Column(title=N_("Kind"), show=_kind, width=9, sort="kind", from_width=78),
                    Column(title=N_("Area"), show=_area, width=14, sort="area", from_width=100),
                    Column(title=N_("How often"), show=_cadence, width=14, grow=1, from_width=110),
                ),
                read=self._read,
                key=lambda each: each.id,
                words=_words,
                explain=self._explain,
                parts=[
                    Part(N_("to state now"), self._waits),
                    *(Part(STANDING_TITLES[one], _standing_is(one)) for one in Standing),
                    *(Part(KIND_TITLES[one], _kind_is(one)) for one in Kind),
                ],
                order={
                    "id": lambda each: each.id,
                    "standing": lambda each: list(Standing).index(each.standing),
                    "kind": lambda each: each.kind,
                    "area": lambda each: each.package,
                    "due": self._due_order,
                    "kept": self._number,
                    "open": lambda each: len(self._book.open.get(each.id, ())) if self._book else 0,
                },
                hint=N_("Enter shows what a control asks for and what keeps it; n states what was done by hand."),
            ),
        )

    def _read(self) -> Iterable[Control]:
        """Count the fiscal year's evidence anew, then return all controls."""
        site = self._seat.site
        self._book = kept.read(site, FiscalYear.of(site.clock.now(), site.zone))
        self._duties = {each.control.id: each for each in duties.every(site.store, site.zone)}
        return controls.every()

    def conceal(self) -> None:
        """Forget what was counted and stated."""
        super().conceal()
        self._book, self._duties = None, {}

    def point(self, what: str) -> None:
        """Show what waits for a statement."""
        if what == duties.WAITING:
            self.show_part(N_("to state now"))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show the key where there is something to state."""
        if action == "state" and (self.row is None or self.row.id not in self._duties):
            return False
        return super().check_action(action, parameters)

    def why_not(self, action: str) -> str:
        """Say why a control can't be stated by whoever sits here."""
        if action != "state" or not self.is_attached or self.row is None:
            return ""
        site, roles = self._seat.site, statements.responsible(self.row)
        if self._seat.acting.roles(site.store, site.clock.now()) & roles:
            return ""
        names = ", ".join(_(ROLE_TITLES[role]) for role in sorted(roles))
        return _("This needs a role that you don't hold: {roles}.").format(roles=names)

    @work(exclusive=True, group="act")
    async def action_state(self) -> None:
        """Sign a statement about the control under the cursor."""
        control = self.row
        if control is not None and await self.app.ask(stating.dialog(self._seat, control)):
            self.split.table.reload()
            self.done(_("The statement about {control} is signed and in the trail.").format(control=control.id))

    def _waits(self, control: Control) -> bool:
        duty = self._duties.get(control.id)
        return duty is not None and duty.waits(self._seat.site.clock.now())

    def _due(self, control: Control) -> Cell:
        site = self._seat.site
        return stating.due_cell(self._duties.get(control.id), site.clock.now(), site.zone)

    def _due_order(self, control: Control) -> float:
        duty = self._duties.get(control.id)
        return duty.due.timestamp() if duty else float("inf")

    def _number(self, control: Control) -> int:
        book = self._book
        if book is None:
            return 0
        pieces = sum(piece.span.count for piece in book.pieces(self._seat.site, control))
        return pieces + len(book.statements.get(control.id, ()))

    def _count(self, control: Control) -> Cell:
        number = self._number(control)
        return Cell(f"{number:,}", "" if number else "faint")

    def _open(self, control: Control) -> Cell:
        number = len(self._book.open.get(control.id, ())) if self._book else 0
        return Cell(f"{number:,}" if number else "", "medium")

    def _explain(self, control: Control) -> Sequence[Section]:
        return explain(control, [*self._evidence(control), *self._held(control)])

    def _evidence(self, control: Control) -> Iterable[Section]:
        """Say what was kept since 1 April, what was stated, and which findings wait."""
        book, zone = self._book, self._seat.site.zone
        if book is None:
            return
        yield from stating.papers(self._seat.site, control)
        lines = [yearly_report.piece_words(each, zone) for each in book.pieces(self._seat.site, control)]
        stated = [yearly_report.statement_words(each, zone) for each in book.statements.get(control.id, ())]
        if not stated and control.kind is Kind.ATTESTED:
            stated = [_("This year's statement is missing.")]
        open_ones = [yearly_report.finding_words(each, zone) for each in book.open.get(control.id, ())]
        duty = self._duties.get(control.id)
        if duty is not None:
            yield stating.section(duty, self._seat.site.clock.now(), zone)
        year = _("Evidence of fiscal year {year}").format(year=book.year.number)
        yield Section(year, sentences=_listed([*lines, *stated]) if lines or stated else [_("none")])
        if open_ones:
            yield Section(_("Open findings"), sentences=_listed(open_ones))

    def _held(self, control: Control) -> Iterable[Section]:
        names = [name for _sort, name in holders(self._seat.site, control)]
        if names:
            yield Section(_("Held by"), sentences=[", ".join(names)])

    def aside(self) -> str:
        """Say how many are in force."""
        counts = Counter(each.standing for each in controls.every())
        words = N_("{whole} in force, {part} in part, {none} by hand")
        return _(words).format(
            whole=counts[Standing.IN_FORCE], part=counts[Standing.PARTLY], none=counts[Standing.NOT_YET]
        )


def _standing_is(standing: Standing) -> Any:
    return lambda control: control.standing is standing


def _kind_is(kind: Kind) -> Any:
    return lambda control: control.kind is kind


def standing_cell(control: Control) -> Cell:
    """Return how far a control is in force, as a mark and words."""
    return Cell(f"{_MARKS[control.standing]} {_(STANDING_TITLES[control.standing])}", _TONES[control.standing])


def _kind(control: Control) -> str:
    return _(KIND_TITLES[control.kind])


def _area(control: Control) -> str:
    return _(PACKAGE_TITLES[control.package])


def _cadence(control: Control) -> str:
    cadence = control.words(language()).cadence
    return cadence.default if cadence else ""


def _words(control: Control) -> str:
    facts = (control.id, control.title_en, control.title_ja, control.requirement, _(KIND_TITLES[control.kind]))
    asked = control.words(language()).requirement
    return " ".join((*facts, asked, _area(control), *control.source, control.places(language()), *control.roles))


def explain(control: Control, evidence: Sequence[Section] = ()) -> Sequence[Section]:
    """Return what a control asks for, where it stands, what keeps it, its evidence, and what is done by hand."""
    facts = [
        Fact(_("In force"), standing_cell(control).text, _STYLES[control.standing]),
        Fact(_("Kind"), f"{_(KIND_TITLES[control.kind])}: {_(KIND_MEANINGS[control.kind])}"),
        Fact(_("Area"), _area(control)),
        Fact(_("Roles"), ", ".join(controls.printed_role(role) for role in control.roles)),
        Fact(_("In the assessment"), control.places(language())),
    ]
    words = control.words(language())
    if words.cadence is not None:
        facts.append(Fact(_("How often"), f"{words.cadence.default} ({words.cadence.stated})"))
    if control.checks:
        facts.append(Fact(_("Record checks"), ", ".join(control.checks)))
    printed = [] if language() == "ja" else [control.title_ja]
    sections = [
        Section(f"{control.id}  {control.title(language())}", sentences=printed),
        Section(facts=facts),
        Section(_("What keeps it"), sentences=list(_kept(control))),
        *([Section(_("By hand"), sentences=[_(control.guard.by_hand)])] if control.guard.by_hand else []),
        *evidence,
        Section(_("What it asks for"), sentences=[words.requirement, *_listed(words.acceptance)]),
        *(
            [Section(_("These tests would fail without it:"), sentences=list(_tests(control)))]
            if control.guard.tests
            else []
        ),
    ]
    if words.differences:
        sections.append(Section(_("Differences between the files"), sentences=[words.differences]))
    return sections


def _kept(control: Control) -> Iterable[str]:
    if control.standing is Standing.NOT_YET:
        yield _("Nothing in this version. The office keeps it by other means.")
    else:
        yield _(control.guard.extent)


def _tests(control: Control) -> Iterable[str]:
    for test in control.guard.tests:
        file, _colons, name = test.partition("::")
        yield name if language() == "ja" else f"- {name.removeprefix('test_').replace('_', ' ')}"
        yield f"  {file}"


def _listed(sentences: Iterable[str]) -> list[str]:
    return [f"- {sentence}" for sentence in sentences]
