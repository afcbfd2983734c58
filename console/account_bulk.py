"""Many user IDs as one request: what it would do to each is worked out and listed before anybody hands it in."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from accesscontrol.accounts.model import ACCESS, Cause, DisableReason
from accesscontrol.canonical import JSON
from accesscontrol.clock import from_text
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.requests import submission
from accesscontrol.requests.desk import Acting
from console.wiring import Installation

_ENCODINGS: Final = ("utf-8-sig", "cp932")
KIND: Final = "accounts-bulk"
Act = Mapping[str, JSON]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a request does to one ID: its end (UTC, not included) before and after, and the rule by which it is that.

    ``held`` and ``holds`` tell whether it may be signed in with at all before and after; without an end it goes on.
    ``rights`` and ``new_rights`` are what it carries beside that, before and after.
    """

    system: str
    user_id: str
    owner: str
    held: bool
    before: datetime | None
    holds: bool
    after: datetime | None
    rule: str
    rights: tuple[str, ...] = ()
    new_rights: tuple[str, ...] = ()

    @property
    def changes(self) -> bool:
        """Tell whether anything of the ID would be other than it is."""
        before = (self.held, self.before, self.rights)
        return before != (self.holds, self.after, self.new_rights)


def extensions(keys: Iterable[tuple[str, str]], cause: Cause, last_day: date) -> list[Act]:
    """Return the acts that give each ID (system, user ID) another last day."""
    return [
        {"act": "extend", "system": system, "user_id": user_id, "cause": cause.value, "last_day": last_day.isoformat()}
        for system, user_id in keys
    ]


def revocations(keys: Iterable[tuple[str, str]], ground: DisableReason) -> list[Act]:
    """Return the acts that end everything of each ID (system, user ID)."""
    return [{"act": "revoke", "system": system, "user_id": user_id, "ground": ground.value} for system, user_id in keys]


def from_file(file: Path) -> list[Act]:
    """Return one act for each line of a CSV file (UTF-8 or CP932); an empty cell is a value that isn't given.

    Its first line names the columns: act (issue, change, extend, revoke), system, user_id, and what the act needs.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise Refusal(N_("{path} can't be read: {reason}."), path=str(file), reason=error.strerror) from None
    for encoding in _ENCODINGS:
        try:
            lines = list(csv.DictReader(io.StringIO(content.decode(encoding)), strict=True))
        except UnicodeDecodeError:
            continue
        except csv.Error as error:
            raise Refusal(N_("{path} can't be read: {reason}."), path=str(file), reason=str(error)) from None
        if any(None in line for line in lines):
            raise Refusal(N_("A line of {path} has more cells than its first line."), path=str(file))
        return [{name: cell.strip() for name, cell in line.items() if cell and cell.strip()} for line in lines]
    raise Refusal(N_("{path} is neither UTF-8 nor CP932."), path=str(file))


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
        owner=found["after"].get("owner") or found["before"].get("owner", ""),
        held=before is not None,
        before=_end(before),
        holds=after is not None,
        after=_end(after),
        rule=after["rule"] if after else "",
        rights=_rights(found["before"]),
        new_rights=_rights(found["after"]),
    )


def _access(standing: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the right to sign in itself, the last of several."""
    return next((each for each in reversed(standing.get("rights", ())) if each["right"] == ACCESS), None)


def _rights(standing: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(sorted({each["right"] for each in standing.get("rights", ())} - {ACCESS}))


def _end(access: Mapping[str, Any] | None) -> datetime | None:
    return from_text(access["until"]) if access and access["until"] else None
