"""Names of persons made comparable: a name alone never decides, but it proposes (the staff number is the person)."""

import unicodedata


def fold_name(name: str) -> str:
    """Return ``name`` in compatible form (NFKC), without spaces and differences of case."""
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()
