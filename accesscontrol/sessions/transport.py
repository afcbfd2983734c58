"""What a controlled session needs of its way to a host: run a named task there, reach the one declared service, end.

Over SSH (``ssh``) or on this machine: supervision and recording know only these types. A command names a task that the
host itself lists; it is a list of plain words and never a line for a shell.
"""

import re
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal

TIME_OVER: Final = 124
LET_GO: Final = 125
NOT_RUN: Final = 126
NOT_FOUND: Final = 127
NOT_KNOWN: Final = -1
"""The exit statuses with a meaning of their own, as the task gate and the local warden give them."""

_TASK: Final = re.compile(r"[a-z][a-z0-9_-]{0,63}")
_WORD: Final = re.compile(r"[A-Za-z0-9_.:=,@/+%-]{1,200}")
_MOST_WORDS: Final = 32


class Known(StrEnum):
    """What is known of a command on the far side."""

    NOT_BEGUN = "not-begun"
    UNKNOWN = "unknown"
    RUNNING = "running"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Command:
    """The name of a task that the host lists, and the words that it is given."""

    words: tuple[str, ...]

    def __post_init__(self) -> None:
        name, *arguments = self.words or ("",)
        plain = _TASK.fullmatch(name) and all(map(_WORD.fullmatch, arguments)) and len(arguments) < _MOST_WORDS
        if not plain or any(".." in word for word in arguments):
            raise Refusal(
                N_("{command} is not a command for a host: the name of a task and plain words, without quotes."),
                control="AC-AUT-03",
                command=" ".join(map(repr, self.words)),
            )

    @classmethod
    def of(cls, words: Sequence[str]) -> "Command":
        """Return the command of these words; raises ``Refusal`` for anything that a shell could read differently."""
        return cls(tuple(words))

    @property
    def text(self) -> str:
        """The command as one line, from which the host reads the very same words."""
        return " ".join(self.words)


class Process(Protocol):
    """One command that runs on the far side."""

    @property
    def over(self) -> str:
        """How it came to its end, in the words of what ended it; nothing until then.

        ``ended`` by itself, ``time-over`` with the window, ``let-go`` from here, ``revoked`` with its certificate,
        ``refused`` before it began.
        """
        ...

    def read(self, timeout: float) -> bytes | None:
        """Return what the command wrote, ``b""`` at the end of all its output, None after ``timeout`` seconds."""
        ...

    def end(self) -> None:
        """Let go: the far side ends the command and all that it started. What it wrote can still be read."""
        ...

    def wait(self, timeout: float) -> int | None:
        """Return the exit status, or None when it has not ended within ``timeout`` seconds.

        124: its time was over; 125: it was ended from here; 126, 127: it could not be run; 128 and more: a signal.
        Negative: the link was lost or the far side died, and what became of the command is not known.
        """
        ...

    def close(self) -> None:
        """End what still runs and give everything back."""
        ...


class Transport(Protocol):
    """A way to one host, open until ``close``."""

    @property
    def lost(self) -> str:
        """Why the host can't be reached any more, or nothing; cheap enough to ask ten times a second."""
        ...

    def start(self, command: Command) -> Process:
        """Start ``command`` on the host; raises ``Refusal`` when the host does not take it."""
        ...

    def tunnel(self) -> AbstractContextManager[Path]:
        """Open the one declared tunnel: a private folder with a Unix socket for libpq (``host=<folder>``)."""
        ...

    def close(self) -> None:
        """Let go of everything at once, tunnel and commands included; a second call does nothing."""
        ...
