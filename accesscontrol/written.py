"""Words that people write: no individual number may stand in them, for they are kept for years and read by many.

What is only masked in the trail would still stand in clear in the request, the judgement or the note itself, and a
signed content can't be masked afterwards. So the act is refused, and the person writes it again. What systems say
(a host's message, an error) is never refused, only masked: an act must not fail for what was read somewhere.

One in eleven numbers of twelve digits has the check digit by chance, an instant such as 202611251030 too. Those are
refused as well, for real numbers look like instants; the refusal says how to write them.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from accesscontrol.individual_numbers import individual_number_spans
from accesscontrol.messages import N_, Phrase
from accesscontrol.refusals import Refusal

WORDS: Final[Mapping[str, str]] = {
    "application": N_("the application"),
    "comment": N_("the comment"),
    "evidence": N_("the evidence"),
    "instruction": N_("the instruction"),
    "note": N_("the note"),
    "purpose": N_("the purpose"),
    "reason": N_("the reason"),
    "report": N_("the report"),
    "statement": N_("the statement"),
    "text": N_("the comment"),
    "words": N_("the statement"),
}
"""Under which names a person's words stand in an entry of the trail, and what people call them."""

_CODES: Final = frozenset({"backup", "login", "medium", "record", "segments", "serial", "staff_number", "user_id"})
"""Parameters that are numbers given out by systems: of those with twelve digits one in eleven passes by chance."""

_CODE: Final = re.compile(r"[0-9A-Za-z._-]+")


def check(text: str, where: str) -> None:
    """Refuse an individual number in what stands in ``where`` (a msgid)."""
    if individual_number_spans(text):
        raise Refusal(
            N_(
                "An individual number stands in {where}. Name the resident by the number of the record instead. Any"
                " other number that looks like one, as an instant in digits does at times, is written in other groups:"
                " 123456-789012, 2026-11-25 10:30, in SQL '123456' || '789012'."
            ),
            control="MO-LOG-01",
            where=Phrase(where),
        )


def check_entry(details: Mapping[str, Any]) -> None:
    """Refuse an individual number in the words among the details of a person's act."""
    for name in WORDS.keys() & details.keys():
        text = details[name]
        if isinstance(text, str):
            check(text, WORDS[name])


def check_parameters(parameters: Mapping[str, Any], labels: Mapping[str, str]) -> None:
    """Refuse an individual number in any parameter but one that is a code as a whole, such as a record's number."""
    for name, text in _texts(parameters):
        if not (name in _CODES and _CODE.fullmatch(text)):
            check(text, labels.get(name, name))


def _texts(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text in JSON values, with the name under which it stands."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from _texts(each, key)
    elif isinstance(value, Sequence):
        for each in value:
            yield from _texts(each, name)
