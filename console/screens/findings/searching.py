"""The filter of the findings: words as they stand there, and the reader's own words for states and titles."""

from collections.abc import Callable, Iterator, Sequence

from console.seat import Seat
from console.translation import _
from console.widgets.rows import Query
from console.widgets.severity import severity_cell
from monitors.findings import reading, searching
from monitors.findings.reading import Finding
from monitors.findings.searching import Word
from monitors.findings.states import OPEN, SEVERITIES, TITLES


class FindingSource:
    """Findings as a long list; as long as ``only_open()`` says so only those that wait for the person in the seat."""

    def __init__(self, seat: Seat, only_open: Callable[[], bool]) -> None:
        self._seat, self._store, self._only_open = seat, seat.site.store, only_open

    def index(self, query: Query) -> Iterator[Sequence[int]]:
        """Yield the numbers of the findings that hold every word of the filter."""
        titles = searching.titles(self._store)
        words = [_word(text, titles) for text in query.text.split()]
        yield from searching.index(
            self._store,
            words,
            states=sorted(OPEN) if self._only_open() else (),
            proposed=(self._store.clock.now(), self._seat.session.operator.staff_number),
            order=query.sort,
            descending=query.descending or not query.sort,
        )

    def rows(self, ids: Sequence[int]) -> Sequence[Finding | None]:
        """Return these findings."""
        return reading.numbered(self._store, ids)


def _word(text: str, titles: Sequence[str]) -> Word:
    wanted = text.casefold()
    return Word(
        text=text,
        states=[state for state, title in TITLES.items() if wanted in _(title).casefold()],
        severities=[level for level in SEVERITIES if wanted in severity_cell(level).text.casefold()],
        titles=[title for title in titles if wanted in _(title).casefold()],
    )
