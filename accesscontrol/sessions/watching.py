"""The second person of a session: watching it live from another terminal, being present, and having it stopped.

Presence is a lock on a file that the watching console holds: the kernel lets go of it in the moment in which that
console ends or dies, so that nobody is present longer than they are. Who took the lock stands in the trail, and only
both together count. A stop is asked for through the trail as well; whoever supervises the session looks for it there.
"""

import fcntl
import hashlib
import os
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from accesscontrol.canonical import JSON, canonical
from accesscontrol.clock import Clock, to_text
from accesscontrol.messages import N_
from accesscontrol.people.keys import Signature
from accesscontrol.people.roles import Role
from accesscontrol.refusals import Refusal
from accesscontrol.requests.desk import Acting, check_role
from accesscontrol.sessions.recording_file import is_locked
from accesscontrol.store import Store
from accesscontrol.trail import entries
from accesscontrol.trail.entries import Entry

WATCHED: Final = "session.watched"
UNWATCHED: Final = "session.watch-ended"
STOP_ASKED: Final = "session.stop-asked"
WATCHERS: Final = frozenset({Role.WITNESS, Role.SECURITY_OFFICER, Role.SUPERIOR})

Signing = Callable[[bytes], Signature]


def watch_message(session: str, staff_number: str) -> bytes:
    """Return what a watcher's signature is over."""
    return _message({"act": WATCHED, "session": session, "watcher": staff_number})


def stop_message(session: str, staff_number: str, reason: str) -> bytes:
    """Return what the signature of one who stops a session in place is over."""
    return _message({"act": STOP_ASKED, "session": session, "by": staff_number, "reason": reason})


def _message(value: Mapping[str, JSON]) -> bytes:
    return hashlib.sha256(canonical(value)).digest()


class Watch:
    """One person watching one session, from :func:`watch` until ``leave``; a console that dies leaves too."""

    def __init__(self, store: Store, session: str, watcher: Acting, descriptor: int) -> None:
        self.session = session
        self.watcher = watcher
        self._store = store
        self._descriptor = descriptor

    @property
    def holds(self) -> bool:
        """Tell whether the person is still present by this watch."""
        return self._descriptor >= 0

    def leave(self, reason: str = "left") -> None:
        """End the watch; a second call does nothing. The session learns of it at once."""
        if not self.holds:
            return
        descriptor, self._descriptor = self._descriptor, -1
        os.close(descriptor)
        with self._store.transaction() as tx:
            tx.record(
                UNWATCHED,
                actor=self.watcher.staff_number,
                subject=self.session,
                terminal=self.watcher.terminal,
                reason=reason,
            )


def watch(store: Store, folder: Path, session: str, watcher: Acting, *, executor: str, sign: Signing) -> Watch:
    """Let ``watcher`` be present at ``session``, signed with both factors (``sign``).

    ``folder`` holds the recordings. Raises ``Refusal`` for the executor, a person without the role, and a person who
    watches it already at another screen.
    """
    if watcher.staff_number == executor:
        raise Refusal(N_("Nobody watches their own session: the second person is someone else."), control="AC-AUT-03")
    descriptor = _taken(_place(folder, session, watcher.staff_number))
    try:
        signature = sign(watch_message(session, watcher.staff_number))
        _check_signer(signature, watcher)
        with store.transaction() as tx:
            check_role(tx, watcher, WATCHERS)
            tx.record(
                WATCHED,
                actor=watcher.staff_number,
                subject=session,
                terminal=watcher.terminal,
                key=signature.key_id,
                factor=signature.factor_kind,
                signature=signature.value.hex(),
            )
    except BaseException:
        os.close(descriptor)
        raise
    return Watch(store, session, watcher, descriptor)


def _check_signer(signature: Signature, person: Acting) -> None:
    if signature.staff_number != person.staff_number:
        raise Refusal(N_("This is another person's signature."), control="AC-AUT-03")


def _place(folder: Path, session: str, staff_number: str) -> Path:
    return folder / "present" / session / staff_number.encode().hex()


