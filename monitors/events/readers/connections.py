"""Exported events of Windows, what OpenSSH wrote of one connection in the order in which it was written.

Exports begin with the newest event, and what a line of sshd tells depends on the lines before it. So the lines of a
connection wait until the log has passed it by, and come out the oldest first, whatever the order of the file. How long
that is follows from sshd: who is not in after two minutes is turned away (sshd_config(5), LoginGraceTime).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from monitors.events.readers.evtx import WindowsEvent
from monitors.events.readers.readings import Quarantined, Reading

OPENSSH: Final = "OpenSSH"
Told: TypeAlias = tuple[Reading, WindowsEvent]  # a reading without its fields, which follow from the event
_GRACE: Final = 120_000  # milliseconds
_HELD: Final = 10_000
_PEER: Final = re.compile(r".*\s(?P<peer>\S+ port \d+)\b.*", re.DOTALL)
_NOT_ALLOWED: Final = re.compile(r"(?:Connection (?:closed|reset) by|Disconnected from|Disconnecting) invalid user .*")


def peer(text: str) -> str:
    """Return the address and port that a line of sshd names: they tell connections apart where no process is told.

    Of a name that is not allowed the line that tells the attempt has no port, so the end of that connection, which
    has one, must not tell it again.
    """
    found = None if _NOT_ALLOWED.match(text) else _PEER.fullmatch(text)
    return found["peer"] if found else ""


def in_order(given: Iterable[Told | Quarantined]) -> Iterator[Told | Quarantined]:
    """Yield what is given, the lines of one connection the oldest first; at most 10,000 lines are held."""
    log = _Log()
    for each in given:
        if isinstance(each, Quarantined):
            yield each
            continue
        log.see(each)
        if each[1].provider == OPENSSH and each[1].connection:
            log.add(each)
        else:
            yield each
        yield from log.passed()
    yield from log.rest()


@dataclass(slots=True)
class _Log:
    _held: dict[tuple[str, str], list[Told]] = field(default_factory=dict)  # that of the latest line last
    _lines: int = 0
    _first: tuple[int, int] | None = None  # time and running number
    _latest: tuple[int, int] = (0, 0)

    def see(self, told: Told) -> None:
        self._latest = told[0].ts, told[1].record
        self._first = self._first or self._latest

    def add(self, told: Told) -> None:
        key = (told[1].computer, told[1].connection)
        lines = self._held.pop(key, [])
        lines.append(told)
        self._held[key] = lines
        self._lines += 1

    def passed(self) -> Iterator[Told]:
        while self._held and (self._lines > _HELD or self._is_over(next(iter(self._held.values())))):
            yield from self._taken()

    def rest(self) -> Iterator[Told]:
        while self._held:
            yield from self._taken()

    def _is_over(self, lines: list[Told]) -> bool:
        return abs(self._latest[0] - lines[-1][0].ts) > _GRACE

    def _taken(self) -> list[Told]:
        lines = self._held.pop(next(iter(self._held)))
        self._lines -= len(lines)
        return lines[::-1] if self._first is not None and self._latest <= self._first else lines
