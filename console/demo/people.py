"""The demo's operators: who they are, and what they sign in with."""

import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from accesscontrol.people.roles import ROLE_TITLES, Role
from console.screens.sign_in import DemoPerson

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
    """Return a code of ``login`` that works now and long enough to be typed: the oldest such that was not used."""
    from accesscontrol.people import factors, totp
    from accesscontrol.people.secret import Secret

    seed = Secret(seeds(site.home.path)[login])
    used = max((each.counter for each in factors.enrolled(site.store, login) if each.method == "totp"), default=0)
    now = site.clock.now()
    step = int(now.timestamp() // _STEP.total_seconds())
    left = _STEP.total_seconds() - now.timestamp() % _STEP.total_seconds()
    oldest = -1 if left > _TYPING.total_seconds() else 0
    ahead = next((each for each in range(oldest, 2) if step + each > used), 1)
    return totp.code_at(seed, now + ahead * _STEP).text()


def demo_people() -> list[DemoPerson]:
    """Return the demo's people as its sign-in screen shows them."""
    return [DemoPerson(each.login, " / ".join(_titles(each.roles)), each.password) for each in characters()]


def _titles(roles: frozenset[Role]) -> Sequence[str]:
    return [ROLE_TITLES[role] for role in sorted(roles)][:1]
