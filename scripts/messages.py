"""Bring the message catalogues up to date with the code.

``python -m scripts.messages [PACKAGE...]`` extracts every msgid of each package and merges it into that
package's ``console/locales/ja/LC_MESSAGES/<package>.po``: new ones stand there empty, none is ever marked
fuzzy, and what the code no longer says is kept aside until ``--prune``. ``--fill FILE`` puts in the
translations of a JSON object ``{msgid: msgstr}`` (standard input for ``-``); several people may do so at
once. ``--check`` changes nothing, lists what has no Japanese, and exits 1 if anything has none.
"""

import argparse
import fcntl
import io
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent
PACKAGES = ("accesscontrol", "backups", "console", "monitors", "registry")
KEYWORDS: dict[str, tuple[int, ...] | None] = {"_": None, "N_": None, "ngettext": (1, 2)}


def extract(package: str) -> Catalog:
    """Return the msgids that ``package``'s code marks, each with the files that use it."""
    catalogue = Catalog()
    found = extract_from_dir(ROOT / package, [("**.py", "python")], keywords=KEYWORDS)
    for file, _, message, _, context in found:
        # a place without a line
        catalogue.add(message, locations=[(f"{package}/{file}", None)], context=context)  # type: ignore[list-item]
    return catalogue


def path_of(package: str, language: str = "ja") -> Path:
    """Return where ``package``'s catalogue stands."""
    return ROOT / "console" / "locales" / language / "LC_MESSAGES" / f"{package}.po"


def read(package: str, language: str = "ja") -> Catalog:
    """Return ``package``'s catalogue; an empty one where there is none yet. Raises on broken syntax."""
    path = path_of(package, language)
    if not path.is_file():
        return Catalog(locale=language, fuzzy=False)
    with path.open("rb") as text:
        return read_po(text, locale=language, abort_invalid=True)


def untranslated(package: str) -> Iterator[Message]:
    """Yield what ``package``'s code says and its Japanese catalogue does not, or only as a guess."""
    catalogue = read(package)
    for message in extract(package):
        known = catalogue.get(message.id, message.context)
        if message.id and (known is None or known.fuzzy or not complete(known.string)):
            yield message


def complete(words: None | str | list[str] | tuple[str, ...]) -> bool:
    """Return whether every form of a translation is there."""
    return words is not None and all([words] if isinstance(words, str) else words)


def update(package: str, words: Mapping[str, str], *, prune: bool = False) -> None:
    """Merge what the code says now, and the translations ``words``, into ``package``'s Japanese catalogue."""
    path = path_of(package)
    with _alone_in(path.parent):
        catalogue = read(package)
        for message in list(catalogue.obsolete.values()):
            catalogue[message.id] = message
        catalogue.update(extract(package), no_fuzzy_matching=True)
        if prune:
            catalogue.obsolete.clear()
        for msgid, msgstr in words.items():
            if msgid not in catalogue:
                raise SystemExit(f"{package} does not say {msgid!r}: nothing was written")
            known = catalogue[msgid]
            known.string = (msgstr,) if known.pluralizable else msgstr
        _write(path, package, catalogue)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Keep other runs of this program out of ``folder`` while inside."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _write(path: Path, package: str, catalogue: Catalog) -> None:
    catalogue.header_comment = f"# Sekisho: what the package {package} says, in Japanese."
    catalogue.project, catalogue.version = "Sekisho", package
    catalogue.msgid_bugs_address = catalogue.last_translator = catalogue.language_team = "Sekisho"
    catalogue.creation_date = catalogue.revision_date = datetime(2026, 11, 24, tzinfo=UTC)  # no needless change
    catalogue.fuzzy = False
    text = io.BytesIO()
    write_po(text, catalogue, sort_output=True, include_lineno=False, width=110)
    path.write_bytes(text.getvalue())


def main() -> int:
    """Update, fill or check the catalogues named on the command line, or all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("packages", nargs="*", default=list(PACKAGES), metavar="PACKAGE")
    parser.add_argument("--check", action="store_true", help="change nothing, exit 1 if anything is missing")
    parser.add_argument("--fill", type=argparse.FileType("r", encoding="utf-8"), metavar="FILE")
    parser.add_argument("--prune", action="store_true", help="drop what the code no longer says")
    chosen = parser.parse_args()
    words = json.load(chosen.fill) if chosen.fill else {}
    missing = 0
    for package in chosen.packages:
        if not chosen.check:
            update(package, words, prune=chosen.prune)
        for message in untranslated(package):
            sys.stdout.write(f"{package}: no Japanese for {message.id!r}\n")
            missing += 1
    return int(chosen.check and missing > 0)


if __name__ == "__main__":
    sys.exit(main())
