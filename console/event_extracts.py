"""A selection of events on its way out: sealed at once, to leave only by an approved request (MO-LOG-04).

One JSON object a line, the oldest event first, as ``sekisho logs query --json`` prints them.
"""

import io
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from accesscontrol.individual_numbers import mask_individual_numbers
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.requests.desk import Acting
from backups.media.log_output import EVENTS, SELECTING
from backups.newfile import new_file
from backups.records import Backup
from backups.sealing.digests import Progress, silent
from backups.sources import Fault, Part, SourceState
from console import event_words
from console.wiring import Installation
from monitors.events import expressions
from monitors.events.paging import Listing
from monitors.events.times import instant_of

FORMAT: Final = "JSON lines, UTF-8"
_MOMENT: Final = "%Y-%m-%dT%H:%M:%S%z"


def line(event: Mapping[str, Any]) -> str:
    """Return one event as a JSON object on one line, with its time (ISO 8601, UTC) as ``at``."""
    return json.dumps({**event, "at": instant_of(event["ts"]).isoformat()}, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class EventExtract:
    """The events that ``expression`` chooses, as something that can be sealed."""

    site: Installation
    expression: str
    name: str = EVENTS
    kind: str = EVENTS

    def take(self, to: Path, progress: Progress) -> SourceState:
        """Write the events to the new file ``to``, and count them."""
        site = self.site
        condition = expressions.read(self.expression, site.zone, event_words.vocabulary())
        listing = Listing(site.store, site.home.path, condition, oldest_first=True)
        systems, first, last = Counter[str](), 0, 0
        try:
            with new_file(to) as out:
                buffer = io.BufferedWriter(out)
                for done, event in enumerate(listing.stream()):
                    first, last = (event["ts"] if not done else first), event["ts"]
                    systems[event["system"]] += 1
                    buffer.write(f"{line(event)}\n".encode())
                    progress(done, done)
                if not systems:
                    raise Refusal(N_("No event meets this."), control="MO-LOG-04")
                buffer.flush()
                buffer.detach()  # the file is synced and named by whoever opened it
        finally:
            listing.close()
        return SourceState(EVENTS, self._spanned(first, last), {"format": FORMAT}, _parts(systems))

    def _spanned(self, first: int, last: int) -> str:
        """Return the expression with the first and last time of what it chose (ms since 1970), which repeats it.

        It stands in the manifest, which anybody may read: an individual number in it is masked, as in the trail.
        """
        spoken = [instant_of(each).astimezone(self.site.zone).strftime(_MOMENT) for each in (first, last)]
        return f"{mask_individual_numbers(self.expression)} time:{'..'.join(spoken)}".strip()


def _parts(systems: Mapping[str, int]) -> Sequence[Part]:
    """Return how many events there are, in all and of each system."""
    return [Part(EVENTS, sum(systems.values())), *(Part(f"system {name}", systems[name]) for name in sorted(systems))]


def prepare(
    site: Installation, expression: str, actor: Acting, *, entry_record: str = "", progress: Progress = silent
) -> Backup:
    """Seal what ``expression`` chooses, and enter that it was looked at."""
    site.archive.consulted(actor, expression)
    source = EventExtract(site, expression)
    order = site.order_of(source, actor.staff_number, actor.terminal, entry_record=entry_record, duty=SELECTING)
    return site.catalogue.take(order, progress)


def restore(plain: Path, to: Path) -> SourceState:
    """Put an opened selection into the folder ``to`` and count its events."""
    target = to / "events.jsonl"
    plain.rename(target)
    try:
        systems = Counter(_systems(target))
    except (ValueError, KeyError, TypeError) as error:
        fault = Fault(N_("The extract cannot be read: {reason}"), {"reason": type(error).__name__})
        return SourceState(EVENTS, str(target), {}, (), [fault])
    return SourceState(EVENTS, str(target), {}, _parts(systems))


def _systems(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", newline="\n") as file:
        for text in file:
            yield str(json.loads(text)["system"])
