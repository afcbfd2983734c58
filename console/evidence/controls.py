"""The controls of the protection assessment, read once from ``controls.json``, each with how far it is in force."""

import re
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

import msgspec

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from console.evidence.in_force import GUARDS, Guard, Standing


class Kind(StrEnum):
    """What the product does for a control."""

    ENFORCED = "enforced"
    DETECTED = "detected"
    RECORDED = "recorded"
    ATTESTED = "attested"


KIND_TITLES: Final = {
    Kind.ENFORCED: N_("enforced"),
    Kind.DETECTED: N_("detected"),
    Kind.RECORDED: N_("recorded"),
    Kind.ATTESTED: N_("attested"),
}
KIND_MEANINGS: Final = {
    Kind.ENFORCED: N_("An act that breaks the rule is refused."),
    Kind.DETECTED: N_("A breach becomes a finding that somebody must dispose of."),
    Kind.RECORDED: N_("A record is kept as evidence."),
    Kind.ATTESTED: N_("A named person signs a statement once a year."),
}

PACKAGE_TITLES: Final = {
    "accesscontrol": N_("Access control"),
    "monitors": N_("Monitoring"),
    "backups": N_("Backups and media"),
    "registry": N_("Register"),
    "console": N_("Operation"),
}


class Cadence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How often: the words of the assessment, and the product's setting where they give no number."""

    stated: str
    default: str


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a control asks for, in one language. The Japanese is the assessment's own where it has a sentence."""

    requirement: str
    acceptance: tuple[str, ...]
    cadence: Cadence | None = None
    differences: str = ""


class Control(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One measure of the assessment, in English but for its Japanese title; :meth:`words` speaks both languages."""

    id: str
    title_en: str
    title_ja: str
    kind: Kind
    package: str
    roles: tuple[str, ...]
    source: tuple[str, ...]
    requirement: str
    acceptance: tuple[str, ...]
    cadence: Cadence | None = None
    differences: str = ""
    checks: tuple[str, ...] = ()

    def title(self, language: str) -> str:
        """Return the title in ``language``, ``ja`` or ``en``."""
        return self.title_ja if language == "ja" else self.title_en

    def words(self, language: str) -> Words:
        """Return what it asks for in ``language``, ``ja`` or ``en``."""
        if language == "ja":
            return _japanese()[self.id]
        return Words(
            requirement=self.requirement,
            acceptance=self.acceptance,
            cadence=self.cadence,
            differences=self.differences,
        )

    def places(self, language: str) -> str:
        """Return where the control stands in the assessment, in ``language``."""
        return "; ".join(_in_japanese(each) if language == "ja" else each for each in self.source)

    @property
    def standing(self) -> Standing:
        """Tell how far this version keeps the control."""
        return self.guard.standing

    @property
    def guard(self) -> Guard:
        """Return what keeps it, the tests that show it, and what is done by hand."""
        return GUARDS[self.id]


class _Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    source: str
    roles: dict[str, str]
    controls: tuple[Control, ...]


@cache
def _japanese() -> dict[str, Words]:
    return msgspec.json.decode(Path(__file__).with_name("controls.ja.json").read_bytes(), type=dict[str, Words])


@cache
def _source_words() -> tuple[re.Pattern[str], dict[str, str]]:
    words = msgspec.json.decode(Path(__file__).with_name("source_words.json").read_bytes(), type=dict[str, str])
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first))), words


def _in_japanese(place: str) -> str:
    pattern, words = _source_words()
    return pattern.sub(lambda found: words[found[0]], place)


@cache
def _document() -> _Document:
    return msgspec.json.decode(Path(__file__).with_name("controls.json").read_bytes(), type=_Document)


def every() -> tuple[Control, ...]:
    """Return all controls in the order of the assessment's sections."""
    return _document().controls


def get(number: str) -> Control:
    """Return the control with this id, whatever its case; an unknown one is refused."""
    found = next((each for each in every() if each.id == number.upper()), None)
    if found is None:
        raise Refusal(N_("There is no control {id}. List them with `sekisho controls list`."), id=number)
    return found


def assessment() -> str:
    """Return the name of the document in which the controls stand, as printed."""
    return _document().source


def printed_role(role: str) -> str:
    """Return how the assessment itself names a role, or the role's stable name where it has none."""
    return _document().roles.get(role, role)
