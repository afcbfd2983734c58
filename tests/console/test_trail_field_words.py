"""Every field that the code writes into the trail has a title."""

import ast

from console.trail_field_words import FIELD_TITLES, field_title
from tests.console.test_catalogues import SOURCES

COLUMNS = {"actor", "subject", "terminal", "outcome"}  # an entry has them besides its details


def recorded() -> set[str]:
    """Return the names of the details in all calls of ``record``."""
    return {
        word.arg
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "record"
        for word in node.keywords
        if word.arg
    }


def test_every_field_of_an_entry_has_a_title() -> None:
    assert recorded() - COLUMNS - FIELD_TITLES.keys() == set()


def test_a_field_without_a_title_goes_by_its_name() -> None:
    assert field_title("sha256") == "SHA-256"
    assert field_title("of_another_version") == "of_another_version"
