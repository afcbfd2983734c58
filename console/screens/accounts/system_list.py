"""The managed systems: when each was read, what was found, and why one could not be; and the acts still to be done."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from accesscontrol.accounts.jobs import JOB_STATE_TITLES, Job
from accesscontrol.accounts.model import DISABLE_REASON_TITLES
from accesscontrol.accounts.observations import LastReading
from accesscontrol.messages import N_
from console import accounts
from console.account_words import trouble_words
from console.dates import brief_instant
from console.screens.accounts.explanation import ACT_TITLES, when
from console.screens.accounts.picture import Picture
from console.screens.views import Part, View
from console.system_titles import id_named, in_full, title_of, titles
from console.translation import _
from console.widgets.details import Fact, Section
from console.widgets.rows import Cell, Column
from console.wiring import Installation


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemRow:
    """One system with its newest reading and the numbers of its IDs."""

    name: str
    last: LastReading | None
    ids: int
    leftover: int
    unknown: int
    waiting: int
    at: datetime

    @property
    def troubled(self) -> bool:
        """Whether nothing is known of it now, or it couldn't be read the last time."""
        return bool(self.unknown) or self.last is None or self.last.trouble is not None


def system_rows(site: Installation, picture: Picture) -> list[SystemRow]:
    """Return the systems, those in trouble first."""
    ids = Counter(row.line.system for row in picture.rows if row.line.user_id)
    leftover = Counter(row.line.system for row in picture.rows if row.leftover)
    unknown = Counter(row.line.system for row in picture.rows if row.unknown)
    waiting = Counter(job.system for job in picture.jobs)
    found = [
        SystemRow(
            name=name,
            last=picture.readings.get(name),
            ids=ids[name],
            leftover=leftover[name],
            unknown=unknown[name],
            waiting=waiting[name],
            at=picture.at,
        )
        for name in accounts.systems(site)
    ]
    return sorted(found, key=lambda each: (not each.troubled, each.name))


def systems_view(site: Installation, read: Callable[[], Picture]) -> View[SystemRow]:
    """Return the list of systems."""

    def read_at(row: SystemRow) -> Cell:
        at = row.last.read_at if row.last else None
        return Cell(brief_instant(at, site.zone, row.at) if at else _("never"), "high" if row.troubled else "")

    def explain(row: SystemRow) -> Iterator[Section]:
        last = row.last
        facts = [
            Fact(_("Read at"), when(site, last.read_at) if last and last.read_at else _("never")),
            Fact(_("User IDs"), f"{row.ids:,}"),
            Fact(_("left over"), f"{row.leftover:,}", "bold $error" if row.leftover else ""),
            Fact(_("unknown"), f"{row.unknown:,}", "bold $error" if row.unknown else ""),
            Fact(_("Acts waiting"), f"{row.waiting:,}", "$warning" if row.waiting else ""),
        ]
        if last is not None and last.trouble is not None:
            facts.insert(1, Fact(_("Last attempt"), when(site, last.tried_at), "bold $error"))
            facts.insert(2, Fact(_("Trouble"), trouble_words(last.trouble, titles(site)), "$warning"))
        yield Section(in_full(site, row.name), facts)
        yield Section(sentences=[_("A system that can't be read is never taken for clean: its IDs count as unknown.")])

    return View(
        title=N_("Systems"),
        columns=(
            Column(title=N_("System"), show=lambda row: title_of(site, row.name), width=12, grow=2, sort="name"),
            Column(title=N_("Read at"), show=read_at, width=11),
            Column(title=N_("IDs"), show=lambda row: f"{row.ids:,}", width=6, align="right"),
            Column(title=N_("left over"), show=lambda row: _loud(row.leftover), width=10, align="right"),
            Column(title=N_("unknown"), show=lambda row: _loud(row.unknown), width=9, align="right"),
            Column(title=N_("Acts waiting"), show=lambda row: f"{row.waiting:,}", width=12, align="right"),
        ),
        read=lambda: system_rows(site, read()),
        key=lambda row: row.name,
        words=lambda row: in_full(site, row.name),
        explain=lambda row: list(explain(row)),
        order={"name": lambda row: title_of(site, row.name)},
        empty=N_("The settings name no system: enter the systems in site.toml, then v reads them."),
        hint=N_("v reads a system now, g does there what is due."),
    )


def _loud(number: int) -> Cell:
    return Cell(f"{number:,}", "high" if number else "faint")


def jobs_view(site: Installation, read: Callable[[], Picture]) -> View[Job]:
    """Return the list of acts that are not finished: what the last attempt came to, and since when they are due."""

    def trouble(job: Job) -> Cell:
        if job.trouble is None:
            return Cell(_("not tried yet") if not job.attempts else _(JOB_STATE_TITLES[job.state]))
        return Cell(trouble_words(job.trouble, titles(site)), "medium")

    def rows() -> Iterable[Job]:
        return sorted(read().jobs, key=lambda job: (job.trouble is None, job.scheduled_for, job.number))

    def explain(job: Job) -> list[Section]:
        facts = [
            Fact(_("Act"), _(ACT_TITLES[job.act])),
            Fact(_("Reason"), _(DISABLE_REASON_TITLES[job.reason]) if job.reason else "-"),
            Fact(_("Due since"), when(site, job.scheduled_for)),
            Fact(_("State"), _(JOB_STATE_TITLES[job.state])),
            Fact(_("Attempts"), str(job.attempts)),
            Fact(_("Last attempt"), when(site, job.tried_at)),
            *([Fact(_("Trouble"), trouble_words(job.trouble, titles(site)), "$warning")] if job.trouble else []),
        ]
        note = _("It is tried again at every tick, and ends only when a fresh reading shows that it is done.")
        return [Section(id_named(site, job.system, job.user_id), facts), Section(sentences=[note])]

    return View(
        title=N_("Acts waiting"),
        columns=(
            Column(title=N_("System"), show=lambda job: title_of(site, job.system), width=10, sort="system"),
            Column(title=N_("User ID"), show=lambda job: job.user_id, width=10, grow=1),
            Column(title=N_("Act"), show=lambda job: _(ACT_TITLES[job.act]), width=6),
            Column(title=N_("Due since"), show=lambda job: when(site, job.scheduled_for), width=16, sort="due"),
            Column(title=N_("Last attempt"), show=trouble, width=14, grow=3),
        ),
        read=rows,
        key=lambda job: job.number,
        words=lambda job: f"{in_full(site, job.system)} {job.user_id} {_(ACT_TITLES[job.act])}",
        explain=explain,
        parts=(Part(N_("in trouble"), lambda job: job.trouble is not None),),
        order={"system": lambda job: (title_of(site, job.system), job.user_id), "due": lambda job: job.scheduled_for},
        empty=N_("Nothing is left to be done at any system."),
        hint=N_("g tries the acts of this system again now."),
    )
