"""The items of one review as the screen holds them: frozen lines read once, with answers and remedies kept current."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from threading import Lock

from accesscontrol.requests.desk import Acting
from accesscontrol.reviews import answering, reading
from accesscontrol.reviews.lines import Drift, drift
from accesscontrol.reviews.model import (
    OPEN_REMEDIES,
    Answer,
    Decision,
    Item,
    Remedy,
    Review,
    State,
    by_item,
    outcome,
)
from console.wiring import Installation


class Sheet:
    """One review, as it was last read. The lines never change; the rest is read anew when something was done."""

    def __init__(self, site: Installation, number: int) -> None:
        self._site, self.number = site, number
        self.review: Review = reading.get(site.store, number)
        self.items: Sequence[Item] = ()
        self.remedies: dict[int, Remedy] = {}
        self.drifts: dict[int, tuple[Drift, ...]] = {}
        self._given: dict[int, list[Decision]] = {}
        self._answers = Lock()  # what a thread reads late must not hide an answer that was given meanwhile

    def read(self) -> Sequence[Item]:
        """Read what may have changed, and the lines once; called in a thread."""
        store = self._site.store
        self.review = reading.get(store, self.number)
        self._lines()
        with self._answers:
            self._given = by_item(reading.decisions(store, self.number))
        self.remedies = {each.item: each for each in reading.remedies(store, self.number)}
        return self.items

    def _lines(self) -> Sequence[Item]:
        if not self.items:
            self.items = reading.items(self._site.store, self.review)
        return self.items

    def compare(self) -> None:
        """Compare every line with the ledger as it is now; called in a thread."""
        site = self._site
        now = {each.key: each for each in site.reviewed.lines(site.store, site.clock.now())}
        self.drifts = {each.number: drift(each.line, now.get(each.line.key)) for each in self._lines()}

    def refresh(self, numbers: Iterable[int]) -> None:
        """Read the answers on a few items anew."""
        with self._answers:
            for number in numbers:
                found = reading.decisions(self._site.store, self.number, number)
                if found:
                    self._given[number] = found
                else:
                    self._given.pop(number, None)
            self.review = replace(self.review, answered=len(self._given))

    @property
    def answered(self) -> int:
        """How many items have an answer."""
        return len(self._given)

    def decisions(self, item: Item) -> Sequence[Decision]:
        """Return the answers on an item."""
        return self._given.get(item.number, ())

    def outcome(self, item: Item) -> Answer | None:
        """Return what the answers on an item come to."""
        return outcome(self.decisions(item))

    def waits(self, item: Item, actor: Acting) -> bool:
        """Tell whether the item has no answer and ``actor`` is a third party to it."""
        return not self.decisions(item) and not answering.party(self.review, item, actor.staff_number)

    def to_remedy(self, item: Item) -> bool:
        """Tell whether a change or revocation of the item is not at its end."""
        found = self.remedies.get(item.number)
        return found is not None and found.state in OPEN_REMEDIES

    def changed(self, item: Item) -> bool:
        """Tell whether the ID differs from its line in the snapshot."""
        return bool(self.drifts.get(item.number))

    def like(self, item: Item) -> list[int]:
        """Return the unanswered items that stand there for the same reason, with the same rights on one system."""
        if self.review.state is not State.ANSWERING:
            return []

        def sort(each: Item) -> tuple[object, ...]:
            return (each.line.system, each.line.reason, each.line.rights, each.traits)

        return [each.number for each in self.items if sort(each) == sort(item) and not self.decisions(each)]

    def forget(self) -> None:
        """Forget everything that was read."""
        self.items, self.remedies, self.drifts, self._given = (), {}, {}, {}
