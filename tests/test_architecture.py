"""The rules of the house, applied to the whole tree."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING

import pytest

from tests.architecture import (
    DOMAIN,
    HEAVY,
    PACKAGES,
    ROOT,
    clock_reads,
    faults,
    forbidden_words,
    japanese_literals,
    long_file,
    long_functions,
    python_files,
    silenced_checks,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CLOCK = ROOT / "accesscontrol" / "clock.py"
TEXT_SUFFIXES = {
    ".py",
    ".md",
    ".toml",
    ".yaml",
    ".yml",
    ".po",
    ".css",
    ".tcss",
    ".sh",
    ".service",
    ".timer",
    ".txt",
    "",
}
UNWRITTEN = {".git", ".venv", "build", "dist"}

# Imports every module of a package and prints which of the named libraries came in with it.
IMPORT_ALL = """
import importlib, json, pkgutil, sys
package = importlib.import_module(sys.argv[1])
for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
print(json.dumps(sorted(set(sys.modules) & set(sys.argv[2:]))))
"""

IMPORT_ONE = """
import importlib, json, sys
importlib.import_module(sys.argv[1])
print(json.dumps(sorted(set(sys.modules) & set(sys.argv[2:]))))
"""


def libraries_loaded(program: str, name: str, *libraries: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", program, name, *libraries], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    loaded: list[str] = json.loads(done.stdout)
    return loaded


def assert_none(found: list[str]) -> None:
    """Fail with every fault on a line of its own."""
    assert not found, "\n" + "\n".join(found)


def written_texts() -> Iterator[Path]:
    """Walk over every text of the project that a person wrote."""
    for directory, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in UNWRITTEN and not name.startswith((".", "__pycache__"))]
        for name in names:
            path = ROOT.joinpath(directory, name)
            if path.suffix in TEXT_SUFFIXES and path.name != "LICENSE":
                yield path


@pytest.mark.parametrize("package", DOMAIN)
def test_importing_a_domain_package_whole_brings_in_neither_the_screen_nor_a_heavy_engine(package: str) -> None:
    assert libraries_loaded(IMPORT_ALL, package, *HEAVY) == []


@pytest.mark.parametrize("module", ["console.cli", "console.frame.app"])
def test_the_first_paint_waits_for_no_engine(module: str) -> None:
    assert libraries_loaded(IMPORT_ONE, module, "duckdb", "paramiko", "psycopg", "numpy", "sigma") == []


def test_only_the_clock_reads_the_time_of_day() -> None:
    assert_none(faults([path for path in python_files(*PACKAGES) if path != CLOCK], clock_reads))


def test_every_file_has_one_idea() -> None:
    assert_none(faults(python_files(*PACKAGES, "tests", "bench", "scripts"), long_file))


def test_every_function_fits_a_screen() -> None:
    assert_none(faults(python_files(*PACKAGES, "bench", "scripts"), long_functions))


def test_japanese_texts_live_in_catalogues_and_data_files() -> None:
    assert_none(faults(python_files(*PACKAGES, "bench", "scripts"), japanese_literals))


def test_every_silenced_check_says_why() -> None:
    assert_none(faults(python_files(*PACKAGES, "tests", "bench", "scripts"), silenced_checks))


def test_every_text_speaks_of_the_product_alone() -> None:
    assert_none(faults(written_texts(), forbidden_words))


def test_every_test_that_the_architecture_names_is_there() -> None:
    named = re.findall(
        r"`(tests/[\w/]+(?:\.py)?)(?:::(test_\w+))?`", (ROOT / "docs/architecture.md").read_text("utf-8")
    )
    assert len(named) > 30
    for path, test in named:
        assert (ROOT / path).exists(), path
        assert not test or f"def {test}(" in (ROOT / path).read_text("utf-8"), test


def test_every_top_level_package_is_shipped_and_held_to_the_floors() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    assert settings["hatch"]["build"]["targets"]["wheel"]["packages"] == list(PACKAGES)
    assert sorted(settings["importlinter"]["root_packages"]) == sorted(PACKAGES)
