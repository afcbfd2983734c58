"""A demonstration console over a few rows."""

from collections.abc import Callable
from pathlib import Path

import pytest

from console.frame.app import SekishoApp
from console.terminal import Profile
from tests.console.demonstration import build
from tests.goldens import golden

__all__ = ["golden"]


@pytest.fixture
def app_of(tmp_path: Path) -> Callable[[Profile], SekishoApp]:
    """Return a maker of consoles over the same thirty rows."""
    return lambda profile: build(tmp_path, rows=30, profile=profile)


@pytest.fixture
def app(app_of: Callable[[Profile], SekishoApp]) -> SekishoApp:
    """Return a console in Japanese."""
    return app_of(Profile())
