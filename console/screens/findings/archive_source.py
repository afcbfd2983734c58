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
class Looks:
    """Enters that somebody looks at events of ``subject``, before the first one is read (MO-LOG-04).

    Two threads that read the same list are one look. One with a newer filter waits for none with an older one.
    """

    seat: Seat
    subject: str
    _entered: str | None = field(default=None, init=False)
    _entering: dict[str, threading.Lock] = field(default_factory=lambda: defaultdict(threading.Lock), init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def enter(self, text: str = "") -> None:
        """Enter a look at what meets the filter ``text``, unless the last one was the same."""
        with self._lock:
            entering = self._entering[text]
        with entering:
            if text != self._entered:
                self.seat.site.archive.consulted(self.seat.acting, text, subject=self.subject)
                self._entered = text


@dataclass
class ArchiveSource:
    """The events of the archive that meet a fixed condition (of ``subject``) and the typed filter.

    Whoever looks is entered anew with each filter.
    """

    seat: Seat
    base: Condition = NOTHING_ASKED
    subject: str = ""
    listing: Listing | None = field(default=None, init=False)
    _looks: Looks = field(init=False)
    _turns: int = field(default=0, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def __post_init__(self) -> None:
        """Begin with nobody entered."""
        self._looks = Looks(self.seat, self.subject)

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
        self._looks.enter(query.text)
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
