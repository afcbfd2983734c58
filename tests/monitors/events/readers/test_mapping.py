from pathlib import Path

import pytest

from accesscontrol.refusals import Refusal
from accesscontrol.store import Store
from monitors.events import imports
from monitors.events.expressions import NOTHING_ASKED
from monitors.events.paging import Listing
from monitors.events.plans import Wish
from monitors.events.readers import mapping
from tests.monitors.conftest import TOKYO

SHIPPED = mapping.shipped()
BASE = 'name="m"\ntitle="m"\ntitle_ja="m"\nsystem="x"\n[time]\ncolumns=["t"]\nlayouts=["%Y"]\n[fields]\naction="a"\n'


def test_a_mapping_ships_for_each_of_the_eight_systems_and_for_the_console_itself() -> None:
    assert set(SHIPPED) == {each.system for each in SHIPPED.values()}
    assert len(SHIPPED) == 8 + 1


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_the_documented_sample_of_a_mapping_is_found_and_wholly_understood(
    store: Store, home: Path, tmp_path: Path, name: str
) -> None:
    path = tmp_path / "sample.log"
    path.write_bytes(SHIPPED[name].sample.lstrip("\n").encode(SHIPPED[name].encoding))
    shown = imports.preview(path, Wish(system=SHIPPED[name].system), home=home, zone=TOKYO, store=store)
    assert shown.mapping == name
    assert shown.quarantined == ()
    assert shown.rows
    for row in shown.rows:
        assert row["action"] != "other"
        assert row["outcome"] != "unknown"
        assert row["user_id"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("name = ", "Invalid value"),
        (BASE + "[values.action]\nx='fly'\n", "x = fly"),
        (BASE + "[values.terminal]\nx='y'\n", "values.terminal has no column"),
        (BASE.replace("%Y", "%Q"), "%Q"),
        (BASE + "[keys]\ncolumn='k'\n[keys.words]\nx='shoe size'\n", "shoe size"),
        (BASE.replace('system="x"', 'system="x"\ndelimiter="::"'), "one character"),
        (BASE.replace('action="a"', 'colour="a"'), "colour"),
        (BASE.replace("[fields]", 'zone="Mars/Olympus"\n[fields]'), "Mars"),
    ],
)
def test_what_is_wrong_in_a_mapping_is_told(text: str, reason: str) -> None:
    with pytest.raises(Refusal) as refusal:
        mapping.parse(text.encode(), "mine.toml")
    assert reason in str(refusal.value)
    assert "mine.toml" in str(refusal.value)


def test_a_mapping_of_the_site_is_found_by_its_columns(store: Store, home: Path, tmp_path: Path) -> None:
    (home / "mappings").mkdir()
    (home / "mappings" / "mine.toml").write_text(BASE.replace("%Y", "%Y-%m-%d"))
    path = tmp_path / "log.csv"
    path.write_text("t,a\n2026-11-24,login\n")
    shown = imports.preview(path, Wish(system="x"), home=home, zone=TOKYO, store=store)
    assert (shown.mapping, shown.rows[0]["action"]) == ("m", "login")


@pytest.mark.parametrize("fast", [True, False])
def test_a_column_that_a_layout_may_have_is_read_where_it_is(store: Store, home: Path, fast: bool) -> None:  # noqa: FBT001 - a case
    head = "処理日時,所属,利用者ID,利用者名,端末ID,処理区分,処理名,結果,対象件数,検索条件,対象者,出力先,申請番号"
    row = "2026/11/24 09:00:00,市民課,S1,,SM-01,ログイン,,正常,0,,,,"
    path = home.parent / "a.csv"
    more = "" if fast else '\n"'  # a stray quote keeps the fast road closed
    path.write_text(f"{head},通番,認証要素\n{row},41,一要素\n{row},43,二要素\n{row},x,{more}\n", "utf-8")
    imports.import_file(store, home, path, Wish(system="register"), actor="1", zone=TOKYO)
    listing = Listing(store, home, NOTHING_ASKED, oldest_first=True)
    found = [(event["sequence"], event["factors"]) for event in listing.stream()]
    listing.close()
    assert found == [(41, 1), (43, 2), (0, 0)]
