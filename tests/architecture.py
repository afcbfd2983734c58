"""Scanners over source text, each one rule of the house: they yield ``(line, what is wrong)``.

The rules are applied to the tree in ``test_architecture.py``; ``test_architecture_scanners.py`` plants one
violation of each and sees it found.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Fault: TypeAlias = tuple[int, str]
Scanner: TypeAlias = "Callable[[str], Iterator[Fault]]"

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("accesscontrol", "monitors", "backups", "registry", "console")
DOMAIN = PACKAGES[:-1]
HEAVY = ("textual", "rich", "duckdb", "paramiko", "psycopg")

FILE_LINES = 400
FUNCTION_LINES = 60

CLOCK_READS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("time", "time_ns"),
    ("time", "localtime"),
    ("time", "gmtime"),
}

KANA_OR_KANJI = re.compile("[\u3041-\u3096\u30a1-\u30fa\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")

SILENCED = re.compile(r"# (?:noqa(?:: [A-Z0-9, ]+)?|type: ignore(?:\[[a-z, -]+\])?|pragma: no cover)(?P<why>.*)")

# Spelled in pieces, so that this file is not its own first fault.
FORBIDDEN = [
    (re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b"), "work left for later"),
    (re.compile(r"raise NotImplemented" + "Error"), "something not written yet"),
    (re.compile(r"(?<![\w.~])/(wo" + r"rk|ro" + r"ot)/[\w.]"), "a path of one machine"),
    (
        re.compile(r"\b(cla" + r"ude|anthro" + r"pic|open" + r"ai|chat" + r"gpt|copi" + r"lot)\b", re.IGNORECASE),
        "a tool",
    ),
    (re.compile(r"\b(pypi\.org|python" + r"hosted\.org|npmjs\.org)"), "the address of a package registry"),
    (re.compile(r"\bissue" + r" #?\d|\bas an A" + r"I\b", re.IGNORECASE), "how the text came to be"),
]


def python_files(*places: str) -> list[Path]:
    """Return the ``.py`` files under ``places`` of the project, sorted."""
    return sorted(path for place in places for path in (ROOT / place).rglob("*.py"))


def faults(paths: Iterable[Path], scanner: Scanner) -> list[str]:
    """Apply ``scanner`` to each file and return ``path:line: what is wrong``."""
    return [
        f"{path.relative_to(ROOT)}:{line}: {what}"
        for path in paths
        for line, what in scanner(path.read_text(encoding="utf-8"))
    ]


def clock_reads(source: str) -> Iterator[Fault]:
    """Find each place that asks the machine for the time instead of a Clock."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Attribute(value=ast.Name(id=owner) | ast.Attribute(attr=owner), attr=name):
                if (owner, name) in CLOCK_READS:
                    yield node.lineno, f"{owner}.{name}: the time comes from a Clock"
            case ast.ImportFrom(module="time", names=names):
                for alias in names:
                    if ("time", alias.name) in CLOCK_READS:
                        yield node.lineno, f"time.{alias.name}: the time comes from a Clock"


def long_file(source: str) -> Iterator[Fault]:
    """Find a file that does more than one thing."""
    lines = source.count("\n")
    if lines > FILE_LINES:
        yield FILE_LINES + 1, f"{lines} lines, {FILE_LINES} at most"


def long_functions(source: str) -> Iterator[Fault]:
    """Find each function that does not fit a screen; a text over several lines (SQL, a docstring) counts as one."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = _height(node) - sum(_height(text) - 1 for text in _texts(node))
            if lines > FUNCTION_LINES:
                yield node.lineno, f"{node.name} has {lines} lines, {FUNCTION_LINES} at most"


def _texts(tree: ast.AST) -> Iterator[ast.expr]:
    """Yield each text in ``tree``, whole ones only."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str)):
            yield node
        else:
            yield from _texts(node)


def _height(node: ast.stmt | ast.expr) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def japanese_literals(source: str) -> Iterator[Fault]:
    """Find each string with kana or kanji in it; docstrings and comments may explain a Japanese term."""
    docstrings = set(_docstring_starts(ast.parse(source)))
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if tokenize.tok_name[token.type] not in {"STRING", "FSTRING_MIDDLE"} or token.start in docstrings:
            continue
        if KANA_OR_KANJI.search(token.string):
            yield token.start[0], f"{token.string!r}: Japanese texts live in catalogues and data files"


def _docstring_starts(tree: ast.Module) -> Iterator[tuple[int, int]]:
    for node in ast.walk(tree):
        match node:
            case (
                ast.Module(body=[first, *_])
                | ast.ClassDef(body=[first, *_])
                | ast.FunctionDef(body=[first, *_])
                | ast.AsyncFunctionDef(body=[first, *_])
            ) if isinstance(first, ast.Expr):
                yield first.lineno, first.col_offset


def silenced_checks(source: str) -> Iterator[Fault]:
    """Find each check that is silenced without a word why, beside it or in a comment on the line above."""
    comments = {
        token.start[0]: token.string
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }
    for line, comment in comments.items():
        silenced = SILENCED.search(comment)
        if silenced and not silenced["why"].strip(" #-") and line - 1 not in comments:
            yield line, f"{comment}: say why"


def forbidden_words(text: str) -> Iterator[Fault]:
    """Find words that speak of anything but the product."""
    for number, line in enumerate(text.splitlines(), start=1):
        for pattern, meaning in FORBIDDEN:
            for found in pattern.finditer(line):
                yield number, f"{found[0]!r} speaks of {meaning}"
