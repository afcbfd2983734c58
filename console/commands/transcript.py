"""What a session showed and what was typed, as lines with the moment of their end, and its steps between them."""

from collections.abc import Iterator

from accesscontrol.sessions.masking import shown_text
from accesscontrol.sessions.replaying import INPUT, MARKER, OUTPUT, Event
from console.session_words import clock

_LINE = 4_096  # characters of a line without an end
_MARKS = {OUTPUT: "|", INPUT: ">", MARKER: "=="}

Line = tuple[float, str, str]


class Transcript:
    """Makes lines of events; what has no end yet is held back until the next step or the end."""

    def __init__(self) -> None:
        self._rests = {OUTPUT: "", INPUT: ""}

    def lines(self, event: Event) -> Iterator[Line]:
        """Yield the lines that an event completes."""
        if event.code == MARKER:
            yield from self.rest(event.at)
            yield event.at, MARKER, event.data
        elif event.code in self._rests:
            *lines, rest = _lines(self._rests[event.code], event)
            yield from ((event.at, event.code, line) for line in lines)
            self._rests[event.code] = rest

    def rest(self, at: float) -> Iterator[Line]:
        """Yield what was held back, because nothing more comes before ``at``."""
        for code, rest in self._rests.items():
            if rest.strip():
                yield at, code, rest
            self._rests[code] = ""


def written(line: Line) -> str:
    """Return a line as it is printed."""
    at, code, text = line
    return f"{clock(at)} {_MARKS[code]} {text}"


def _lines(rest: str, event: Event) -> list[str]:
    text = rest + shown_text(event.data)
    text = text.replace("\r\n", "\n").replace("\r", "\n") if event.code == INPUT else text.replace("\r\n", "\n")
    lines = text.split("\n")
    if len(lines[-1]) > _LINE:
        lines.append("")
    return lines
