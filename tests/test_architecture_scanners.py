"""Each scanner finds a planted violation, and lets its honest neighbour pass."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture import (
    FILE_LINES,
    FUNCTION_LINES,
    PACKAGES,
    ROOT,
    clock_reads,
    forbidden_words,
    japanese_literals,
    long_file,
    long_functions,
    silenced_checks,
)
from tests.test_architecture import IMPORT_ALL, IMPORT_ONE, libraries_loaded

LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")


@pytest.mark.parametrize(
    "source",
    [
        "datetime.now(UTC)",
        "datetime.datetime.utcnow()",
        "date.today()",
        "default_factory = datetime.now",
        "time.time()",
        "from time import time_ns",
    ],
)
def test_a_look_at_the_machine_s_clock_is_found(source: str) -> None:
    assert [line for line, _ in clock_reads(f"\n{source}\n")] == [2]


@pytest.mark.parametrize("source", ["clock.now()", "self.clock.now()", "time.monotonic()", "from time import sleep"])
def test_a_clock_that_was_passed_in_may_be_read(source: str) -> None:
    assert list(clock_reads(source)) == []


def test_a_file_one_line_too_long_is_found() -> None:
    assert list(long_file("\n" * FILE_LINES)) == []
    assert len(list(long_file("\n" * (FILE_LINES + 1)))) == 1


@pytest.mark.parametrize("start", ["def act():", "async def act():", "class Thing:\n  def act():"])
def test_a_function_one_line_too_long_is_found(start: str) -> None:
    assert list(long_functions(start + "\n    pass" * (FUNCTION_LINES - 1))) == []
    [(_, fault)] = long_functions(start + "\n    pass" * FUNCTION_LINES)
    assert fault.startswith(f"act has {FUNCTION_LINES + 1} lines")


def test_a_long_text_is_data_and_counts_as_one_line() -> None:
    table = 'def make():\n    run("""' + "\n    column" * FUNCTION_LINES + '\n    """)'
    assert list(long_functions(table)) == []
    assert len(list(long_functions(table + "\n    pass" * (FUNCTION_LINES - 1)))) == 1


@pytest.mark.parametrize("check", ["noqa: S608", "noqa", "type: ignore[misc]", "noqa: S608 -", "pragma: no cover"])
def test_a_check_that_is_silenced_without_a_word_is_found(check: str) -> None:
    assert [line for line, _ in silenced_checks(f"x = 1\ny = 2  # {check}\n")] == [2]


@pytest.mark.parametrize(
    "source", ["x = 1  # noqa: S608 - names of ours", "# names of ours\nx = 1  # noqa: S608", 'x = "# noqa: S608"']
)
def test_a_check_that_is_silenced_for_a_reason_passes(source: str) -> None:
    assert list(silenced_checks(source)) == []


@pytest.mark.parametrize("source", ['x = "住民"', "x = f'{y}さん'", 'def f():\n    return "カナ"', 'x = """\n氏名"""'])
def test_a_japanese_literal_is_found(source: str) -> None:
    assert len(list(japanese_literals(source))) == 1


@pytest.mark.parametrize(
    "source",
    [
        '"""住民"""',
        "x = 1  # 満了日",
        'def f():\n    """満了日"""',
        r'x = "\u4f4f"',
        'class A:\n    """氏名"""',
        'x = "＊"',
    ],
)
def test_a_docstring_a_comment_an_escape_and_a_sign_may_stand(source: str) -> None:
    assert list(japanese_literals(source)) == []


@pytest.mark.parametrize(
    "text",
    [
        "# TO" + "DO later",
        "raise NotImplemented" + "Error",
        "see /wo" + "rk/main",
        "home = '/ro" + "ot/.cache'",
        "written by Cla" + "ude",
        "--index-url https://files.python" + "hosted.org",
        "as iss" + "ue 2 says",
    ],
)
def test_a_word_that_does_not_speak_of_the_product_is_found(text: str) -> None:
    assert [line for line, _ in forbidden_words(f"first\n{text}\n")] == [2]


@pytest.mark.parametrize("text", ["a network/main path", "/var/lib/sekisho", "the card was issued", "~/home/x"])
def test_an_ordinary_word_may_stand(text: str) -> None:
    assert list(forbidden_words(text)) == []


def test_a_library_that_comes_in_with_a_package_is_found() -> None:
    assert libraries_loaded(IMPORT_ALL, "accesscontrol", "datetime", "textual") == ["datetime"]
    assert libraries_loaded(IMPORT_ONE, "textual.app", "rich", "duckdb") == ["rich"]


@pytest.fixture
def copy_of_the_packages(tmp_path: Path) -> Path:
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__", "locales"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("place", "planted", "contract"),
    [
        ("accesscontrol/planted.py", "import console", "Imports run downward only"),
        ("backups/planted.py", "import monitors", "Imports run downward only"),
        ("registry/planted.py", "def f():\n    import backups", "Imports run downward only"),
        ("monitors/planted.py", "from textual.app import App", "Only the console draws"),
        ("console/planted.py", "import duckdb", "Only the event store speaks to DuckDB"),
        ("console/planted.py", "import psycopg", "Only the PostgreSQL adapters speak to PostgreSQL"),
        ("backups/planted.py", "import paramiko", "Only controlled sessions speak SSH"),
    ],
)
def test_an_import_against_the_floors_breaks_its_contract(
    copy_of_the_packages: Path, place: str, planted: str, contract: str
) -> None:
    (copy_of_the_packages / place).write_text(f"{planted}\n")
    done = subprocess.run(
        [LINT_IMPORTS, "--no-cache"], cwd=copy_of_the_packages, capture_output=True, text=True, check=False
    )
    broken = [line for line in done.stdout.splitlines() if line.endswith("BROKEN")]
    assert done.returncode != 0
    assert any(contract in line for line in broken), done.stdout + done.stderr
