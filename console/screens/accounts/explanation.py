"""One user ID in words: whose it is, what should be beside what was read, its grants, its jobs, its history."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from accesscontrol.accounts import desired, jobs, observations, reading
from accesscontrol.accounts.desired import Entry
from accesscontrol.accounts.jobs import JOB_STATE_TITLES, Job
from accesscontrol.accounts.model import (
    ACCESS,
    CAUSE_TITLES,
    DISABLE_REASON_TITLES,
    PERSON_KIND_TITLES,
    SITUATION_TITLES,
    Grant,
)
from accesscontrol.accounts.observations import LastReading, Observation
from accesscontrol.messages import N_
from accesscontrol.people.operators import SYSTEM
from accesscontrol.trail import entries
from console.account_words import last_day, state_words, trouble_words, why_words
from console.screens.accounts.account_list import situation_cell
from console.screens.accounts.picture import AccountRow
from console.screens.people_words import person as person_words
from console.system_titles import id_named, in_full, titles
from console.text import mask
from console.trail_words import title_of
from console.translation import _
from console.widgets.details import Fact, Section
from console.wiring import Installation

ACT_TITLES = {jobs.Act.ISSUE: N_("issue"), jobs.Act.CHANGE: N_("change"), jobs.Act.LAPSE: N_("lapse")}
_HISTORY = 12


def explain(
    site: Installation, row: AccountRow, shown_name: str, others: Sequence[AccountRow] = ()
) -> Iterator[Section]:
    """Yield everything about one ID; ``shown_name`` is its person's name as it may be shown.

    ``others`` are the further IDs of the same person, with their situation on each system.
    """
    line = row.line
    if not line.user_id:
        yield Section(in_full(site, line.system), list(_reading(site, row.last)))
        yield Section(sentences=[_("Nothing is known of its IDs until it can be read. v reads it now.")])
        return
    entry = desired.entry(site.store, *row.key) if row.account is not None else None
    seen = next(iter(observations.observations(site.store, line.system, [line.user_id])), None)
    yield Section(id_named(site, line.system, line.user_id), list(_head(site, row, shown_name)))
    yield Section(_("What should be, and what was read"), list(_compared(site, row, entry, seen)))
    yield Section(in_full(site, line.system), list(_reading(site, row.last)))
    if entry is not None:
        yield Section(_("Grants"), sentences=list(_grants(site, entry)) or [_("none")])
    if acts := jobs.history(site.store, *row.key):
        yield Section(_("Acts at the system"), sentences=[_job(site, each) for each in reversed(acts)])
    if others:
        yield Section(_("Other IDs of this person"), sentences=[_other(site, each) for each in others])
    yield Section(_("History"), sentences=list(_history(site, row.subject)) or [_("nothing")])


def _other(site: Installation, row: AccountRow) -> str:
    named = id_named(site, row.line.system, row.line.user_id)
    return f"- {named}  {state_words(row.line)}  {situation_cell(site, row).text}"


def when(site: Installation, at: datetime | None) -> str:
    """Return an instant in full, or a dash."""
    return f"{at.astimezone(site.zone):%Y-%m-%d %H:%M}" if at else "-"


def _head(site: Installation, row: AccountRow, shown_name: str) -> Iterator[Fact]:
    line = row.line
    if line.why is not None:
        yield Fact("!!", why_words(line), "bold $error")
    if line.person:
        yield Fact(_("Person"), f"{shown_name or '-'} ({line.person})")
        person = reading.find_person(site.store, line.person)
        if person is not None:
            company = f"  {person.company}" if person.company else ""
            yield Fact(_("Belongs to"), f"{_(PERSON_KIND_TITLES[person.kind])}  {person.office}{company}")
            if person.pledge:
                yield Fact(_("Pledge"), person.pledge)
            yield Fact(_("Person until"), last_day(person.valid_until, site.zone))
    elif row.break_glass:
        yield Fact(_("Person"), _("nobody's own: for emergencies, in one person's hands at a time"))
    elif line.person_name:
        yield Fact(_("Name there"), mask(line.person_name))
    if line.candidates:
        yield Fact(_("May belong to"), ", ".join(line.candidates), "$warning")
    if line.exception_until:
        yield Fact(_("Exception until"), last_day(line.exception_until, site.zone))
    yield Fact(_("Situation"), _(SITUATION_TITLES[line.situation]))
    yield Fact(_("Last use"), when(site, line.last_use) if line.last_use else _("never"))


def _compared(site: Installation, row: AccountRow, entry: Entry | None, seen: Observation | None) -> Iterator[Fact]:
    """Yield pairs of what the ledger wants and what its target showed, the differing ones marked."""
    line = row.line
    there = seen.account if seen is not None and seen.missing_since is None else None
    should = entry.desired(row.at) if entry is not None else None
    reason = f" ({_(DISABLE_REASON_TITLES[line.reason])})" if line.reason else ""
    stopped = entry.suspension if entry is not None else None
    yield Fact(_("Should be"), f"{_('disabled') if stopped else state_words(line)}{reason}")
    if stopped is not None:
        words = _("since {at} by {person}: {note}")
        who = person_words(site.store, stopped.suspended_by)
        yield Fact(_("Disabled"), words.format(at=when(site, stopped.since), person=who, note=stopped.note))
    if there is None:
        yield Fact(_("Was read"), _("not there") if seen else _("never read"), "$warning")
        return
    usable = _("can sign in") if there.enabled else _("can't sign in")
    wrong = bool(there.enabled) != bool(should and should.enabled)
    yield Fact(_("Was read"), usable, "bold $error" if wrong and not line.exempt else "")
    if should is not None:
        yield Fact(_("Last day, ledger"), last_day(should.valid_until, site.zone))
    yield Fact(_("Last day, there"), last_day(there.valid_to, site.zone))
    if should is not None:
        yield Fact(_("Rights, ledger"), ", ".join(should.entitlements) or "-")
    differ = should is not None and set(should.entitlements) != set(there.entitlements)
    yield Fact(_("Rights, there"), ", ".join(there.entitlements) or "-", "$warning" if differ else "")
    if line.excess:
        yield Fact(_("More than granted"), ", ".join(line.excess), "bold $warning")
    if there.sessions:
        yield Fact(_("Open sessions"), str(there.sessions))
    if there.remains:
        yield Fact(_("Remains there"), ", ".join(there.remains), "$warning")
    if there.doubts:
        yield Fact(_("Odd there"), ", ".join(there.doubts), "$warning")


def _reading(site: Installation, last: LastReading | None) -> Iterator[Fact]:
    if last is None:
        yield Fact(_("Read at"), _("never"), "bold $error")
        return
    yield Fact(_("Read at"), when(site, last.read_at) if last.read_at else _("never"))
    if last.trouble is not None:
        yield Fact(_("Last attempt"), when(site, last.tried_at), "bold $error")
        yield Fact(_("Trouble"), trouble_words(last.trouble, titles(site)), "$warning")


def _grants(site: Installation, entry: Entry) -> Iterator[str]:
    for grant in reversed(entry.grants):
        right = _("sign-in") if grant.entitlement == ACCESS else grant.entitlement
        first = f"{grant.valid_from.astimezone(site.zone):%Y-%m-%d}"
        yield f"- {right}  {first} – {last_day(entry.end_of(grant), site.zone)}  {_standing(grant)}".rstrip()
        facts = [_(CAUSE_TITLES[grant.cause]), *([_(grant.rule)] if grant.rule else []), grant.request]
        granted = _("granted by {person}").format(person=person_words(site.store, grant.granted_by))
        yield "  " + ", ".join((*filter(None, facts), granted))


def _standing(grant: Grant) -> str:
    if grant.ended_at is not None:
        return (
            _("ended: {reason}").format(reason=_(DISABLE_REASON_TITLES[grant.end_reason])) if grant.end_reason else ""
        )
    return "" if grant.held else _("not at its system")


def _job(site: Installation, job: Job) -> str:
    trouble = f"  {trouble_words(job.trouble, titles(site))}" if job.trouble else ""
    state = f"{_(ACT_TITLES[job.act])}: {_(JOB_STATE_TITLES[job.state])}"
    return f"- {when(site, job.scheduled_for)}  {state}{trouble}"


def _history(site: Installation, subject: str) -> Iterator[str]:
    """Yield what the trail holds about the ID, newest first."""
    found = entries.about(site.store, subject)
    for each in reversed(found[-_HISTORY:]):
        who = _("the console") if each.actor == SYSTEM else person_words(site.store, each.actor)
        yield f"{when(site, each.at)}  {_(title_of(each.act))}  {who}"
