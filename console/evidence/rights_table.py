"""The list of who may do what, as a table that leaves the console: for the inspection, and as its evidence."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from accesscontrol.messages import N_
from accesscontrol.people.operators import STATE_TITLES
from accesscontrol.people.roles import ROLE_TITLES, Role
from accesscontrol.requests.desk import Acting
from console.evidence import rights, tables
from console.evidence.rights import CONCERN_TITLES, Holder
from console.text import mask
from console.translation import _
from console.wiring import Installation

_HEADINGS: Final = (
    N_("Staff number"),
    N_("Name"),
    N_("Office"),
    N_("Logins"),
    N_("State"),
    N_("Roles"),
    N_("Borrowed roles"),
    N_("Lent roles"),
    N_("Second factor"),
    N_("Last use"),
    N_("Until"),
    N_("Worth a look"),
)


def last_day(until: datetime | None, zone: ZoneInfo) -> str:
    """Return the last day of a validity that ends before ``until``, in ``zone``; words where it has no end."""
    if until is None:
        return _("no end")
    return f"{(until - datetime.resolution).astimezone(zone):%Y-%m-%d}"


def as_json(holder: Holder) -> dict[str, Any]:
    """Return one person's rights as JSON values, with stable names; the name is masked."""
    use = holder.last_use
    return {
        "staff_number": holder.staff_number,
        "name": mask(holder.name),
        "office": holder.office,
        "logins": [
            {"login": each.operator.login, "state": each.operator.state, "valid_until": each.operator.valid_until}
            for each in holder.logins
        ],
        "roles": sorted(holder.own_roles),
        "borrowed": [
            {"role": each.role, "from": each.principal, "until": each.valid_until} for each in holder.borrowed
        ],
        "lent": [{"role": each.role, "to": each.deputy, "until": each.valid_until} for each in holder.lent],
        "factors": list(holder.factor_kinds),
        "last_use": use.at if use else None,
        "until": holder.ends,
        "conflict": list(holder.conflict) if holder.conflict else [],
        "concerns": list(holder.concerns),
    }


def write(site: Installation, file: Path, actor: Acting) -> tuple[int, str]:
    """Write the rights of everybody into the new ``file``; return the number of persons and its SHA-256."""
    found = rights.holders(site.store, site.clock.now())
    data = tables.as_csv([_(heading) for heading in _HEADINGS], (_row(each, site.zone) for each in found))
    return len(found), tables.write(site, file, data, about="rights", rows=len(found), actor=actor)


def _row(holder: Holder, zone: ZoneInfo) -> tuple[str, ...]:
    use = holder.last_use
    return (
        holder.staff_number,
        mask(holder.name),
        holder.office,
        ", ".join(each.operator.login for each in holder.logins),
        ", ".join(dict.fromkeys(_(STATE_TITLES[each.operator.state]) for each in holder.logins)),
        _roles(holder.own_roles),
        _roles(each.role for each in holder.borrowed),
        _roles(each.role for each in holder.lent),
        ", ".join(_(kind) for kind in holder.factor_kinds),
        f"{use.at.astimezone(zone):%Y-%m-%d %H:%M}" if use else "",
        last_day(holder.ends, zone),
        ", ".join(_(CONCERN_TITLES[concern]) for concern in holder.concerns),
    )


def _roles(roles: Iterable[Role]) -> str:
    return ", ".join(_(ROLE_TITLES[role]) for role in sorted(set(roles)))
