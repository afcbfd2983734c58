"""The lists about media themselves: the register, what is plugged in, unknown ones, moves and ends."""

from collections.abc import Callable, Iterator
from datetime import datetime

from accesscontrol.messages import N_
from backups.media import disposal, movements, sightings
from backups.media.disposal import METHOD_TITLES, Disposal
from backups.media.movements import DIRECTION_TITLES, Movement
from backups.media.register import FACT_TITLES, KIND_TITLES, medium_id
from backups.media.scanning import Seen
from backups.media.sightings import Sighting
from backups.media.signs import Condition
from console import locker
from console.dates import date_and_time, era_date, short_date
from console.locker import Kept, Where
from console.screens.backups.words import fault_words, in_groups, size_words
from console.screens.media.medium_facts import IDENTITIES, Look, explain_medium, where_cell
from console.screens.people_words import person
from console.screens.views import Part, View
from console.translation import _, filled, shown
from console.widgets.details import Fact, Section
from console.widgets.rows import Cell, Column
from console.wiring import Installation

_MOST = 10_000


def wrong_words(wrong: str) -> str:
    """Return what a sighting keeps as not agreeing: names of facts, or why the label can't be trusted."""
    names = wrong.split(", ")
    return ", ".join(_(FACT_TITLES[name]) for name in names) if FACT_TITLES.keys() >= set(names) else _(wrong)


def media_view(site: Installation, look: Look) -> View[Kept]:
    """Return the register of media, each with where it is and what is out on it."""

    def read() -> Iterator[Kept]:
        look.again(site)
        yield from locker.kept(site)

    def words(kept: Kept) -> str:
        medium = kept.medium
        texts = (medium.id, medium.serial, medium.uuid, medium.place, medium.purpose, _(KIND_TITLES[medium.kind]))
        return " ".join((*texts, _(kept.where), *(each.content for each in kept.on_it)))

    return View(
        title=N_("Media"),
        columns=(
            Column(title=N_("No."), show=lambda each: each.medium.id, width=6, sort="number"),
            Column(title=N_("Where"), show=lambda each: where_cell(each.where), width=18, sort="where"),
            Column(title=N_("Location"), show=lambda each: each.medium.place, width=16, grow=3, sort="place"),
            Column(title=N_("Due"), show=_due, width=6),
            Column(title=N_("Kind"), show=lambda each: _(KIND_TITLES[each.medium.kind]), width=12, from_width=90),
            Column(title=N_("Serial"), show=lambda each: each.medium.serial or "-", width=14, grow=1, from_width=76),
        ),
        read=read,
        key=lambda each: each.medium.number,
        words=words,
        explain=lambda each: explain_medium(site, each, look),
        parts=(
            Part(N_("overdue"), lambda each: each.where is Where.OVERDUE),
            Part(N_("out"), lambda each: each.where in {Where.OUT, Where.OVERDUE}),
            Part(N_("in the store"), lambda each: each.where in {Where.IN, Where.EXPIRED}),
            Part(N_("to dispose of"), lambda each: each.where is Where.EXPIRED),
        ),
        order={
            "number": lambda each: each.medium.number,
            "where": lambda each: list(Where).index(each.where),
            "place": lambda each: each.medium.place,
        },
        empty=N_("No medium is registered; put one in, and n registers it."),
        hint=N_("i enters a move, z its end. → shows what is plugged in."),
    )


def _due(kept: Kept) -> str:
    dues = [each.due for each in kept.on_it]
    if kept.last and kept.last.direction == "out" and kept.last.due:
        dues.append(kept.last.due)
    return short_date(min(dues)) if dues else "-"


def _by(site: Installation, at: datetime, staff_number: str) -> str:
    return f"{date_and_time(at, site.zone)}  {person(site.store, staff_number)}"


