"""Writing one entry into the book, inside the transaction of the act that it records."""

import re
import secrets
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Final

import msgspec

from accesscontrol.canonical import JSON, canonical
from accesscontrol.clock import Uptime, to_text
from accesscontrol.individual_numbers import mask_individual_numbers
from accesscontrol.trail.chain import CHAIN_START, end_mark, keyed
from accesscontrol.trail.chunks import END_MISSING
from accesscontrol.trail.tree import leaf_hash

SALT_BYTES = 16
CLOCK_STEPPED: Final = "clock.stepped"
CLOCK: Final = "clock"  # the subject of the entries about it
BOOK: Final = "trail"
_ACT = re.compile(r"[a-z]+(-[a-z]+)*\.[a-z]+(-[a-z]+)*")
_CLOCK_TOLERANCE = timedelta(seconds=2)
_INSERT = "INSERT INTO trail_entry (seq, body, leaf, chain) VALUES (?, ?, ?, ?)"
LAST = """
    SELECT last.seq, body, chain, trail_end.seq AS marked, mark FROM (SELECT 1)
    LEFT JOIN trail_end LEFT JOIN trail_entry AS last ON last.seq = (SELECT max(seq) FROM trail_entry)
"""
_MARK = "UPDATE trail_end SET seq = ?, mark = ?"
_FIRST_MARK = "INSERT INTO trail_end (one, seq, mark) VALUES (1, ?, ?)"


class _Times(msgspec.Struct):
    """When an entry was written: by the wall clock (aware), and by milliseconds since the start named ``boot``."""

    at: Annotated[datetime, msgspec.Meta(tz=True)]
    boot: str
    uptime: int


class _Body(msgspec.Struct):
    """The fields of an entry, ordered by name as RFC 8785 wants them; ``details`` are canonical already."""

    act: str
    actor: str
    at: str
    boot: str
    details: msgspec.Raw
    number: int
    outcome: str
    salt: str
    subject: str
    terminal: str
    uptime: int


_read_times: Final = msgspec.json.Decoder(_Times).decode
_write_body: Final = msgspec.json.Encoder().encode


class NewEntry(msgspec.Struct, frozen=True, kw_only=True):
    """What an act tells the book about itself."""

    act: str
    actor: str
    subject: str = ""
    outcome: str = "done"
    terminal: str = ""
    details: Mapping[str, JSON] = msgspec.field(default_factory=dict)


def append(connection: sqlite3.Connection, entry: NewEntry, *, at: datetime, uptime: Uptime, seal: bytes) -> int:
    """Write ``entry`` as the next row and return its number; what is wrong before it is written first.

    The caller holds the write lock (``BEGIN IMMEDIATE``), so that numbers and chain never fork.
    """
    if not _ACT.fullmatch(entry.act):
        raise ValueError(f"not an act: {entry.act!r}")
    last: sqlite3.Row = connection.execute(LAST).fetchone()
    return _continue(connection, last, (*_wrong(last, at, uptime, seal), entry), at, uptime, seal)


def notice(connection: sqlite3.Connection, *, at: datetime, uptime: Uptime, seal: bytes) -> int:
    """Write what is wrong with the end of the book or with the clock, and return how many entries that took."""
    last: sqlite3.Row = connection.execute(LAST).fetchone()
    wrong = _wrong(last, at, uptime, seal)
    if wrong:
        _continue(connection, last, wrong, at, uptime, seal)
    return len(wrong)


def _continue(
    connection: sqlite3.Connection,
    last: sqlite3.Row,
    new: Sequence[NewEntry],
    at: datetime,
    uptime: Uptime,
    seal: bytes,
) -> int:
    seq, chain = (last["seq"], last["chain"]) if last["seq"] is not None else (0, CHAIN_START)
    for each in new:
        seq, chain = _write(connection, each, seq + 1, chain, at, uptime, seal)
    end = (seq, end_mark(seal, seq, chain))
    if not connection.execute(_MARK, end).rowcount:
        connection.execute(_FIRST_MARK, end)
    return seq


def _wrong(last: sqlite3.Row, at: datetime, uptime: Uptime, seal: bytes) -> tuple[NewEntry, ...]:
    """Return the entries for an end that is not the marked one (somebody cut the book) and for a moved clock."""
    cut = _cut(last["marked"], last["mark"], last["seq"] or 0, last["chain"], seal)
    step = _clock_step(last["body"], at, uptime)
    return tuple(each for each in (cut, step) if each)


def is_end(marked: object, mark: object, seq: int, chain: object, seal: bytes) -> bool:
    """Tell whether row ``seq`` with this chain value is the one that was marked as the last; 0 is an empty book's."""
    if not seq:
        return marked is None
    return isinstance(chain, bytes) and (marked, mark) == (seq, end_mark(seal, seq, chain))


def _cut(marked: object, mark: object, seq: int, chain: object, seal: bytes) -> NewEntry | None:
    """Return the entry for an end that is not the one that was marked, or None."""
    if is_end(marked, mark, seq, chain, seal):
        return None
    details: dict[str, JSON] = {"last_entry": seq, "marked_entry": marked if isinstance(marked, int) else None}
    return NewEntry(act=END_MISSING, actor="system", subject=BOOK, outcome="failed", details=details)


def _write(
    connection: sqlite3.Connection,
    entry: NewEntry,
    seq: int,
    chain: bytes,
    at: datetime,
    uptime: Uptime,
    seal: bytes,
) -> tuple[int, bytes]:
    body = _write_body(
        _Body(
            act=entry.act,
            actor=mask_individual_numbers(entry.actor),
            at=to_text(at),
            boot=uptime.boot,
            details=msgspec.Raw(canonical(masked(entry.details))),
            number=seq,
            outcome=entry.outcome,
            salt=secrets.token_hex(SALT_BYTES),
            subject=mask_individual_numbers(entry.subject),
            terminal=mask_individual_numbers(entry.terminal),
            uptime=_milliseconds(uptime),
        )
    )
    leaf = leaf_hash(body)
    chain = keyed(seal)(chain, leaf)
    connection.execute(_INSERT, (seq, body, leaf, chain))
    return seq, chain


def _milliseconds(uptime: Uptime) -> int:
    return round(uptime.seconds * 1000)


def _clock_step(last: bytes | None, at: datetime, uptime: Uptime) -> NewEntry | None:
    """Return the entry for a clock that was moved since the last row, or None.

    Within one boot the wall clock must advance as much as the uptime does; across a restart only going backwards
    can be told. A last row that somebody made unreadable tells nothing here; the verification names it.
    """
    if last is None:
        return None
    try:
        written = _read_times(last)
    except (ValueError, TypeError):
        return None
    error = at - written.at
    if written.boot == uptime.boot:
        error -= timedelta(milliseconds=_milliseconds(uptime) - written.uptime)
    elif error >= timedelta():
        return None
    if abs(error) <= _CLOCK_TOLERANCE:
        return None
    return NewEntry(
        act=CLOCK_STEPPED,
        actor="system",
        subject=CLOCK,
        outcome="backwards" if error < timedelta() else "forwards",
        details={"seconds": round(error.total_seconds(), 3), "last_entry_at": to_text(written.at)},
    )


def masked(value: JSON) -> JSON:
    """Return ``value`` with every individual number masked: in texts, in names of fields, and as a number."""
    if isinstance(value, str):
        return mask_individual_numbers(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        text = mask_individual_numbers(str(int(value)))
        return text if "*" in text else value
    if isinstance(value, Mapping):
        return {mask_individual_numbers(key): masked(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [masked(each) for each in value]
    return value
