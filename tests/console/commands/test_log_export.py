"""Events leave sealed, by a request that is bound to the selection: what was approved is what is written."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from accesscontrol.people.operators import SYSTEM
from accesscontrol.refusals import Refusal
from accesscontrol.requests import decisions, submission
from accesscontrol.requests.reading import Request
from accesscontrol.trail import entries
from backups import ledger, restoring
from backups.media.log_output import KIND
from backups.records import Health
from backups.sealing.age import unseal
from backups.sealing.keys import read_identity_file
from console import event_extracts, status, translation
from console.commands.logs import group
from console.commands.media import group as media
from console.proof import opening
from monitors.events.plans import Wish
from tests.console.commands.media_store import MediaStore, only_below

HEAD = "処理日時,所属,利用者ID,利用者名,端末ID,処理区分,処理名,結果,対象件数,検索条件,対象者,出力先,申請番号"
LINE = "2026/11/20 {time},市民課,{user},,SM-01,照会,,正常,1,氏名,K1,,"
TIMES = ("09:00:00", "09:00:00", "09:10:00", "12:00:00")
SPAN = "account:s1 time:2026-11-20T09:00:00+0900..2026-11-20T09:10:00+0900"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MediaStore]:
    translation.choose("en")
    only_below(tmp_path, monkeypatch)
    store = MediaStore(tmp_path)
    store.with_media(plain_folders=True)
    rows = [LINE.format(time=time, user="S2" if time == "12:00:00" else "S1") for time in TIMES]
    (tmp_path / "log.csv").write_text("\n".join([HEAD, *rows, ""]), "utf-8")
    store.site.archive.import_file(tmp_path / "log.csv", Wish(system="register"), actor=SYSTEM)
    (tmp_path / "out").mkdir()
    yield store
    store.site.store.close()


def ask(store: MediaStore, prepared: Any, folder: Path, **changed: object) -> Request:
    parameters = {
        **prepared["request"]["parameters"],
        "medium": "",
        "folder": str(folder),
        "carrier": "山田",
        "destination": "監査法人",
        "purpose": "外部監査",
        "ending": "destroy",
        "due": "2026-12-24",
        **changed,
    }
    return submission.submit(store.site.desk, KIND, parameters, store.acting("yamada"), reason="監査のため")


def test_a_selection_is_sealed_asked_for_by_its_hash_approved_and_written(store: MediaStore, tmp_path: Path) -> None:
    prepared = store.json("yamada", group, "extract", "account:s1")
    named = prepared["request"]["parameters"]
    assert (prepared["request"]["kind"], named["expression"], named["events"]) == (KIND, SPAN, 3)
    looked = entries.of_act(store.site.store, "events.consulted")
    assert [(each.actor, each.details["expression"]) for each in looked] == [("S0102", "account:s1")]

    request = ask(store, prepared, tmp_path / "out")
    decisions.approve(
        store.site.desk, request.id, store.acting("sato"), seen=request.digest, sign=store.signing("sato")
    )
    seated = {"phase": decisions.BEFORE, "statement": "立ち会います"}
    decisions.attest(store.site.desk, request.id, store.acting("suzuki"), **seated, sign=store.signing("suzuki"))
    written = store.json("takahashi", media, "write", request.id)
    assert written["sha256"] == prepared["sha256"]
    assert ledger.find(store.site.store, written["number"]).content == prepared["id"]

    unseal(tmp_path / "out" / f"{prepared['id']}.age", tmp_path / "opened", read_identity_file(store.identity_file))
    left = [json.loads(line) for line in (tmp_path / "opened").read_text("utf-8").splitlines()]
    assert [each["line_no"] for each in left] == [2, 3, 4]
    assert store.say(group, "query", SPAN, "--oldest-first", "--json").encode() == (tmp_path / "opened").read_bytes()


@pytest.mark.parametrize(
    "changed", [{"expression": "account:s1"}, {"events": 2}, {"content_sha256": "0" * 64}], ids=str
)
def test_a_request_for_another_selection_than_the_sealed_one_is_refused(
    store: MediaStore, tmp_path: Path, changed: dict[str, object]
) -> None:
    prepared = store.json("yamada", group, "extract", "account:s1")
    with pytest.raises(Refusal, match="another selection"):
        ask(store, prepared, tmp_path / "out", **changed)


def test_an_individual_number_by_which_events_were_chosen_stands_in_no_manifest(store: MediaStore) -> None:
    prepared = store.json("yamada", group, "extract", "account:s1 -123456789018")
    assert prepared["request"]["parameters"]["expression"].startswith("account:s1 -************ time:")
    manifests = list((store.home / "backups").glob("*.manifest.jsonl"))
    assert manifests
    assert not any("123456789018" in each.read_text("utf-8") for each in manifests)


def test_a_selection_of_no_event_is_refused_and_leaves_nothing(store: MediaStore) -> None:
    done = store.run("yamada", group, "extract", "account:nobody")
    assert done.exit_code == 1
    assert "No event meets this." in done.stderr
    assert list(store.site.home.backups.glob("B-*.age")) == []


def test_a_selection_is_proven_by_a_drill_and_is_no_backup_of_anything(store: MediaStore) -> None:
    prepared = store.json("yamada", group, "extract")
    assert status.status(store.site)["last_backup"]["at"] is None
    taken = store.site.catalogue.get(prepared["id"])
    how = opening(store.site, taken, read_identity_file(store.identity_file), store.acting("yamada"))
    found = restoring.drill(store.site.catalogue, taken.id, how)
    assert found.good, found.faults
    assert [(part.name, part.count) for part in found.parts] == [("events", 4), ("system register", 4)]
    assert store.site.catalogue.get(taken.id).health is Health.PROVEN


@pytest.mark.parametrize("content", [b"\xff\xfe\n", b"[1]\n", b"{}\n"])
def test_what_comes_back_must_be_events(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "plain").write_bytes(content)
    (fault,) = event_extracts.restore(tmp_path / "plain", tmp_path).faults
    assert "cannot be read" in str(fault)
