"""The names of files that leave this place as evidence."""

from pathlib import Path

from console.translation import _


def file_name(name: str) -> str:
    """Return what is wrong with ``name`` for a table, or nothing: it must stay in the site's own folder."""
    plain = Path(name).name == name and name.isprintable() and not name.startswith(".") and name.endswith(".csv")
    return "" if plain else _("A plain file name that ends with .csv.")
