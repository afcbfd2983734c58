"""Terminals that were taken out of the office: by whom, why, until when, with whose permission, and back when.

While one is out it opens no session (AC-TRM-01); the state of the terminal itself says so to the sign-in.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from accesscontrol import rows
from accesscontrol.clock import to_text
from accesscontrol.messages import N_, Phrase
from accesscontrol.people import terminals
from accesscontrol.people.reading import Reader
from accesscontrol.people.terminals import TERMINAL_STATE_TITLES, TerminalState
from accesscontrol.refusals import Refusal
from accesscontrol.store import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Outing:
    """One taking-out: ``staff_number`` carries the terminal, ``due`` is the end of the last permitted day (UTC)."""

    terminal: str
    staff_number: str
    purpose: str
    due: datetime
    request: str
    out_at: datetime
    back_at: datetime | None = None

    def late(self, at: datetime) -> bool:
        """Tell whether the terminal should have been back by ``at``."""
        return self.back_at is None and self.due <= at


def require_here(reader: Reader, name: str) -> None:
    """Refuse a terminal that is not in the register, or not in its office."""
    found = terminals.find(reader, name)
    if found is None:
        raise Refusal(N_("There is no registered terminal {name}."), control="AC-TRM-01", name=name)
    if found.state is not TerminalState.REGISTERED:
        raise Refusal(
            N_("The terminal {name} is {state}, so it can't be taken out."),
            control="AC-TRM-01",
            name=name,
            state=Phrase(TERMINAL_STATE_TITLES[found.state]),
        )


def begin(
    tx: Transaction, name: str, *, staff_number: str, purpose: str, due: datetime, request: str, actor: str
) -> None:
    """Let a terminal out until ``due`` (acts ``terminal.state-set``, ``terminal.taken-out``); its sessions end."""
    require_here(tx, name)
    terminals.set_state(tx, name, TerminalState.OUT, reason=request, actor=actor)
    tx.execute(
        "INSERT INTO terminal_outing (terminal, staff_number, purpose, due, request, out_at) VALUES (?, ?, ?, ?, ?, ?)",
        (name, staff_number, purpose, to_text(due), request, to_text(tx.at)),
    )
    tx.record(
        "terminal.taken-out",
        actor=actor,
        subject=name,
        staff_number=staff_number,
        purpose=purpose,
        due=to_text(due),
        request=request,
    )


def end(tx: Transaction, name: str, *, actor: str) -> None:
    """Note that a terminal is back and may be used again (acts ``terminal.state-set``, ``terminal.returned``)."""
    changed = tx.execute(
        "UPDATE terminal_outing SET back_at = ?, back_by = ? WHERE terminal = ? AND back_at IS NULL",
        (to_text(tx.at), actor, name),
    ).rowcount
    if changed != 1:
        raise Refusal(N_("The terminal {name} is not out."), control="AC-TRM-01", name=name)
    terminals.set_state(tx, name, TerminalState.REGISTERED, reason="returned", actor=actor)
    tx.record("terminal.returned", actor=actor, subject=name)


def every(reader: Reader) -> list[Outing]:
    """Return every taking-out, those that ended too, the newest first; a damaged one is passed over and noted."""
    found = reader.rows("SELECT * FROM terminal_outing ORDER BY number DESC")
    return rows.values(found, _outing, reader.note_damage)


_outing: Final = rows.Mapper(Outing, "terminal_outing", "number")
