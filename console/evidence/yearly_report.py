"""The report on all controls for one fiscal year: how each is held, what was kept, what is open, what is by hand.

It is what the yearly self-inspection (CO-GOV-01) and whoever inspects read: a table (CSV) or a text (Markdown).
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from accesscontrol.clock import local_day
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.requests.desk import Acting
from accesscontrol.trail import verification
from console.evidence import controls, kept, tables
from console.evidence.controls import KIND_MEANINGS, KIND_TITLES, PACKAGE_TITLES, Control, Kind
from console.evidence.guards.model import STANDING_TITLES, Standing
from console.evidence.holders import holders
from console.evidence.kept import FiscalYear, OpenFinding, Piece, Span
from console.evidence.statements import Statement
from console.text import safe_text
from console.translation import _, language, ngettext
from console.wiring import Installation

CSV: Final = ".csv"
MARKDOWN: Final = ".md"
HEADINGS: Final = (
    N_("Control"),
    N_("Title"),
    N_("Area"),
    N_("In the assessment"),
    N_("What it asks for"),
    N_("Kind"),
    N_("In force"),
    N_("How it is held"),
    N_("Held by"),
    N_("Evidence of the year"),
    N_("Pieces of evidence"),
    N_("First day"),
    N_("Last day"),
    N_("Statements of the year"),
    N_("Open findings"),
    N_("By hand"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One control in the report."""

    control: Control
    holders: tuple[tuple[str, str], ...]
    pieces: tuple[Piece, ...]
    statements: tuple[Statement, ...]
    open: tuple[OpenFinding, ...]

    @property
    def total(self) -> Span:
        """All pieces of evidence together."""
        spans = [each.span for each in self.pieces]
        firsts = [each.first for each in spans if each.first] + [each.at for each in self.statements]
        lasts = [each.last for each in spans if each.last] + [each.at for each in self.statements]
        count = sum(each.count for each in spans) + len(self.statements)
        return Span(count, min(firsts, default=None), max(lasts, default=None))

    @property
    def unstated(self) -> bool:
        """Say whether the year's statement of an attested control is missing."""
        return self.control.kind is Kind.ATTESTED and not self.statements


@dataclass(frozen=True, slots=True)
class Report:
    """All controls in one fiscal year. ``trail`` says whether the book that was counted is as it was written."""

    site: str
    year: FiscalYear
    at: datetime
    entries: int
    trail_holds: bool
    unreadable: int
    lines: tuple[Line, ...]


def gather(site: Installation, year: FiscalYear) -> Report:
    """Return the report of ``year`` as things stand now. The whole trail is verified, because it is what is counted."""
    book = kept.read(site, year)
    proof = verification.verify(site.store, log=site.log_verifier, witness=site.witness)
    return Report(
        site=site.settings.site.name,
        year=year,
        at=site.clock.now(),
        entries=proof.entries,
        trail_holds=proof.ok,
        unreadable=book.unreadable,
        lines=tuple(
            Line(
                control=control,
                holders=tuple(holders(site, control)),
                pieces=tuple(book.pieces(site, control)),
                statements=book.statements.get(control.id, ()),
                open=book.open.get(control.id, ()),
            )
            for control in controls.every()
        ),
    )


def write(site: Installation, year: FiscalYear, file: Path, actor: Acting) -> tuple[int, str]:
    """Write the report into the new ``file``, a table or a text by its ending; return its lines and its SHA-256."""
    if file.suffix not in {CSV, MARKDOWN}:
        raise Refusal(N_("The report is a table (.csv) or a text (.md). Choose one by the file's ending."))
    report = gather(site, year)
    data = as_table(report) if file.suffix == CSV else as_text(report).encode()
    about = f"controls-{year.number}"
    rows = len(report.lines)
    return rows, tables.write(site, file, data, about=about, rows=rows, actor=actor)


def as_table(report: Report) -> bytes:
    """Return the report as CSV: one line a control, nothing in it that a spreadsheet calculates."""
    zone = report.year.zone
    return tables.as_csv([_(each) for each in HEADINGS], [_row(line, zone) for line in report.lines])


def _row(line: Line, zone: ZoneInfo) -> Sequence[object]:
    control, total = line.control, line.total
    return (
        control.id,
        control.title(language()),
        _(PACKAGE_TITLES[control.package]),
        control.places(language()),
        control.words(language()).requirement,
        _(KIND_TITLES[control.kind]),
        _(STANDING_TITLES[control.standing]),
        _(control.guard.extent) if control.guard.extent else "",
        ", ".join(name for _sort, name in line.holders),
        "; ".join(piece_words(each, zone) for each in line.pieces),
        total.count,
        _day(total.first, zone),
        _day(total.last, zone),
        "; ".join(statement_words(each, zone) for each in line.statements) or (_("missing") if line.unstated else ""),
        "; ".join(finding_words(each, zone) for each in line.open),
        _(control.guard.by_hand) if control.guard.by_hand else "",
    )


