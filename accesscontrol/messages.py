"""Marking of text that people read; only the console translates it."""


class Phrase(str):
    """The field of a message that is itself a msgid: it is translated where the message is."""

    __slots__ = ()


def N_(message: str) -> str:  # noqa: N802 - the name that gettext's extractors know
    """Mark ``message`` as a translatable msgid and return it unchanged."""
    return message
