"""What the palette can run."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Command:
    """One act by name. ``title`` and ``help`` are words already in the reader's language.

    ``also`` is another name by which it is found: the msgid, for a keyboard that can't type the language.
    """

    title: str
    run: Callable[[], Any]
    help: str = ""
    key: str = ""
    also: str = ""
