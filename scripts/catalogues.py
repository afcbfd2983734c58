"""The gettext catalogues, one per package and language.

    python -m scripts.catalogues compile|check|update

A text is marked in the code with ``N_`` (domain packages) or ``_`` and ``ngettext`` (the console); its
translation lives in ``console/locales/<language>/LC_MESSAGES/<package>.po``. ``check`` refuses a text without
translation, a translation without text, a fuzzy one, and one whose ``{placeholders}`` differ from the text's.
"""

from __future__ import annotations

import string
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGES = ("accesscontrol", "monitors", "backups", "registry", "console")
LANGUAGES = ("ja",)
KEYWORDS = {
    "N_": None,
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "NN_": (1, 2),
    "pgettext": ((1, "c"), 2),
}


def marked_texts(root: Path, package: str) -> Catalog:
    """Return the texts that the code of ``package`` marks for translation."""
    catalogue = Catalog(domain=package)
    found = extract_from_dir(root / package, [("**.py", "python")], keywords=KEYWORDS)
    for _filename, _line, text, _comments, context in found:
        catalogue.add(text, context=context)
    return catalogue


def catalogue_path(root: Path, language: str, package: str) -> Path:
    """Return where the catalogue of ``package`` in ``language`` lies."""
    return root / "console" / "locales" / language / "LC_MESSAGES" / f"{package}.po"


def read_catalogue(path: Path, language: str, package: str) -> Catalog:
    """Read a catalogue; a file that is not there is an empty catalogue."""
    if not path.exists():
        return Catalog(locale=language, domain=package)
    with path.open("rb") as file:
        return read_po(file, locale=language, domain=package, abort_invalid=True)


def placeholders(text: str) -> set[str]:
    """Return the names that ``str.format`` would fill in; for a text it cannot read, the text itself."""
    try:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    except ValueError:
        return {text}


def forms(text: str | list[str] | tuple[str, ...] | None) -> list[str]:
    """Return the forms of a text: one, or one for each plural."""
    return [text] if isinstance(text, str) else list(text or ("",))


def translation_faults(message: Message) -> Iterator[str]:
    """Yield what is wrong with one translation, ready for a line of output."""
    texts = forms(message.id)
    translations = forms(message.string)
    if message.fuzzy:
        yield f"fuzzy: {texts[0]!r}"
    if not all(translations):
        yield f"not translated: {texts[0]!r}"
        return
    names = placeholders(texts[-1])
    for translation in translations:
        if placeholders(translation) != names:
            yield f"placeholders differ: {texts[0]!r} -> {translation!r}"


def catalogue_faults(marked: Catalog, translated: Catalog) -> Iterator[str]:
    """Yield every difference between the texts in the code and a catalogue."""
    for message in translated:
        if not message.id:
            continue
        if marked.get(message.id, message.context) is None:
            yield f"no longer in the code: {message.id!r}"
        else:
            yield from translation_faults(message)
    for message in marked:
        if message.id and translated.get(message.id, message.context) is None:
            yield f"not in the catalogue: {message.id!r}"


def compile_all(root: Path) -> int:
    """Write each catalogue's ``.mo`` beside it."""
    for path in sorted((root / "console" / "locales").glob("*/LC_MESSAGES/*.po")):
        catalogue = read_catalogue(path, path.parent.parent.name, path.stem)
        with path.with_suffix(".mo").open("wb") as file:
            write_mo(file, catalogue)
    return 0


def check_all(root: Path) -> int:
    """Print each fault on standard error; return 1 when there is one."""
    faults = [
        f"{catalogue_path(Path(), language, package)}: {fault}"
        for language in LANGUAGES
        for package in PACKAGES
        for fault in catalogue_faults(
            marked_texts(root, package),
            read_catalogue(catalogue_path(root, language, package), language, package),
        )
    ]
    sys.stderr.writelines(f"{fault}\n" for fault in faults)
    return 1 if faults else 0


def update_all(root: Path) -> int:
    """Add new texts to the catalogues, untranslated, and take away those the code no longer has."""
    for language in LANGUAGES:
        for package in PACKAGES:
            path = catalogue_path(root, language, package)
            catalogue = read_catalogue(path, language, package)
            catalogue.update(marked_texts(root, package), no_fuzzy_matching=True)
            catalogue.obsolete.clear()
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                write_po(file, catalogue, width=110, no_location=True, sort_output=True, omit_header=False)
    return 0


ACTS = {"compile": compile_all, "check": check_all, "update": update_all}


def main(arguments: list[str]) -> int:
    """Run the act that is named; 2 when it is not one of compile, check and update."""
    match arguments:
        case [name] if name in ACTS:
            return ACTS[name](Path(__file__).resolve().parent.parent)
        case _:
            sys.stderr.write("usage: python -m scripts.catalogues compile|check|update\n")
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
