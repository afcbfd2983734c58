"""Searching a recording for text that it showed, whatever chunks and colours it came in."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from accesscontrol.sessions.masking import shown_text
from accesscontrol.sessions.replaying import INPUT, OUTPUT, Timeline, open_recording, read_events

_AROUND: Final = 40


@dataclass(frozen=True, slots=True)
class Hit:
    """A place where the text was found: the moment at which its end was shown, and what stood around it."""

    at: float
    around: str


def search(timeline: Timeline, text: str) -> Iterator[Hit]:
    """Yield every place, in order, at which ``text`` was shown or typed; upper and lower case are alike."""
    if not text:
        return
    wanted = re.compile(re.escape(text), re.IGNORECASE)
    tails = {OUTPUT: "", INPUT: ""}
    with open_recording(timeline.path) as file:
        for event in read_events(file, timeline.points[0]):
            if event.code not in tails:
                continue
            tail = tails[event.code]
            shown = tail + shown_text(event.data)
            for match in wanted.finditer(shown, max(0, len(tail) - len(text) + 1)):
                yield Hit(event.at, _line_of(shown, match))
            tails[event.code] = shown[-(len(text) + _AROUND) :]


def _line_of(shown: str, match: re.Match[str]) -> str:
    before = shown[max(0, match.start() - _AROUND) : match.start()].rpartition("\n")[2]
    after = shown[match.end() : match.end() + _AROUND].partition("\n")[0]
    return (before + match.group() + after).replace("\r", "")
