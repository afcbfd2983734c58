"""Register data leaves as an extract: what the manifest counts is what is asked for, and many persons are bulk."""

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from accesscontrol.people.roles import Role
from accesscontrol.refusals import Refusal
from accesscontrol.requests import decisions, submission
from accesscontrol.requests.reading import Request
from backups import ledger, restoring
from backups.media.output import BULK_KIND, KIND, PERSONS
from backups.records import Health
from backups.sealing.age import unseal
from backups.sealing.keys import read_identity_file
from backups.verification import read_manifest
from console import extracts, status
from console.commands.media import group
from console.extracts import RegisterExtract
from console.proof import opening
from registry.databases.sqlite import SqliteRegistry
from tests.backups.conftest import tool
from tests.backups.media.conftest import Disk, disks
from tests.console.commands.media_store import STORES, MediaStore, only_below

__all__ = ["disks", "tool"]

SAID = ("--kind", "solid-state", "--place", STORES[0], "--purpose", "整合", "--virus-check", "11-24 済")
ITEMS = ("--item", "name_kanji", "--item", "birth_date")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MediaStore]:
    only_below(tmp_path, monkeypatch)
    store = MediaStore(tmp_path)
    with store.site.store.transaction() as tx:
        for login, role in (("sato", Role.SUPERIOR), ("sato", Role.OUTPUT_MANAGER)):
            tx.execute("INSERT INTO operator_role (login, role) VALUES (?, ?)", (login, role.value))
        tx.record("test.roles-written", actor="system")
    yield store
    store.site.store.close()


def codes(store: MediaStore, count: int) -> list[str]:
    """Return the codes of some residents of the register."""
    with SqliteRegistry.open(store.site.home.registry, read_only=True) as register:
        found = dict.fromkeys(str(code) for _, code in register.scan("identity_info", ["resident_code"]))
    return list(found)[:count]


def ask(store: MediaStore, prepared: Any, disk: Disk) -> Request:
    """Ask for the output of what was prepared."""
    parameters = {
        **prepared["request"]["parameters"],
        "medium": "M-0001",
        "folder": str(disk.folder),
        "carrier": "山田",
        "destination": "県庁",
        "purpose": "整合",
        "ending": "return",
        "due": "2026-12-24",
    }
    kind = prepared["request"]["kind"]
    return submission.submit(store.site.desk, kind, parameters, store.acting("yamada"), reason="整合のため")


def test_an_extract_of_named_residents_is_asked_for_approved_and_written(
    store: MediaStore, disks: Callable[..., Disk], tmp_path: Path
) -> None:
    disk = disks()
    store.json("yamada", group, "register", disk.folder, *SAID)
    wanted = codes(store, 3)
    (tmp_path / "codes").write_text("\n".join(wanted))
    prepared = store.json("yamada", group, "extract", "file2", *ITEMS, "--residents", tmp_path / "codes")
    assert prepared["request"]["kind"] == KIND
    asked = prepared["request"]["parameters"]
    assert (asked["file"], asked["items"], asked["persons"]) == ("file2", ["漢字氏名", "生年月日"], 3)

    request = ask(store, prepared, disk)
    desk, sign = store.site.desk, store.signing
    decisions.approve(desk, request.id, store.acting("sato"), seen=request.digest, sign=sign("sato"))
    seated = {"phase": decisions.BEFORE, "statement": "立ち会います"}
    decisions.attest(desk, request.id, store.acting("suzuki"), **seated, sign=sign("suzuki"))
    written = store.json("takahashi", group, "write", request.id)
    assert (written["number"], written["persons"], written["sha256"]) == (1, 3, prepared["sha256"])
    assert ledger.find(store.site.store, 1).persons == 3

    unseal(disk.folder / f"{prepared['id']}.age", tmp_path / "opened", read_identity_file(store.identity_file))
    rows = list(csv.reader(io.StringIO((tmp_path / "opened").read_text("utf-8"))))
    assert rows[0] == ["漢字氏名", "生年月日"]
    assert len(rows) >= 4


def test_more_persons_than_the_threshold_are_prepared_as_bulk(store: MediaStore) -> None:
    store.with_media(bulk_persons=5)
    prepared = store.json("yamada", group, "extract", "file2", *ITEMS)
    assert prepared["request"]["kind"] == BULK_KIND


def test_an_extract_is_no_backup_of_the_register(store: MediaStore) -> None:
    store.json("yamada", group, "extract", "file2", *ITEMS)
    assert status.status(store.site)["last_backup"]["at"] is None


def test_an_extract_is_proven_by_a_drill_like_a_backup(store: MediaStore) -> None:
    prepared = store.json("yamada", group, "extract", "file2", *ITEMS)
    taken = store.site.catalogue.get(prepared["id"])
    how = opening(store.site, taken, read_identity_file(store.identity_file), store.acting("yamada"))
    found = restoring.drill(store.site.catalogue, taken.id, how)
    assert found.good, found.faults
    assert {part.name for part in found.parts} == {PERSONS, "漢字氏名", "生年月日"}
    assert store.site.catalogue.get(taken.id).health is Health.PROVEN


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no table"),
        (b"\xff\xfe", "not text"),
        ('漢字氏名,生年月日\r\n"架空'.encode(), "cut off"),
        ("漢字氏名,生年月日\r\n".encode(), "fewer records than persons"),
    ],
)
def test_what_comes_back_of_an_extract_must_be_a_whole_table(
    store: MediaStore, tmp_path: Path, content: bytes, said: str
) -> None:
    prepared = store.json("yamada", group, "extract", "file2", *ITEMS)
    known, _faults = read_manifest(store.site.catalogue.get(prepared["id"]))
    (tmp_path / "plain").write_bytes(content)
    assert any(said in str(fault) for fault in extracts.restore(tmp_path / "plain", tmp_path, known).faults)


@pytest.mark.parametrize("words", [("--item", "no such item"), ("--residents", "nowhere")])
def test_what_the_register_does_not_have_is_refused_and_leaves_nothing(
    store: MediaStore, words: tuple[str, str]
) -> None:
    done = store.run("yamada", group, "extract", "file2", *words)
    assert done.exit_code == 1
    assert store.site.catalogue.page() == []  # nothing was even planned
    assert list(store.site.home.backups.glob("B-*.age")) == []


def test_an_item_that_is_none_is_refused_with_those_that_come_near(store: MediaStore) -> None:
    with pytest.raises(Refusal, match="no item 氏名") as refused:
        extracts.extract(store.site, "file1", ["氏名"], frozenset())
    assert "漢字氏名" in refused.value.fields["near"]


def test_items_may_have_an_ideographic_space_in_their_names(store: MediaStore) -> None:
    names = extracts.items_in(" 漢字氏名、旧氏　漢字, 生年月日 ")
    assert names == ["漢字氏名", "旧氏　漢字", "生年月日"]
    extracts.extract(store.site, "file2", names, frozenset())


def test_residents_that_are_in_no_record_are_refused(store: MediaStore, tmp_path: Path) -> None:
    source = RegisterExtract("file2", store.site.register.look, (), frozenset({"00000000000"}))
    with pytest.raises(Refusal, match="No record"):
        source.take(tmp_path / "out", lambda done, total: None)
    assert list(tmp_path.glob("out*")) == []
