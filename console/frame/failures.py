"""What is kept of a failure: where it happened, and nothing of what it happened to.

A trace names files, lines and functions and the kind of each error. Local variables and error texts may
hold names and numbers of people, so neither is ever written.
"""

import os
import traceback
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path


def trace(error: BaseException) -> Iterator[str]:
    """Yield the lines of ``error``'s trace, from the first cause on, without texts and values."""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        yield from trace(cause)
        yield "which led to"
    for frame in traceback.extract_tb(error.__traceback__, limit=-60):
        yield f"  {frame.filename}:{frame.lineno} {frame.name}"
    yield f"{type(error).__module__}.{type(error).__qualname__}"


def write_trace(error: BaseException, folder: Path, at: datetime) -> tuple[str, Path]:
    """Write ``error``'s trace to a new file under ``folder`` (0700) that only the owner reads (0600).

    ``at`` is an aware instant. Returns the number to quote and the file; raises OSError if it cannot.
    """
    from secrets import token_hex

    number = f"{at:%Y%m%d-%H%M%S}-{token_hex(2)}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{number}.txt"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write("\n".join((number, *trace(error), "")))
    return number, path
