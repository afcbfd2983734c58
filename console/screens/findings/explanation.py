"""One finding in words: who, what, when, why it is unusual, what covers it, what to do next."""

from datetime import datetime

from accesscontrol.people import operators
from console.finding_words import spoken_explanation, title_of
from console.text import mask
from console.translation import _, ngettext
from console.widgets.details import Fact, Section
from console.widgets.pictures import sparkline
from console.widgets.severity import severity_words
from console.wiring import Installation
from monitors.findings import reading
from monitors.findings.reading import Finding
from monitors.findings.states import TITLES, State

_WIDTH = 24


def explain(site: Installation, finding: Finding) -> list[Section]:
    """Return everything that a person needs to judge ``finding``."""
    zone = site.zone

    def when(instant: datetime) -> str:
        return f"{instant.astimezone(zone):%m-%d %H:%M:%S}"

    events = ngettext("{number} event", "{number} events", finding.count).format(number=f"{finding.count:,}")
    span = when(finding.first) if finding.first == finding.last else f"{when(finding.first)} – {when(finding.last)}"
    facts = [
        Fact(_("State"), _(TITLES[finding.state]), "bold"),
        Fact(_("When"), span),
        Fact(_("System"), finding.system),
        Fact(_("Account"), _account(site, finding)),
        Fact(_("Source"), finding.source or "-"),
        Fact(
            _("Evidence"),
            _("rule {rule} v{version}, {events}").format(
                rule=finding.rule, version=finding.rule_version, events=events
            ),
        ),
        Fact(_("Controls"), ", ".join(finding.controls)),
    ]
    return [
        Section(
            f"{finding.id}  {title_of(finding)}",
            sentences=[severity_words(finding.severity), spoken_explanation(finding, zone)],
        ),
        Section(_("Facts"), facts),
        Section(_("Applications"), sentences=_applications(site, finding)),
        Section(_("The hour before and after"), sentences=_timeline(site, finding)),
        *_judgement(site, finding),
        Section(_("What to do next"), sentences=[_advice(finding)]),
    ]


def _account(site: Installation, finding: Finding) -> str:
    owner = site.judges.owner_of(finding.system, finding.account)
    people = operators.logins_of(site.store, owner) if owner else []
    named = f"  {mask(people[0].name)}" if people else ""
    return f"{finding.account or '-'}{named}" + (f"  ({owner})" if owner else "")


def _applications(site: Installation, finding: Finding) -> list[str]:
    found = site.facts.matching(finding.system, finding.account, finding.first, finding.last)
    if not found:
        return [_("No approved application covers this time.")]
    return [
        _("{reference} covers {first} to {last}").format(
            reference=each.reference,
            first=f"{each.start.astimezone(site.zone):%m-%d %H:%M}",
            last=f"{each.end.astimezone(site.zone):%m-%d %H:%M}",
        )
        for each in found
    ]


def _timeline(site: Installation, finding: Finding) -> list[str]:
    found = site.archive.around(finding.system, finding.account, finding.first, finding.last)
    if not found.slices:
        return [_("No event of this account is in the archive.")]
    words = ", ".join(f"{_(action)} {number}" for action, number in found.actions)
    return [f"{sparkline(found.slices, _WIDTH)}  {words}"]


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


def _advice(finding: Finding) -> str:
    if not finding.is_open:
        return _("It is judged. o opens it again when new facts appear.")
    if finding.severity in {"high", "critical"}:
        return _("l locks the account's person at once; then ask the office, and judge with j.")
    if finding.state is State.ASSIGNED:
        return _("It is in the hands of {assignee}. j judges it.").format(assignee=finding.assignee)
    return _("Compare with the application papers and ask the office, then judge with j.")
