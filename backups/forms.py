"""The ledger of printed forms: issued, handed over, stored, disposed of, no step skipped (BK-DSP-03)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from accesscontrol import rows
from accesscontrol.canonical import JSON
from accesscontrol.clock import end_of_day, to_text
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.store import Store
from backups.lines import is_filled_line
from backups.records import Reader


class StateTitle(StrEnum):
    """What people read for the state of a batch, in the order of its life: each a msgid."""

    ISSUED = N_("issued")
    HANDED_OVER = N_("handed over")
    STORED = N_("stored")
    DISPOSED = N_("disposed of")


STATE_TITLES: Final[Mapping[str, StateTitle]] = MappingProxyType(
    {title.name.lower().replace("_", "-"): title for title in StateTitle}
)
METHOD_TITLES: Final = MappingProxyType(
    {"shredding": N_("shredding"), "dissolving": N_("dissolving"), "burning": N_("burning")}
)
_ORDER: Final = tuple(STATE_TITLES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One batch of forms; ``keep_until`` is the last day of its storage period (site's zone)."""

    number: int
    form: str
    sheets: int
    keep_until: date
    state: str
    place: str

    def to_json(self) -> dict[str, JSON]:
        """Return the line as plain values for ``--json``."""
        names = ("number", "form", "sheets", "state", "place")
        return {**{name: getattr(self, name) for name in names}, "keep_until": self.keep_until.isoformat()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The next step of a batch: with whom it was done, where it is now, and how it was disposed of."""

    state: str
    partner: str
    place: str
    method: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A step that was taken: when, by whom, with whom, and where the batch was then."""

    state: str
    at: datetime
    actor: str
    terminal: str
    partner: str
    place: str
    method: str

    def to_json(self) -> dict[str, JSON]:
        """Return the step as plain values for ``--json``."""
        names = ("state", "actor", "terminal", "partner", "place", "method")
        return {**{name: getattr(self, name) for name in names}, "at": to_text(self.at)}


def issue(store: Store, form: str, sheets: int, keep_until: date, *, place: str, actor: str, terminal: str) -> Batch:
    """Enter a batch that was printed."""
    if sheets < 1 or not all(is_filled_line(text) for text in (form, place)):
        raise Refusal(N_("A batch names its form, its number of sheets and its place."), control="BK-DSP-03")
    with store.transaction() as tx:
        number = tx.execute(
            "INSERT INTO form_batch (form, sheets, keep_until, state, place) VALUES (?, ?, ?, 'issued', ?)",
            (form, sheets, keep_until.isoformat(), place),
        ).lastrowid
        tx.execute(
            "INSERT INTO form_step (batch, state, at, actor, terminal, partner, place, method)"
            " VALUES (?, 'issued', ?, ?, ?, '', ?, '')",
            (number, to_text(tx.at), actor, terminal, place),
        )
        tx.record("forms.issued", actor=actor, terminal=terminal, subject=str(number), form=form, sheets=sheets)
        return find(tx, int(number or 0))


def advance(store: Store, number: int, step: Step, *, actor: str, terminal: str) -> Batch:
    """Take a batch one step further; skipping or going back is refused, and disposal needs a second person."""
    with store.transaction() as tx:
        batch = find(tx, number)
        following = next_state(batch)
        if step.state != following:
            raise Refusal(
                N_("Batch {number} is {state}; the next step is {following}."),
                control="BK-DSP-03",
                number=number,
                state=STATE_TITLES[batch.state],
                following=STATE_TITLES[following] if following else "-",
            )
        _require_sensible(step, actor)
        tx.execute("UPDATE form_batch SET state = ?, place = ? WHERE number = ?", (step.state, step.place, number))
        tx.execute(
            "INSERT INTO form_step (batch, state, at, actor, terminal, partner, place, method)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (number, step.state, to_text(tx.at), actor, terminal, step.partner, step.place, step.method),
        )
        tx.record(
            f"forms.{step.state}",
            actor=actor,
            terminal=terminal,
            subject=str(number),
            partner=step.partner,
            place=step.place,
            method=step.method,
        )
        return find(tx, number)


def find(reader: Reader, number: int) -> Batch:
    """Return one batch; Refusal when there is none of that number."""
    row = reader.row("SELECT * FROM form_batch WHERE number = ?", (number,))
    if row is None:
        raise Refusal(N_("There is no batch {number}."), number=number)
    return _batch(row)


def page(reader: Reader, *, before: int | None = None, limit: int = 100) -> list[Batch]:
    """Return up to ``limit`` batches, newest first, older than ``before``."""
    found = reader.rows(
        "SELECT * FROM form_batch WHERE number < ? ORDER BY number DESC LIMIT ?",
        (before if before is not None else 1 << 62, limit),
    )
    return rows.values(found, _batch, reader.note_damage)


def steps(reader: Reader, number: int) -> list[Taken]:
    """Return the steps that a batch has taken, oldest first."""
    found = reader.rows("SELECT * FROM form_step WHERE batch = ? ORDER BY number", (number,))
    return rows.values(found, _taken, reader.note_damage)


def next_state(batch: Batch) -> str:
    """Return the state that follows, or nothing after the end."""
    place = _ORDER.index(batch.state) + 1
    return _ORDER[place] if place < len(_ORDER) else ""


def past_period(reader: Reader, at: datetime, zone: ZoneInfo) -> list[Batch]:
    """Return the batches that should have been disposed of by now (BK-DSP-03)."""
    found = reader.rows("SELECT * FROM form_batch WHERE state <> 'disposed' ORDER BY keep_until, number")
    return [
        batch for batch in rows.values(found, _batch, reader.note_damage) if at >= end_of_day(batch.keep_until, zone)
    ]


def _require_sensible(step: Step, actor: str) -> None:
    if not all(is_filled_line(text) for text in (step.partner, step.place)):
        raise Refusal(N_("A step names the other person and the place."), control="BK-DSP-03")
    if step.partner == actor:
        raise Refusal(N_("The other person is somebody else."), control="BK-DSP-03")
    if step.state == "disposed" and step.method not in METHOD_TITLES:
        raise Refusal(N_("Forms end by shredding, dissolving or burning."), control="BK-DSP-03")


_batch: Final = rows.Mapper(Batch, "form_batch", "number")
_taken: Final = rows.Mapper(Taken, "form_step", "number")
