"""``sekisho controls``: the controls of the protection assessment, and how far each is in force."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from accesscontrol.messages import N_
from console.commands.context import Context, PersonOption, pass_context, person_option
from console.commands.output import json_option, refusals_spoken, say, say_json, say_table
from console.evidence import controls, duties, kept, statements, tables, yearly_report
from console.evidence.controls import KIND_TITLES, Control, Kind
from console.evidence.holders import holders
from console.evidence.in_force import STANDING_TITLES, Standing
from console.evidence.kept import Book, FiscalYear
from console.translation import _, language
from console.wiring import Installation

_year_option = click.option(
    "--fiscal-year",
    "year",
    type=click.IntRange(2000, 2999),
    help="The year that begins on 1 April of this one; the present one if not given.",
)


@click.group("controls")
def group() -> None:
    """Show the controls of the protection assessment."""


@group.command("list")
@click.option("--kind", type=click.Choice([each.value for each in Kind]), help="Only controls of this kind.")
@click.option("--standing", type=click.Choice([each.value for each in Standing]), help="Only these.")
@_year_option
@json_option
@pass_context
@refusals_spoken
def list_controls(context: Context, kind: str | None, standing: str | None, year: int | None, *, as_json: bool) -> None:
    """List the controls with how far each is kept, and what was kept of each in the fiscal year."""
    site = context.site
    book = kept.read(site, _fiscal_year(site, year))
    found = [
        each
        for each in controls.every()
        if (kind is None or each.kind == kind) and (standing is None or each.standing == standing)
    ]
    if as_json:
        dues = _dues(site)
        say_json([_as_json(site, book, each, dues) for each in found])
        return
    say_table(
        [N_("Control"), N_("Kind"), N_("In force"), N_("Kept"), N_("Waits"), N_("What it asks for")],
        [
            [
                *(each.id, _(KIND_TITLES[each.kind]), _(STANDING_TITLES[each.standing])),
                sum(piece.span.count for piece in book.pieces(site, each)) + len(book.statements.get(each.id, ())),
                len(book.open.get(each.id, ())),
                each.title(language()),
            ]
            for each in found
        ],
    )


@group.command("show")
@click.argument("control_id")
@_year_option
@json_option
@pass_context
@refusals_spoken
def show(context: Context, control_id: str, year: int | None, *, as_json: bool) -> None:
    """Show one control, what keeps it, its evidence, what is done by hand, and the tests that show it."""
    found = controls.get(control_id)
    site = context.site
    book = kept.read(site, _fiscal_year(site, year))
    if as_json:
        say_json(_as_json(site, book, found, _dues(site)))
        return
    say(f"{found.id}  {found.title(language())}")
    say(f"  {_('Kind')}: {_(KIND_TITLES[found.kind])}")
    say(f"  {_('In force')}: {_(STANDING_TITLES[found.standing])}")
    say(f"  {_('In the assessment')}: {found.places(language())}")
    say(f"  {found.words(language()).requirement}")
    if found.guard.extent:
        say(f"  {_(found.guard.extent)}")
    if found.guard.by_hand:
        say(f"  {_('By hand')}: {_(found.guard.by_hand)}")
    for piece in book.pieces(site, found):
        say(f"    {yearly_report.piece_words(piece, site.zone)}")
    for each in book.statements.get(found.id, ()):
        say(f"    {yearly_report.statement_words(each, site.zone)}")
    for finding in book.open.get(found.id, ()):
        say(f"    {yearly_report.finding_words(finding, site.zone)}")
    for _sort, name in holders(site, found):
        say(f"    {name}")
    for test in found.guard.tests:
        say(f"    {test}")


@group.command("report")
@_year_option
@click.option(
    "--output",
    "file",
    type=click.Path(path_type=Path),
    required=True,
    help="The new file: a table (.csv) or text (.md).",
)
@person_option
@pass_context
@refusals_spoken
def report(context: Context, year: int | None, file: Path, person: PersonOption) -> None:
    """Write the report on all controls in a fiscal year into a new file, with its fingerprint in the trail."""
    site = context.site
    with person.signed_in(site) as actor:
        rows, digest = yearly_report.write(site, _fiscal_year(site, year), file, actor)
    say(tables.written(rows, digest))


@group.command("state")
@click.argument("control_id")
@click.option("--words", required=True, help="What is stated, in one line.")
@click.option("--reference", required=True, help="Where the record is kept: a document number or a place.")
@person_option
@pass_context
@refusals_spoken
def state(context: Context, control_id: str, words: str, reference: str, person: PersonOption) -> None:
    """Sign a statement about CONTROL_ID: what the office did, and where the record of it is kept."""
    site = context.site
    present = person.in_place(site)
    entered = statements.enter(site.store, control_id, words, reference, present.acting, sign=present.sign)
    say(_("The statement about {control} is signed and in the trail.").format(control=entered.control))


def _fiscal_year(site: Installation, year: int | None) -> FiscalYear:
    return FiscalYear(year, site.zone) if year else FiscalYear.of(site.clock.now(), site.zone)


def _dues(site: Installation) -> dict[str, datetime]:
    """Return until when each control is stated next, for those that are."""
    return {each.control.id: each.due for each in duties.every(site.store, site.zone)}


def _as_json(site: Installation, book: Book, control: Control, dues: Mapping[str, datetime]) -> dict[str, Any]:
    guard = control.guard
    return {
        "id": control.id,
        "title_en": control.title_en,
        "title_ja": control.title_ja,
        "kind": control.kind,
        "package": control.package,
        "roles": list(control.roles),
        "source": list(control.source),
        "requirement": control.requirement,
        "requirement_ja": control.words("ja").requirement,
        "acceptance": list(control.acceptance),
        "acceptance_ja": list(control.words("ja").acceptance),
        "cadence": {"stated": control.cadence.stated, "default": control.cadence.default} if control.cadence else None,
        "differences": control.differences,
        "checks": list(control.checks),
        "standing": control.standing,
        "extent": guard.extent,
        "by_hand": guard.by_hand,
        "held_by": [{"sort": sort, "name": name} for sort, name in holders(site, control)],
        "guards": list(guard.tests),
        "fiscal_year": book.year.number,
        "evidence": [
            {
                "sort": each.sort,
                "title": each.title,
                "count": each.span.count,
                "first": each.span.first,
                "last": each.span.last,
            }
            for each in book.pieces(site, control)
        ],
        "statements": [
            {"words": each.words, "reference": each.reference, "staff_number": each.staff_number, "at": each.at}
            for each in book.statements.get(control.id, ())
        ],
        "stated_every": guard.every,
        "due": dues.get(control.id),
        "open_findings": [each.name for each in book.open.get(control.id, ())],
    }
