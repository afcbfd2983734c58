"""The list of controls with what each asks for, what keeps it, and the tests that show it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Literal

from accesscontrol.messages import N_
from console.evidence import controls
from console.evidence.controls import KIND_MEANINGS, KIND_TITLES, Control, Kind
from console.evidence.in_force import STANDING_TITLES, Standing
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
PACKAGE_TITLES = {
    "accesscontrol": N_("Access control"),
    "monitors": N_("Monitoring"),
    "backups": N_("Backups and media"),
    "registry": N_("Register"),
    "console": N_("Operation"),
}


class ControlsScreen(ViewsScreen):
    """Place 0."""

    place_title = N_("0 Controls")
    BINDINGS: ClassVar[list[Any]] = []
    help_title = N_("Controls")
    help_text = N_(
        "Every measure of the protection assessment, and how far this version keeps it. What is not shown as in force\n"
        "or in part is not claimed: the office keeps it by other means.\n"
        "Enter shows what a control asks for, what keeps it, and the tests that would fail without it.\n"
        "f shows a part of the list, / searches every word of it."
    )

    def __init__(self, seat: Seat) -> None:
        self._seat = seat
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
                    Column(title=N_("Kind"), show=lambda each: _(KIND_TITLES[each.kind]), width=9, sort="kind"),
                    Column(title=N_("Area"), show=_area, width=14, sort="area", from_width=78),
                    Column(title=N_("How often"), show=_cadence, width=14, grow=1, from_width=110),
                ),
                read=controls.every,
                key=lambda each: each.id,
                words=_words,
                explain=explain,
                parts=[
                    *(Part(STANDING_TITLES[one], _standing_is(one)) for one in Standing),
                    *(Part(KIND_TITLES[one], _kind_is(one)) for one in Kind),
                ],
                order={
                    "id": lambda each: each.id,
                    "standing": lambda each: list(Standing).index(each.standing),
                    "kind": lambda each: each.kind,
                    "area": lambda each: each.package,
                },
                hint=N_("Enter shows what a control asks for and what keeps it."),
            ),
        )

    def aside(self) -> str:
        """Say how many are in force."""
        counts = Counter(each.standing for each in controls.every())
        words = N_("{whole} in force, {part} in part, {none} not yet")
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


def _area(control: Control) -> str:
    return _(PACKAGE_TITLES[control.package])


def _cadence(control: Control) -> str:
    return control.cadence.default if control.cadence else ""


def _words(control: Control) -> str:
    facts = (control.id, control.title_en, control.title_ja, control.requirement, _(KIND_TITLES[control.kind]))
    return " ".join((*facts, _area(control), *control.source, *control.roles))


def explain(control: Control) -> Sequence[Section]:
    """Return what a control asks for, where it stands, and what keeps it."""
    facts = [
        Fact(_("In force"), standing_cell(control).text, _STYLES[control.standing]),
        Fact(_("Kind"), f"{_(KIND_TITLES[control.kind])}: {_(KIND_MEANINGS[control.kind])}"),
        Fact(_("Area"), _area(control)),
        Fact(_("Roles"), ", ".join(controls.printed_role(role) for role in control.roles)),
        Fact(_("In the assessment"), "; ".join(control.source)),
    ]
    if control.cadence is not None:
        facts.append(Fact(_("How often"), f"{control.cadence.default} ({control.cadence.stated})"))
    if control.checks:
        facts.append(Fact(_("Record checks"), ", ".join(control.checks)))
    other = control.title_en if language() == "ja" else control.title_ja
    sections = [
        Section(f"{control.id}  {control.title(language())}", sentences=[other]),
        Section(facts=facts),
        Section(_("What keeps it"), sentences=list(_kept(control))),
        Section(_("What it asks for"), sentences=[control.requirement, *_listed(control.acceptance)]),
    ]
    if control.differences:
        sections.append(Section(_("Differences between the files"), sentences=[control.differences]))
    return sections


def _kept(control: Control) -> Iterable[str]:
    if control.guard is None:
        yield _("Nothing in this version. The office keeps it by other means.")
        return
    yield _(control.guard.extent)
    yield _("These tests would fail without it:")
    for test in control.guard.tests:
        file, _colons, name = test.partition("::")
        yield f"- {name.removeprefix('test_').replace('_', ' ')}"
        yield f"  {file}"


def _listed(sentences: Iterable[str]) -> Iterable[str]:
    return (f"- {sentence}" for sentence in sentences)
