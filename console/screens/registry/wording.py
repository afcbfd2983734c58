"""What the register, its checks and its comparison say, in words; never what a hidden item holds."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal
from zoneinfo import ZoneInfo

from accesscontrol.messages import N_
from accesscontrol.trail.entries import Entry
from console.evidence import register
from console.evidence.register import RegisterFacts, TableCount
from console.translation import _, filled
from console.widgets.details import Fact, Section
from console.widgets.rows import Cell
from console.wiring import Installation
from registry.checks import Check, Fault, Report, Severity
from registry.tasks.reconciliation import Difference, Kind

_SHOWN: Final = 30
SEVERITY_TITLES: Final[Mapping[Severity, str]] = {
    Severity.block: N_("refused"),
    Severity.error: N_("error"),
    Severity.warning: N_("warning"),
    Severity.info: N_("for information"),
}
_SEVERITY_MARKS: Final = {
    Severity.block: "[!!]",
    Severity.error: "[!!]",
    Severity.warning: "[! ]",
    Severity.info: "[  ]",
}
_TONES: dict[Severity, Literal["high", "medium", "low"]] = {
    Severity.block: "high",
    Severity.error: "high",
    Severity.warning: "medium",
    Severity.info: "low",
}
OUTCOME_TITLES: Final[Mapping[str, str]] = {
    "sound": N_("sound"),
    "damaged": N_("DAMAGED"),
    "faulty": N_("with errors"),
    "agrees": N_("in agreement"),
    "differs": N_("with differences"),
}
KIND_TITLES: Final[Mapping[Kind, str]] = {
    Kind.missing_in_cs: N_("missing in the CS"),
    Kind.missing_in_register: N_("missing in the register"),
    Kind.differing: N_("items differ"),
}
META_TITLES: Final[Mapping[str, str]] = {
    "municipality_name": N_("Municipality"),
    "municipality_code": N_("Municipality code"),
    "as_of": N_("As of"),
    "schema_version": N_("Schema"),
    "synthetic": N_("Synthetic"),
    "seed": N_("Seed"),
}
_SYNTHETIC: Final = ("synthetic", "yes")


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One check, with what the last run at this screen found; without a run it has found nothing yet."""

    check: Check
    report: Report | None

    @property
    def count(self) -> int | None:
        """How many faults were found; None before a run, or when this check could not run."""
        if self.report is None or self.check.id in self.report.not_run:
            return None
        return self.report.by_check.get(self.check.id, 0)

    @property
    def faults(self) -> list[Fault]:
        """The first faults with their places."""
        return [] if self.report is None else [each for each in self.report.faults if each.check.id == self.check.id]


def last_words(entry: Entry | None, zone: ZoneInfo) -> str:
    """Return when something was last done and how it ended."""
    if entry is None:
        return _("never done")
    return _("last {at}, {outcome}").format(
        at=f"{entry.at.astimezone(zone):%m-%d %H:%M}", outcome=_(OUTCOME_TITLES.get(entry.outcome, entry.outcome))
    )


def explain_table(table: TableCount, facts: RegisterFacts | None, zone: ZoneInfo) -> list[Section]:
    """Return one table, and what the register says of itself."""
    sections = [Section(_(table.title), [Fact(_("Table name"), table.name), Fact(_("Records"), f"{table.rows:,}")])]
    if facts is not None:
        known = [
            Fact(_(META_TITLES.get(name, name)), _("yes") if (name, value) == _SYNTHETIC else value)
            for name, value in facts.meta.items()
        ]
        at = f"{facts.at.astimezone(zone):%Y-%m-%d %H:%M}"
        sections.append(Section(_("The register"), [*known, Fact(_("Read at"), at)]))
        if _SYNTHETIC in facts.meta.items():
            sections.append(Section(sentences=[_("These people do not exist.")]))
    return sections


def severity(row: CheckRow) -> Cell:
    """Return how grave a fault of this check is."""
    one = row.check.severity
    return Cell(f"{_SEVERITY_MARKS[one]} {_(SEVERITY_TITLES[one])}", _TONES[one])


def found(row: CheckRow) -> Cell:
    """Return how many faults were found: nothing known is not zero."""
    if row.count is None:
        return Cell(_("not run"), "faint")
    return Cell(f"{row.count:,}", _TONES[row.check.severity] if row.count else "good")


def file_numbers(row: CheckRow) -> str:
    """Return the numbers of the files at which a check looks."""
    return ", ".join(map(str, row.check.files))


def explain_check(site: Installation, row: CheckRow) -> list[Section]:
    """Return one check and the records that it found, by key, hidden items hidden."""
    facts = [
        Fact(_("Severity"), severity(row).text),
        Fact(_("Files"), file_numbers(row)),
        Fact(_("Control ids"), ", ".join(row.check.controls)),
        Fact(_("Found"), found(row).text),
    ]
    sections = [Section(f"{row.check.id}  {_(row.check.title)}", facts)]
    faults = row.faults
    if faults:
        message = filled(row.check.message, faults[0].fields(row.count or 1))
        sections.append(Section(_("What is wrong"), sentences=[message]))
        sections.append(Section(_("Where"), sentences=list(_where(site, row, faults))))
    return sections


def _where(site: Installation, row: CheckRow, faults: list[Fault]) -> Iterator[str]:
    for place in register.places(site, faults[:_SHOWN]):
        yield _("- file {file}, record {record}").format(file=place.file.number, record=place.record_id)
        for name, value in place.items:
            shown = value or _("(empty)")
            yield f"    {name}: {shown}"
    more = (row.count or 0) - min(len(faults), _SHOWN)
    if more > 0:
        yield _("and {more} more").format(more=f"{more:,}")


def difference_kind(difference: Difference) -> Cell:
    """Return how both sides differ; what is still on the way is not loud."""
    words = _(KIND_TITLES[difference.kind])
    return Cell(words + " " + _("(on the way)"), "faint") if difference.pending else Cell(words, "high")


def explain_difference(difference: Difference) -> list[Section]:
    """Return one difference: records by key and items by name, never what they hold."""
    facts = [
        Fact(_("Register no."), "-" if difference.register_id is None else str(difference.register_id)),
        Fact(_("CS no."), "-" if difference.identity_id is None else str(difference.identity_id)),
        *(Fact(_("Item"), name) for name in difference.item_names()),
    ]
    sentences = []
    if difference.pending:
        sentences.append(_("Not older than one business day: it may still be on its way."))
    return [Section(difference_kind(difference).text, facts, sentences)]
