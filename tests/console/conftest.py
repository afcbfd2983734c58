"""Catalogues are compiled before any test reads them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from console import translation
from hatch_build import compile_catalogues


@pytest.fixture(scope="session", autouse=True)
def catalogues() -> None:
    compile_catalogues(Path(__file__).parent.parent.parent)


@pytest.fixture(autouse=True)
def japanese(catalogues: None) -> Iterator[None]:
    translation.choose("ja")
    yield
    translation.choose("ja")
