"""Writing a recording as plain asciicast v3, which any asciinema player of that version takes."""

import os
from pathlib import Path
from typing import Final

import msgspec

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.sessions.replaying import LINE_BYTES, open_recording

_KNOWN: Final = ("version", "term", "timestamp", "title", "command", "idle_time_limit", "env", "tags")


def export(source: Path, target: Path) -> int:
    """Write ``source`` to the new file ``target`` and return its events.

    The console's own facts and comments stay behind, and so does a last line that is not whole. Raises ``Refusal``
    when there is something at ``target``; what could not be written whole is taken away again.
    """
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise Refusal(
            N_("{path} can't be made ({reason}). Name a new file."), path=str(target), reason=error.strerror
        ) from None
    try:
        with open_recording(source) as file, os.fdopen(descriptor, "wb") as out:
            header = msgspec.json.decode(file.readline(LINE_BYTES))
            out.write(msgspec.json.encode({name: header[name] for name in _KNOWN if name in header}) + b"\n")
            events = 0
            while (line := file.readline(LINE_BYTES)).endswith(b"\n"):
                if not line.startswith(b"#"):
                    out.write(line)
                    events += 1
            out.flush()
            os.fsync(out.fileno())
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return events
