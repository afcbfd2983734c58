"""The list of a review's items: its columns, parts and order."""

from collections.abc import Callable, Iterator
from typing import Any, Final, Literal

from accesscontrol.messages import N_
from accesscontrol.requests.desk import Acting
from accesscontrol.reviews import answering
from accesscontrol.reviews.lines import TRAIT_TITLES, Trait
from accesscontrol.reviews.model import VERDICT_TITLES, Item, Verdict
from console import review_words
from console.evidence.rights_table import last_day
from console.screens.reviews.explanation import explain
from console.screens.reviews.sheet import Sheet
from console.screens.views import Part, View
from console.system_titles import titles
from console.text import mask
from console.translation import _, ngettext
from console.widgets.rows import Cell, Column
from console.wiring import Installation

WAITING: Final = N_("waiting for you")
TO_REMEDY: Final = N_("to remedy")
_TONES: Final[dict[Verdict, Literal["good", "medium", "high"]]] = {
    Verdict.KEEP: "good",
    Verdict.CHANGE: "medium",
    Verdict.REVOKE: "high",
}
_GRAVE: Final = frozenset({Trait.NOBODYS, Trait.LEFT, Trait.ENDED, Trait.UNREADABLE, Trait.NOT_GRANTED})
_ORDER: Final[dict[str, Callable[[Item], Any]]] = {
    "system": lambda each: (each.line.system, each.line.user_id),
    "id": lambda each: each.line.user_id,
    "traits": lambda each: [list(Trait).index(trait) for trait in each.traits] or [len(Trait)],
    "last": lambda each: each.line.last_use.timestamp() if each.line.last_use else 0,
    "until": lambda each: each.line.valid_until.timestamp() if each.line.valid_until else float("inf"),
}


def view(site: Installation, sheet: Sheet, actor: Acting) -> View[Item]:
    """Return the list as ``actor`` sees it. Cells show what ``sheet`` holds at the moment at which they are drawn."""

    def last_use(item: Item) -> Cell:
        used = item.line.last_use
        if used is None:
            return Cell(_("not once"), "medium")
        days = (sheet.review.ordered_at - used).days
        return Cell(ngettext("{days} day", "{days} days", days).format(days=f"{days:,}"))

    called = titles(site)
    return View[Item](
        title=N_("Items"),
        columns=(
            Column(title=N_("Answer"), show=lambda each: _answer(sheet, each, actor), width=7),
            Column(title=N_("System"), show=lambda each: called(each.line.system), width=9, grow=1, sort="system"),
            Column(title=N_("User ID"), show=lambda each: each.line.user_id, width=9, grow=1, sort="id"),
            Column(title=N_("Person"), show=_whose, width=10),
            Column(title=N_("Worth a look"), show=_traits, width=14, grow=1, sort="traits"),
            Column(title=N_("Unused"), show=last_use, width=8, sort="last"),
            Column(title=N_("Rights"), show=lambda each: ", ".join(each.line.rights), width=12, grow=3),
            Column(
                title=N_("Until"),
                show=lambda each: last_day(each.line.valid_until, site.zone),
                width=10,
                sort="until",
                from_width=92,
            ),
        ),
        read=sheet.read,
        key=lambda each: each.number,
        words=lambda each: f"{called(each.line.system)} {_words(each)}",
        explain=lambda each: list(explain(site, sheet, each, actor.staff_number)),
        parts=tuple(_parts(sheet, actor)),
        order=_ORDER,
        empty=N_("Nothing here. f shows another part."),
        markable=True,
    )


def _parts(sheet: Sheet, actor: Acting) -> Iterator[Part[Item]]:
    yield Part(WAITING, lambda each: sheet.waits(each, actor))
    yield Part(TO_REMEDY, sheet.to_remedy)
    yield from (Part(TRAIT_TITLES[trait], _has(trait)) for trait in Trait)
    yield Part(N_("changed since the snapshot"), sheet.changed)
    yield Part(N_("not answered"), lambda each: not sheet.decisions(each))


def _has(trait: Trait) -> Callable[[Item], bool]:
    return lambda item: trait in item.traits


def _answer(sheet: Sheet, item: Item, actor: Acting) -> Cell:
    remedy = sheet.remedies.get(item.number)
    if remedy is not None and not sheet.to_remedy(item):
        return Cell(f"{_(VERDICT_TITLES[remedy.answer.verdict])}*", "good")
    answer = sheet.outcome(item)
    if answer is not None:
        return Cell(_(VERDICT_TITLES[answer.verdict]), _TONES[answer.verdict])
    return Cell(_("others'"), "faint") if answering.party(sheet.review, item, actor.staff_number) else Cell("-")


def _whose(item: Item) -> Cell:
    name = mask(item.line.name) or item.line.staff_number
    return Cell(name) if item.line.staff_number else Cell(_("nobody"), "high")


def _traits(item: Item) -> Cell:
    if not item.traits:
        return Cell("")
    more = f" +{len(item.traits) - 1}" if len(item.traits) > 1 else ""
    words = f"{_(TRAIT_TITLES[item.traits[0]])}{more}"
    return Cell(words, "high" if item.traits[0] in _GRAVE else "medium")


def _words(item: Item) -> str:
    line = item.line
    facts = (line.system, line.user_id, line.staff_number, mask(line.name), line.office, *line.rights)
    return " ".join((*facts, _(line.reason) if line.reason else "", review_words.trait_words(item.traits)))
