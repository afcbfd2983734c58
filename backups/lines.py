"""Text that a person enters into a ledger: one line that nothing can hide in."""

_IDEOGRAPHIC_SPACE = "\u3000"


def is_line(text: str) -> bool:
    """Say whether ``text`` has no control, format or separator characters.

    The ideographic space, which Japanese names and places are written with, is an ordinary space here.
    """
    return text.replace(_IDEOGRAPHIC_SPACE, " ").isprintable()


def is_filled_line(text: str) -> bool:
    """Say whether ``text`` is such a line and says something."""
    return is_line(text) and bool(text.strip())
