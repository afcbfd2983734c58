"""The only place where msgids become the reader's words.

One GNU gettext catalogue per package, English msgids, Japanese complete. The language is one for the whole
program, because one person sits at it; ``choose`` sets it at the start, at sign-in and at the lock.
"""

import gettext
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, tzinfo
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from accesscontrol.messages import N_, Phrase
from accesscontrol.refusals import Refusal
from console.system_words import SYSTEM_WORDS, TYPE_WORDS, parsed
from console.text import safe_text
from console.text.counted import agreeing

if TYPE_CHECKING:
    from accesscontrol.trail.checkpoints import Sealed

PACKAGES = ("console", "accesscontrol", "monitors", "backups", "registry")
LANGUAGES = ("ja", "en")
_ERRNO = re.compile(r"^\[Errno \d+\] ")
SOURCE = "en"  # the language of the msgids themselves
LOCALES = Path(__file__).parent / "locales"
NOT_COMPILED = N_("The Japanese words are not compiled yet ({file} is missing). Run `make setup`, or take --lang en.")


class CataloguesMissingError(Refusal):
    """The compiled catalogues are not there: the installation is not finished."""


class _Speaker:
    """The language in use and its messages."""

    language = SOURCE
    messages: gettext.NullTranslations = gettext.NullTranslations()


def choose(language: str) -> None:
    """Speak ``language`` from now on.

    Raises ValueError for a language that is not in LANGUAGES, CataloguesMissingError when its compiled
    catalogues are missing (``make setup`` builds them).
    """
    if language not in LANGUAGES:
        raise ValueError(f"unknown language {language!r}: choose one of {', '.join(LANGUAGES)}")
    _Speaker.messages = _messages(language)
    _Speaker.language = language


def language() -> str:
    """Return the language in use, one of LANGUAGES."""
    return _Speaker.language


def other_language() -> str:
    """Return the language to which a switch would lead."""
    return LANGUAGES[(LANGUAGES.index(_Speaker.language) + 1) % len(LANGUAGES)]


@cache
def _messages(language: str) -> gettext.NullTranslations:
    """Return all packages' messages in ``language`` as one chain."""
    first = gettext.NullTranslations()
    if language == SOURCE:
        return first
    for package in PACKAGES:
        path = LOCALES / language / "LC_MESSAGES" / f"{package}.mo"
        if path.is_file():
            with path.open("rb") as compiled:
                first.add_fallback(gettext.GNUTranslations(compiled))
        elif path.with_suffix(".po").is_file():
            raise CataloguesMissingError(NOT_COMPILED, file=str(path))
    return first


def _(message: str) -> str:
    """Return ``message`` in the language in use; an empty msgid stays empty."""
    return _Speaker.messages.gettext(message) if message else ""


def ngettext(singular: str, plural: str, number: int) -> str:
    """Return the form that ``number`` needs, in the language in use; the number is not filled in."""
    return _Speaker.messages.ngettext(singular, plural, number)


def filled(message: str, fields: Mapping[str, object], zone: tzinfo = UTC) -> str:
    """Return ``message`` translated, its ``{placeholders}`` filled with safe text, instants in ``zone``."""
    values = {name: _field(value, zone) for name, value in fields.items()}
    return agreed(message, values).format(**values)


def agreed(message: str, values: Mapping[str, str]) -> str:
    """Return ``message`` translated and not filled yet; English agrees with those of ``values`` that are one."""
    return agreeing(_(message), values) if _Speaker.language == SOURCE else _(message)


def _field(value: object, zone: tzinfo) -> str:
    return system_words(value) if type(value) is str else shown(value, zone)


def system_words(text: str) -> str:
    """Return what the operating system, the database or a parser said, in the language in use; unknown words as is."""
    said = _ERRNO.sub("", text)
    words = next((each for each in SYSTEM_WORDS if said == each or said.startswith(f"{each}: ")), "")
    if words:
        return safe_text(_(words) + said.removeprefix(words))
    fault = ""
    for message, values in parsed(text):  # the fault, then its place
        spoken_values = {name: _(TYPE_WORDS.get(value, "")) or safe_text(value) for name, value in values.items()}
        fault = _(message).format(fault=fault, **spoken_values)
    return fault or safe_text(text)


def render(refusal: Refusal, zone: tzinfo = UTC) -> str:
    """Return why a rule said no, in the reader's language, with the control that says so."""
    sentence = filled(refusal.message, refusal.fields, zone)
    return f"{sentence} ({safe_text(refusal.control)})" if refusal.control else sentence


def trouble_of(sealed: "Sealed") -> str:
    """Return why the second place did not confirm, in the reader's language; empty where it did."""
    return filled(sealed.error.message, sealed.error.fields) if sealed.error else _(sealed.trouble)


def shown(value: object, zone: tzinfo = UTC) -> str:
    """Return one field of a message as safe words: vocabularies translated, instants (aware) in ``zone``."""
    if isinstance(value, StrEnum | Phrase):
        return _(str(value))
    if isinstance(value, Refusal):
        return render(value, zone)
    if isinstance(value, datetime):
        return f"{value.astimezone(zone):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, frozenset | set | list | tuple):
        items = [shown(item, zone) for item in value]
        return ", ".join(items if isinstance(value, list | tuple) else sorted(items))
    return safe_text(value)


def spoken(value: object, zone: tzinfo = UTC) -> str:
    """Return a described value in the reader's language: a text that is a msgid translated, others as shown."""
    return _(value) if type(value) is str else shown(value, zone)
