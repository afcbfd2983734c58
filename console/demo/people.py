"""The demo's operators: who they are, and what they sign in with."""

import json
import math
import tomllib
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from accesscontrol.people.roles import ROLE_TITLES, Role, leading
from console.frame.site import DemoPerson

if TYPE_CHECKING:
    from console.wiring import Installation

SEEDS = "demo-people.json"
_STEP = timedelta(seconds=30)
_TYPING = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Character:
    """One operator of the demo city."""

    login: str
    staff_number: str
    name: str
    kana: str
    office: str
    roles: frozenset[Role]
    password: str


def characters() -> list[Character]:
    """Return the operators of the demo city."""
    text = (Path(__file__).parent / "people.toml").read_text("utf-8")
    return [
        Character(**{**person, "roles": frozenset(map(Role, person["roles"]))})
        for person in tomllib.loads(text)["person"]
    ]


def seeds(home: Path) -> dict[str, str]:
    """Return the one-time-code seeds of the demo's operators, by login."""
    found: dict[str, str] = json.loads((home / SEEDS).read_text("utf-8"))
    return found


def present_code(site: "Installation", login: str) -> str:
    """Return a code of ``login`` that works now and long enough to be typed: the oldest such that was not used.

    Nothing where each of them was used, and for a login whose seed is not the demo's.
    """
    from accesscontrol.people import totp
    from accesscontrol.people.secret import Secret

    seed = seeds(site.home.path).get(login)
    now = site.clock.now()
    step = int(now.timestamp() // _STEP.total_seconds())
    left = _STEP.total_seconds() - now.timestamp() % _STEP.total_seconds()
    oldest = -1 if left > _TYPING.total_seconds() else 0
    used = _last_used(site, login)
    ahead = next((each for each in range(oldest, 2) if step + each > used), None)
    return "" if seed is None or ahead is None else totp.code_at(Secret(seed), now + ahead * _STEP).text()


def seconds_to_code(site: "Installation", login: str) -> int:
    """Return in how many whole seconds a login whose codes were all used has one that works again."""
    left = _last_used(site, login) * _STEP.total_seconds() - site.clock.now().timestamp()  # a code works a step early
    return max(0, math.ceil(left))


def _last_used(site: "Installation", login: str) -> int:
    from accesscontrol.people import factors

    return max((each.counter for each in factors.enrolled(site.store, login) if each.method == "totp"), default=0)


def demo_people() -> list[DemoPerson]:
    """Return the demo's people as its sign-in screen shows them."""
    return [DemoPerson(each.login, _title(each.roles), each.password) for each in characters()]


def _title(roles: frozenset[Role]) -> str:
    role = leading(roles)
    return ROLE_TITLES[role] if role else ""
