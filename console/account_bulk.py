"""Many user IDs as one request: what it would do to each is worked out and listed before anybody hands it in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from accesscontrol.accounts.model import ACCESS, Cause, DisableReason
from accesscontrol.canonical import JSON
from accesscontrol.clock import from_text
from accesscontrol.requests import submission
from accesscontrol.requests.desk import Acting
from console.wiring import Installation

KIND: Final = "accounts-bulk"
Act = Mapping[str, JSON]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a request does to one ID: its end (UTC, not included) before and after, and the rule by which it is that.

    ``held`` and ``holds`` tell whether it may be signed in with at all before and after; without an end it goes on.
    """

    system: str
    user_id: str
    owner: str
    held: bool
    before: datetime | None
    holds: bool
    after: datetime | None
    rule: str


def extensions(keys: Iterable[tuple[str, str]], cause: Cause, last_day: date) -> list[Act]:
    """Return the acts that give each ID (system, user ID) another last day."""
    return [
        {"act": "extend", "system": system, "user_id": user_id, "cause": cause.value, "last_day": last_day.isoformat()}
        for system, user_id in keys
    ]


def revocations(keys: Iterable[tuple[str, str]], ground: DisableReason) -> list[Act]:
    """Return the acts that end everything of each ID (system, user ID)."""
    return [{"act": "revoke", "system": system, "user_id": user_id, "ground": ground.value} for system, user_id in keys]


def rehearse(site: Installation, acts: Sequence[Act]) -> list[Effect]:
    """Return what the acts would do now; what the rules refuse of one of them is refused of all."""
    kind = site.kinds[KIND]
    found: Any = kind.dry_run(kind.read({"acts": list(acts)})) if kind.dry_run else []
    return [_effect(each) for each in found]


def hand_in(site: Installation, acts: Sequence[Act], acting: Acting, *, reason: str) -> str:
    """Ask for all acts as one request, and return its number."""
    return submission.submit(site.desk, KIND, {"acts": list(acts)}, acting, reason=reason).id


def _effect(found: Mapping[str, Any]) -> Effect:
    system, _slash, user_id = found["account"].partition("/")
    before, after = _access(found["before"]), _access(found["after"])
    return Effect(
        system=system,
        user_id=user_id,
        owner=found["before"].get("owner", ""),
        held=before is not None,
        before=_end(before),
        holds=after is not None,
        after=_end(after),
        rule=after["rule"] if after else "",
    )


def _access(standing: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the right to sign in itself, the last of several."""
    return next((each for each in reversed(standing.get("rights", ())) if each["right"] == ACCESS), None)


def _end(access: Mapping[str, Any] | None) -> datetime | None:
    return from_text(access["until"]) if access and access["until"] else None
