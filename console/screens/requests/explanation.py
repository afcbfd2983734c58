"""One request in words: what it does, what is signed, which conditions hold, what happened so far."""

from collections.abc import Callable, Iterator
from datetime import datetime

from accesscontrol.messages import N_
from accesscontrol.requests import decisions, gate
from accesscontrol.requests.desk import Acting
from accesscontrol.requests.kinds import Kind
from accesscontrol.requests.reading import Request
from accesscontrol.requests.states import TITLES, State
from accesscontrol.trail import entries
from console import evidence_words, queues
from console.evidence_words import fingerprint
from console.retelling import retold
from console.screens.people_words import person
from console.trail_words import title_of
from console.translation import _, spoken
from console.widgets.details import Fact, Section
from console.wiring import Installation

_FOR_MACHINES = frozenset({"task", "effect", "error"})
_ARTEFACTS = {
    "backup": N_("Backup"),
    "destination": N_("Destination"),
    "manifest": N_("Manifest"),
    "list": N_("List"),
    "content": N_("Content"),
    "host_key": N_("Host key"),
}


def explain(site: Installation, request: Request, actor: Acting) -> list[Section]:
    """Return everything that a person needs to decide on ``request``."""
    kind = site.desk.kind(request.kind)
    zone = site.zone

    def when(instant: datetime) -> str:
        return f"{instant.astimezone(zone):%m-%d %H:%M}"

    described = {**kind.describe(kind.read(request.parameters)), **kind.shows(request.dry_run)}
    facts = [Fact(_(label), spoken(value, zone)) for label, value in described.items()]
    window = f"{when(request.not_before)} – {when(request.not_after)}"
    state = _("{state}; you {part}").format(state=_(TITLES[request.state]), part=_your_part(site, request, actor))
    head = [
        Fact(_("State"), state, _style(request.state)),
        Fact(_("Requester"), f"{person(site.store, request.requester)}  {when(request.created_at)}"),
        Fact(_("Reason"), request.reason),
    ]
    signed = [
        Fact(_("Terminal"), request.terminal),
        Fact(_("Window"), window),
        Fact(_("Digest"), fingerprint(request.digest)),
        *(
            Fact(_(_ARTEFACTS[name]) if name in _ARTEFACTS else evidence_words.label(name), fingerprint(value))
            for name, value in request.artefacts.items()
        ),
    ]
    conditions = _conditions(site, request, when)
    return [
        Section(f"{request.id}  {_(kind.title)}", [*head, *facts]),
        *([Section(_("Conditions"), conditions)] if conditions else []),
        Section(_("What is signed"), signed),
        *_outcome(kind, request),
        Section(_("History"), sentences=_history(site, request, when)),
        Section(sentences=[_("Rule: {controls}").format(controls=", ".join(kind.controls))]),
    ]


def _style(state: State) -> str:
    if state in {State.FAILED, State.INTERRUPTED}:
        return "bold $error"
    return "bold $success" if state in {State.DONE, State.CLOSED} else "bold"


def _conditions(site: Installation, request: Request, when: Callable[[datetime], str]) -> list[Fact]:
    filled = {each.slot: each for each in request.in_force()}
    lines = []
    for slot in request.rule.slots:
        approval = filled.get(slot.name)
        given = (
            _("yes, {person}, {at}, second factor: {factor}").format(
                person=person(site.store, approval.approver), at=when(approval.at), factor=_(approval.factor)
            )
            if approval
            else _("still needed")
        )
        lines.append(Fact(_(slot.title), given, "$success" if approval else "$warning"))
    if request.rule.witness:
        for phase, title in ((decisions.BEFORE, N_("Witness before")), (decisions.AFTER, N_("Witness after"))):
            said = request.attested(phase)
            words = f"{person(site.store, said.witness)}: {said.statement}" if said else _("still needed")
            lines.append(Fact(_(title), words, "$success" if said else "$warning"))
    if request.state in {State.SUBMITTED, State.APPROVED}:
        left = gate.window_left(request, site.clock.now())
        lines.append(Fact(_("Window"), _("has not passed") if left else _("passed"), "" if left else "$warning"))
    return lines


def _your_part(site: Installation, request: Request, actor: Acting) -> str:
    for waits, words in (
        (queues.waits_for_approval, N_("may approve or reject this")),
        (queues.waits_for_witness, N_("may attest as the witness")),
        (queues.waits_for_execution, N_("may execute this")),
        (queues.waits_for_settling, N_("may settle what came of it")),
        (queues.waits_for_review, N_("may accept the report")),
        (queues.waits_for_report, N_("owe the report")),
    ):
        if waits(site, request, actor):
            return _(words)
    return _("are the requester") if request.requester == actor.staff_number else _("have nothing to do here")


def _history(site: Installation, request: Request, when: Callable[[datetime], str]) -> list[str]:
    lines = []
    for each in entries.about(site.store, request.id):
        said = _(title_of(each.act))
        who = _("the console") if each.actor == "system" else person(site.store, each.actor)
        reason = each.details.get("reason") or each.details.get("statement") or ""
        lines.append(f"{when(each.at)}  {said}  {who}" + (f": {retold(str(reason))}" if reason else ""))
    return lines


def _outcome(kind: Kind, request: Request) -> Iterator[Section]:
    """Yield what the act left as evidence, if it was executed."""
    performance = request.performance
    if performance is not None and performance.evidence:
        found = evidence_words.facts(performance.evidence, without=_FOR_MACHINES, titles=kind.labels)
        yield Section(_("What came of it"), found)
