"""What a kind of request is: declared once, as a frozen value, by the trade that owns the act."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import msgspec

from accesscontrol.canonical import JSON
from accesscontrol.messages import N_
from accesscontrol.people.roles import Role
from accesscontrol.refusals import Refusal
from accesscontrol.store import Store


class Place(StrEnum):
    """Where a person must sit to submit and to execute."""

    REGISTERED = "registered"
    SERVER_ROOM = "server-room"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One approval that is needed, by a person who holds one of the roles at that moment."""

    name: str
    title: str
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """What an act is given when the gate lets it through.

    ``progress(done, total)`` must be called now and then: it stops the act (by raising ``Refusal``) when a lock was
    put on anything that it touches.
    """

    request_id: str
    parameters: Any
    staff_number: str
    terminal: str
    store: Store
    progress: Callable[[int, int], None]


class BrokenOff(Refusal):
    """An act that did not come to its end, with what is known of it as ``evidence``.

    Its request has failed, or is ``interrupted`` when nobody here knows what it did (``unknown``).
    """

    def __init__(self, refusal: Refusal, evidence: Mapping[str, JSON], *, unknown: bool) -> None:
        super().__init__(refusal.message, control=refusal.control, **refusal.fields)
        self.evidence = evidence
        self.unknown = unknown


def _same(then: JSON, now: JSON) -> bool:
    return then == now


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of privileged act.

    ``describe`` gives the labelled values that requester and approvers see: texts (msgids where they are ours),
    instants, counts. ``artefacts`` is the SHA-256 of everything that the parameters name, read at that moment;
    ``labels`` the msgid of each parameter for forms, ``hints`` of what to know of one; ``touches`` the locks that
    concern it, as (type, name); ``concerns`` the staff numbers of those whom it is about, who may not approve it.
    ``admits`` is a last rule about the whole request, asked in the transaction that submits it, and raises Refusal.
    ``dry_run`` is the listed effect, bound into the digest, ``shows`` the labelled values by which people read it,
    and ``within`` whether the effect at execution still is what was approved; ``execute`` does the act and returns
    its evidence. ``lifetime`` counts business days.
    """

    name: str
    title: str
    controls: tuple[str, ...]
    parameters: type[msgspec.Struct]
    requesters: frozenset[Role]
    executors: frozenset[Role]
    slots: tuple[Slot, ...]
    execute: Callable[[Execution], Mapping[str, JSON]]
    describe: Callable[[Any], Mapping[str, object]]
    artefacts: Callable[[Any], Mapping[str, str]] = field(default=lambda _: {})
    labels: Mapping[str, str] = field(default_factory=dict)
    hints: Mapping[str, str] = field(default_factory=dict)
    touches: Callable[[Any], tuple[tuple[str, str], ...]] = field(default=lambda _: ())
    concerns: Callable[[Any], frozenset[str]] = field(default=lambda _: frozenset())
    admits: Callable[[Any, Any], None] = field(default=lambda _tx, _request: None)
    dry_run: Callable[[Any], JSON] | None = None
    shows: Callable[[Any], Mapping[str, object]] = field(default=lambda _: {})
    within: Callable[[JSON, JSON], bool] = _same
    witness: bool = False
    place: Place = Place.REGISTERED
    lifetime: int = 3
    report: bool = False
    emergency: bool = False

    def __post_init__(self) -> None:
        if not self.emergency and not self.slots:
            raise ValueError(f"kind {self.name}: only an emergency goes without approval")
        if any(not slot.roles for slot in self.slots):
            raise ValueError(f"kind {self.name}: a slot that nobody may fill would never open")
        if len({slot.name for slot in self.slots}) != len(self.slots):
            raise ValueError(f"kind {self.name}: two slots have one name")
        if self.emergency and not self.report:
            raise ValueError(f"kind {self.name}: an emergency is reviewed afterwards")

    def read(self, parameters: Mapping[str, Any]) -> msgspec.Struct:
        """Return the typed parameters; raises ``Refusal`` that names the wrong field."""
        try:
            return msgspec.convert(parameters, self.parameters)
        except msgspec.ValidationError as error:
            raise Refusal(N_("The request can't be read: {reason}."), reason=str(error)) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """The part of a kind that decides who says yes: frozen into each request when it is submitted."""

    slots: tuple[Slot, ...]
    executors: frozenset[Role]
    witness: bool
    place: Place
    lifetime: int
    report: bool

    @classmethod
    def of(cls, kind: Kind) -> "Rule":
        """Return the rule of ``kind`` as it stands now."""
        return cls(
            slots=kind.slots,
            executors=kind.executors,
            witness=kind.witness,
            place=kind.place,
            lifetime=kind.lifetime,
            report=kind.report or kind.emergency,
        )

    def stricter(self, other: "Rule") -> "Rule":
        """Return the rule that holds when this one and ``other`` must both be met."""
        names = {slot.name: slot for slot in self.slots}
        both = [
            Slot(name=slot.name, title=slot.title, roles=slot.roles & names.pop(slot.name).roles)
            if slot.name in names
            else slot
            for slot in other.slots
        ]
        return Rule(
            slots=(*both, *names.values()),
            executors=self.executors & other.executors,
            witness=self.witness or other.witness,
            place=max(self.place, other.place, key=list(Place).index),
            lifetime=min(self.lifetime, other.lifetime),
            report=self.report or other.report,
        )

    def to_json(self) -> dict[str, JSON]:
        """Return the rule as JSON, roles in order."""
        return {
            "slots": [{"name": slot.name, "title": slot.title, "roles": sorted(slot.roles)} for slot in self.slots],
            "executors": sorted(self.executors),
            "witness": self.witness,
            "place": self.place,
            "lifetime": self.lifetime,
            "report": self.report,
        }
