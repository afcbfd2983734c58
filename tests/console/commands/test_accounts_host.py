"""``sekisho accounts prepare-host``: the host gets its one program, and only by the console's own key."""

from pathlib import Path

import pytest

from console import settings as site_settings
from console import translation
from console.commands.accounts import group
from tests.accesscontrol.accounts.connectors.linux_host import COMMAND
from tests.console.commands.desk import call
from tests.console.town import Town
from tests.services.sshd import make_key

HOST = """
[[systems]]
name = "server-1"
connector = "linux"
host = "192.0.2.7"
account = "{account}"
key_file = "keys/server-1"
host_key = "ssh-ed25519 AAAA"
"""


@pytest.fixture
def town(tmp_path: Path) -> Town:
    translation.choose("en")
    return Town.copied_to(tmp_path)


def name_host(town: Town, account: str) -> None:
    with (town.home / site_settings.FILE).open("a") as file:
        file.write(HOST.format(account=account))


@pytest.mark.parametrize(("account", "command"), [("root", "/usr"), ("sekisho", "sudo -n /usr")])
def test_the_program_is_written_whole_and_its_key_forces_it(
    town: Town, tmp_path: Path, account: str, command: str
) -> None:
    name_host(town, account)
    key = make_key(town.home / "keys" / "server-1").with_suffix(".pub").read_text().strip()
    done = call(town, group, "prepare-host", "server-1", "--output", tmp_path / "carry")
    assert done.exit_code == 0, done.stderr
    written = tmp_path / "carry" / "usr" / "local" / "sbin" / "sekisho-accounts"
    assert written.read_bytes() == COMMAND.read_bytes()
    assert f'command="{command}/local/sbin/sekisho-accounts",restrict {key}' in done.stdout
    again = call(town, group, "prepare-host", "server-1", "--output", tmp_path / "carry")
    assert "can't be written" in again.stderr


def test_only_a_linux_host_with_a_key_of_the_console_is_prepared(town: Town, tmp_path: Path) -> None:
    name_host(town, "root")
    refused = call(town, group, "prepare-host", "register", "--output", tmp_path / "carry")
    assert "no Linux host" in refused.stderr
    refused = call(town, group, "prepare-host", "server-1", "--output", tmp_path / "carry")
    assert "server-1.pub can't be read" in refused.stderr
    assert not (tmp_path / "carry").exists()
