"""The one way in which a rule says no."""

from typing import Any


class Refusal(Exception):  # noqa: N818 - a refusal is a rule at work, not an error
    """A rule said no, and nothing was changed.

    ``message`` is an English msgid with ``{field}`` placeholders, ``control`` names the rule
    (for example ``BK-BAK-02``), ``fields`` fill the placeholders. The console renders it in the
    reader's language.
    """

    def __init__(self, message: str, *, control: str = "", **fields: Any) -> None:
        self.message = message
        self.control = control
        self.fields: dict[str, Any] = fields
        super().__init__(message.format(**{name: _joined(value) for name, value in fields.items()}))


def _joined(value: Any) -> Any:
    """Return several values as one text."""
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value
