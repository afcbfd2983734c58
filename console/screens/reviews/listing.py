"""Every person with roles, rights, last use, factors, end, deputies and conflicts; read here, changed elsewhere."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

from textual import work
from textual.binding import Binding, BindingType

from accesscontrol.messages import N_
from accesscontrol.people.factors import KIND_TITLES
from accesscontrol.people.operators import STATE_TITLES
from accesscontrol.people.roles import ROLE_TITLES
from console.dates import brief_instant
from console.evidence import rights, rights_table, tables
from console.evidence.rights import CONCERN_TITLES, Concern, Holder
from console.evidence.rights_table import last_day
from console.frame.forms import Field, FormDialog
from console.screens.views import Part, View, ViewsScreen
from console.seat import Seat
from console.text import mask
from console.translation import _, ngettext
from console.widgets.details import Fact, Section
from console.widgets.rows import Cell, Column

_TONES: dict[Concern, Literal["high", "medium"]] = {
    Concern.CONFLICT: "high",
    Concern.ENDED: "high",
    Concern.LOCKED: "high",
    Concern.NO_FACTOR: "high",
}
_DIGEST = 16


class ReviewsScreen(ViewsScreen):
    """Place 3."""

    place_title = N_("3 Reviews")
    BINDINGS: ClassVar[list[BindingType]] = [Binding("c", "table", N_("Table"), id="reviews.table")]
    help_title = N_("Reviews")
    help_text = N_(
        "Who holds which roles and rights now, by person, over all logins: what an inspection looks through.\n"
        "Nothing is changed here: a change is requested in place 2, by a custodian.\n"
        "f shows those worth a look, for one reason after another. c writes the list as a table (CSV) into the site's\n"
        "own folder, with its fingerprint in the trail. Names stay masked in it; the staff number names the person."
    )

    def __init__(self, seat: Seat) -> None:
        self._seat = seat
        super().__init__()

    def views(self) -> Iterable[View[Any]]:
        """Return the one list of this place."""
        site = self._seat.site

        def last(holder: Holder) -> str:
            use = holder.last_use
            return brief_instant(use.at, site.zone, holder.at) if use else _("never")

        return (
            View[Holder](
                title=N_("Who may do what"),
                columns=(
                    Column(title=N_("Staff no."), show=lambda each: each.staff_number, width=9, sort="number"),
                    Column(title=N_("Name"), show=lambda each: mask(each.name), width=8),
                    Column(title=N_("Roles"), show=_roles, width=16, grow=3),
                    Column(title=N_("Worth a look"), show=_concern, width=17, grow=2, sort="concern"),
                    Column(title=N_("Last use"), show=last, width=11, sort="last"),
                    Column(title=N_("Factor"), show=factor_words, width=8),
                    Column(title=N_("Until"), show=lambda each: last_day(each.ends, site.zone), width=10, sort="until"),
                    Column(title=N_("Office"), show=lambda each: each.office, width=12, grow=1, from_width=96),
                ),
                read=lambda: rights.holders(site.store, site.clock.now()),
                key=lambda each: each.staff_number,
                words=_words,
                explain=lambda each: list(self._explain(each)),
                parts=(
                    Part(N_("worth a look"), lambda each: bool(each.concerns)),
                    *(Part(CONCERN_TITLES[concern], _has(concern)) for concern in Concern),
                ),
                order={
                    "number": lambda each: each.staff_number,
                    "concern": lambda each: list(Concern).index(each.concerns[0]) if each.concerns else len(Concern),
                    "last": lambda each: each.last_use.at.timestamp() if each.last_use else 0,
                    "until": lambda each: each.ends.timestamp() if each.ends else float("inf"),
                },
                hint=N_("Enter shows every right of one person. c writes the list as a table."),
            ),
        )

    def aside(self) -> str:
        """Say when this was read."""
        return _("read at {time}").format(time=f"{self._seat.site.clock.now().astimezone(self._seat.site.zone):%H:%M}")

    def advise(self, row: Any) -> None:
        """Say that nobody inspects their own."""
        if isinstance(row, Holder) and row.staff_number == self._seat.session.operator.staff_number:
            self.next_step(_("these rights are your own: somebody else inspects them (AC-PRM-02)"))
        else:
            super().advise(row)

    # -- one person -----------------------------------------------------------------------------------

    def _explain(self, holder: Holder) -> Iterator[Section]:
        site = self._seat.site
        facts = [
            Fact(_("Staff number"), holder.staff_number),
            Fact(_("Office"), holder.office),
            Fact(_("Second factor"), factor_words(holder)),
            Fact(_("Until"), last_day(holder.ends, site.zone)),
            Fact(_("Last use"), self._last_use(holder)),
        ]
        yield Section(mask(holder.name), facts)
        if holder.concerns:
            yield Section(_("Worth a look"), sentences=list(_concerns(holder)))
        yield Section(_("Logins"), sentences=list(self._logins(holder)))
        yield Section(_("Roles"), sentences=list(self._roles(holder)) or [_("none")])
        yield Section(_("Rights that follow"), sentences=self._rights(holder) or [_("none")])

    def _last_use(self, holder: Holder) -> str:
        use = holder.last_use
        if use is None:
            return _("never")
        return f"{use.at.astimezone(self._seat.site.zone):%Y-%m-%d %H:%M}  {_(use.factor_kind)}"

    def _logins(self, holder: Holder) -> Iterator[str]:
        for login in holder.logins:
            operator = login.operator
            until = last_day(operator.valid_until, self._seat.site.zone)
            yield f"- {operator.login}  {_(STATE_TITLES[operator.state])}  {until}"

    def _roles(self, holder: Holder) -> Iterator[str]:
        zone = self._seat.site.zone
        for role in sorted(holder.own_roles):
            yield f"- {_(ROLE_TITLES[role])}"
        for each in holder.borrowed:
            words = _("- {role}, as deputy of {login} until {day}")
            day = last_day(each.valid_until, zone)
            yield words.format(role=_(ROLE_TITLES[each.role]), login=each.principal, day=day)
        for each in holder.lent:
            words = _("- {role} is lent to {login} until {day}")
            day = last_day(each.valid_until, zone)
            yield words.format(role=_(ROLE_TITLES[each.role]), login=each.deputy, day=day)

    def _rights(self, holder: Holder) -> list[str]:
        found = rights.rights(holder.roles, self._seat.site.kinds.values())
        sides: dict[str, list[str]] = {}
        for right in found:
            sides.setdefault(right.kind.title, []).append(_(right.side))
        return [f"- {_(title)}: {', '.join(allowed)}" for title, allowed in sides.items()]

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
            check=_file_name,
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


def _file_name(name: str) -> str:
    plain = Path(name).name == name and name.isprintable() and not name.startswith(".") and name.endswith(".csv")
    return "" if plain else _("A plain file name that ends with .csv.")


def _has(concern: Concern) -> Any:
    return lambda holder: concern in holder.concerns


def _roles(holder: Holder) -> str:
    own = [_(ROLE_TITLES[role]) for role in sorted(holder.own_roles)]
    return ", ".join([*own, *(f"({_(ROLE_TITLES[each.role])})" for each in holder.borrowed)])


def factor_words(holder: Holder) -> str:
    """Return the kinds of second factor of a person, in words."""
    return ", ".join(_(KIND_TITLES[kind]) for kind in holder.factor_kinds) or _("none")


def _concern(holder: Holder) -> Cell:
    if not holder.live:
        return Cell(_("disabled"), "faint")
    if not holder.concerns:
        return Cell("")
    first = holder.concerns[0]
    more = f" +{len(holder.concerns) - 1}" if len(holder.concerns) > 1 else ""
    return Cell(f"{_(CONCERN_TITLES[first])}{more}", _TONES.get(first, "medium"))


def _concerns(holder: Holder) -> Iterator[str]:
    for concern in holder.concerns:
        yield f"- {_(CONCERN_TITLES[concern])}"
    clash = holder.conflict
    if clash is not None:
        first, second = (_(ROLE_TITLES[role]) for role in clash)
        yield "  " + _("{first} and {second}").format(first=first, second=second)


def _words(holder: Holder) -> str:
    concerns: Sequence[str] = [_(CONCERN_TITLES[concern]) for concern in holder.concerns]
    logins = [login.operator.login for login in holder.logins]
    return " ".join((holder.staff_number, holder.office, mask(holder.name), _roles(holder), *concerns, *logins))
