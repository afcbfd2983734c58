"""The request that erases events whose period of keeping is over (MO-LOG-05, MO-LOG-02)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

import msgspec

from accesscontrol.canonical import JSON, digest
from accesscontrol.clock import from_text, local_day, to_text
from accesscontrol.messages import N_
from accesscontrol.people.roles import Role
from accesscontrol.refusals import Refusal
from accesscontrol.requests import slots
from accesscontrol.requests.kinds import Execution, Kind, Place
from accesscontrol.store import Store
from monitors.events import retention
from monitors.events.ledger import Segment
from monitors.events.times import instant_of, milliseconds

KIND: Final = "log-erasure"
_LEAP_DAY: Final = (2, 29)


class Named(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One segment to erase, by name and hash."""

    segment: Annotated[str, msgspec.Meta(max_length=100)]
    sha256: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


class LogErasure(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The very list that is erased; all of it lies before the instant ``before`` (ISO 8601)."""

    before: Annotated[str, msgspec.Meta(max_length=40)]
    segments: Annotated[tuple[Named, ...], msgspec.Meta(min_length=1, max_length=10_000)]


def limit(now: datetime, years: int, zone: ZoneInfo) -> datetime:
    """Return the beginning of the site's day before which events need not be kept any more (``years`` whole years)."""
    day = local_day(now, zone)
    if (day.month, day.day) == _LEAP_DAY:
        day += timedelta(days=1)
    return datetime(day.year - years, day.month, day.day, tzinfo=zone)


def parameters_for(segments: Sequence[Segment], before: datetime) -> Mapping[str, Any]:
    """Return the parameters of a request that erases ``segments``."""
    named = [{"segment": each.name, "sha256": each.sha256} for each in segments]
    return {"before": to_text(before), "segments": named}


def log_erasure_kind(store: Store, home: Path, before: Callable[[], datetime]) -> Kind:
    """Return the kind by which the events of ``home`` leave for good; ``before()`` is the limit of this moment."""
    erasure = _Erasure(store, home, before)
    able = frozenset({Role.SYSTEM_ADMIN, Role.RESIDENT_OPERATOR})
    return Kind(
        name=KIND,
        title=N_("Erasure of events"),
        controls=("MO-LOG-05", "MO-LOG-02"),
        parameters=LogErasure,
        requesters=able,
        executors=able,
        slots=(slots.SECURITY_OFFICER,),
        execute=erasure.execute,
        describe=erasure.describe,
        artefacts=erasure.artefacts,
        labels={"before": N_("Events before"), "segments": N_("Segments")},
        place=Place.SERVER_ROOM,
    )


def _before(parameters: LogErasure) -> datetime:
    """Return the limit; raises ``Refusal`` for what is no instant, as only a request written by hand can hold."""
    try:
        return from_text(parameters.before)
    except (ValueError, OverflowError):
        raise Refusal(
            N_("{before} is no instant, such as 2019-11-24T00:00:00+09:00."),
            control=retention.CONTROL,
            before=parameters.before,
        ) from None


@dataclass(frozen=True, slots=True)
class _Erasure:
    store: Store
    home: Path
    before: Callable[[], datetime]

    def describe(self, parameters: LogErasure) -> Mapping[str, object]:
        """Return what requester and approver see."""
        chosen = self._chosen(parameters)
        return {
            N_("Events before"): _before(parameters),
            N_("Segments"): len(chosen),
            N_("Events"): sum(each.events for each in chosen),
            N_("First event"): instant_of(min(each.first for each in chosen)),
            N_("Last event"): instant_of(max(each.last for each in chosen)),
            N_("List"): ", ".join(each.name for each in chosen),
        }

    def artefacts(self, parameters: LogErasure) -> Mapping[str, str]:
        """Return the hash of the list; Refusal when it holds what must still be kept, or what is not there."""
        before = _before(parameters)
        if before > self.before():
            raise Refusal(
                N_("Events from {day} on must still be kept."), control=retention.CONTROL, day=self.before().date()
            )
        chosen = self._chosen(parameters)
        if late := [each.name for each in chosen if each.last >= milliseconds(before)]:
            raise Refusal(N_("{names} must still be kept."), control=retention.CONTROL, names=late)
        return {"list": digest([[each.name, each.sha256] for each in chosen])}

    def execute(self, execution: Execution) -> Mapping[str, JSON]:
        """Erase them, all or none, and say what is true: the files were removed, which is not physical destruction."""
        parameters: LogErasure = execution.parameters
        names = [each.segment for each in parameters.segments]
        events = retention.erase(
            self.store,
            self.home,
            names,
            before=_before(parameters),
            actor=execution.staff_number,
            request=execution.request_id,
        )
        return {
            "events": events,
            "segments": names,
            "technique": N_("files removed; the disk itself was not sanitized"),
        }

    def _chosen(self, parameters: LogErasure) -> list[Segment]:
        listed = {each.name: each for each in retention.kept(self.store)}
        names = [each.segment for each in parameters.segments]
        if len(set(names)) != len(names):
            raise Refusal(N_("The list names a segment twice."), control=retention.CONTROL)
        wrong = [
            each.segment
            for each in parameters.segments
            if each.segment not in listed or listed[each.segment].sha256 != each.sha256
        ]
        if wrong:
            raise Refusal(
                N_("{names} are not in the archive with this SHA-256. Ask again with the present list."),
                control=retention.CONTROL,
                names=wrong,
            )
        return [listed[name] for name in names]
