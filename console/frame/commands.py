"""What the palette can run."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Command:
    """One act by name. ``title`` and ``help`` are words already in the reader's language.

    ``also`` are other names by which it is found (:func:`console.frame.readings.names`).
    """

    title: str
    run: Callable[[], Any]
    help: str = ""
    key: str = ""
    also: str = ""
