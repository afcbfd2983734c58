"""A small demo city, built once and copied for each journey, and ways to walk it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from console import settings as site_settings
from console.demo import building
from console.demo.building import Wish
from console.demo.here import register_here
from console.demo.people import characters, present_code
from console.wiring import open_site
from hatch_build import compile_catalogues

ROOT = Path(__file__).parent.parent.parent
MOVED_IN = timedelta(minutes=5)  # before the journey, so that no code of the moving in is one that it needs
SEKISHO = [sys.executable, "-m", "console"]


@pytest.fixture(scope="session")
def built_city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compile_catalogues(ROOT)
    home = tmp_path_factory.mktemp("city") / "home"
    building.build(home, Wish(residents=40, days=9), now=datetime.now(UTC) - MOVED_IN)
    return home


@pytest.fixture
def city(built_city: Path, tmp_path: Path) -> Path:
    """Copy the city; what names its own folder follows."""
    home = tmp_path / "home"
    shutil.copytree(built_city, home)
    file = home / site_settings.FILE
    file.write_text(file.read_text("utf-8").replace(str(built_city), str(home)), "utf-8")
    site = open_site(home)
    register_here(site)
    site.store.close()
    return home


Sekisho = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def sekisho(city: Path) -> Sekisho:
    """Run the command line on the city; ``person`` signs in with both factors through a descriptor."""

    def run(*arguments: str, person: str = "", language: str = "en", **options: Any) -> Any:
        command = [*SEKISHO, "--home", str(city), "--lang", language, *arguments]
        if not person:
            return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False, **options)
        reader, writer = os.pipe()
        try:
            os.write(writer, json.dumps(credentials(city, person)).encode())
            os.close(writer)
            command += ["--as", person, "--credentials-fd", str(reader)]
            return subprocess.run(
                command, capture_output=True, text=True, cwd=ROOT, check=False, pass_fds=[reader], **options
            )
        finally:
            os.close(reader)

    return run


def credentials(city: Path, login: str) -> Mapping[str, str]:
    """Return what ``login`` signs in with at this moment."""
    site = open_site(city)
    try:
        password = next(each.password for each in characters() if each.login == login)
        return {"password": password, "code": present_code(site, login)}
    finally:
        site.store.close()


def told(done: "subprocess.CompletedProcess[str]") -> Any:
    """Return the JSON that a command told; a failed one shows what it said."""
    assert done.returncode == 0, done.stderr + done.stdout
    return json.loads(done.stdout)
