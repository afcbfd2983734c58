"""Events past their period are erased by an approved request for that very list, and nothing else ever is."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from accesscontrol.people.operators import SYSTEM
from accesscontrol.refusals import Refusal
from accesscontrol.requests import decisions, gate, submission
from accesscontrol.requests.states import State
from accesscontrol.trail import entries
from console import archive, log_retention, translation
from console.commands.logs import group
from monitors.events import erasure, ledger
from monitors.events.plans import Wish
from monitors.events.verify import verify
from tests.console.commands.media_store import MediaStore, only_below

HEAD = "処理日時,所属,利用者ID,利用者名,端末ID,処理区分,処理名,結果,対象件数,検索条件,対象者,出力先,申請番号"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MediaStore]:
    translation.choose("en")
    only_below(tmp_path, monkeypatch)
    store = MediaStore(tmp_path)
    for day in ("2019/11/23", "2019/11/24", "2026/11/20"):
        (tmp_path / "log.csv").write_text(f"{HEAD}\n{day} 09:00:00,市民課,S1,,SM-01,照会,,正常,1,氏名,K1,,\n", "utf-8")
        store.site.archive.import_file(tmp_path / "log.csv", Wish(system="register"), actor=SYSTEM)
    yield store
    store.site.store.close()


def test_what_is_past_its_seven_years_is_due_asked_for_approved_and_erased(store: MediaStore) -> None:
    due = store.look(group, "due")
    assert (due["keep_years"], due["before"]) == (7, "2019-11-24T00:00:00+09:00")
    (segment,) = due["segments"]
    assert "20191123" in segment["name"]
    asked = store.json("yamada", group, "erase", "--reason", "保存期間の満了")
    desk = store.site.desk
    request = decisions.approve(
        desk, asked["id"], store.acting("sato"), seen=asked["digest"], sign=store.signing("sato")
    )
    assert request.state is State.APPROVED
    done = gate.execute(desk, request.id, store.acting("takahashi"))
    assert done.state is State.DONE
    assert [each.first_day for each in ledger.segments(store.site.store)] == [18224, 20777]
    assert verify(store.site.store, store.home, archive.recorded_segments(store.site.store)).ok
    (entry,) = entries.of_act(store.site.store, "events.erased")
    assert (entry.subject, entry.details["segments"]) == (request.id, [segment["name"]])


def test_what_must_still_be_kept_can_not_even_be_asked_for(store: MediaStore) -> None:
    site = store.site
    every = ledger.segments(site.store)
    limit = log_retention.limit(site)
    for segments, before in ((every[1:2], limit), (every[:1], limit + timedelta(days=1))):
        with pytest.raises(Refusal, match="must still be kept"):
            submission.submit(
                site.desk, erasure.KIND, erasure.parameters_for(segments, before), store.acting("yamada"), reason="x"
            )


def test_another_list_than_the_archives_own_is_refused(store: MediaStore) -> None:
    site = store.site
    good = erasure.parameters_for(log_retention.due(site), log_retention.limit(site))
    (named,) = good["segments"]
    for wrong in ([{**named, "sha256": "0" * 64}], [named, named]):
        with pytest.raises(Refusal):
            submission.submit(site.desk, erasure.KIND, {**good, "segments": wrong}, store.acting("yamada"), reason="x")
    assert len(ledger.segments(site.store)) == 3


@pytest.mark.parametrize("before", ["", "soon", "0001-01-01T00:00:00+23:59"])
def test_a_limit_written_by_hand_that_is_no_instant_is_refused_in_words(store: MediaStore, before: str) -> None:
    site = store.site
    wrong = {**erasure.parameters_for(log_retention.due(site), log_retention.limit(site)), "before": before}
    with pytest.raises(Refusal, match="is no instant"):
        submission.submit(site.desk, erasure.KIND, wrong, store.acting("yamada"), reason="x")


def test_nothing_is_asked_for_where_every_event_must_be_kept(store: MediaStore) -> None:
    store.clock.advance(timedelta(days=-400))
    assert store.look(group, "due")["segments"] == []
    with pytest.raises(Refusal, match="the settings say 7 years"):
        log_retention.ask_for_erasure(store.site, log_retention.due(store.site), store.acting("yamada"), reason="x")
