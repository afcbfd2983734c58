"""English words that agree with a count of one: "1 time", "1 entry was", where a sentence is written for many.

A sentence of the console's own with one count has two forms in the catalogue (``ngettext``). Those of refusals, rules
and findings have one, kept as it was written, and those with several counts would need too many: they agree here.
"""

import re
from collections.abc import Mapping
from typing import Final

_MANY: Final = (
    "accounts|acts|bytes|changes|characters|checkpoints|commands|copies|days|entries|errors|events|faults|findings|"
    "holders|hours|IDs|items|letters|lines|media|minutes|months|outputs|papers|persons|places|records|registers|remedies|"
    "requests|rows|rules|seconds|sectors|segments|sheets|shares|sign-ins|terms|times|transfers|values|words|workers|"
    "years"
)
_COUNTED: Final = re.compile(
    rf"\{{(?P<name>\w+)\}} (?P<kind>(?:[a-z]+ )?)(?P<noun>{_MANY})\b"
    r"(?:(?P<between> of \S+(?: \S+)?| \(\{\w+\}\))?(?P<verb> have| are| were| change| remain| await)\b)?"
)
_ONE: Final = {"copies": "copy", "entries": "entry", "media": "medium", "remedies": "remedy"}
_VERB: Final = {"": "", " have": " has", " are": " is", " were": " was"}


def agreeing(words: str, values: Mapping[str, str]) -> str:
    """Return ``words`` (English) with each noun, and its verb close after it, that follows a placeholder of "1"."""

    def agree(found: re.Match[str]) -> str:
        if values.get(found["name"]) != "1":
            return found[0]
        noun, between, verb = found["noun"], found["between"] or "", found["verb"] or ""
        one = _ONE.get(noun, noun.removesuffix("s"))
        return f"{{{found['name']}}} {found['kind']}{one}{between}{_VERB.get(verb, f'{verb}s')}"

    return _COUNTED.sub(agree, words)
