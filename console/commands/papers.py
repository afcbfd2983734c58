"""``sekisho papers``: who has acknowledged, was trained, or handed something in, and of whom it is missing."""

from pathlib import Path

import click

from accesscontrol.accounts import papers
from accesscontrol.accounts.papers import PAPER_TITLES, RULES, Paper
from accesscontrol.clock import local_day
from accesscontrol.messages import N_
from console import missing_papers
from console.commands.context import Context, PersonOption, pass_context, person_option
from console.commands.output import json_option, refusals_spoken, say, say_json, say_table
from console.dates import parse_date
from console.text import mask
from console.translation import _

_paper_argument = click.argument("paper", metavar="PAPER", type=click.Choice([each.value for each in Paper]))


@click.group("papers")
def group() -> None:
    """Papers on file: of whom they are there, and of whom they are missing."""


@group.command("list")
@json_option
@pass_context
@refusals_spoken
def list_papers(context: Context, *, as_json: bool) -> None:
    """List the sorts of paper, with how many are missing and overdue."""
    site = context.site
    at = site.clock.now()
    found = [(paper, missing_papers.owing(site, paper)) for paper in Paper]
    counted = [(paper, len(owing), sum(each.late(at) for each in owing)) for paper, owing in found]
    if as_json:
        say_json(
            [
                {"paper": paper, "control": RULES[paper].control, "missing": missing, "overdue": late}
                for paper, missing, late in counted
            ]
        )
        return
    say_table(
        [N_("Paper"), N_("Control"), N_("Missing"), N_("Overdue"), N_("What it is")],
        [
            [paper.value, RULES[paper].control, missing, late, _(PAPER_TITLES[paper])]
            for paper, missing, late in counted
        ],
    )


@group.command("missing")
@_paper_argument
@json_option
@pass_context
@refusals_spoken
def missing(context: Context, paper: str, *, as_json: bool) -> None:
    """List of whom PAPER is missing, the longest overdue first."""
    site = context.site
    at, found = site.clock.now(), missing_papers.owing(site, Paper(paper))
    if as_json:
        say_json(
            [{"subject": each.subject, "last": each.last, "due": each.due, "overdue": each.late(at)} for each in found]
        )
        return
    say_table(
        [N_("Staff number or contractor"), N_("Name"), N_("Last"), N_("Due")],
        [
            [
                each.subject,
                "" if each.name == each.subject else mask(each.name),
                each.last.isoformat() if each.last else _("never"),
                local_day(each.due, site.zone).isoformat(),
            ]
            for each in found
        ],
    )


@group.command("enter")
@_paper_argument
@click.option("--of", "named", multiple=True, metavar="NUMBER", help="A staff number, or a contractor's name.")
@click.option(
    "--list",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file with one of them at the beginning of each line.",
)
@click.option("--day", help="The day of the paper; today if not given.")
@click.option("--reference", required=True, help="Where it is kept: a document number or a place.")
@person_option
@pass_context
@refusals_spoken
def enter(
    context: Context,
    paper: str,
    named: tuple[str, ...],
    file: Path | None,
    day: str | None,
    reference: str,
    person: PersonOption,
) -> None:
    """Enter that PAPER is on file for persons or contractors of the rosters."""
    site = context.site
    subjects = [*named, *(papers.names_in(file.read_text("utf-8-sig")) if file else ())]
    on = parse_date(day) if day else local_day(site.clock.now(), site.zone)
    with person.signed_in(site) as actor:
        missing_papers.enter(site, Paper(paper), subjects, on, reference, actor)
    say(_("{count} entered for {paper}.").format(count=len(set(subjects)), paper=_(PAPER_TITLES[Paper(paper)])))
