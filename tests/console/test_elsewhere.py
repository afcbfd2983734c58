"""A home that was copied or moved works on what is its own; what still leads into the original is named."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from accesscontrol.refusals import Refusal
from accesscontrol.requests import gate, reading
from accesscontrol.requests.states import State
from accesscontrol.trail.witness import DirectoryWitness
from backups import ledger
from backups.verification import verify
from console import home as homes
from console import status
from console.commands.context import Context
from console.commands.trail import make_witness
from console.elsewhere import leading_elsewhere
from console.wiring import Installation, open_site
from tests.console.commands.media_store import MediaStore

Opening = Callable[[Path], Installation]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[MediaStore]:
    store = MediaStore(tmp_path)
    yield store
    store.site.store.close()


@pytest.fixture
def opened(store: MediaStore) -> Iterator[Opening]:
    """Return a function that opens a home at the store's hour."""
    sites: list[Installation] = []

    def opened(path: Path) -> Installation:
        sites.append(open_site(path, store.clock))
        return sites[-1]

    yield opened
    for site in sites:
        site.store.close()


@pytest.fixture
def copied(store: MediaStore, opened: Opening, tmp_path: Path) -> Callable[[], Installation]:
    """Return a function that copies the home with everything in it, and opens the copy."""

    def copied() -> Installation:
        store.site.store.close()
        shutil.copytree(store.home, tmp_path / "copy")
        return opened(tmp_path / "copy")

    return copied


def damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def verified(site: Installation, name: str) -> bool:
    return verify(site.catalogue, name, actor="system").good


def test_each_of_two_homes_reads_its_own_backup(store: MediaStore, copied: Callable[[], Installation]) -> None:
    taken = store.take()
    copy = copied()
    damage(store.site.catalogue.get(taken.id).sealed)
    assert (verified(copy, taken.id), verified(store.site, taken.id)) == (True, False)
    damage(copy.catalogue.get(taken.id).sealed)
    assert not verified(copy, taken.id)
    assert copy.catalogue.get(taken.id).sealed.parent == copy.home.path / "backups"


def test_a_moved_home_goes_on_where_it_is(store: MediaStore, opened: Opening, tmp_path: Path) -> None:
    taken = store.take()
    store.site.store.close()
    moved = opened(store.home.rename(tmp_path / "moved"))
    assert verified(moved, taken.id)
    assert moved.catalogue.strays() == []
    again = moved.catalogue.take(moved.order("registry", actor="system", terminal=""))
    assert again.sealed.parent == tmp_path / "moved" / "backups"
    (tmp_path / "link").symlink_to(tmp_path / "moved")
    assert opened(tmp_path / "link").catalogue.strays() == []


def test_whole_paths_of_an_earlier_version_become_those_of_the_home_that_holds_them(
    store: MediaStore, copied: Callable[[], Installation], opened: Opening
) -> None:
    taken = store.take()
    with store.site.store.transaction() as tx:
        tx.execute("UPDATE backup SET folder = '/srv/sekisho/backups'")
        tx.execute("DELETE FROM _sqlite_migrations WHERE name = 'name_folders_from_the_store_on'")
        tx.record("test.aged", actor="system")
    copy = copied()
    assert verified(copy, taken.id)


def test_a_copy_has_a_second_place_of_its_own(store: MediaStore, copied: Callable[[], Installation]) -> None:
    context = Context(store.home)
    context.__dict__["site"] = store.site
    said = CliRunner().invoke(make_witness, [str(store.home / "second-place")], obj=context).stdout
    assert '"directory:second-place"' in said
    store.with_trail(witness="directory:second-place")
    store.site.sealer.seal()
    original = DirectoryWitness(store.home / "second-place", store.clock)
    seen = original.last()
    copy = copied()
    with copy.store.transaction() as tx:
        tx.record("test.went-on", actor="system")
    sealed = copy.sealer.seal()
    assert sealed is not None
    assert sealed.witnessed
    assert original.last() == seen


def test_an_approval_to_write_into_a_folder_of_the_home_does_not_hold_in_its_copy(
    store: MediaStore, copied: Callable[[], Installation]
) -> None:
    store.with_media(plain_folders=True)
    folder = store.home / "media" / "M-0031"
    folder.mkdir(parents=True)
    request = store.approved_export(store.take(), "M-0031", Path("media/M-0031"))
    copy = copied()
    with pytest.raises(Refusal, match="no longer is what was approved"):
        gate.execute(copy.desk, request.id, store.acting("takahashi"))
    assert ledger.page(copy.store) == []
    done = gate.execute(store.site.desk, request.id, store.acting("takahashi"))
    assert (done.state, reading.get(copy.store, request.id).state) == (State.DONE, State.APPROVED)
    assert sorted(each.suffix for each in folder.iterdir()) == [".age", ".jsonl", ".sig"]
    assert leading_elsewhere(copy) == []


def test_what_leads_into_another_home_is_named_by_the_doctor(
    store: MediaStore, copied: Callable[[], Installation], opened: Opening, tmp_path: Path
) -> None:
    store.with_media(plain_folders=True)
    (store.home / "media" / "M-0031").mkdir(parents=True)
    request = store.approved_export(store.take(), "M-0031", store.home / "media" / "M-0031")
    store.with_trail(witness=f"directory:{store.home}/second-place")
    with store.site.store.transaction() as tx:
        tx.execute("UPDATE backup SET folder = ?", (str(store.home / "backups"),))
        tx.record("test.aged", actor="system")
    assert leading_elsewhere(store.site) == []  # one's own home, named as a whole, is no other
    copy = copied()
    where = [line.partition(" ")[0] for line in leading_elsewhere(copy)]
    assert where == ["site.toml", "B-00001", request.id]
    (told,) = [each.detail for each in status.examine(copy) if each.name == "elsewhere"]
    assert str(store.home / "second-place") in told


def test_paths_that_lead_to_no_home_are_nobodys_business(store: MediaStore, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    store.with_trail(witness=f"directory:{tmp_path}/elsewhere/second-place")
    clusters = (f"main=host=/run/postgresql passfile={tmp_path}/pass",)
    settings = msgspec.structs.replace(
        store.site.settings, backups=msgspec.structs.replace(store.site.settings.backups, clusters=clusters)
    )
    homes.replace_settings(store.site.home, settings)
    assert leading_elsewhere(Installation(store.site.home, store.clock)) == []
