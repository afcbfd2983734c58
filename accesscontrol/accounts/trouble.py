"""Why something did not work, kept so that it can be told later in the reader's language."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from accesscontrol.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Trouble:
    """An English msgid with ``{field}`` placeholders, and what fills them."""

    message: str
    fields: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, refusal: Refusal) -> Self:
        """Return what a refusal said."""
        return cls(refusal.message, {name: str(value) for name, value in refusal.fields.items()})

    @classmethod
    def from_text(cls, text: str) -> "Trouble | None":
        """Return what :meth:`to_text` wrote, None for nothing."""
        if not text:
            return None
        kept = json.loads(text)
        return cls(kept["message"], kept["fields"])

    def to_text(self) -> str:
        """Return the trouble as it is stored."""
        return json.dumps({"message": self.message, "fields": dict(self.fields)}, ensure_ascii=False)

    def __str__(self) -> str:
        return self.message.format(**self.fields)
