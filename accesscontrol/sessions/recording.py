"""Recording a session as asciicast v3: one write per event, synced while it grows, every byte in a running digest.

Nothing of a session goes unrecorded: a recording that can't be written raises, tells its session at once, and stays
failed. Secrets and individual numbers are masked before they are written (``masking``). The file is only ever
appended to; what it held at each anchor stands in the trail (``anchoring``), so that any later change is found.
"""

import hashlib
import os
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import msgspec

from accesscontrol.canonical import JSON
from accesscontrol.clock import Clock
from accesscontrol.messages import N_
from accesscontrol.people.secret import Secret
from accesscontrol.refusals import Refusal
from accesscontrol.sessions.masking import Masking, masked_whole
from accesscontrol.sessions.recording_file import created, sync_folder
from accesscontrol.sessions.streams import Stream

SYNC_SECONDS: Final = 0.25
HELD_SECONDS: Final = 1.0
ANCHOR_SECONDS: Final = 10.0
ANCHOR_BYTES: Final = 1 << 20
LOW_WATER: Final = 64 << 20
EVENT_CHARACTERS: Final = 32_768
_KEEPER_SECONDS: Final = 60.0  # longer than the trail lets anybody wait; a disk that hangs longer holds nobody twice
_MICROSECONDS: Final = 1_000_000
_JSON: Final = msgspec.json.Encoder()
_UNREADABLE: Final = re.compile("[\udc80-\udcff]+")


class Stage(StrEnum):
    """Where in its life a recording is when it is anchored."""

    OPENED = "opened"
    GROWN = "grown"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Mark:
    """What a recording holds at one moment: the SHA-256 of its first ``size`` bytes, which are ``lines`` lines."""

    size: int
    lines: int
    sha256: str
    status: str = ""
    failure: str = ""


