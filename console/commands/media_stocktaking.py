"""``sekisho media stocktake``: every medium that should be in the stores is looked for by a person."""

import sys
from typing import Any

import click

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.requests.desk import Acting
from backups.media import register, stocktaking
from backups.media.stocktaking import Line
from console import locker
from console.commands.context import Context, pass_context
from console.commands.keeping import identified, keeping
from console.commands.output import REFUSED, json_option, minute, refusals_spoken, say, say_json, say_table
from console.translation import _
from console.wiring import Installation


@click.group("stocktake")
def stocktake() -> None:
    """Count the media in the stores: begin, count each, close; each gap is named."""


def _running(site: Installation) -> int:
    number = stocktaking.running(site.store)
    if number is None:
        raise Refusal(N_("No stocktaking is under way; begin one."), control="BK-MED-08")
    return number


def _sheet_json(site: Installation, number: int) -> dict[str, Any]:
    lines = stocktaking.sheet(site.store, number)
    return {
        "number": number,
        "running": stocktaking.running(site.store) == number,
        "lines": [{**line.to_json(), **identified(register.find_by_id(site.store, line.medium))} for line in lines],
        "gaps": [line.medium for line in lines if line.gap],
    }


def _show(site: Installation, number: int, *, as_json: bool) -> None:
    if as_json:
        say_json(_sheet_json(site, number))
        return
    say(_("Stocktaking No. {number}").format(number=number))
    titles = [N_("Medium"), N_("Serial"), N_("Should be at"), N_("Seen at"), N_("When"), N_("By"), N_("Note")]
    say_table(titles, [_row(site, line) for line in stocktaking.sheet(site.store, number)])


def _row(site: Installation, line: Line) -> list[object]:
    seen = minute(line.seen_at, site.zone) if line.seen_at else "-"
    found = line.found if line.found is not None else "[  ]"
    return [line.medium, line.serial or "-", line.expected, found, seen, line.seen_by or "-", line.note]


@stocktake.command("begin")
@keeping
def begin(site: Installation, acting: Acting, *, as_json: bool) -> None:
    """Begin a stocktaking of everything that should be in the stores, and show its count sheet."""
    number = stocktaking.begin(site.store, locker.stores(site), actor=acting.staff_number, terminal=acting.terminal)
    _show(site, number, as_json=as_json)


@stocktake.command("count")
@click.argument("medium_id", metavar="MEDIUM")
@click.option("--found", default="", help="The place where it was seen; where it should be, if not given.")
@click.option("--note", default="")
@keeping
def count(site: Installation, acting: Acting, medium_id: str, found: str, note: str, *, as_json: bool) -> None:
    """Enter that MEDIUM was seen."""
    number = _running(site)
    place = found or register.find_by_id(site.store, medium_id).place
    stocktaking.count(
        site.store, number, medium_id, found=place, actor=acting.staff_number, terminal=acting.terminal, note=note
    )
    _show(site, number, as_json=as_json)


@stocktake.command("close")
@keeping
def close(site: Installation, acting: Acting, *, as_json: bool) -> None:
    """Close the stocktaking; exit 1 when a medium was not seen or was seen elsewhere."""
    number = _running(site)
    gaps = stocktaking.close(site.store, number, actor=acting.staff_number, terminal=acting.terminal)
    _show(site, number, as_json=as_json)
    if gaps:
        sys.exit(REFUSED)


@stocktake.command("sheet")
@click.option("--number", type=click.IntRange(min=1), help="The stocktaking; the newest if not given.")
@json_option
@pass_context
@refusals_spoken
def sheet(context: Context, number: int | None, *, as_json: bool) -> None:
    """Show the count sheet, to print or to compare."""
    site = context.site
    wanted = number or stocktaking.newest(site.store)
    if wanted is None:
        raise Refusal(N_("No stocktaking was begun yet."))
    _show(site, wanted, as_json=as_json)
