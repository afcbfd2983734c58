"""A site's home is private, whole, and made once."""

import os
from pathlib import Path

import pytest

from accesscontrol.refusals import Refusal
from console import home as homes
from console import settings as site_settings
from console.settings import Settings, SiteSection

SETTINGS = Settings(site=SiteSection(name="見本市", id="test"))


@pytest.fixture
def made(tmp_path: Path) -> homes.Home:
    return homes.create(tmp_path / "home", SETTINGS)


def test_a_new_home_is_readable_by_its_owner_alone(made: homes.Home) -> None:
    for path in (made.path, *made.path.rglob("*")):
        assert path.stat().st_mode & 0o077 == 0, path
    assert homes.open_home(made.path) == made


def test_its_keys_are_its_own(made: homes.Home, tmp_path: Path) -> None:
    other = homes.create(tmp_path / "other", SETTINGS)
    assert made.seal() != other.seal()
    assert made.trail_key().private_bytes_raw() not in {other.trail_key().private_bytes_raw(), made.seal()}
    assert made.manifest_key().private_bytes_raw() != made.trail_key().private_bytes_raw()


def test_a_site_is_never_made_over_another(made: homes.Home) -> None:
    with pytest.raises(Refusal, match="already"):
        homes.create(made.path, SETTINGS)


def test_no_site_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="sekisho init"):
        homes.open_home(tmp_path)


@pytest.mark.parametrize("rights", [0o750, 0o705, 0o777])
def test_a_home_that_others_can_read_is_refused_with_the_command_that_mends_it(made: homes.Home, rights: int) -> None:
    made.path.chmod(rights)
    with pytest.raises(Refusal, match=f"chmod 700 {made.path}"):
        homes.open_home(made.path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_home_of_somebody_else_is_refused(made: homes.Home) -> None:
    os.chown(made.path, 12345, -1)
    with pytest.raises(Refusal, match="chown"):
        homes.open_home(made.path)


@pytest.mark.parametrize("damage", ["missing", "short"])
def test_a_damaged_key_is_refused_by_its_file(made: homes.Home, damage: str) -> None:
    file = made.path / "keys" / "trail"
    if damage == "missing":
        file.unlink()
    else:
        file.write_bytes(b"short")
    with pytest.raises(Refusal, match="trail"):
        made.trail_key()


def test_the_folder_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SEKISHO_HOME", str(tmp_path / "named"))
    assert homes.default_path() == tmp_path / "named"
    monkeypatch.delenv("SEKISHO_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert homes.default_path() == tmp_path / "sekisho"


def test_settings_are_replaced_whole(made: homes.Home) -> None:
    changed = Settings(site=SiteSection(name="別の市", id="test"))
    homes.replace_settings(made, changed)
    assert site_settings.read(made.path) == changed
    assert (made.path / site_settings.FILE).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(("name", "short"), [("Mihon City", "mihon-city"), ("見本市", "site"), ("--", "site")])
def test_a_name_gives_an_id(name: str, short: str) -> None:
    assert homes.site_id(name) == short
