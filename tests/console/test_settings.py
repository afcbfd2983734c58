"""Settings are validated as a whole, and what is wrong is named."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accesscontrol.refusals import Refusal
from console import settings as site_settings
from console.settings import Settings, SignInSection, SiteSection
from console.system_settings import CsvSystem, PostgresqlSystem

MINIMAL = '[site]\nname = "見本市"\nid = "mihon"\n'


def test_a_name_and_an_id_are_enough_and_the_defaults_are_those_of_the_domain() -> None:
    found = site_settings.parse(MINIMAL)
    assert (found.sign_in.failures, found.sign_in.failure_minutes, found.sign_in.idle_minutes) == (5, 10, 5)
    assert (found.sign_in.password_days, found.sign_in.password_length, found.sign_in.password_history) == (90, 12, 12)
    assert (found.events.keep_years, found.requests.approval_business_days) == (7, 3)
    assert str(found.zone) == "Asia/Tokyo"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "site"),
        ("[site]\n", "name"),
        (MINIMAL + "[sign_in]\nfailures = 0\n", "failures"),
        (MINIMAL + "[sign_in]\nfailures = 'five'\n", "failures"),
        (MINIMAL + "[sign_in]\nfailure = 5\n", "failure"),
        (MINIMAL + "[unknown]\n", "unknown"),
        (MINIMAL + 'zone = "Asia/Nowhere"\n', "Nowhere"),
        (MINIMAL + '[trail]\nwitness = "somewhere"\n', "witness"),
        ("not toml", "site.toml"),
    ],
)
def test_what_is_wrong_is_named(text: str, named: str) -> None:
    with pytest.raises(Refusal, match=named):
        site_settings.parse(text)


@given(
    st.integers(1, 100),
    st.booleans(),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=40),
)
def test_what_is_written_is_what_is_read(failures: int, allowed: bool, name: str) -> None:  # noqa: FBT001 - a case of a table
    settings = Settings(
        site=SiteSection(name=name, id="x"), sign_in=SignInSection(failures=failures, substitutes_allowed=allowed)
    )
    assert site_settings.parse(site_settings.encode(settings)) == settings


def test_an_unreadable_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / site_settings.FILE).write_bytes(b"\xff\xfe")
    with pytest.raises(Refusal):
        site_settings.read(tmp_path)


SYSTEMS = """
[[systems]]
name = "register-db"
connector = "postgresql"
conninfo = "service=register"

[[systems]]
name = "addressee"
connector = "csv-ledger"
title = "団体内統合宛名"
stale_hours = 800
columns = { user_id = "利用者ID", enabled = "状態" }
enabled = ["有効"]
encoding = "cp932"
"""


def test_each_managed_system_has_the_settings_of_its_connector() -> None:
    found = site_settings.parse(MINIMAL + SYSTEMS)
    database, addressee = found.systems
    assert isinstance(database, PostgresqlSystem)
    assert isinstance(addressee, CsvSystem)
    assert addressee.columns == {"user_id": "利用者ID", "enabled": "状態"}
    assert site_settings.parse(site_settings.encode(found)) == found


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('[[systems]]\nname = "x"\n', "connector"),
        ('[[systems]]\nname = "x"\nconnector = "telnet"\n', "telnet"),
        ('[[systems]]\nname = "X Y"\nconnector = "register"\n', "name"),
        ('[[systems]]\nname = "x"\nconnector = "postgresql"\n', "conninfo"),
        ('[[systems]]\nname = "x"\nconnector = "register"\nhost = "h"\n', "host"),
    ],
)
def test_what_is_wrong_with_a_managed_system_is_named(text: str, named: str) -> None:
    with pytest.raises(Refusal, match=named):
        site_settings.parse(MINIMAL + text)
