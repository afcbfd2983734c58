"""One item of a review with everything that a reviewer weighs, and what was said and done about it."""

from collections.abc import Iterator

from accesscontrol.people.reading import Reader
from accesscontrol.reviews import answering
from accesscontrol.reviews.model import Item
from console import review_words
from console.evidence.rights_table import last_day
from console.screens.people_words import person
from console.screens.reviews.sheet import Sheet
from console.system_titles import id_named
from console.text import mask
from console.translation import _
from console.widgets.details import Fact, Section
from console.wiring import Installation


def explain(site: Installation, sheet: Sheet, item: Item, staff_number: str) -> Iterator[Section]:
    """Yield the sections of one item for the person ``staff_number`` who looks at it."""
    yield Section(f"{item.number}  {id_named(site, item.line.system, item.line.user_id)}", list(_facts(site, item)))
    if item.traits:
        yield Section(_("Worth a look"), sentences=[f"- {review_words.trait_words([each])}" for each in item.traits])
    changed = sheet.drifts.get(item.number, ())
    if changed:
        words = [f"- {review_words.drift_words([each])}" for each in changed]
        yield Section(_("Changed since the snapshot"), sentences=words)
    yield Section(_("Answers"), sentences=list(_answers(site, sheet, item, staff_number)))
    remedy = sheet.remedies.get(item.number)
    if remedy is not None:
        facts = [
            Fact(_("What"), review_words.answer_words(remedy.answer, site.zone)),
            Fact(_("State"), review_words.remedy_words(remedy)),
            Fact(_("Since"), review_words.moment(remedy.since, site.zone)),
            Fact(_("Carried out by"), person(site.store, remedy.by) if remedy.by else "-"),
            Fact(_("Read at"), review_words.moment(remedy.read_at, site.zone)),
        ]
        yield Section(_("Remedy"), facts, [remedy.reason] if remedy.reason else [])


def evidence(site: Installation, item: Item) -> list[str]:
    """Return what the list has no room for at 80 columns, on two lines."""
    line, zone = item.line, site.zone
    reason = " ".join(filter(None, (_(line.reason) if line.reason else _("no reason known"), line.reference)))
    return [
        _("Reason: {reason}   Granted by: {grantors}   Until: {day}").format(
            reason=reason, grantors=_grantors(site.store, line.grantors), day=last_day(line.valid_until, zone)
        ),
        _("Rights: {rights}   Last use: {at}   Office: {office}").format(
            rights=_rights(item), at=review_words.moment(line.last_use, zone), office=line.office or "-"
        ),
    ]


def _facts(site: Installation, item: Item) -> Iterator[Fact]:
    line, zone = item.line, site.zone
    whose = " ".join(filter(None, (mask(line.name), line.staff_number)))
    yield Fact(_("Person"), whose or _("nobody"), "" if line.staff_number else "bold $error")
    yield Fact(_("Office"), line.office or "-")
    if line.contractor:
        yield Fact(_("Pledge"), line.pledge or _("none"))
    yield Fact(_("Granted rights"), ", ".join(line.granted) or _("signing in alone"))
    yield Fact(_("Effective rights"), _rights(item))
    yield Fact(_("Last use"), review_words.moment(line.last_use, zone), "" if line.last_use else "bold $warning")
    yield Fact(_("Reason"), " ".join(filter(None, (_(line.reason) if line.reason else "", line.reference))) or "-")
    yield Fact(_("Granted by"), _grantors(site.store, line.grantors))
    yield Fact(_("Until"), last_day(line.valid_until, zone))
    yield Fact(_("State"), _("usable") if line.enabled else _("blocked"))
    yield Fact(_("Read at"), review_words.moment(line.read_at, zone))


def _rights(item: Item) -> str:
    line = item.line
    if not line.readable:
        return _("unknown: the system could not be read")
    beyond = set(line.effective) - set(line.granted)
    return ", ".join(f"{each} (!)" if each in beyond else each for each in line.effective) or _("signing in alone")


def _grantors(reader: Reader, grantors: tuple[str, ...]) -> str:
    return ", ".join(person(reader, each) for each in grantors) or "-"


def _answers(site: Installation, sheet: Sheet, item: Item, staff_number: str) -> Iterator[str]:
    given = sheet.decisions(item)
    for each in given:
        words = review_words.answer_words(each.answer, site.zone)
        yield f"- {words}  {person(site.store, each.reviewer)}  {review_words.moment(each.at, site.zone)}"
        if each.answer.comment:
            yield f"  {each.answer.comment}"
    if not given:
        yield _("none")
    reason = answering.party(sheet.review, item, staff_number)
    if reason:
        yield _(reason)
