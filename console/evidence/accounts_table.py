"""The ledger of user IDs as a table for auditors: one fiscal year, one line a grant, and what no grant explains."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from accesscontrol.accounts import listing
from accesscontrol.accounts.fiscal_year import YearLine, fiscal_year_of, ledger_of
from accesscontrol.accounts.listing import UNLISTED, AccountLine
from accesscontrol.accounts.model import (
    ACCESS,
    CAUSE_TITLES,
    DISABLE_REASON_TITLES,
    PERSON_KIND_TITLES,
    SITUATION_TITLES,
)
from accesscontrol.messages import N_
from accesscontrol.requests.desk import Acting
from console import accounts
from console.account_words import last_day, state_words
from console.evidence import tables
from console.text import mask
from console.translation import _
from console.wiring import Installation

HEADINGS: Final = (
    N_("System"),
    N_("User ID"),
    N_("Staff number"),
    N_("Name"),
    N_("Kind of person"),
    N_("Office"),
    N_("Company"),
    N_("Right"),
    N_("First day"),
    N_("Last day"),
    N_("Trigger"),
    N_("Rule"),
    N_("Request"),
    N_("Granted by"),
    N_("Granted at"),
    N_("Ended by"),
    N_("Why it ended"),
    N_("In this year"),
    N_("At its system"),
    N_("State now"),
    N_("Situation now"),
    N_("Last use"),
    N_("Read at"),
)


def write(site: Installation, file: Path, actor: Acting, *, year: int, encoding: str = tables.UTF_8) -> tuple[int, str]:
    """Write the ledger of the fiscal ``year`` into the new ``file``; return the number of its lines and its SHA-256.

    Names are masked. What was read from a system and stands in no ledger is added to the present year.
    """
    rows = list(_rows(site, year))
    data = tables.as_csv([_(heading) for heading in HEADINGS], rows, encoding)
    return len(rows), tables.write(site, file, data, about=f"accounts {year}", rows=len(rows), actor=actor)


def _rows(site: Installation, year: int) -> Iterator[tuple[str, ...]]:
    at = site.clock.now()
    lines = listing.listed(site.store, accounts.sources(site), at)
    now = {(each.system, each.user_id): each for each in lines}
    for each in ledger_of(site.store, year, site.zone, at):
        yield _granted(each, now[each.account.system, each.account.user_id], site.zone)
    if year == fiscal_year_of(at, site.zone):
        yield from (_unlisted(line, site.zone) for line in lines if line.state == UNLISTED)


def _granted(found: YearLine, line: AccountLine, zone: ZoneInfo) -> tuple[str, ...]:
    grant, person = found.grant, found.person
    ended = found.ended or grant.ended_at is not None
    return (
        grant.system,
        grant.user_id,
        person.staff_number,
        mask(person.name),
        _(PERSON_KIND_TITLES[person.kind]),
        person.office,
        person.company,
        _("sign-in") if grant.entitlement == ACCESS else grant.entitlement,
        f"{grant.valid_from.astimezone(zone):%Y-%m-%d}",
        last_day(found.over, zone) if found.over else "",
        _(CAUSE_TITLES[grant.cause]),
        _(grant.rule) if grant.rule else "",
        grant.request,
        grant.granted_by,
        _instant(grant.granted_at, zone),
        grant.ended_by,
        _(DISABLE_REASON_TITLES[grant.end_reason]) if ended and grant.end_reason else "",
        _in_year(found),
        _("yes") if grant.held else _("no"),
        *_now(line, zone),
    )


def _unlisted(line: AccountLine, zone: ZoneInfo) -> tuple[str, ...]:
    blank = ("",) * (len(HEADINGS) - 6)
    return (line.system, line.user_id, *blank, *_now(line, zone))


def _now(line: AccountLine, zone: ZoneInfo) -> tuple[str, ...]:
    situation = _(SITUATION_TITLES[line.situation])
    return (state_words(line), situation, _instant(line.last_use, zone), _instant(line.read_at, zone))


def _in_year(found: YearLine) -> str:
    if found.begun:
        return _("began and ended") if found.ended else _("began")
    return _("ended") if found.ended else _("went on")


def _instant(at: datetime | None, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}" if at else ""