Anchor = Callable[[Stage, Mark], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What the first line of a recording says about its session. ``encoding`` is what the target's programs write."""

    session: str
    request: str
    title: str
    command: str
    target: str
    executor: str
    terminal: str
    columns: int = 80
    rows: int = 24
    encoding: str = "utf-8"


class Recording:
    """One session's recording, open for appending; safe to call from several threads.

    ``output`` and ``input`` take the bytes as they passed; ``marker``, ``sql`` and ``resize`` say what happened beside
    them. Each raises ``Refusal`` (MO-LOG-01) once the recording can't be written; ``failed`` is then called as well,
    once and from whichever thread found it, so that a session that is silent at that moment ends too.
    """

    def __init__(
        self,
        path: Path,
        heading: Heading,
        *,
        clock: Clock,
        anchor: Anchor,
        secrets: Iterable[Secret] = (),
        failed: Callable[[Refusal], None] = lambda _refusal: None,
        low_water: int = LOW_WATER,
    ) -> None:
        self.path = path
        self._clock = clock
        self._anchor = anchor
        self._failed = failed
        self._failure: Refusal | None = None
        self._closed = False
        self._lock = threading.RLock()
        self._stop = threading.Event()
        self._digest = hashlib.sha256()
        self._size = self._lines = 0
        self._secrets = tuple(secrets)
        self._output = Stream("o", Masking(self._secrets), heading.encoding)
        self._input = Stream("i", Masking(self._secrets), heading.encoding)
        self._hiding = False
        self._last = self._microseconds()
        self._dirty = False
        self._descriptor = created(path, low_water)
        try:
            self._write(_line(_header(heading, clock, self._secrets)))
            self._check()
            os.fsync(self._descriptor)
            sync_folder(path.parent)
            self._anchored = self._mark()
            self._anchored_at = self._last
            anchor(Stage.OPENED, self._anchored)
        except BaseException:
            os.close(self._descriptor)
            raise
        self._keeper = threading.Thread(target=self._keep, name=f"recording {path.name}", daemon=True)
        self._keeper.start()

    # -- what passes ----------------------------------------------------------------------------------

    def output(self, data: bytes) -> None:
        """Record bytes that the session's process wrote."""
        with self._lock:
            self._check()
            self._emit(self._output, self._output.feed(data))
            self._check()

    def input(self, data: bytes, *, hidden: bool = False) -> None:
        """Record bytes before they are sent to the session's process, synced when this returns.

        ``hidden`` input (the process doesn't echo: it asks for a password) is not kept; a marker says that it passed.
        """
        with self._lock:
            self._check()
            if hidden:
                if not self._hiding:
                    self._event("m", "hidden input")
            else:
                self._emit(self._input, self._input.feed(data))
            self._hiding = hidden
            self._sync()
            self._check()

    def marker(self, label: str) -> None:
        """Record a step, after everything that passed before it."""
        with self._lock:
            self._check()
            self._release()
            self._event("m", masked_whole(_readable(label), self._secrets))
            self._check()

    def sql(self, statement: str, rows: int) -> None:
        """Record one SQL statement and how many rows it returned or changed (-1: the server didn't say)."""
        counted = "rows not told" if rows < 0 else f"{rows} rows"
        self.marker(f"sql [{counted}] {' '.join(statement.split())}")

    def resize(self, columns: int, rows: int) -> None:
        """Record the terminal's new size in cells."""
        with self._lock:
            self._check()
            self._event("r", f"{columns}x{rows}")
            self._check()

    def close(self, status: int | str) -> Mark:
        """End the recording and return its final mark; a second call returns the same.

        ``status`` is the exit status, or a word for a session that ended without one (``interrupted``). Raises
        ``Refusal`` when the end itself can't be written; the trail then says ``failed``.
        """
        self._stop.set()
        if self._keeper is not threading.current_thread():
            self._keeper.join(_KEEPER_SECONDS)
        with self._lock:
            if self._closed:
                return self._anchored
            failed_before = self._failure is not None
            self._end(status)
            self._closed = True
            os.close(self._descriptor)
            self._anchored = self._mark(str(status))
            self._anchor(Stage.CLOSED, self._anchored)
            if self._failure is not None and not failed_before:
                raise self._failure
            return self._anchored

    @property
    def failure(self) -> Refusal | None:
        """Why nothing more can be recorded, or None."""
        return self._failure

    def _end(self, status: int | str) -> None:
        for stream in (self._output, self._input):
            self._emit(stream, stream.finish())
        if isinstance(status, int):
            self._event("x", str(status))
        else:
            self._event("m", f"session {status}")
        self._sync()

    # -- lines ----------------------------------------------------------------------------------------

    def _emit(self, stream: Stream, text: str) -> None:
        for piece in _pieces(text):
            readable = piece
            if not piece.isascii() and _UNREADABLE.search(piece):
                # bytes that the declared encoding can't read, by their place in the event that follows
                stray = {str(each.start()): _octets(each.group()) for each in _UNREADABLE.finditer(piece)}
                self._write(b"# undecodable " + _line(stray))
                readable = _UNREADABLE.sub(lambda each: "\ufffd" * len(each.group()), piece)
            self._event(stream.code, readable)

    def _event(self, code: str, data: str) -> None:
        now = self._microseconds()
        self._write(_line([max(0, now - self._last) / _MICROSECONDS, code, data]))
        self._last = max(now, self._last)

    def _write(self, line: bytes) -> None:
        if self._failure is not None:
            return
        try:
            if os.write(self._descriptor, line) != len(line):
                os.ftruncate(self._descriptor, self._size)  # a line stands whole or not at all
                raise OSError(28, os.strerror(28))
        except OSError as error:
            self._fail(error.strerror or str(error))
            return
        self._digest.update(line)
        self._size += len(line)
        self._lines += 1
        self._dirty = True

    def _microseconds(self) -> int:
        return round(self._clock.uptime().seconds * _MICROSECONDS)

    def _mark(self, status: str = "") -> Mark:
        failure = "" if self._failure is None else str(self._failure.fields["reason"])
        return Mark(self._size, self._lines, self._digest.hexdigest(), status, failure)

    # -- keeping --------------------------------------------------------------------------------------

    def _keep(self) -> None:
        """Sync what was written, release what was held back, and anchor what has grown, until the recording ends."""
        while not self._stop.wait(SYNC_SECONDS):
            with self._lock:
                if self._failure is not None:
                    return
                self._release(older_than=HELD_SECONDS)
            self._sync()
            self._anchor_growth()

    def _release(self, older_than: float = 0.0) -> None:
        for stream in (self._output, self._input):
            if stream.holds_for(older_than, self._clock):
                self._emit(stream, stream.expire())

    def _sync(self) -> None:
        if self._dirty and self._failure is None:
            self._dirty = False
            try:
                os.fdatasync(self._descriptor)
            except OSError as error:
                self._fail(error.strerror or str(error))

    def _anchor_growth(self) -> None:
        with self._lock:
            mark, now = self._mark(), self._microseconds()
        grown, waited = mark.size - self._anchored.size, (now - self._anchored_at) / _MICROSECONDS
        if not grown or waited < (1.0 if grown >= ANCHOR_BYTES else ANCHOR_SECONDS):
            return
        try:
            self._anchor(Stage.GROWN, mark)
        except Refusal as refusal:
            self._fail(str(refusal))
            return
        self._anchored, self._anchored_at = mark, now

    def _check(self) -> None:
        if self._failure is not None:
            raise self._failure
        if self._closed:
            raise Refusal(N_("The recording {name} is closed."), control="MO-LOG-01", name=self.path.name)

    def _fail(self, reason: str) -> None:
        with self._lock:
            if self._failure is not None:
                return
            self._failure = Refusal(
                N_("The session ends: its recording {name} can't be written ({reason}). Free space, then begin anew."),
                control="MO-LOG-01",
                name=self.path.name,
                reason=reason,
            )
        self._failed(self._failure)


def _header(heading: Heading, clock: Clock, secrets: tuple[Secret, ...]) -> Mapping[str, JSON]:
    told = {
        "session": heading.session,
        "request": heading.request,
        "target": heading.target,
        "executor": heading.executor,
        "terminal": heading.terminal,
        "encoding": heading.encoding,
    }
    return {
        "version": 3,
        "term": {"cols": heading.columns, "rows": heading.rows, "type": "xterm-256color"},
        "timestamp": int(clock.now().timestamp()),
        "title": masked_whole(_readable(heading.title), secrets),
        "command": masked_whole(_readable(heading.command), secrets),
        "sekisho": {name: masked_whole(_readable(value), secrets) for name, value in told.items()},
    }


def _line(value: object) -> bytes:
    return _JSON.encode(value) + b"\n"


def _readable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _pieces(text: str) -> Iterator[str]:
    for start in range(0, len(text), EVENT_CHARACTERS):
        yield text[start : start + EVENT_CHARACTERS]


def _octets(escaped: str) -> str:
    return escaped.encode("ascii", "surrogateescape").hex()