def piece_words(piece: Piece, zone: ZoneInfo) -> str:
    """Return one sort of evidence as people read it: what, how many, from when to when."""
    span, title = piece.span, _(piece.title)
    named = title if piece.sort in {kept.ENTRY, kept.FINDING} else f"{_(piece.sort)}: {title}"
    if not span.count:
        return f"{named} 0"
    return f"{named} {span.count:,} ({_day(span.first, zone)} - {_day(span.last, zone)})"


def statement_words(each: Statement, zone: ZoneInfo) -> str:
    """Return a statement with its reference, person and day."""
    return f"{_day(each.at, zone)} {each.staff_number}: {each.words} ({each.reference})"


def finding_words(each: OpenFinding, zone: ZoneInfo) -> str:
    """Return an open finding with its severity and the day on which it was raised."""
    return f"{each.name} {_(each.title)} ({_(each.severity)}, {_day(each.raised_at, zone)})"


def as_text(report: Report) -> str:
    """Return the report as Markdown, for reading and printing."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    zone, last = report.year.zone, report.year.number + 1
    counts = Counter(line.control.standing for line in report.lines)
    title = _("Report on the controls, fiscal year {year}").format(year=report.year.number)
    yield from (f"# {_plain(report.site)}: {title}", "", _plain(controls.assessment()), "")
    words = N_("Period: {first} to {last}. Written: {at}.")
    yield _(words).format(
        first=f"{report.year.number}-04-01", last=f"{last}-03-31", at=f"{report.at.astimezone(zone):%Y-%m-%d %H:%M}"
    )
    verdict = _("nothing was changed.") if report.trail_holds else _("THE TRAIL WAS TAMPERED WITH.")
    words = ngettext(
        "The trail of {entries} entry was verified: {verdict}",
        "The trail of {entries} entries was verified: {verdict}",
        report.entries,
    )
    yield words.format(entries=report.entries, verdict=verdict)
    if report.unreadable:
        words = ngettext(
            "{count} entry can't be read and is not counted.",
            "{count} entries can't be read and are not counted.",
            report.unreadable,
        )
        yield words.format(count=report.unreadable)
    yield ""
    yield _("{whole} in force, {part} in part, {none} by hand").format(
        whole=counts[Standing.IN_FORCE], part=counts[Standing.PARTLY], none=counts[Standing.NOT_YET]
    )
    unstated = [line.control.id for line in report.lines if line.unstated]
    if unstated:
        yield ""
        yield _("Statements of the year that are missing: {names}").format(names=", ".join(unstated))
    for line in report.lines:
        yield from _section(line, zone)


def _section(line: Line, zone: ZoneInfo) -> Iterator[str]:
    control = line.control
    yield from ("", f"## {control.id} {_plain(control.title(language()))}", "")
    yield f"- **{_('In force')}**: {_(STANDING_TITLES[control.standing])}"
    yield f"- **{_('Kind')}**: {_(KIND_TITLES[control.kind])} - {_(KIND_MEANINGS[control.kind])}"
    yield f"- **{_('In the assessment')}**: {_plain(control.places(language()))}"
    yield f"- **{_('What it asks for')}**: {_plain(control.words(language()).requirement)}"
    if control.guard.extent:
        yield f"- **{_('How it is held')}**: {_(control.guard.extent)}"
    if line.holders:
        yield f"- **{_('Held by')}**: " + ", ".join(f"`{name}`" for _sort, name in line.holders)
    if control.guard.by_hand:
        yield f"- **{_('By hand')}**: {_plain(_(control.guard.by_hand))}"
    if line.pieces:
        yield from ("", f"| {_('Evidence of the year')} | {_('Count')} | {_('First day')} | {_('Last day')} |")
        yield "|---|---:|---|---|"
        for piece in line.pieces:
            named = _(piece.title) if piece.sort in {kept.ENTRY, kept.FINDING} else f"{_(piece.sort)}: {_(piece.title)}"
            first, last = _day(piece.span.first, zone), _day(piece.span.last, zone)
            yield f"| {_plain(named)} | {piece.span.count:,} | {first} | {last} |"
    if line.statements or line.unstated:
        yield from ("", f"**{_('Statements of the year')}**", "")
        yield from (f"- {_plain(statement_words(each, zone))}" for each in line.statements)
        if line.unstated:
            yield f"- {_('missing')}"
    if line.open:
        yield from ("", f"**{_('Open findings')}** ({len(line.open)})", "")
        yield from (f"- {_plain(finding_words(each, zone))}" for each in line.open)


def _plain(text: str) -> str:
    """Return ``text`` as words alone: no marks of Markdown or HTML, nothing that a terminal obeys."""
    safe = safe_text(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "".join(f"\\{sign}" if sign in "\\`*_[]|#!" else sign for sign in safe)


def _day(at: datetime | None, zone: ZoneInfo) -> str:
    return local_day(at, zone).isoformat() if at else ""