def _taken(place: Path) -> int:
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(place, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        for _ in range(50):  # a session that looks holds it for a moment
            with suppress(BlockingIOError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return descriptor
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)
    raise Refusal(N_("You are watching this session already, at another screen."), control="AC-AUT-03")


@dataclass(frozen=True, slots=True)
class Attendance:
    """Who is present at a session right now, as its supervision asks.

    ``apart`` are the staff numbers that never count: requester, approvers and executor (one person, one part).
    """

    store: Store
    folder: Path
    session: str
    apart: Collection[str] = frozenset()

    def present(self) -> frozenset[str]:
        """Return the staff numbers of those who are present and count."""
        holding = self._holding() - set(self.apart)
        return frozenset(holding & self._signed()) if holding else frozenset()

    def require(self) -> None:
        """Refuse a session whose second person isn't there."""
        if not self.present():
            raise Refusal(
                N_("{session} waits for its second person: someone else must watch it before it goes on."),
                control="AC-AUT-03",
                session=self.session,
            )

    def _holding(self) -> set[str]:
        places = self.folder / "present" / self.session
        if not places.is_dir():
            return set()
        return {bytes.fromhex(place.name).decode() for place in places.iterdir() if is_locked(place)}

    def _signed(self) -> set[str]:
        signed: set[str] = set()
        for entry in _told(self.store, self.session, WATCHED, UNWATCHED):
            (signed.add if entry.act == WATCHED else signed.discard)(entry.actor)
        return signed


def _told(store: Store, session: str, *acts: str) -> list[Entry]:
    """Return the entries of these acts about ``session``, oldest first."""
    marks = ",".join("?" * len(acts))
    rows = store.rows(
        # only question marks
        f"SELECT seq FROM trail_entry WHERE subject <> '' AND subject = ? AND act IN ({marks})",  # noqa: S608
        (session, *acts),
    )
    return sorted(entries.numbered(store, [row["seq"] for row in rows]), key=lambda entry: entry.number)


class Moderation:
    """Decides for a session that needs its second person whether it goes on.

    One who leaves may come back within ``grace`` seconds; until then nothing that the executor types may pass
    (``pending``), after that the session ends (``lapsed``).
    """

    def __init__(self, attendance: Attendance, clock: Clock, *, grace: float = 15.0) -> None:
        attendance.require()
        self._attendance = attendance
        self._clock = clock
        self._grace = grace
        self._absent_since: float | None = None

    def look(self) -> None:
        """See who is present now; call it several times a second."""
        if self._attendance.present():
            self._absent_since = None
        elif self._absent_since is None:
            self._absent_since = self._clock.uptime().seconds

    @property
    def pending(self) -> bool:
        """Tell whether nobody was present at the last look."""
        return self._absent_since is not None

    @property
    def lapsed(self) -> bool:
        """Tell whether nobody has been present for longer than the grace."""
        return self._absent_since is not None and self._clock.uptime().seconds - self._absent_since >= self._grace


@dataclass(frozen=True, slots=True)
class Stop:
    """That a session is to end at once, who said so, and why."""

    by: str
    at: str
    reason: str


def ask_stop(store: Store, session: str, actor: Acting, *, reason: str, sign: Signing | None = None) -> None:
    """Have ``session`` stopped at once. ``sign`` is for one who proves both factors in place, at another's screen.

    Whoever may watch may stop; one who asks twice changes nothing.
    """
    if not reason.strip():
        raise Refusal(N_("Give a reason: it is kept with the entry."))
    signature = sign(stop_message(session, actor.staff_number, reason)) if sign else None
    if signature is not None:
        _check_signer(signature, actor)
    with store.transaction() as tx:
        check_role(tx, actor, WATCHERS)
        tx.record(
            STOP_ASKED,
            actor=actor.staff_number,
            subject=session,
            terminal=actor.terminal,
            reason=reason,
            key=signature.key_id if signature else None,
            signature=signature.value.hex() if signature else None,
        )


def stop_asked(store: Store, session: str) -> Stop | None:
    """Return the first request to stop ``session``, or None; cheap enough to ask several times a second."""
    for found in _told(store, session, STOP_ASKED):
        return Stop(found.actor, to_text(found.at), str(found.details.get("reason", "")))
    return None
