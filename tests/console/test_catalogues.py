"""Japanese is complete and English too, and neither breaks a screen."""

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.text import cells
from scripts import messages

ROOT = Path(__file__).parent.parent.parent
SOURCES = [path for package in messages.PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
LETTER = "[\u3041-\u3096\u30a1-\u30fa\u3400-\u9fff\uf900-\ufaff]"
JAPANESE = re.compile(LETTER)
JAPANESE_WORD = re.compile(LETTER + "{2}")


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def forms(words: object) -> list[str]:
    return [words] if isinstance(words, str) else list(words)  # type: ignore[call-overload]  # of any type in a test


@pytest.mark.parametrize("package", messages.PACKAGES)
def test_every_message_has_a_japanese_translation_that_no_one_guessed(package: str) -> None:
    assert [message.id for message in messages.untranslated(package)] == []


@pytest.mark.parametrize("package", messages.PACKAGES)
def test_a_translation_fills_the_same_placeholders(package: str) -> None:
    for message in messages.read(package):
        if message.id and message.string:
            wanted = [fields(words) for words in forms(message.id)]  # a singular need not say its number
            assert all(fields(words) in wanted for words in forms(message.string)), message.id


@pytest.mark.parametrize("package", messages.PACKAGES)
def test_english_stands_in_the_messages_themselves(package: str) -> None:
    for message in messages.extract(package):
        for words in forms(message.id):
            assert not JAPANESE.search(words)


def values(path: Path) -> Iterator[str]:
    """Yield every text of ``path`` that is not a docstring: a sentence may name a Japanese term, a value may not."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {
        id(node.body[0].value)  # type: ignore[attr-defined]  # its types lack it
        for node in ast.walk(tree)
        if isinstance(node, documented) and has_docstring(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


def has_docstring(node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return ast.get_docstring(node) is not None


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_japanese_word_stands_in_code(path: Path) -> None:
    assert [value for value in values(path) if JAPANESE_WORD.search(value)] == []


def footer_labels() -> set[str]:
    """Return the description of every key that the footer shows."""
    labels = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Binding":
                shown = not any(word.arg == "show" and not ast.literal_eval(word.value) for word in node.keywords)
                marked = node.args[2:3]
                if shown and marked and isinstance(marked[0], ast.Call):
                    labels.add(ast.literal_eval(marked[0].args[0]))
    return labels


def test_a_footer_label_takes_ten_cells_at_most() -> None:
    japanese = messages.read("console")
    for label in footer_labels():
        entry = japanese.get(label)  # one that is missing is another test's business
        assert cells(label) <= 10, label
        assert entry is None or cells(str(entry.string)) <= 10, f"{label}: {entry.string}"
