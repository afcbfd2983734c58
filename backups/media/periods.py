"""The storage period of a medium: it is only ever lengthened, by an approved request, with a line for each (BK-DSP-01).

A day that came nearer would have evidence destroyed too early, so no request brings it nearer; a medium that was
registered without an end may be given one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import msgspec

from accesscontrol import rows
from accesscontrol.canonical import JSON, digest
from accesscontrol.clock import end_of_day, to_text
from accesscontrol.messages import N_
from accesscontrol.people.roles import Role
from accesscontrol.refusals import Refusal
from accesscontrol.requests import reading, slots
from accesscontrol.requests.kinds import Execution, Kind
from accesscontrol.store import Store
from backups.media.register import Medium, find_by_id, medium_id
from backups.records import Reader

KIND: Final = "medium-period"
_LABELS: Final = MappingProxyType({"medium": N_("Medium"), "keep_until": N_("Keep until")})


class MediumPeriod(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Until the end of which day (site's zone) a medium is kept from now on."""

    medium: Annotated[str, msgspec.Meta(max_length=20)]
    keep_until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """One line of the ledger: whose last day was moved, from where (None: it had no end), to where, and why."""

    number: int
    medium: int
    request: str
    before: date | None
    keep_until: date
    reason: str
    at: datetime
    actor: str
    terminal: str

    def to_json(self) -> dict[str, JSON]:
        """Return the line as plain values for ``--json``."""
        return {
            "number": self.number,
            "medium": medium_id(self.medium),
            "request": self.request,
            "before": self.before.isoformat() if self.before else None,
            "keep_until": self.keep_until.isoformat(),
            "reason": self.reason,
            "at": to_text(self.at),
            "actor": self.actor,
            "terminal": self.terminal,
        }


def medium_period_kind(store: Store, zone: ZoneInfo) -> Kind:
    """Return the kind of request by which the last day of a medium is moved; the owner of the data approves it."""
    act = _Act(store, zone)
    able = frozenset({Role.KEY_CUSTODIAN, Role.SYSTEM_ADMIN})
    return Kind(
        name=KIND,
        title=N_("Longer storage of a medium"),
        controls=("BK-DSP-01", "BK-MED-08"),
        parameters=MediumPeriod,
        requesters=able,
        executors=able,
        slots=(slots.BUSINESS_OWNER,),
        execute=act.execute,
        describe=act.describe,
        artefacts=act.artefacts,
        labels=_LABELS,
        touches=lambda parameters: (("medium", parameters.medium),),
    )


def page(reader: Reader, *, medium: str = "", before: int | None = None, limit: int = 100) -> list[Period]:
    """Return up to ``limit`` lines, newest first, older than the number ``before``, of one medium if named.

    A damaged line is passed over and noted.
    """
    number = find_by_id(reader, medium).number if medium else 0
    found = reader.rows(
        "SELECT * FROM medium_period WHERE number < ? AND (? = 0 OR medium = ?) ORDER BY number DESC LIMIT ?",
        (before if before is not None else 1 << 62, number, number, limit),
    )
    return rows.values(found, _period, reader.note_damage)


@dataclass(frozen=True, slots=True)
class _Act:
    store: Store
    zone: ZoneInfo

    def describe(self, parameters: MediumPeriod) -> Mapping[str, object]:
        """Return what requester and approver see: the day as it is and as it will be."""
        medium = find_by_id(self.store, parameters.medium)
        return {
            N_("Medium"): medium.id,
            N_("Serial"): medium.serial or "-",
            N_("Kept at"): medium.place,
            N_("Purpose"): medium.purpose,
            N_("Kept until now"): medium.keep_until or N_("no end given"),
            N_("Keep until"): parameters.keep_until,
        }

    def artefacts(self, parameters: MediumPeriod) -> Mapping[str, str]:
        """Return the hash of the period as it is, so that an approval serves for no other; Refusal of a nearer day."""
        medium = find_by_id(self.store, parameters.medium)
        self._require_longer(medium, parameters.keep_until)
        before = medium.keep_until.isoformat() if medium.keep_until else None
        return {"period": digest({"medium": medium.id, "keep_until": before})}

    def execute(self, execution: Execution) -> Mapping[str, JSON]:
        """Move the day and enter the line of it, in one transaction."""
        parameters: MediumPeriod = execution.parameters
        reason = reading.get(execution.store, execution.request_id).reason
        with execution.store.transaction() as tx:
            medium = find_by_id(tx, parameters.medium)
            self._require_longer(medium, parameters.keep_until)
            before, after = medium.keep_until, parameters.keep_until.isoformat()
            tx.execute("UPDATE medium SET keep_until = ? WHERE number = ?", (after, medium.number))
            line: dict[str, JSON] = {
                "medium": medium.number,
                "request": execution.request_id,
                "before": before.isoformat() if before else None,
                "keep_until": after,
                "reason": reason,
                "at": to_text(tx.at),
                "actor": execution.staff_number,
                "terminal": execution.terminal,
            }
            number = tx.execute(
                f"INSERT INTO medium_period ({', '.join(line)}) VALUES ({', '.join('?' * len(line))})",  # noqa: S608 - our names
                tuple(line.values()),
            ).lastrowid
            tx.record(
                "medium.period-moved",
                actor=execution.staff_number,
                terminal=execution.terminal,
                subject=medium.id,
                number=number,
                request=execution.request_id,
                before=line["before"],
                keep_until=after,
            )
        return {"number": number, "medium": medium.id, "before": line["before"], "keep_until": after}

    def _require_longer(self, medium: Medium, day: date) -> None:
        if medium.state != "registered":
            raise Refusal(N_("{medium} is not in use any more."), control="BK-DSP-01", medium=medium.id)
        if medium.keep_until is not None and day <= medium.keep_until:
            raise Refusal(
                N_("{medium} is kept until {day}; that is only ever lengthened. Name a later day."),
                control="BK-DSP-01",
                medium=medium.id,
                day=medium.keep_until,
            )
        if self.store.clock.now() >= end_of_day(day, self.zone):
            raise Refusal(N_("{day} has passed; name a later day."), control="BK-DSP-01", day=day)


_period: Final = rows.Mapper(Period, "medium_period", "number")
