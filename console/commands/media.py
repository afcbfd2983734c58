"""``sekisho media``: the register of media, what is plugged in, writing, moves, stocktaking and the end of a medium."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.requests import gate, reading
from accesscontrol.requests.desk import Acting
from accesscontrol.requests.states import State
from backups import ledger
from backups.media import checking, disposal, movements, register, sightings
from backups.media.disposal import METHOD_TITLES, Statement
from backups.media.movements import DIRECTION_TITLES, Move
from backups.media.output import EXTRACTING
from backups.media.register import FACT_TITLES, KIND_TITLES, Medium, Registration
from backups.media.scanning import Seen
from console import extracts, locker, nightly
from console.commands.context import Context, PersonOption, pass_context, person_option
from console.commands.keeping import identified, keeping, perhaps_a_day
from console.commands.media_keys import keys
from console.commands.media_periods import keep, list_periods
from console.commands.media_stocktaking import stocktake
from console.commands.output import REFUSED, fail, json_option, minute, refusals_spoken, say, say_json, say_table
from console.dates import parse_date
from console.locker import WRITING, Kept, Where
from console.retelling import retold
from console.screens.backups.words import fault_words
from console.translation import _, filled, shown
from console.wiring import Installation

_VIEWS = {
    "all": frozenset(Where),
    "in": frozenset({Where.IN, Where.EXPIRED}),
    "out": frozenset({Where.OUT, Where.OVERDUE}),
    "overdue": frozenset({Where.OVERDUE}),
    "expired": frozenset({Where.EXPIRED}),
    "disposed": frozenset({Where.DISPOSED}),
}


@click.group("media")
def group() -> None:
    """Register media, write to them by approval, and account for them until they end."""


group.add_command(stocktake)
group.add_command(keys)
group.add_command(keep)
group.add_command(list_periods)


@group.command("list")
@click.option("--only", type=click.Choice(sorted(_VIEWS)), default="all", show_default=True)
@click.option("--search", default="", help="Only media with this in number, serial, UUID, place or kind.")
@json_option
@pass_context
@refusals_spoken
def list_media(context: Context, only: str, search: str, *, as_json: bool) -> None:
    """List the registered media: where each is, and what is out on it."""
    site = context.site
    wanted = search.casefold()
    found = [each for each in locker.kept(site) if each.where in _VIEWS[only] and wanted in _words(each.medium)]
    if as_json:
        say_json([_kept_json(each) for each in found])
        return
    titles = [N_("Medium"), N_("Where"), N_("Location"), N_("Due"), N_("Kind"), N_("Serial"), N_("Out on it")]
    say_table(titles, [_row(each) for each in found])


def _words(medium: Medium) -> str:
    kind = _(KIND_TITLES[medium.kind])
    return f"{medium.id} {medium.serial} {medium.uuid} {medium.place} {medium.kind} {kind}".casefold()


def _kept_json(kept: Kept) -> dict[str, Any]:
    return {
        **kept.medium.to_json(),
        **identified(kept.medium),
        "where": kept.where.name.lower(),
        "last_movement": kept.last and kept.last.to_json(),
        "outputs": [{"number": each.number, "sha256": each.sha256, "due": each.due} for each in kept.on_it],
    }


def _row(kept: Kept) -> Sequence[object]:
    medium, last = kept.medium, kept.last
    due = last.due.isoformat() if last and last.due and last.direction == "out" else "-"
    names = ", ".join(each.content for each in kept.on_it) or "-"
    return [medium.id, _(kept.where), medium.place, due, _(KIND_TITLES[medium.kind]), medium.serial or "-", names]


@group.command("show")
@click.argument("medium_id", metavar="MEDIUM")
@json_option
@pass_context
@refusals_spoken
def show(context: Context, medium_id: str, *, as_json: bool) -> None:
    """Show one medium with every move of it and everything that was written to it."""
    site = context.site
    medium = register.find_by_id(site.store, medium_id)
    moved = movements.page(site.store, medium=medium.id, limit=10_000)
    written = ledger.page(site.store, medium=medium.id, limit=10_000)
    if as_json:
        value = {**medium.to_json(), **identified(medium)}
        say_json({**value, "movements": [m.to_json() for m in moved], "outputs": [w.to_json() for w in written]})
        return
    say(f"{medium.id}  {_(KIND_TITLES[medium.kind])}  {_(register.STATE_TITLES[medium.state])}  {medium.place}")
    say(f"  {_('Serial')}: {medium.serial or '-'}   UUID: {medium.uuid}")
    say(f"  {_('Label')}: SHA-256 {medium.label_sha256}")
    for move in moved:
        say(f"  {move.number:>5}  {minute(move.at, site.zone)}  {_(DIRECTION_TITLES[move.direction])}  {move.to_place}")
    for each in written:
        say(f"  {each.number:>5}  {_(ledger.STATE_TITLES[each.state])}  {each.content}  {each.sha256}")


@group.command("scan")
@json_option
@pass_context
@refusals_spoken
def scan(context: Context, *, as_json: bool) -> None:
    """Look at what is plugged in here, mounted or not; exit 1 when anything is not a registered medium in every fact.

    Reading a device needs the rights for that; without them it is unreadable, which is not the same as unknown.
    """
    seen = nightly.look_around(context.site)
    if as_json:
        say_json([_seen_json(each) for each in seen])
    else:
        for each in seen:
            say(_seen_words(each))
            for words in fault_words(each.condition.signs if each.condition else ()):
                say(f"     {words}")
    if not all(each.known for each in seen):
        sys.exit(REFUSED)


def _seen_json(seen: Seen) -> dict[str, Any]:
    medium = seen.observed.medium if seen.observed else None
    return {
        **seen.to_json(),
        "number": medium.number if medium else None,
        "sha256": medium.label_sha256 if medium else None,
        "identity": seen.observed.identity() if seen.observed else None,
    }


def _seen_words(seen: Seen) -> str:
    if seen.observed is None:
        return f"[??] {seen.folder}  {_('unreadable')}: {shown(seen.reason)}"
    observed, device = seen.observed, seen.observed.device
    agreed = "  ".join(f"{_(FACT_TITLES[name])} {'=' if same else '!='}" for name, same in observed.agreed.items())
    mark = "[ok]" if seen.known else "[!!]"
    name = observed.medium.id if observed.medium else _("not registered")
    words = f"{mark} {seen.folder}  {name}  {device.node} #{device.diskseq}  {device.serial or '-'}  {device.uuid}"
    return f"{words}  {agreed or _(observed.label_fault)}".rstrip()


@group.command("verify")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@keeping
def verify(site: Installation, acting: Acting, folder: Path, *, as_json: bool) -> None:
    """Hash everything that the ledger says is on the medium mounted at FOLDER; exit 1 when anything differs."""
    found = checking.check(
        site.media, folder.absolute(), actor=acting.staff_number, terminal=acting.terminal, progress=_progress
    )
    if as_json:
        say_json(found.to_json())
    else:
        verdict = _("unchanged") if found.good else _("DAMAGED")
        say(f"{found.medium.id}  {verdict}  " + ", ".join(map(str, found.outputs)))
        for words in fault_words([*found.faults, *(each for each in found.condition.signs if not each.failing)]):
            say(f"  {words}")
    if not found.good:
        sys.exit(REFUSED)


@group.command("register")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--kind", type=click.Choice(sorted(KIND_TITLES)), required=True)
@click.option("--place", required=True, help="The locked place where it is kept.")
@click.option("--purpose", required=True, help="What it is used for.")
@click.option("--virus-check", required=True, help="The entry of its virus check.")
@click.option("--keep-until", help="The last day of its storage period.")
@keeping
def enter(
    site: Installation, acting: Acting, folder: Path, keep_until: str | None, *, as_json: bool, **said: str
) -> None:
    """Register the empty medium mounted at FOLDER and put a signed label on it."""
    registration = Registration(**said, keep_until=perhaps_a_day(keep_until))
    medium = site.media.register(
        folder.absolute(), registration, site.signer, actor=acting.staff_number, terminal=acting.terminal
    )
    if as_json:
        say_json({**medium.to_json(), **identified(medium)})
        return
    say(_("{medium} is registered; write this number on it.").format(medium=medium.id))
    say(f"  {_('Serial')}: {medium.serial or '-'}   UUID: {medium.uuid}   {_('Label')}: {medium.label_sha256}")


@group.command("extract")
@click.argument("file", type=click.Choice(sorted(extracts.FILES_BY_NAME)))
@click.option("--item", "items", multiple=True, help="A record item, by printed name or column; all if not given.")
@click.option("--residents", type=click.Path(path_type=Path, dir_okay=False), help="A file with resident codes.")
@click.option("--entry-record", default="", help="The person's number in the server room's entry book.")
@person_option
@json_option
@pass_context
@refusals_spoken
def extract(
    context: Context,
    file: str,
    items: tuple[str, ...],
    residents: Path | None,
    entry_record: str,
    person: PersonOption,
    *,
    as_json: bool,
) -> None:
    """Prepare a sealed extract of FILE of the register, which leaves only by an approved media output."""
    site = context.site
    codes = extracts.residents_in(residents) if residents else frozenset[str]()
    with person.signed_in(site) as acting:
        source = extracts.extract(site, file, items, codes)
        order = site.order_of(source, acting.staff_number, acting.terminal, entry_record=entry_record, duty=EXTRACTING)
        taken = site.catalogue.take(order)
    kind, parameters = extracts.kind_of(site, taken)
    if as_json:
        say_json({**taken.to_json(), "request": {"kind": kind, "parameters": parameters}})
        return
    words = N_("{id} holds {items} record items of {persons} persons. Ask for it by: {kind}")
    counts = {"persons": parameters["persons"], "items": len(parameters["items"])}
    say(filled(words, {"id": taken.id, "kind": _(site.desk.kind(kind).title), **counts}))
    say(f"SHA-256 {taken.sealed_sha256}")


@group.command("write")
@click.argument("request_id", metavar="REQUEST")
@person_option
@json_option
@pass_context
@refusals_spoken
def write(context: Context, request_id: str, person: PersonOption, *, as_json: bool) -> None:
    """Write what an approved REQUEST names to its medium, once, and read it back; exit 1 when that failed."""
    site = context.site
    if reading.get(site.store, request_id).kind not in WRITING:
        raise Refusal(N_("{id} writes nothing to a medium."), id=request_id)
    with person.signed_in(site) as acting:
        request = gate.execute(site.desk, request_id, acting, progress=_progress)
    evidence = dict(request.performance.evidence or {}) if request.performance else {}
    if request.state is not State.DONE:
        fail(_("The act failed: {reason}").format(reason=retold(str(evidence.get("reason", "?")))))
    if as_json:
        say_json({"number": evidence["output"], "request": request.id, **evidence})
        return
    words = _("No. {number}: {backup} is on {medium} and was read back from it.")
    say(
        words.format(
            number=evidence["output"], backup=evidence["backup"], medium=evidence["medium"] or evidence["folder"]
        )
    )
    say(f"  SHA-256 {evidence['sha256']}")
    say("  " + _("Last day: {day}").format(day=evidence["due"]))


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty() and total:
        sys.stderr.write(f"\r{done:,} / {total:,} B" + ("\n" if done == total else ""))


@group.command("move")
@click.argument("medium_id", metavar="MEDIUM")
@click.option("--to", "to_place", required=True, help="Where it goes.")
@click.option("--rule", required=True, help="The rule that allows it.")
@click.option("--giver", required=True)
@click.option("--receiver", required=True)
@click.option("--permission", default="", help="For a taking out: the executed request for what is on it.")
@click.option("--due", help="For a taking out: the last day for its return.")
@click.option("--note", default="")
@keeping
def move(site: Installation, acting: Acting, medium_id: str, due: str | None, *, as_json: bool, **said: str) -> None:
    """Enter that MEDIUM was taken out, brought in, or moved between the stores."""
    moved = movements.move(
        site.store,
        locker.stores(site),
        Move(medium=medium_id, due=perhaps_a_day(due), **said),
        actor=acting.staff_number,
        terminal=acting.terminal,
    )
    medium = register.find_by_id(site.store, medium_id)
    if as_json:
        say_json({**moved.to_json(), **identified(medium)})
        return
    words = _("No. {number}: {medium} is {direction}, at {place}")
    direction = _(DIRECTION_TITLES[moved.direction])
    say(words.format(number=moved.number, medium=medium.id, direction=direction, place=moved.to_place))


@group.command("dispose")
@click.argument("medium_id", metavar="MEDIUM")
@click.option(
    "--method", type=click.Choice(sorted(METHOD_TITLES)), required=True, help="In NIST SP 800-88 Rev. 2 terms."
)
@click.option("--technique", required=True)
@click.option("--tool", required=True, help="With its version.")
@click.option("--verification", required=True, help="How it was checked, with the result.")
@click.option("--place", required=True)
@click.option("--performer", required=True, help="The person who did it.")
@click.option("--witness", required=True, help="The person who saw it; another one.")
@click.option("--day", required=True)
@click.option("--certificate", default="", help="The certificate's number; needed for a destruction.")
@click.option("--evidence", default="", help="SHA-256 of the photograph or certificate; needed for a destruction.")
@keeping
def dispose(site: Installation, acting: Acting, medium_id: str, day: str, *, as_json: bool, **said: str) -> None:
    """Enter the statement of two persons about the end of MEDIUM; it takes no output from then on."""
    statement = Statement(medium=medium_id, day=parse_date(day), **said)
    line = disposal.dispose(site.store, statement, zone=site.zone, actor=acting.staff_number, terminal=acting.terminal)
    if as_json:
        say_json({**line.to_json(), **identified(register.find_by_id(site.store, medium_id))})
        return
    sentence = line.sentence()
    say(_("No. {number}").format(number=line.number) + "  " + filled(sentence.message, sentence.fields))


@group.command("explain")
@click.argument("number", type=click.IntRange(min=1))
@click.option("--note", required=True, help="Whose medium it was, and what was done with it.")
@keeping
def explain(site: Installation, acting: Acting, number: int, note: str, *, as_json: bool) -> None:
    """Enter what was found out about the unregistered medium of sighting NUMBER."""
    closed = sightings.close(site.store, number, note=note, actor=acting.staff_number, terminal=acting.terminal)
    if as_json:
        say_json(closed.to_json())
    else:
        say(_("Sighting {number} is explained.").format(number=number))


@group.command("settle")
@click.argument("number", type=click.IntRange(min=1))
@click.option("--out/--failed", "out", required=True, help="Whether the whole output is on the medium.")
@click.option("--note", required=True, help="What was found on the medium, and what was done with it.")
@keeping
def settle(site: Installation, acting: Acting, number: int, note: str, *, out: bool, as_json: bool) -> None:
    """Enter what a person found on the medium after the writing of output NUMBER broke off."""
    line = ledger.settle(site.store, number, out=out, note=note, actor=acting.staff_number, terminal=acting.terminal)
    if as_json:
        say_json(line.to_json())
    else:
        say(_("No. {number} is entered: {state}").format(number=number, state=_(ledger.STATE_TITLES[line.state])))
