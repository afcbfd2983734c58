"""``sekisho media keys``: the keys of the locked stores, who holds which, and which should be back."""

from datetime import datetime, time

import click

from accesscontrol.clock import local_day
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.requests.desk import Acting
from backups.media import storage_keys
from backups.media.storage_keys import Loan
from console.commands.context import Context, pass_context
from console.commands.keeping import keeping
from console.commands.output import json_option, minute, refusals_spoken, say, say_json, say_table
from console.translation import _
from console.wiring import Installation


@click.group("keys")
def keys() -> None:
    """Lend the keys of the stores and take them back."""


@keys.command("list")
@json_option
@pass_context
@refusals_spoken
def list_keys(context: Context, *, as_json: bool) -> None:
    """List the keys, and in whose hands each is."""
    site = context.site
    found = storage_keys.every(site.store)
    if as_json:
        say_json([{"key": name, "place": place, "loan": loan and loan.to_json()} for name, place, loan in found])
        return
    rows = [
        [name, place, loan.holder if loan else "-", minute(loan.due, site.zone) if loan else "-"]
        for name, place, loan in found
    ]
    say_table([N_("Key"), N_("Opens"), N_("Lent to"), N_("Due")], rows)


@keys.command("add")
@click.argument("key")
@click.option("--place", required=True, help="The locked place that it opens.")
@keeping
def add(site: Installation, acting: Acting, key: str, place: str, *, as_json: bool) -> None:
    """Enter a key."""
    storage_keys.add(site.store, key, place, actor=acting.staff_number, terminal=acting.terminal)
    if as_json:
        say_json({"key": key, "place": place, "loan": None})
    else:
        say(_("The key {key} is entered.").format(key=key))


@keys.command("lend")
@click.argument("key")
@click.option("--to", "holder", required=True, help="Staff number or name of the person who gets it.")
@click.option("--purpose", required=True)
@click.option("--until", required=True, help="The time of today by which it is back, for example 17:15.")
@keeping
def lend(site: Installation, acting: Acting, key: str, holder: str, purpose: str, until: str, *, as_json: bool) -> None:
    """Lend a key until a time of today."""
    loan = storage_keys.lend(
        site.store,
        key,
        holder=holder,
        purpose=purpose,
        due=time_of_today(site, until),
        lent_by=acting.staff_number,
        terminal=acting.terminal,
    )
    _say(site, loan, as_json=as_json)


@keys.command("return")
@click.argument("key")
@keeping
def give_back(site: Installation, acting: Acting, key: str, *, as_json: bool) -> None:
    """Enter that a key is back in your hands."""
    _say(
        site,
        storage_keys.give_back(site.store, key, received_by=acting.staff_number, terminal=acting.terminal),
        as_json=as_json,
    )


def time_of_today(site: Installation, text: str) -> datetime:
    """Return a time of the site's today as an instant; ``Refusal`` when ``text`` is none."""
    try:
        at = time.fromisoformat(text)
    except ValueError:
        raise Refusal(N_("{text} is no time of the day; write it like 17:15."), text=text) from None
    return datetime.combine(local_day(site.clock.now(), site.zone), at, tzinfo=site.zone)


def _say(site: Installation, loan: Loan, *, as_json: bool) -> None:
    if as_json:
        say_json(loan.to_json())
        return
    state = _("back") if loan.returned_at else _("lent until {time}").format(time=minute(loan.due, site.zone))
    say(
        _("No. {number}: key {key}, {holder}: {state}").format(
            number=loan.number, key=loan.key, holder=loan.holder, state=state
        )
    )
