from pathlib import Path
from typing import Any

import pytest

from monitors.rules import catalogue, trial
from monitors.rules.catalogue import compile_rule

RULE = """
title: one
logsource: {{product: sekisho}}
detection:
  sel:
{detection}
  condition: sel
"""


def fires(tmp_path: Path, detection: str, **event: Any) -> bool:
    rule = compile_rule("one", RULE.format(detection=f"    {detection}").encode())
    return bool(trial.hits(rule, [[{"time": "2026-11-24", **event}]], tmp_path)[0])


@pytest.mark.parametrize(
    ("detection", "event", "expected"),
    [
        ("detail: 'Yamada'", {"detail": "YAMADA"}, True),
        ("detail: 'ｙａｍａｄａ'", {"detail": "yamada"}, True),
        ("detail|contains: 'a_c'", {"detail": "xa_cx"}, True),
        ("detail|contains: 'a_c'", {"detail": "xabcx"}, False),
        ("detail|contains: '10%'", {"detail": "rate 10% up"}, True),
        ("detail|contains: '10%'", {"detail": "rate 10x up"}, False),
        ("detail|startswith: '!'", {"detail": "!bang"}, True),
        ('detail|contains: "it\'s"', {"detail": "so it's told"}, True),
        ("detail: 'a?c*'", {"detail": "abcdef"}, True),
        ("detail: 'a?c*'", {"detail": "acdef"}, False),
        ("detail|cased: 'Abc'", {"detail": "abc"}, False),
        ("detail|re: '^[A-Z]{3}[0-9]+$'", {"detail": "ABC12"}, True),
        ("detail|re: '^[A-Z]{3}[0-9]+$'", {"detail": "abc12"}, False),
        ("detail|re|i: '^[A-Z]{3}[0-9]+$'", {"detail": "abc12"}, True),
        ("src_ip|cidr: '10.20.0.0/16'", {"src_ip": "10.20.3.4"}, True),
        ("src_ip|cidr: '10.20.0.0/16'", {"src_ip": "10.21.3.4"}, False),
        ("target_count|gte: 5", {"target_count": 5}, True),
        ("target_count|lt: 5", {"target_count": 5}, False),
        ("target_count: 7", {"target_count": 7}, True),
        ("user_id: ''", {"user_id": ""}, True),
        ('detail|contains: "\');DROP TABLE access;--"', {"detail": "x"}, False),
    ],
)
def test_a_comparison_means_what_sigma_says(
    tmp_path: Path, detection: str, event: dict[str, Any], *, expected: bool
) -> None:
    assert fires(tmp_path, detection, **event) is expected


def test_words_without_a_field_are_sought_in_what_was_written(tmp_path: Path) -> None:
    text = "title: one\nlogsource: {product: sekisho}\ndetection:\n  words:\n    - 'segfault'\n  condition: words\n"
    rule = compile_rule("one", text.encode())
    assert trial.hits(
        rule, [[{"time": "2026-11-24", "detail": "a Segfault at 0"}], [{"time": "2026-11-24"}]], tmp_path
    ) == [1, 0]


def test_a_field_that_events_do_not_have_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "theirs.yml").write_text(RULE.format(detection="    CommandLine: x"))
    (folder / "mine.yml").write_text(RULE.format(detection="    detail: x"))
    (folder / "noise.yml").write_bytes(b"\xff\xfe: [")
    good, bad = catalogue.of_site(tmp_path)
    assert [each.name for each in good] == ["mine"]
    assert [each.name for each in bad] == ["noise", "theirs"]
    assert "CommandLine" in bad[1].reason


def test_a_rule_of_someone_else_is_grouped_by_system_and_account() -> None:
    rule = compile_rule("theirs", RULE.format(detection="    detail: x").encode())
    assert (rule.title, rule.by, rule.severity, rule.version) == ("one", ("system", "user_id"), "medium", 1)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("group-by: [nobody]", "nobody"),
        ("group-by: [user_id]\n  aliases:\n    u: {a: user_id}", "aliases"),
    ],
)
def test_what_a_correlation_asks_and_we_can_not_is_told(change: str, reason: str) -> None:
    text = RULE.format(detection="    detail: x").replace("title: one", "title: one\nname: a") + "---\n"
    text += f"title: two\ncorrelation:\n  type: event_count\n  rules: [a]\n  timespan: 1m\n  condition: {{gte: 2}}\n  {change}\n"
    with pytest.raises(ValueError, match=reason):
        compile_rule("two", text.encode())
