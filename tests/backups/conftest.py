"""What the backup tests share: where real outside programs are, and key pairs."""

import os
import shutil
from collections.abc import Callable

import pytest

from backups.sealing.keys import Identity

Tool = Callable[[str], str]


@pytest.fixture(scope="session")
def tool() -> Tool:
    """Return the path of a real program; skip when missing, but never in CI."""

    def find(name: str) -> str:
        path = shutil.which(name)
        if path is None:
            if os.environ.get("CI") == "true":
                pytest.fail(f"{name} is not installed")
            pytest.skip(f"{name} is not installed")
        return path

    return find


@pytest.fixture(scope="session")
def identity() -> Identity:
    return Identity.generate()


@pytest.fixture(scope="session")
def other_identity() -> Identity:
    return Identity.generate()
