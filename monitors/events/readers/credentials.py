"""Checks of a name and password by Windows (4776), each told as a sign-in only where no sign-in (4625) tells it.

Where somebody was refused at a computer with an account of its own, its log holds both, within a moment and in either
order (an export begins with the newest). A domain controller checks for other computers, and holds the check alone.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field, replace
from typing import Final

from monitors.events.readers.readings import Outcome, Reading
from monitors.events.schema import Action

CHECKED: Final = "checked"  # whose password was checked and refused, in fields that only this module sees
REFUSED: Final = "refused"  # whose sign-in was refused
_MOMENT: Final = 2_000  # milliseconds
_HELD: Final = 1_000
_REMEMBERED: Final = 10_000


@dataclass(slots=True)
class _Refusals:
    """The times of refused sign-ins by whose they were, each of which takes one check with it."""

    _times: MutableMapping[str, deque[int]] = field(default_factory=dict)

    def add(self, whose: str, ts: int) -> None:
        if len(self._times) >= _REMEMBERED:
            self._times.clear()
        times = self._times.setdefault(whose, deque(maxlen=_HELD))
        times.append(ts)

    def near(self, whose: str, ts: int) -> int | None:
        return next((each for each in self._times.get(whose, ()) if abs(each - ts) <= _MOMENT), None)

    def take(self, whose: str, ts: int) -> bool:
        near = self.near(whose, ts)
        if near is not None:
            self._times[whose].remove(near)
        return near is not None


def told_once(outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
    """Yield ``outcomes`` in their order; a check waits for a moment of the security log to pass."""
    held: deque[Outcome] = deque()
    refusals, latest = _Refusals(), 0
    for outcome in outcomes:
        held.append(outcome)
        if isinstance(outcome, Reading):
            if outcome.fields.keys() & {CHECKED, REFUSED}:
                latest = outcome.ts
            if whose := str(outcome.fields.get(REFUSED, "")):
                refusals.add(whose, outcome.ts)
        while held and (len(held) > _HELD or not _waits(held[0], latest, refusals)):
            yield _told(held.popleft(), refusals)
    for outcome in held:
        yield _told(outcome, refusals)


def _waits(outcome: Outcome, latest: int, refusals: _Refusals) -> bool:
    if not isinstance(outcome, Reading) or CHECKED not in outcome.fields:
        return False
    return abs(latest - outcome.ts) <= _MOMENT and refusals.near(str(outcome.fields[CHECKED]), outcome.ts) is None


def _told(outcome: Outcome, refusals: _Refusals) -> Outcome:
    if not isinstance(outcome, Reading) or not outcome.fields.keys() & {CHECKED, REFUSED}:
        return outcome
    fields: Mapping[str, str | int] = {
        name: value for name, value in outcome.fields.items() if name not in {CHECKED, REFUSED}
    }
    whose = str(outcome.fields.get(CHECKED, ""))
    if CHECKED in outcome.fields and not refusals.take(whose, outcome.ts):
        fields = {**fields, "action": Action.LOGIN}
    return replace(outcome, fields=fields)