def plugged_view(site: Installation, look: Look) -> View[Seen]:
    """Return what is plugged in now, and which of its three identities agree with the register."""

    def name(seen: Seen) -> str:
        return seen.observed.medium.id if seen.observed and seen.observed.medium else "-"

    def standing(seen: Seen) -> Cell:
        if seen.observed is None:
            return Cell("[??] " + _("unreadable"), "medium")
        if seen.known:
            worn = seen.condition is not None and seen.condition.failing
            return Cell("[!!] " + _("near its end"), "high") if worn else Cell("[ok] " + _("registered"), "good")
        return Cell("[!!] " + (_("differs") if seen.observed.medium else _("not registered")), "high")

    def agreeing(seen: Seen) -> str:
        agreed = seen.observed.agreed if seen.observed else {}
        return " ".join(f"{_(title)}{'○' if agreed[key] else '×'}" for key, title in IDENTITIES if key in agreed) or "-"

    return View(
        title=N_("Plugged in"),
        columns=(
            Column(title=N_("Standing"), show=standing, width=19),
            Column(title=N_("Medium"), show=name, width=7),
            Column(title=N_("Agreed"), show=agreeing, width=26),
            Column(title=N_("Mounted at"), show=lambda each: str(each.folder), width=8, grow=1),
        ),
        read=lambda: look.again(site),
        key=lambda each: str(each.folder),
        words=lambda each: f"{each.folder} {name(each)} {shown(each.reason) if each.reason else ''}",
        explain=_explain_seen,
        empty=N_("Nothing is plugged in, beside the disks of the host."),
        hint=N_("n registers the empty medium under the cursor, v verifies a registered one."),
    )


def _explain_seen(seen: Seen) -> list[Section]:
    if seen.observed is None:
        return [
            Section(str(seen.folder), sentences=[_("It could not be read: {reason}").format(reason=shown(seen.reason))])
        ]
    device, medium = seen.observed.device, seen.observed.medium
    known = {"serial": medium.serial, "uuid": medium.uuid, "label": medium.label_sha256} if medium else {}
    facts = [
        Fact(_("Device"), f"{device.node}  {device.model}  {size_words(device.size)}  {device.filesystem}"),
        Fact(_("Attachment"), f"#{device.diskseq}" + ("  " + _("write-protected") if device.read_only else "")),
        Fact(_("Serial"), device.serial or "-"),
        Fact(_("UUID"), device.uuid or "-"),
        Fact(_("Label"), seen.observed.label.medium if seen.observed.label else _(seen.observed.label_fault) or "-"),
    ]
    compared = [
        Fact(_(title), ("[ok] " if seen.observed.agreed[name] else "[!!] ") + (known[name] or "-"))
        for name, title in IDENTITIES
        if name in seen.observed.agreed
    ]
    sections = [Section(str(seen.folder), facts)]
    if medium:
        sections.append(Section(_("In the register: {medium}").format(medium=medium.id), compared))
    if seen.condition is not None:
        sections.append(Section(_("Condition"), sentences=_condition_words(seen.condition)))
    if not seen.observed.mounted:
        sections.append(Section(sentences=[_("It is not mounted, so that its label can't be read.")]))
    return sections


def _condition_words(condition: Condition) -> list[str]:
    """Return the signs of an end that is near, and how little it says when there are none."""
    signs = [
        f"[{'!!' if each.failing else '! '}] {words}"
        for each, words in zip(condition.signs, fault_words(condition.signs), strict=True)
    ]
    if condition.monitored:
        return signs or [_("Neither kernel nor its own monitor (SMART) has a sign of failure.")]
    return [*signs, _("Its own monitor (SMART) could not be asked: smartctl is missing, or it has none.")]


def unknown_view(site: Installation) -> View[Sighting]:
    """Return the unregistered media that the scheduler saw, until a person has explained each."""

    def explain(seen: Sighting) -> list[Section]:
        gone = date_and_time(seen.gone_at, site.zone) if seen.gone_at else _("still there")
        facts = [
            Fact(_("First seen"), date_and_time(seen.at, site.zone)),
            Fact(_("Taken out"), gone),
            Fact(_("Device"), f"{seen.node}  {seen.folder}"),
            Fact(_("Serial"), seen.serial or "-"),
            Fact(_("UUID"), seen.uuid or "-"),
            Fact(_("Says it is"), seen.medium or "-"),
            Fact(_("Does not agree"), wrong_words(seen.wrong) if seen.wrong else "-"),
        ]
        return [Section(_("Sighting {number}").format(number=seen.number), facts)]

    return View(
        title=N_("Unknown"),
        columns=(
            Column(title=N_("No."), show=lambda each: str(each.number), width=4, align="right"),
            Column(title=N_("First seen"), show=lambda each: date_and_time(each.at, site.zone), width=16),
            Column(title=N_("Device"), show=lambda each: f"{each.node} {each.folder}".strip(), width=20, grow=2),
            Column(title=N_("Serial"), show=lambda each: each.serial or "-", width=14, grow=1),
            Column(title=N_("Says it is"), show=lambda each: each.medium or "-", width=10),
        ),
        read=lambda: sightings.waiting(site.store),
        key=lambda each: each.number,
        words=lambda each: f"{each.node} {each.folder} {each.serial} {each.uuid} {each.medium}",
        explain=explain,
        empty=N_("No unregistered medium waits for an explanation."),
        hint=N_("i enters whose medium it was, and what was done with it."),
    )


