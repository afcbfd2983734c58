"""The register of terminals from which the console may be used (AC-AUT-04, AC-TRM-01, AC-TRM-02)."""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from accesscontrol import rows
from accesscontrol.clock import to_text
from accesscontrol.messages import N_
from accesscontrol.people.reading import Reader
from accesscontrol.refusals import Refusal
from accesscontrol.store import Transaction


class TerminalPlace(StrEnum):
    """Where a terminal stands."""

    SERVER_ROOM = "server_room"
    OFFICE = "office"


PLACE_TITLES: Final[Mapping[TerminalPlace, str]] = {
    TerminalPlace.SERVER_ROOM: N_("Server room"),
    TerminalPlace.OFFICE: N_("Office"),
}


class TerminalState(StrEnum):
    """Whether a terminal may be used: one that is out of the office may not (AC-TRM-01)."""

    REGISTERED = "registered"
    OUT = "out"
    REMOVED = "removed"


TERMINAL_STATE_TITLES: Final[Mapping[TerminalState, str]] = {
    TerminalState.REGISTERED: N_("registered"),
    TerminalState.OUT: N_("taken out"),
    TerminalState.REMOVED: N_("removed"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminal:
    """A registered terminal.

    ``fact`` is what the host itself observes of it (see :func:`present_fact`). ``restricted`` says that it
    reaches no internet, no e-mail and no external media, as temporary staff need (AC-TRM-02).
    """

    name: str
    place: TerminalPlace
    fact: str
    restricted: bool = False
    state: TerminalState = TerminalState.REGISTERED


def present_fact() -> str:
    """Return what this host observes of the terminal in use: ``HOST:tty1``, ``HOST:192.0.2.7`` or ``HOST:pts``.

    The far address comes from the login record that sshd writes, not from the environment, which the person
    at the terminal could set.
    """
    import psutil

    host = socket.gethostname()
    line = _own_line()
    if not line.startswith("pts"):
        return f"{host}:{line}"
    far = [user.host for user in psutil.users() if user.terminal == line and user.host]
    return f"{host}:{far[-1] if far else 'pts'}"


def _own_line() -> str:
    for descriptor in (0, 1, 2):
        try:
            return os.ttyname(descriptor).removeprefix("/dev/")
        except OSError:
            continue
    return "none"


def register(tx: Transaction, terminal: Terminal, *, actor: str) -> None:
    """Enter a terminal into the register (act ``terminal.registered``)."""
    for text in (terminal.name, terminal.fact):
        if not text.strip() or not text.isprintable():
            raise Refusal(N_("A terminal needs a name and what this host sees of it, without control characters."))
    taken = tx.row(
        "SELECT name FROM terminal WHERE name = ? OR (fact = ? AND state <> 'removed')",
        (terminal.name, terminal.fact),
    )
    if taken is not None:
        raise Refusal(
            N_("The terminal {name} already has this name, or is the one that this host sees there."),
            control="AC-AUT-04",
            name=taken["name"],
        )
    tx.execute(
        "INSERT INTO terminal (name, place, fact, restricted, state) VALUES (?, ?, ?, ?, 'registered')",
        (terminal.name, terminal.place.value, terminal.fact, int(terminal.restricted)),
    )
    tx.record(
        "terminal.registered",
        actor=actor,
        subject=terminal.name,
        place=terminal.place.value,
        fact=terminal.fact,
        restricted=terminal.restricted,
    )


def move(tx: Transaction, name: str, fact: str, *, actor: str) -> None:
    """Let a terminal in the register be known by another fact (act ``terminal.moved``).

    Refused when the fact is another terminal's, or somebody has a session at this one.
    """
    other = find_by_fact(tx, fact)
    if other is not None:
        raise Refusal(N_("This host sees the terminal {name} there already."), control="AC-AUT-04", name=other.name)
    if in_use(tx, name):
        raise Refusal(N_("Somebody is signed in at the terminal {name}."), control="AC-AUT-04", name=name)
    changed = tx.execute("UPDATE terminal SET fact = ? WHERE name = ? AND state <> 'removed'", (fact, name)).rowcount
    if changed != 1:
        raise Refusal(N_("There is no registered terminal {name}."), control="AC-AUT-04", name=name)
    tx.record("terminal.moved", actor=actor, subject=name, fact=fact)


def in_use(reader: Reader, name: str) -> bool:
    """Whether somebody has a session at the terminal."""
    return reader.row("SELECT 1 FROM operator_session WHERE terminal = ? AND ended_at IS NULL", (name,)) is not None


def set_state(tx: Transaction, name: str, state: TerminalState, *, reason: str, actor: str) -> None:
    """Mark a terminal as out, back or removed (act ``terminal.state-set``); a removed one stays removed.

    Out and removed end its open sessions at once.
    """
    changed = tx.execute(
        "UPDATE terminal SET state = ? WHERE name = ? AND state <> 'removed'", (state.value, name)
    ).rowcount
    if changed != 1:
        raise Refusal(N_("There is no registered terminal {name}."), control="AC-AUT-04", name=name)
    if state is not TerminalState.REGISTERED:
        tx.execute(
            "UPDATE operator_session SET ended_at = ?, end_reason = 'terminal' WHERE terminal = ? AND ended_at IS NULL",
            (to_text(tx.at), name),
        )
    tx.record("terminal.state-set", actor=actor, subject=name, state=state.value, reason=reason)


def find_by_fact(reader: Reader, fact: str) -> Terminal | None:
    """Return the terminal in the register (out or not, never a removed one) with this fact, or None."""
    return _one(reader, "fact = ? AND state <> 'removed'", fact)


def find(reader: Reader, name: str) -> Terminal | None:
    """Return the terminal with this name, removed ones too, or None."""
    return _one(reader, "name = ?", name)


def every(reader: Reader) -> list[Terminal]:
    """Return all terminals in order of their names."""
    return rows.values(reader.rows("SELECT * FROM terminal ORDER BY name"), _terminal, reader.note_damage)


def _one(reader: Reader, where: str, value: str) -> Terminal | None:
    row = reader.row(f"SELECT * FROM terminal WHERE {where}", (value,))  # noqa: S608 - where is a constant above
    return None if row is None else _terminal(row)


_terminal: Final = rows.Mapper(Terminal, "terminal", "name")
