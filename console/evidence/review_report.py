"""The report of a review as a table that leaves the console: one line an item, people by staff number."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from accesscontrol.messages import N_
from accesscontrol.requests.desk import Acting
from accesscontrol.reviews import reading
from accesscontrol.reviews.lines import drift
from accesscontrol.reviews.model import Review, by_item, outcome
from console import review_words
from console.evidence import tables
from console.evidence.rights_table import last_day
from console.translation import _
from console.wiring import Installation

HEADINGS: Final = (
    N_("Item"),
    N_("System"),
    N_("User ID"),
    N_("Staff number"),
    N_("Office"),
    N_("Pledge"),
    N_("Granted rights"),
    N_("Effective rights"),
    N_("Last use"),
    N_("Reason"),
    N_("Granted by"),
    N_("Until"),
    N_("Worth a look"),
    N_("Outcome"),
    N_("Comments"),
    N_("Reviewers"),
    N_("Remedy"),
    N_("Changed since the snapshot"),
)


def write(site: Installation, number: int, file: Path, actor: Acting) -> tuple[int, str]:
    """Write the items of a review into the new ``file`` (CSV); return the number of rows and its SHA-256."""
    review = reading.get(site.store, number)
    rows = list(_rows(site, review))
    data = tables.as_csv([_(heading) for heading in HEADINGS], rows)
    return len(rows), tables.write(site, file, data, about=review.name, rows=len(rows), actor=actor)


def _rows(site: Installation, review: Review) -> Iterator[tuple[object, ...]]:
    store, zone = site.store, site.zone
    given = by_item(reading.decisions(store, review.number))
    remedies = {each.item: each for each in reading.remedies(store, review.number)}
    now = {each.key: each for each in site.reviewed.lines(store, site.clock.now())}
    for item in reading.items(store, review):
        line, answers, remedy = item.line, given.get(item.number, []), remedies.get(item.number)
        yield (
            item.number,
            line.system,
            line.user_id,
            line.staff_number,
            line.office,
            line.pledge,
            ", ".join(line.granted),
            ", ".join(line.effective),
            review_words.moment(line.last_use, zone),
            " ".join(filter(None, (_(line.reason) if line.reason else "", line.reference))),
            ", ".join(line.grantors),
            last_day(line.valid_until, zone),
            review_words.trait_words(item.traits),
            review_words.answer_words(outcome(answers), zone),
            " / ".join(each.answer.comment for each in answers if each.answer.comment),
            ", ".join(each.reviewer for each in answers),
            review_words.remedy_words(remedy) if remedy else "",
            review_words.drift_words(drift(line, now.get(line.key))),
        )
