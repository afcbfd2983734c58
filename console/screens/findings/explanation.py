"""One finding in words: who, what, when, why it is unusual, what covers it, what to do next.

What a judgement hangs on stands first, so that it is in sight on a small screen.
"""

from datetime import datetime

from console.finding_words import spoken_explanation, title_of
from console.screens.findings.background import Background
from console.seat import Seat
from console.system_titles import in_full, titles
from console.translation import _, ngettext
from console.widgets.details import Fact, Section
from console.widgets.pictures import sparkline
from console.widgets.plain import joined, styled
from console.widgets.severity import severity_words
from console.wiring import Installation
from monitors.events.words import action_title
from monitors.facts import ApprovedRequest
from monitors.findings import reading
from monitors.findings.reading import Finding
from monitors.findings.states import TITLES, State

_WIDTH = 20
_WAITING = "…"
_GRAVE = frozenset({"high", "critical"})


def explain(seat: Seat, finding: Finding, background: Background | None) -> list[Section]:
    """Return everything that a person needs to judge ``finding``; what isn't known yet shows as an ellipsis."""
    site = seat.site
    words = spoken_explanation(finding, site.zone, title=titles(site))
    head = joined(severity_words(finding.severity), "  ", styled(_(TITLES[finding.state]), "bold"))
    return [
        Section(f"{finding.id}  {title_of(finding)}", sentences=[head, words]),
        Section(
            facts=[
                Fact(_("Account"), _account(site, finding, background)),
                Fact(
                    _("Applications"),
                    _applications(site, finding, background),
                    _applications_style(finding, background),
                ),
                Fact(_("±1 hour"), _timeline(background)),
                Fact(_("Do next"), _advice(seat, finding)),
            ]
        ),
        *_judgement(site, finding),
        Section(facts=_evidence(site, finding)),
    ]


def _account(site: Installation, finding: Finding, background: Background | None) -> str:
    known = [background.name, background.owner] if background else [_WAITING]
    system = in_full(site, finding.system) if finding.system else ""
    return "  ".join(part for part in (finding.account or "-", system, *known) if part)


def _applications(site: Installation, finding: Finding, background: Background | None) -> str:
    if background is None:
        return _WAITING
    if not background.applications:
        return _("No approved application covers this time.")
    whole, part = _("{reference} covers {first} to {last}"), _("{reference} covers {first} to {last} only")
    return ", ".join(
        (whole if _covers(each, finding) else part).format(
            reference=each.reference,
            first=f"{each.start.astimezone(site.zone):%m-%d %H:%M}",
            last=f"{each.end.astimezone(site.zone):%m-%d %H:%M}",
        )
        for each in background.applications
    )


def _applications_style(finding: Finding, background: Background | None) -> str:
    if background is None or not background.applications:
        return ""
    return "$success" if any(_covers(each, finding) for each in background.applications) else "$warning"


def _covers(application: ApprovedRequest, finding: Finding) -> bool:
    return application.start <= finding.first and finding.last <= application.end


def _timeline(background: Background | None) -> str:
    if background is None:
        return _WAITING
    found = background.surroundings
    if not found.slices:
        return _("No event of this account is in the archive.")
    words = ", ".join(f"{_(action_title(action))} {number}" for action, number in found.actions)
    return f"{sparkline(found.slices, _WIDTH)}  {words}"


def _advice(seat: Seat, finding: Finding) -> str:
    if finding.state is State.MADE_GOOD:
        return _("What was missing came after all; nothing is left to judge.")
    site, me = seat.site, seat.session.operator.staff_number
    if not finding.is_open and reading.is_proposed(site.store, finding.number, site.clock.now(), to=me):
        return _("f confirms, as a second person, that its like stays quiet.")
    if not finding.is_open:
        return _("It is judged. o opens it again when new facts appear.")
    if finding.severity in _GRAVE:
        return _("l locks the account's person at once; then ask the office, and judge with j.")
    if finding.state is State.ASSIGNED:
        return _("It is in the hands of {assignee}. j judges it.").format(assignee=finding.assignee)
    return _("Compare with the application papers and ask the office, then judge with j.")


def _judgement(site: Installation, finding: Finding) -> list[Section]:
    facts = []
    if finding.disposed_at is not None:
        at = f"{finding.disposed_at.astimezone(site.zone):%m-%d %H:%M}"
        facts = [
            Fact(_("Judged"), f"{_(TITLES[finding.state])}  {finding.disposed_by}  {at}"),
            Fact(_("Reason"), finding.reason),
            Fact(_("Application"), finding.application or "-"),
        ]
    comments = [
        f"{each.at.astimezone(site.zone):%m-%d %H:%M}  {each.author}  {each.text}"
        for each in reading.comments_on(site.store, finding.number)
    ]
    return [Section(_("Judgement"), facts, comments)] if facts or comments else []


def _evidence(site: Installation, finding: Finding) -> list[Fact]:
    def when(instant: datetime) -> str:
        return f"{instant.astimezone(site.zone):%m-%d %H:%M:%S}"

    events = ngettext("{number} event", "{number} events", finding.count).format(number=f"{finding.count:,}")
    rule = _("rule {rule} v{version}, {events}")
    return [
        Fact(_("When"), when(finding.first) + (f" – {when(finding.last)}" if finding.last != finding.first else "")),
        Fact(_("Source"), finding.source or "-"),
        Fact(_("Evidence"), rule.format(rule=finding.rule, version=finding.rule_version, events=events)),
        Fact(_("Controls"), ", ".join(finding.controls)),
    ]
