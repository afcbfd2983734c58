"""What the terminal can draw, found out before the first paint.

``prepare_environment`` must run before the first ``import textual``, because Textual reads its switches
once, at import. ``detect`` turns what was measured into a :class:`Profile`; ``probe`` measures.

A terminal that cannot draw kanji gets English and plain lines, and the profile's ``notice`` says so.
"""

import os
import re
import select
import subprocess
import termios
import tty
from collections.abc import Callable, Mapping, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from accesscontrol.messages import N_
from console.text import fit, mask, safe_text

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "Glyphs",
    "Profile",
    "Widths",
    "detect",
    "fit",
    "mask",
    "prepare_environment",
    "probe",
    "safe_text",
]

_KEPT_SWITCHES = frozenset({"TEXTUAL_COLOR_SYSTEM", "TEXTUAL_DISABLE_KITTY_KEY"})
_ESCAPE_DELAY = "25"  # milliseconds; Textual's 100 make Esc feel dead, and local and SSH lines need fewer
_ANSWER_WITHIN = 0.5  # seconds; a terminal that stays silent for longer is taken as an ordinary one
_POSITION = re.compile(rb"\x1b\[(\d+);(\d+)R")
_AMBIGUOUS = "\u2500"  # a box line: one cell, or two where ambiguous width is wide
_KANJI = "\u65e5"

_NOTICE_NO_KANJI = N_(
    "This terminal cannot draw Japanese: English and plain lines are used. Overrule with --lang and --glyphs."
)
_NOTICE_WIDE = N_("This terminal draws lines two cells wide: plain ASCII lines are used.")


class Glyphs(StrEnum):
    """Which characters may be drawn besides letters."""

    UNICODE = "unicode"
    CP437 = "cp437"
    ASCII = "ascii"


