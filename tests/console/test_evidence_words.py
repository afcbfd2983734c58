"""What an act left as evidence is told in the reader's words: no dictionary, no None, no name of a field."""

from collections.abc import Iterator

import pytest

from console import evidence_words, translation


@pytest.fixture(autouse=True)
def language() -> Iterator[None]:
    translation.choose("ja")
    yield
    translation.choose("en")


def told(**evidence: object) -> dict[str, str]:
    return {fact.label: fact.value for fact in evidence_words.facts(evidence)}


def test_what_left_the_house_is_told_in_words() -> None:
    words = told(output=1, size=4_100_000, files=["B-1.age", "B-1.manifest.jsonl"], medium="", read_back=True)
    assert words == {
        "持出し台帳の番号": "1",
        "容量": "4.1 MB  (4,100,000 B)",
        "ファイル": "B-1.age, B-1.manifest.jsonl",
        "媒体": "-",
        "読み戻して照合": "はい",
    }


def test_digests_stand_in_groups_as_people_compare_them() -> None:
    assert told(sha256="0123456789abcdef" * 4) == {"SHA-256": "0123 4567 89ab cdef … 89ab cdef"}


def test_what_lies_inside_of_a_fact_has_words_too() -> None:
    words = told(erased={"resident_register": 1200, "identity_info": 0}, unverified={"cs/a1": "The host is down."})
    assert words == {"消去": "ファイル1 1,200, ファイル2 0", "未確認": "cs/a1 The host is down."}


def test_what_nobody_knows_is_neither_a_no_nor_nothing() -> None:
    assert told(committed=None) == {"確定": "確認不能"}
    assert told(committed=False) == {"確定": "いいえ"}


def test_a_sentence_that_was_kept_is_told_again_and_the_state_of_a_session_has_its_title() -> None:
    words = told(technique="files removed; the medium itself was not sanitized", session_state="cut")
    assert words["消去の方法"] == "ファイルを削除（媒体そのものの消去ではない）"
    assert words["セッション終了"] != "cut"


def test_the_kind_of_a_request_names_its_own_parameters() -> None:
    (fact,) = evidence_words.facts({"login": "sato"}, titles={"login": "Login"})
    assert (fact.label, fact.value) == ("ログインID", "sato")
