"""The events of the archive as a list that may be asked anew at any moment, while an older answer is still read."""

import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from console import event_words
from console.seat import Seat
from console.widgets.rows import Query
from console.wiring import Installation
from monitors.events import expressions
from monitors.events.expressions import NOTHING_ASKED, Condition
from monitors.events.paging import Listing

Event = dict[str, Any]


@dataclass
class ArchiveSource:
    """The events of the archive that meet a fixed condition (of ``subject``) and the typed filter.

    Whoever looks is entered before the first event is read, anew with each filter (MO-LOG-04).
    """

    seat: Seat
    base: Condition = NOTHING_ASKED
    subject: str = ""
    listing: Listing | None = field(default=None, init=False)
    _entered: str | None = field(default=None, init=False)
    _entering: dict[str, threading.Lock] = field(default_factory=lambda: defaultdict(threading.Lock), init=False)
    _turns: int = field(default=0, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    @property
    def site(self) -> Installation:
        """The site whose events they are."""
        return self.seat.site

    def index(self, query: Query) -> Iterator[Sequence[int]]:
        """Yield the ids of the events, newest first unless sorted otherwise."""
        asked = expressions.read(query.text, self.site.zone, event_words.vocabulary())
        with self._lock:
            self._turns += 1
            turn = self._turns
            entering = self._entering[query.text]
        with entering:  # two threads that read for the same filter are one look; a newer filter waits for no older one
            if query.text != self._entered:
                self.site.archive.consulted(self.seat.acting, query.text, subject=self.subject)
                self._entered = query.text
        condition = expressions.both(self.base, asked)
        oldest_first = query.sort == "ts" and not query.descending
        with self._lock:
            if turn != self._turns:  # more was typed meanwhile: what is newer is never closed by what is older
                return
            self.close()
            self.listing = found = Listing(self.site.store, self.site.home.path, condition, oldest_first=oldest_first)
        yield from found.index()

    def rows(self, ids: Sequence[int]) -> Sequence[Event | None]:
        """Return these events."""
        return self.listing.rows(ids) if self.listing else [None] * len(ids)

    def close(self) -> None:
        """Stop what is being read."""
        if self.listing is not None:
            self.listing.close()
