"""What is known of one medium: where it is, which identities agreed, what is on it, its period, its moves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from accesscontrol.messages import N_
from backups import ledger
from backups.media import movements, periods
from backups.media.movements import DIRECTION_TITLES, Movement
from backups.media.periods import Period
from backups.media.register import KIND_TITLES, NO_LABEL, Medium
from backups.media.scanning import Seen
from console import nightly
from console.dates import clock_time, date_and_time, era_date, short_date
from console.locker import Kept, Where
from console.screens.backups.words import in_groups, size_words, state_words
from console.screens.people_words import person
from console.translation import _
from console.widgets.details import Fact, Section
from console.widgets.rows import Cell
from console.wiring import Installation

_MARKS = {
    Where.OVERDUE: ("[!!]", "high"),
    Where.EXPIRED: ("[! ]", "medium"),
    Where.OUT: ("[->]", "medium"),
    Where.IN: ("[ok]", "good"),
    Where.DISPOSED: ("[  ]", "faint"),
    Where.REFUSED: ("[  ]", "faint"),
}
IDENTITIES = (("serial", N_("Serial")), ("uuid", N_("UUID")), ("label", N_("Label")))


@dataclass
class Look:
    """What was plugged in when somebody last looked, read in a thread."""

    at: datetime | None = None
    seen: Sequence[Seen] = ()
    _by_medium: Mapping[str, Seen] = field(default_factory=dict)

    def again(self, site: Installation) -> Sequence[Seen]:
        """Look now."""
        self.seen = nightly.look_around(site)
        self._by_medium = {
            each.observed.medium.id: each for each in self.seen if each.observed and each.observed.medium
        }
        self.at = site.clock.now()
        return self.seen

    def of(self, medium: Medium) -> Seen | None:
        """Return what was seen of a medium, or None when it was not plugged in."""
        return self._by_medium.get(medium.id)


def where_cell(where: Where) -> Cell:
    """Return where a medium is, with the mark that goes with it."""
    mark, tone = _MARKS[where]
    return Cell(f"{mark} {_(where)}", tone)  # type: ignore[arg-type]  # each is a Tone


def explain_medium(site: Installation, kept: Kept, look: Look) -> list[Section]:
    """Return all that is known of one medium: identities and which agreed, place, what is on it, its moves."""
    medium = kept.medium
    cell = where_cell(kept.where)
    about = [
        Fact(_("Where"), cell.text, "bold $error" if cell.tone == "high" else ""),
        Fact(_("Location"), medium.place),
        Fact(_("Kind"), f"{_(KIND_TITLES[medium.kind])}  {size_words(medium.size)}  {medium.filesystem}"),
        Fact(_("Purpose"), medium.purpose),
        Fact(_("Keep until"), era_date(medium.keep_until) if medium.keep_until else _("no end given")),
        Fact(_("Virus check"), medium.virus_check),
        Fact(
            _("Registered"),
            f"{date_and_time(medium.registered_at, site.zone)}  {person(site.store, medium.registered_by)}",
        ),
    ]
    words = _("No. {number}  {content}  {hash}…  until {day}  {place}")
    out = [
        words.format(
            number=each.number,
            content=each.content,
            hash=each.sha256[:16],
            day=short_date(each.due),
            place=each.destination,
        )
        for each in kept.on_it
    ]
    return [
        Section(medium.id, about),
        _identities(site, medium, look),
        Section(_("Out on it"), sentences=out or [_("Nothing.")]),
        *_periods(site, medium),
        Section(_("Moves"), sentences=_moves(site, medium)),
        Section(_("Ever written to it"), sentences=_written(site, medium)),
    ]


def _identities(site: Installation, medium: Medium, look: Look) -> Section:
    seen = look.of(medium)
    agreed = seen.observed.agreed if seen and seen.observed else {}
    label = _("none: taken over from an earlier ledger")
    if medium.label_sha256 != NO_LABEL:
        label = in_groups(medium.label_sha256[:16])
    expected = {"serial": medium.serial or "-", "uuid": medium.uuid, "label": label}
    facts = []
    for name, title in IDENTITIES:
        same = agreed.get(name)
        mark = "" if same is None else "  [ok]" if same else "  [!!] " + _("does not agree")
        facts.append(Fact(_(title), f"{expected[name]}{mark}", "" if same is not False else "bold $error"))
    when = clock_time(look.at, site.zone) if look.at else "-"
    if seen is None or seen.observed is None:
        sentence = _("Not plugged in at {time}.").format(time=when)
    else:
        words = _("Plugged in at {time}: {place}, attachment #{number}.")
        sentence = words.format(time=when, place=seen.folder, number=seen.observed.device.diskseq)
    return Section(_("Identity"), facts, [sentence])


def _moves(site: Installation, medium: Medium) -> list[str]:
    found = movements.page(site.store, medium=medium.id, limit=20)
    return [_move_words(site, each) for each in found] or [_("None.")]


def _move_words(site: Installation, move: Movement) -> str:
    words = _("{when}  {direction} to {place}: {giver} → {receiver}")
    return words.format(
        when=date_and_time(move.at, site.zone),
        direction=_(DIRECTION_TITLES[move.direction]),
        place=move.to_place,
        giver=move.giver,
        receiver=move.receiver,
    )


def _written(site: Installation, medium: Medium) -> list[str]:
    lines = []
    for each in ledger.page(site.store, medium=medium.id, limit=20):
        words, _tone = state_words(each.state, overdue=False, broken_off=False)
        lines.append(f"{_('No. {number}').format(number=each.number)}  {words}  {each.content}  {each.request}")
    return lines or [_("Nothing.")]


def _periods(site: Installation, medium: Medium) -> list[Section]:
    """Return when, by which request and why the last day was moved, if ever."""
    moved = periods.page(site.store, medium=medium.id, limit=20)
    return [Section(_("Longer storage"), sentences=[_period_words(site, each) for each in moved])] if moved else []


def _period_words(site: Installation, period: Period) -> str:
    words = _("{when}  {before} → {until}  {request}  {who}: {reason}")
    return words.format(
        when=date_and_time(period.at, site.zone),
        before=era_date(period.before) if period.before else _("no end given"),
        until=era_date(period.keep_until),
        request=period.request,
        who=person(site.store, period.actor),
        reason=period.reason,
    )
