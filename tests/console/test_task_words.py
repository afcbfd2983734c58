"""What a task came to is told in words: truths, counts and tables, never as a program writes them."""

from collections.abc import Iterator

import pytest

from console import task_words, translation
from registry.tasks.differences import Line


@pytest.fixture(autouse=True)
def language() -> Iterator[None]:
    translation.choose("ja")
    yield
    translation.choose("en")


def test_the_evidence_of_a_run_is_told_without_what_only_machines_compare() -> None:
    evidence = {
        "task": "x",
        "effect": {"sha256": "0"},
        "agrees": False,
        "differences": {"missing_here": 1200},
        "notices": [],
    }
    told = {fact.label: fact.value for fact in task_words.facts(evidence)}
    assert told == {"一致": "いいえ", "差異": "当方に欠落 1,200", "要確認": "-"}


def test_accounts_become_a_table_with_masked_names_whose_columns_stand_below_each_other() -> None:
    account = {"login": "a-1", "display_name": "架空　太郎", "enabled": True, "valid_until": None}
    (table,) = task_words.tables({"accounts": [account, {**account, "login": "a-1000", "enabled": False}]})
    lines = list(table.lines())
    assert [line.split()[0] for line in lines[1:]] == ["a-1", "a-1000"]
    assert "太郎" not in "".join(lines)
    assert lines[1].index("架空") == lines[2].index("架空")
    assert lines[1].split()[2:] == ["はい", "-"]


def test_statistics_and_damage_are_tables_too_and_nothing_is_none() -> None:
    counted = {"groups": ["change_reason"], "rows": [["01", 1234]]}
    assert [list(each.rows) for each in task_words.tables(counted)] == [[["01", "1,234"]]]
    assert [list(each.rows) for each in task_words.tables({"damage": ["page 7"]})] == [[["page 7"]]]
    assert task_words.tables({"looks": {"locks": []}, "faults": []}) == []


def test_a_difference_lies_in_a_file_and_its_items_have_names() -> None:
    line = Line(kind="differing", place={"resident_register": 3, "identity_info": 4}, items=(11,))
    assert task_words.place(line) == "ファイル1 #3, ファイル2 #4 [11]"
    assert task_words.item_names(line) == ["11 住所"]


def test_a_kind_of_difference_is_told_and_a_check_by_its_number_too() -> None:
    assert task_words.kind_title("missing_here") == "当方に欠落"
    assert task_words.kind_title("CHK-ID-01").startswith("CHK-ID-01 個人番号")