class Widths(NamedTuple):
    """Cells by which the cursor moved; ``None`` where the terminal did not answer."""

    ambiguous: int | None = None
    kanji: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How to speak to this terminal."""

    glyphs: Glyphs = Glyphs.UNICODE
    language: str = "ja"
    kanji: bool = True
    plain_colours: bool = False  # sixteen colours of the terminal's own
    mouse: bool = False
    notice: str = ""  # msgid that says what was given up, or empty


def prepare_environment(environ: MutableMapping[str, str], profile: Profile | None = None) -> None:
    """Remove Textual's developer switches from ``environ`` and set ours, before Textual is imported.

    A log, a screenshot or played keys must not be switched on from outside. With a profile of few
    glyphs the extended keyboard protocol stays off as well.
    """
    for name in [name for name in environ if name.startswith("TEXTUAL_") and name not in _KEPT_SWITCHES]:
        del environ[name]
    environ["ESCDELAY"] = _ESCAPE_DELAY
    environ["TEXTUAL_ANIMATIONS"] = "none"
    if profile is not None and profile.glyphs is not Glyphs.UNICODE:
        environ["TEXTUAL_DISABLE_KITTY_KEY"] = "1"


def detect(
    environ: Mapping[str, str],
    *,
    client_term: str = "",
    widths: Widths = Widths(),  # noqa: B008 - immutable
    language: str | None = None,
    glyphs: str | None = None,
) -> Profile:
    """Return the profile for what was measured; ``language`` and ``glyphs`` overrule it.

    ``client_term`` is the TERM of the terminal outside tmux, ``widths`` what :func:`probe` measured.
    Raises ValueError for glyphs that are not a value of :class:`Glyphs`.
    """
    found = _measured(environ, client_term or environ.get("TERM", ""), widths)
    if glyphs is not None:
        found = replace(found, glyphs=Glyphs(glyphs))
    if language is not None:
        found = replace(found, language=language, kanji=found.kanji or language == "ja")
    if language is not None and glyphs is not None:
        found = replace(found, notice="")
    return found


def _measured(environ: Mapping[str, str], term: str, widths: Widths) -> Profile:
    language = "en" if _wanted(environ, "LC_MESSAGES").startswith("en") else "ja"
    if term in {"linux", "console"}:
        return _without_kanji(Glyphs.CP437)
    if not _speaks_utf8(environ) or term in {"dumb", "vt100", "vt220"} or widths.kanji not in {None, 2}:
        return _without_kanji(Glyphs.ASCII)
    if widths.ambiguous == 2:  # noqa: PLR2004 - two cells
        return Profile(glyphs=Glyphs.ASCII, language=language, notice=_NOTICE_WIDE)
    return Profile(language=language)


def _without_kanji(glyphs: Glyphs) -> Profile:
    return Profile(glyphs=glyphs, language="en", kanji=False, plain_colours=True, notice=_NOTICE_NO_KANJI)


def _wanted(environ: Mapping[str, str], category: str) -> str:
    """Return the locale that POSIX would choose for ``category``, or an empty string."""
    return environ.get("LC_ALL") or environ.get(category) or environ.get("LANG") or ""


def _speaks_utf8(environ: Mapping[str, str]) -> bool:
    """Return whether the locale is UTF-8; where none is set at all, the probe decides.

    Python puts ``LC_CTYPE=C.UTF-8`` in place of a plain C locale for itself (PEP 538): where LANG says
    C, that is Python speaking and not the terminal.
    """
    plain = {"C", "POSIX"}
    coerced = environ.get("LC_CTYPE") in {"C.UTF-8", "C.utf8", "UTF-8"} and environ.get("LANG") in plain
    chosen = environ.get("LC_ALL") or ("C" if coerced else _wanted(environ, "LC_CTYPE"))
    return not chosen or chosen.lower().replace("-", "").endswith("utf8")


def probe(*, language: str | None = None, glyphs: str | None = None) -> Profile:
    """Ask the terminal on standard input and output what it can draw, and return its profile."""
    environ = os.environ
    widths = Widths()
    if os.isatty(0) and os.isatty(1) and environ.get("TERM", "") not in {"linux", "dumb"}:
        widths = measure_widths(0, 1)
    return detect(
        environ,
        client_term=_tmux_client_term(environ),
        widths=widths,
        language=language,
        glyphs=glyphs,
    )


def _tmux_client_term(environ: Mapping[str, str]) -> str:
    """Return the TERM of the terminal in which tmux is shown, or an empty string outside tmux."""
    if not environ.get("TMUX"):
        return ""
    command = ["tmux", "display-message", "-p", "#{client_termname}"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=2, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stdout.strip()


def measure_widths(reader: int, writer: int) -> Widths:
    """Draw one box line and one kanji on the terminal, and return how far each moved the cursor.

    Both are erased again. A terminal that does not answer the position report gives ``None``.
    """
    question = "".join(f"\r{character}\x1b[6n" for character in (_AMBIGUOUS, _KANJI)) + "\r\x1b[K"
    with _unbuffered(reader) as is_open:
        if not is_open:
            return Widths()
        os.write(writer, question.encode())
        columns = _read_columns(lambda: _read_some(reader), count=2)
    # before and after
    return Widths(*(column - 1 for column in columns)) if len(columns) == 2 else Widths()  # noqa: PLR2004


@contextmanager
def _unbuffered(descriptor: int) -> "Iterator[bool]":
    """Hand over keys one by one and without echo while inside; false where it is no terminal."""
    try:
        before = termios.tcgetattr(descriptor)
        tty.setcbreak(descriptor)
    except termios.error:
        yield False
        return
    try:
        yield True
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def _read_some(descriptor: int) -> bytes:
    ready, _, _ = select.select([descriptor], [], [], _ANSWER_WITHIN)
    return os.read(descriptor, 1024) if ready else b""


def _read_columns(read: Callable[[], bytes], count: int) -> list[int]:
    """Return the columns of ``count`` position reports; fewer if the terminal falls silent."""
    received = b""
    while len(_POSITION.findall(received)) < count:
        more = read()
        if not more:
            break
        received += more
    return [int(column) for _, column in _POSITION.findall(received)][:count]
