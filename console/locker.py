"""The media of the site as its keepers see them: where each is, what is overdue, and who may enter a move."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from accesscontrol.clock import end_of_day
from accesscontrol.messages import N_
from accesscontrol.people.roles import ROLE_TITLES, Role
from accesscontrol.refusals import Refusal
from accesscontrol.requests.desk import Acting
from backups import exports, forms, ledger
from backups.ledger import Output
from backups.media import disposal, log_output, movements, output, register, sightings, stocktaking, storage_keys
from backups.media.movements import Movement
from backups.media.register import Medium, medium_id
from console.wiring import Installation

KEEPERS: Final = frozenset({Role.KEY_CUSTODIAN, Role.SYSTEM_ADMIN, Role.SECURITY_OFFICER})
"""Who keeps the media, their store and its keys (BK-MED-08)."""


WRITING: Final = frozenset({exports.KIND, log_output.KIND, output.KIND, output.BULK_KIND})
"""The kinds of request that write to a medium."""


class Where(StrEnum):
    """Where a medium is, as people read it: each a msgid. What is wrong comes before what is only so."""

    OVERDUE = N_("overdue")
    EXPIRED = N_("to dispose of")
    OUT = N_("out")
    IN = N_("in the store")
    DISPOSED = N_("disposed of")
    REFUSED = N_("not registered")


@dataclass(frozen=True, slots=True)
class Kept:
    """One medium and where it stands; ``last`` is its newest move, ``on_it`` the outputs that are out on it."""

    medium: Medium
    where: Where
    last: Movement | None
    on_it: Sequence[Output]


def require_keeper(site: Installation, actor: Acting) -> None:
    """Refuse whoever keeps no media, lent roles included."""
    if not actor.roles(site.store, site.clock.now()) & KEEPERS:
        raise Refusal(
            N_("This needs a role that you don't hold: {roles}."),
            control="BK-MED-08",
            roles=[ROLE_TITLES[role] for role in sorted(KEEPERS)],
        )


def require_key_officer(site: Installation, actor: Acting) -> None:
    """Refuse whoever is no security officer, lent roles included: the escrow key is in their custody (BK-BAK-04)."""
    if Role.SECURITY_OFFICER not in actor.roles(site.store, site.clock.now()):
        raise Refusal(
            N_("This needs a role that you don't hold: {roles}."),
            control="BK-BAK-04",
            roles=[ROLE_TITLES[Role.SECURITY_OFFICER]],
        )


def stores(site: Installation) -> frozenset[str]:
    """Return the site's locked places; refused while the settings name none, because then everything would be out."""
    found = frozenset(site.settings.media.stores)
    if not found:
        raise Refusal(N_("Name the locked places first ([media] stores in the settings)."), control="BK-MED-08")
    return found


def kept(site: Installation) -> list[Kept]:
    """Return every medium that was ever registered, in order of its number."""
    now = site.clock.now()
    out: dict[str, list[Output]] = {}
    for each in ledger.out(site.store):
        out.setdefault(each.medium, []).append(each)
    late = {medium_id(each.medium) for each in movements.overdue(site.store, now, site.zone)}
    late |= {each.medium for each in ledger.overdue(site.store, now, site.zone)}
    expired = {each.id for each in disposal.due(site.store, now, site.zone)}
    return [
        Kept(medium, _where(site, medium, late, expired), _last_move(site, medium), out.get(medium.id, ()))
        for medium in register.every(site.store)
    ]


def _where(site: Installation, medium: Medium, late: set[str], expired: set[str]) -> Where:
    if medium.state != "registered":
        return Where.DISPOSED if medium.state == "disposed" else Where.REFUSED
    if medium.id in late:
        return Where.OVERDUE
    if medium.id in expired:
        return Where.EXPIRED
    return Where.IN if medium.place in site.settings.media.stores else Where.OUT


def _last_move(site: Installation, medium: Medium) -> Movement | None:
    return next(iter(movements.page(site.store, medium=medium.id, limit=1)), None)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Work with media that waits: how much of it, since or until when, and whether it is wrong already."""

    name: str
    title: str
    count: int
    since: datetime | None = None
    wrong: bool = False


def waiting(site: Installation) -> list[Waiting]:
    """Return what waits for the keepers of the media, that which is wrong first."""
    store, zone, now = site.store, site.zone, site.clock.now()
    late = {medium_id(each.medium): each.due for each in movements.overdue(store, now, zone) if each.due}
    late |= {each.medium or each.folder: each.due for each in ledger.overdue(store, now, zone)}
    keys = storage_keys.overdue(store, now)
    foreign = sightings.waiting(store)
    return [
        _waiting("broken-off", N_("Writings to media that broke off"), ledger.broken_off(store), wrong=True),
        Waiting(
            "unregistered-media",
            N_("Unregistered media that were attached"),
            len(foreign),
            foreign[0].at if foreign else None,
            wrong=True,
        ),
        Waiting(
            "overdue-media",
            N_("Media that should be back"),
            len(late),
            end_of_day(min(late.values()), zone) if late else None,
            wrong=True,
        ),
        Waiting("overdue-keys", N_("Keys that should be back"), len(keys), keys[0].due if keys else None, wrong=True),
        _waiting("media-to-dispose", N_("Media past their storage period"), disposal.due(store, now, zone)),
        _waiting("forms-to-dispose", N_("Forms past their storage period"), forms.past_period(store, now, zone)),
        Waiting("stocktaking", N_("Stocktaking of the media"), int(stocktaking_due(site))),
    ]


def _waiting(name: str, title: str, found: Sequence[object], *, wrong: bool = False) -> Waiting:
    return Waiting(name, title, len(found), wrong=wrong)


def stocktaking_due(site: Installation) -> bool:
    """Tell whether there are media and the last stocktaking was closed longer ago than the settings allow."""
    media = [each for each in register.every(site.store) if each.state == "registered"]
    last = stocktaking.last_closed(site.store)
    since = last or min((each.registered_at for each in media), default=None)
    every = timedelta(days=site.settings.media.stocktaking_days)
    return bool(media) and since is not None and site.clock.now() - since > every
