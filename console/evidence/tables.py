"""Tables for others to open: CSV that no spreadsheet takes for a formula, written once and entered in the trail."""

import csv
import hashlib
import io
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.requests.desk import Acting
from console.text import safe_text
from console.translation import ngettext
from console.wiring import Installation

# What makes a spreadsheet calculate; it takes the full-width signs of a Japanese keyboard for the same.
_FORMULA_SIGNS: Final = tuple("=+-@\t\r\n＝＋－＠｜|%")
_BLANKS: Final = " \u3000\u00a0"
FOLDER: Final = "evidence"
UTF_8: Final = "utf-8-sig"
ENCODINGS: Final = (UTF_8, "cp932")


def harmless(cell: object) -> str:
    """Return ``cell`` as text that no spreadsheet calculates and no terminal obeys.

    A cell that begins like a formula, blanks aside, gets an apostrophe in front, which spreadsheets hide.
    """
    text = str(cell)
    dangerous = text.lstrip(_BLANKS).startswith(_FORMULA_SIGNS)
    plain = safe_text(text)
    return f"'{plain}" if dangerous else plain


def as_csv(headings: Sequence[str], rows: Iterable[Sequence[object]], encoding: str = UTF_8) -> bytes:
    """Return a table as CSV (RFC 4180), UTF-8 with a byte order mark, which spreadsheets need to read kanji.

    ``encoding`` may be CP932 for older programs; a character that it lacks is refused, not replaced.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow([harmless(heading) for heading in headings])
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    try:
        return text.getvalue().encode(encoding)
    except UnicodeEncodeError as error:
        raise Refusal(
            N_("{encoding} has no {character} ({code}). Choose UTF-8."),
            encoding=encoding.upper(),
            character=error.object[error.start],
            code=f"U+{ord(error.object[error.start]):04X}",
        ) from None


def folder(site: Installation) -> Path:
    """Return the folder of the site in which evidence is kept, made private when it is first needed."""
    path = site.home.path / FOLDER
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def written(rows: int, digest: str) -> str:
    """Return that so many rows were written, with the fingerprint of the file, or the beginning of it."""
    words = ngettext("{rows} row written, SHA-256 {digest}…", "{rows} rows written, SHA-256 {digest}…", rows)
    return words.format(rows=f"{rows:,}", digest=digest)


def write(site: Installation, file: Path, data: bytes, *, about: str, rows: int, actor: Acting) -> str:
    """Write ``data`` into the new ``file``, with its entry (act ``evidence.written``), and return its SHA-256.

    A file that exists is never overwritten; one whose entry can't be written is removed again.
    """
    digest = hashlib.sha256(data).hexdigest()
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise Refusal(
            N_("{path} can't be written: {reason}. Choose another name."), path=str(file), reason=error.strerror
        ) from None
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        with site.store.transaction() as tx:
            tx.record(
                "evidence.written",
                actor=actor.staff_number,
                subject=about,
                terminal=actor.terminal,
                file=str(file),
                sha256=digest,
                rows=rows,
            )
    except OSError as error:
        file.unlink()
        raise Refusal(
            N_("{path} can't be written: {reason}. Nothing is left of it."), path=str(file), reason=error.strerror
        ) from None
    except Refusal:
        file.unlink()
        raise
    return digest