def moves_view(site: Installation) -> View[Movement]:
    """Return the ledger of movements, newest first."""

    def explain(move: Movement) -> list[Section]:
        facts = [
            Fact(_("Medium"), medium_id(move.medium)),
            Fact(_("Direction"), _(DIRECTION_TITLES[move.direction])),
            Fact(_("From"), move.from_place),
            Fact(_("To"), move.to_place),
            Fact(_("Handed over by"), move.giver),
            Fact(_("Received by"), move.receiver),
            Fact(_("Rule"), move.rule),
            Fact(_("Permission"), move.permission or "-"),
            Fact(_("Due"), era_date(move.due) if move.due else "-"),
            Fact(
                _("Entered"), f"{date_and_time(move.at, site.zone)}  {person(site.store, move.actor)}  {move.terminal}"
            ),
            *([Fact(_("Note"), move.note)] if move.note else []),
        ]
        return [Section(_("Move No. {number}").format(number=move.number), facts)]

    def words(move: Movement) -> str:
        texts = (medium_id(move.medium), move.from_place, move.to_place, move.giver, move.receiver, move.permission)
        return " ".join(texts)

    def is_going(direction: str) -> Callable[[Movement], bool]:
        return lambda move: move.direction == direction

    return View(
        title=N_("Moves"),
        columns=(
            Column(title=N_("No."), show=lambda each: str(each.number), width=4, align="right"),
            Column(title=N_("When"), show=lambda each: date_and_time(each.at, site.zone), width=16),
            Column(title=N_("Medium"), show=lambda each: medium_id(each.medium), width=7),
            Column(title=N_("Direction"), show=lambda each: _(DIRECTION_TITLES[each.direction]), width=10),
            Column(title=N_("To"), show=lambda each: each.to_place, width=14, grow=2),
            Column(title=N_("Received by"), show=lambda each: each.receiver, width=10, grow=1, from_width=76),
        ),
        read=lambda: movements.page(site.store, limit=_MOST),
        key=lambda each: each.number,
        words=words,
        explain=explain,
        parts=tuple(Part(title, is_going(direction)) for direction, title in DIRECTION_TITLES.items()),
        empty=N_("No move was entered yet."),
        hint=N_("/ searches, also by the number of a medium."),
    )


def ends_view(site: Installation) -> View[Disposal]:
    """Return the ledger of disposals, newest first, each with the statement of its two persons."""

    def explain(line: Disposal) -> list[Section]:
        said, sentence = line.statement, line.sentence()
        facts = [
            Fact(_("Medium"), f"{said.medium}  {_(KIND_TITLES[line.kind])}  {line.serial}"),
            Fact(_("Method"), _(METHOD_TITLES[said.method]) + "  (NIST SP 800-88 Rev. 2)"),
            Fact(_("Certificate"), said.certificate or "-"),
            Fact(_("Evidence"), in_groups(said.evidence) if said.evidence else "-"),
            Fact(_("Ever written"), ", ".join(map(str, line.contents)) or "-"),
            Fact(_("Entered"), _by(site, line.at, line.actor)),
        ]
        title = _("Disposal No. {number}").format(number=line.number)
        return [Section(title, facts, [filled(sentence.message, sentence.fields)])]

    return View(
        title=N_("Ends"),
        columns=(
            Column(title=N_("No."), show=lambda each: str(each.number), width=4, align="right"),
            Column(title=N_("Day"), show=lambda each: each.statement.day.isoformat(), width=10),
            Column(title=N_("Medium"), show=lambda each: each.statement.medium, width=7),
            Column(title=N_("Serial"), show=lambda each: each.serial or "-", width=14, grow=1),
            Column(title=N_("Method"), show=lambda each: each.statement.method.title(), width=8),  # NIST's own word
            Column(title=N_("Performed by"), show=lambda each: each.statement.performer, width=12, grow=1),
            Column(title=N_("Seen by"), show=lambda each: each.statement.witness, width=12, grow=1),
        ),
        read=lambda: disposal.page(site.store, limit=_MOST),
        key=lambda each: each.number,
        words=lambda each: f"{each.statement.medium} {each.serial} {each.statement.performer} {each.statement.witness}",
        explain=explain,
        empty=N_("No medium was disposed of yet."),
        hint=N_("The end of a medium is entered by z in the list of media."),
    )
