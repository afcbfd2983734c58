"""Marking of text that people read; only the console translates it."""


def N_(message: str) -> str:  # noqa: N802 - the name that gettext's extractors know
    """Mark ``message`` as a translatable msgid and return it unchanged."""
    return message
