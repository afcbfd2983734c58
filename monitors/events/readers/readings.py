"""What a reader makes of a line: the fields of an event, or the reason why there are none."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from accesscontrol.messages import N_

KEPT_HEAD: Final = 65_536

REASONS: Final[Mapping[str, str]] = {
    "checksum": N_("the chunk that holds the record was changed: its checksum does not fit"),
    "chunk": N_("a chunk of the event log is damaged, and no record in it can be told"),
    "evtx": N_("the record of the event log is damaged"),
    "postgresql": N_("the line is not PostgreSQL's, and follows none of its messages"),
    "record": N_("the record that begins here, or stands open here, does not end"),
    "binary": N_("the line is not text (it has NUL bytes)"),
    "columns": N_("the line has a different number of columns than the header"),
    "encoding": N_("the line is not valid in the file's encoding"),
    "json": N_("the line is not one JSON object"),
    "quote": N_("a quotation mark in the line is not closed or stands in the wrong place"),
    "repeated": N_("the line repeats a message that is not there, or too often"),
    "syslog": N_("the line has no syslog header"),
    "time": N_("the time of the line can't be read"),
    "xml": N_("the event is no well-formed XML, or stands outside of the file's root"),
    "too-long": N_("the line is too long"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it came, without its line end; of a line that is too long only the head."""

    number: int
    data: bytes
    size: int = -1
    sha256: str = ""

    @property
    def whole(self) -> bool:
        """Tell whether ``data`` is the whole line."""
        return self.size < 0


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A line that is kept whole because it can't be understood; ``reason`` is a key of ``REASONS``."""

    line: Line
    reason: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One line understood: the fields told in it, and of how many alike events it tells.

    ``ts`` is milliseconds since 1970 in UTC. Fields are raw text or, for counts, numbers; folding and defaults
    come later, in one place for all readers.
    """

    line_no: int
    ts: int
    ts_raw: str
    zone: str
    fields: Mapping[str, str | int] = field(default_factory=dict)
    events: int = 1


Decoded: TypeAlias = tuple[Line, str] | Quarantined
Outcome: TypeAlias = Reading | Quarantined
Reader: TypeAlias = Callable[[Iterable[Decoded]], Iterator[Outcome]]
