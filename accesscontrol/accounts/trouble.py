"""Why something did not work, kept so that it can be told later in the reader's language."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Self

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal

UNFORESEEN: Final = N_("a fault that nobody foresaw ({kind}); tell whoever maintains the console")


@dataclass(frozen=True, slots=True)
class Trouble:
    """An English msgid with ``{field}`` placeholders, and what fills them."""

    message: str
    fields: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, error: Exception) -> Self:
        """Return what a refusal said, and of a fault that nobody foresaw its kind: the text may hold anything."""
        if not isinstance(error, Refusal):
            return cls(UNFORESEEN, {"kind": type(error).__name__})
        return cls(error.message, {name: str(value) for name, value in error.fields.items()})

    def to_text(self) -> str:
        """Return the trouble as it is stored."""
        return json.dumps({"message": self.message, "fields": dict(self.fields)}, ensure_ascii=False)

    def __str__(self) -> str:
        return self.message.format(**self.fields)
