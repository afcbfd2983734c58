"""Whatever looks at the site's register looks at the one that the settings name: here one in PostgreSQL."""

import csv
from pathlib import Path

import msgspec
import psycopg
import pytest

from accesscontrol.refusals import Refusal
from console import extracts, translation
from console import home as homes
from console import settings as site_settings
from console.commands.registry import group
from console.evidence import register_accounts
from console.facts import REGISTER
from console.settings import RegisterSection
from registry.accounts import accounts
from registry.databases import open_registry
from registry.databases.interface import TABLES
from registry.synthetic import create_city
from tests.console.commands.desk import answer, call
from tests.console.town import NOW, Town

RESIDENTS = 12  # unlike the town's own file, which is to be seen by nobody


def of(town: Town, *, host: str, database: str, reading: str = "") -> Town:
    """Name another register in the settings, before the site is opened."""
    home = homes.open_home(town.home)
    told = msgspec.structs.replace(
        site_settings.read(home.path), register=RegisterSection(host=host, database=database, reading=reading)
    )
    homes.replace_settings(home, told)
    return town


@pytest.fixture
def database(postgresql_database: str) -> str:
    create_city(postgresql_database, residents=RESIDENTS, seed=7, today=NOW.date())
    return postgresql_database


@pytest.fixture
def town(tmp_path: Path, database: str) -> Town:
    translation.choose("en")
    return of(Town.copied_to(tmp_path), host="register-db", database="dbname=register", reading=database)


def test_checks_and_reconciliation_judge_the_register_in_the_database(town: Town, database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE identity_info SET sex = '9' WHERE record_id = 1")
        counts = [connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone() for table in TABLES[:4]]
    checked = call(town, group, "check", "--json")
    assert checked.exit_code == 1
    found = msgspec.json.decode(checked.stdout)
    assert found["records"] == sum(count for row in counts if row for count in row)
    assert found["by_check"]["CHK-FMT-03"] == 1
    assert msgspec.json.decode(call(town, group, "reconcile", "--json").stdout)["counts"]["differing"] == 1
    assert [entry.outcome for entry in town.entries("registry.checked")] == ["faulty"]


def test_another_register_is_still_looked_at_by_its_name(town: Town) -> None:
    town.site.store.close()
    assert answer(call(town, group, "check", "--registry", town.home / "registry" / "registry.sqlite3", "--json"))


def test_no_file_is_created_beside_a_register_that_is_elsewhere(town: Town) -> None:
    town.site.home.registry.unlink()
    refused = call(town, group, "create")
    assert refused.exit_code == 1
    assert "in PostgreSQL" in refused.stderr
    assert not town.site.home.registry.exists()


def test_an_extract_holds_the_records_of_the_database(town: Town, tmp_path: Path, database: str) -> None:
    extract = extracts.extract(town.site, "file2", ("name_kanji",), frozenset())
    extract.take(tmp_path / "out", lambda _done, _total: None)
    with open_registry(database, read_only=True) as register:
        names = [name for _key, name in register.scan("identity_info", ["name_kanji"])]
    with (tmp_path / "out").open(encoding="utf-8", newline="") as lines:
        assert [row[0] for row in csv.reader(lines)][1:] == names


def test_detection_and_the_list_of_accounts_know_the_accounts_of_the_database(town: Town, database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE registry_account SET office = 'elsewhere'")
    assert REGISTER in town.site.facts.systems()
    known = [each for each in town.site.facts.accounts() if each.system == REGISTER]
    with open_registry(database, read_only=True) as register:
        assert {each.user_id for each in known} == {each.login for each in accounts(register)}
    assert (
        {each.office for each in known} == {each.office for each in register_accounts.read(town.site)} == {"elsewhere"}
    )


def test_a_register_that_no_role_may_read_says_which_setting_is_missing(tmp_path: Path) -> None:
    town = of(Town.copied_to(tmp_path), host="register-db", database="dbname=register")
    with pytest.raises(Refusal, match=r"register\.reading"):
        town.site.register.look()


def test_the_embedded_register_is_there_when_its_file_is(tmp_path: Path) -> None:
    register = Town.copied_to(tmp_path).site.register
    assert (register.is_embedded, register.exists) == (True, True)
    register.file.unlink()
    assert not register.exists
