"""The demo city's store of media: registered ones, a taking out that should be back, a key, forms, and custody.

No device stands behind them. They are taken over from facts, so that they can be moved, counted and disposed of.
"""

import tomllib
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from accesscontrol.clock import local_day
from accesscontrol.requests import decisions
from backups import custody, forms
from backups.media import movements, stocktaking, storage_keys
from backups.media.devices import Device
from backups.media.movements import Move
from backups.media.register import Medium, Registration
from backups.sealing.keys import Recipient
from console.demo.requests import Cast, export
from console.demo.texts import texts

_TERMINAL = "server-room-01"
_LEAVING = "M-0002"
_LATE = timedelta(days=2)
_FORMS_KEPT = timedelta(days=365)
_KEY_FOR = timedelta(hours=2)


@cache
def facts() -> dict[str, Any]:
    """Return the media and the words of their keepers."""
    return tomllib.loads((Path(__file__).parent / "media.toml").read_text("utf-8"))


def stores() -> tuple[str, ...]:
    """Return the locked places of the demo city."""
    return tuple(facts()["stores"])


def play(cast: Cast, *, days_ago: int) -> None:
    """Play the store's days, beginning ``days_ago`` days before the demo is opened."""
    words: dict[str, str] = facts()["words"]
    due = local_day(cast.clock.now(), cast.site.zone) + max(timedelta(), timedelta(days=days_ago) - _LATE)
    for medium in facts()["medium"]:
        _take_over(cast, medium, words)
    request = _export(cast, due)
    _move_out(cast, words, request, due)
    _count(cast)
    _keys_and_forms(cast, words)
    _entrust(cast, words)


def _staff(cast: Cast, login: str) -> str:
    return cast.character(login).staff_number


def _export(cast: Cast, due: date) -> str:
    """Take a backup out as a month ago, and return the request's number."""
    written = texts()
    asked = export(cast, written, age=0, medium=_LEAVING) | {"due": due}
    request = cast.submit("yamada", "backup-export", asked, written["monthly"])
    cast.approve("sato", request)
    cast.attest("suzuki", request, decisions.BEFORE, written["seen-before"])
    cast.execute("takahashi", request)
    cast.attest("suzuki", request, decisions.AFTER, written["seen-after"])
    return request.id


def _take_over(cast: Cast, said: dict[str, Any], words: dict[str, str]) -> Medium:
    site = cast.site
    device = Device(
        node="",
        disk="",
        serial=said["serial"],
        model="",
        uuid=said["uuid"],
        filesystem=said["filesystem"],
        size=said["size"],
        diskseq=0,
        removable=True,
        read_only=False,
    )
    today = local_day(site.clock.now(), site.zone)
    registration = Registration(
        kind=said["kind"],
        place=said["place"],
        purpose=words["purpose"],
        virus_check=words["virus-check"],
        keep_until=today + timedelta(days=said["keep"]) if "keep" in said else None,
    )
    return site.media.take_over(device, registration, actor=_staff(cast, "suzuki"), terminal=_TERMINAL)


def _move_out(cast: Cast, words: dict[str, str], request: str, due: date) -> None:
    move = Move(
        medium=_LEAVING,
        to_place=texts()["destination"],
        rule=words["rule"],
        giver=cast.character("suzuki").name,
        receiver=words["carrier"],
        permission=request,
        due=due,
    )
    actor = _staff(cast, "suzuki")
    movements.move(cast.site.store, frozenset(stores()), move, actor=actor, terminal=_TERMINAL)


def _count(cast: Cast) -> None:
    """Count the store once: everything is where it should be."""
    store, actor = cast.site.store, _staff(cast, "suzuki")
    number = stocktaking.begin(store, frozenset(stores()), actor=actor, terminal=_TERMINAL)
    for line in stocktaking.sheet(store, number):
        stocktaking.count(store, number, line.medium, found=line.expected, actor=actor, terminal=_TERMINAL)
    stocktaking.close(store, number, actor=actor, terminal=_TERMINAL)


def _keys_and_forms(cast: Cast, words: dict[str, str]) -> None:
    store, actor = cast.site.store, _staff(cast, "suzuki")
    storage_keys.add(store, words["key"], stores()[1], actor=actor, terminal=_TERMINAL)
    storage_keys.lend(
        store,
        words["key"],
        holder=cast.character("takahashi").name,
        purpose=words["key-purpose"],
        due=cast.clock.now() + _KEY_FOR,
        lent_by=cast.character("suzuki").name,
        terminal=_TERMINAL,
    )
    cast.clock.advance(timedelta(hours=1))
    storage_keys.give_back(store, words["key"], received_by=cast.character("suzuki").name, terminal=_TERMINAL)
    today = local_day(cast.clock.now(), cast.site.zone)
    forms.issue(
        store, words["form"], 200, today + _FORMS_KEPT, place=words["form-place"], actor=actor, terminal=_TERMINAL
    )


def _entrust(cast: Cast, words: dict[str, str]) -> None:
    """Share the escrow key between three, two of whom open it, and once put it together."""
    store, actor = cast.site.store, _staff(cast, "sato")
    recipient = Recipient.parse(cast.site.settings.backups.recipients[0])
    holders = [_staff(cast, login) for login in ("sato", "suzuki", "nakamura")]
    entered = custody.entrust(store, recipient, 2, holders, actor=actor, terminal=_TERMINAL)
    custody.open_with(store, entered.number, holders[:2], purpose=words["custody"], actor=actor, terminal=_TERMINAL)
