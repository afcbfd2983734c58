"""``sekisho logs``: import, dry run, query and verify at the command line."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from accesscontrol.trail import entries
from console import translation
from console.commands.linkage import group as linkage
from console.commands.logs import group
from monitors.events import ledger
from tests.console.city import City
from tests.console.commands.counter import ask, ask_as
from tests.console.commands.desk import answer


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    translation.choose("en")
    city = City.copied_to(tmp_path)
    yield city
    city.site.store.close()


@pytest.fixture
def more(city: City, tmp_path: Path) -> Path:
    known = (city.home / "logs" / "register.csv").read_bytes().splitlines(keepends=True)
    file = tmp_path / "more.csv"
    file.write_bytes(known[0] + known[-1].replace(b"2026/11/23 10:15", b"2026/11/24 09:01") + b"broken\r\n")
    return file


def lines(city: City, *arguments: object) -> list[dict[str, Any]]:
    result = ask(city, group, "query", *arguments, "--json")
    assert result.exit_code == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_an_import_answers_with_its_account_and_again_adds_nothing(city: City, more: Path) -> None:
    report = answer(ask(city, group, "import", more, "--system", "register", "--json"))
    assert set(report) == {"read", "imported", "duplicate", "quarantined", "first", "last", "segments"}
    assert (report["read"], report["imported"], report["quarantined"]) == (2, 1, 1)
    assert all(set(each) == {"name", "sha256", "events"} for each in report["segments"])
    again = answer(ask(city, group, "import", more, "--system", "register", "--json"))
    assert (again["imported"], again["read"]) == (0, 2)


def test_a_file_that_held_no_event_is_told_plainly_and_ends_with_exit_1(city: City, more: Path) -> None:
    header = more.read_bytes().splitlines(keepends=True)[0]
    for content in (b"", header, b"\r\n"):
        more.write_bytes(content)
        result = ask(city, group, "import", more, "--system", "register")
        assert (result.exit_code, "more.csv held no event" in result.stdout) == (1, True)
    more.write_bytes(header + b"broken\r\n")
    result = ask(city, group, "import", more, "--system", "register")
    assert (result.exit_code, "No line was understood." in result.stdout) == (1, True)


def test_a_person_may_import_and_stands_in_the_ledger(city: City, more: Path) -> None:
    result = ask_as(city, "yamada", group, "import", more, "--system", "register")
    assert "2 lines read: 1 imported, 0 known already, 1 quarantined." in result.stdout
    assert ledger.sources(city.site.store)[0]["imported_by"] == "S1002"
    assert "more.csv" in ask(city, group, "list").stdout


def test_a_dry_run_shows_how_lines_are_understood_and_imports_nothing(city: City, more: Path) -> None:
    before = len(ledger.sources(city.site.store))
    words = ask(city, group, "import", more, "--system", "register", "--dry-run").stdout
    assert "2026-11-24 09:01:00" in words
    assert "s0015" in words
    assert "view" in words
    assert len(ledger.sources(city.site.store)) == before
    found = answer(ask(city, group, "import", more, "--system", "register", "--dry-run", "--json"))
    assert found["rows"][0]["user_id"] == "s0015"


def test_a_file_that_is_not_there_is_refused(city: City) -> None:
    result = ask(city, group, "import", "/nowhere/at.all", "--system", "register")
    assert result.exit_code == 1
    assert result.stderr.startswith("sekisho: ")


def test_a_name_that_is_no_text_is_told_in_words_and_imports_nothing(city: City, more: Path) -> None:
    unreadable = more.rename(os.fsdecode(os.fsencode(more.parent) + b"/\x83\x8d.csv"))  # as Windows packs it
    before = ledger.sources(city.site.store)
    result = ask(city, group, "import", unreadable, "--system", "register")
    assert (result.exit_code, "not written in UTF-8" in result.stderr) == (1, True)
    assert ledger.sources(city.site.store) == before


def test_a_query_streams_one_object_a_line_newest_first(city: City) -> None:
    found = lines(city, "account:s0015 act:view time:2026-11-23")
    assert len(found) == 14
    assert found[0]["at"] == "2026-11-23T01:15:00+00:00"
    times = [each["ts"] for each in found]
    assert times == sorted(times, reverse=True)
    assert found[::-1] == lines(city, "account:s0015 act:view time:2026-11-23", "--oldest-first")


def test_a_query_without_an_expression_gives_everything_up_to_its_limit(city: City) -> None:
    assert len(lines(city)) == sum(each.events for each in ledger.segments(city.site.store))
    assert len(lines(city, "--limit", 7)) == 7


def test_people_read_a_query_in_words(city: City) -> None:
    words = ask(city, group, "query", "persons:>=300").stdout
    assert "s0046" in words
    assert "media output  success" in words
    translation.choose("ja")
    assert "媒体出力  成功" in ask(city, group, "query", "操作:媒体出力 人数:>=300").stdout


def test_whoever_queries_is_entered_before_anything_is_shown(city: City) -> None:
    ask(city, group, "query", "persons:>=300")
    ask_as(city, "yamada", group, "query", "account:s0015")
    named, *more = [each for each in entries.page(city.site.store) if each.act == "events.consulted"]
    assert (named.actor, named.details["expression"]) == ("S1002", "account:s0015")
    (unnamed,) = more
    assert (unnamed.actor, unnamed.details["expression"]) == ("system", "persons:>=300")
    assert unnamed.details["host_account"]
    assert unnamed.terminal
    ask(city, group, "query", "colour:red")
    assert len([each for each in entries.page(city.site.store) if each.act == "events.consulted"]) == 2


@pytest.mark.parametrize("text", ["colour:red", '"open', "time:never", "persons:'; DROP TABLE x; --"])
def test_a_query_that_means_nothing_is_refused_in_words(city: City, text: str) -> None:
    result = ask(city, group, "query", text)
    assert result.exit_code == 1
    assert result.stderr.startswith("sekisho: ")


def test_verify_finds_a_changed_byte(city: City) -> None:
    assert answer(ask(city, group, "verify", "--json"))["ok"] is True
    segment = ledger.paths(city.home, ledger.segments(city.site.store))[0]
    data = bytearray(segment.read_bytes())
    data[len(data) // 2] ^= 1
    segment.write_bytes(data)
    result = ask(city, group, "verify", "--json")
    assert result.exit_code == 1
    (fault,) = json.loads(result.stdout)["faults"]
    assert fault["segment"] == segment.name
    assert "THE ARCHIVE WAS CHANGED." in ask(city, group, "verify").stdout


def test_events_can_be_handed_to_other_tools_as_ocsf(city: City) -> None:
    result = ask(city, group, "query", "act:login", "--limit", 2, "--ocsf")
    told = [json.loads(line) for line in result.stdout.splitlines()]
    assert [each["class_uid"] for each in told] == [3002, 3002]
    assert {each["metadata"]["version"] for each in told} == {"1.6.0"}


def test_a_mapping_to_begin_with_is_printed_for_an_unknown_layout_and_can_be_used(city: City, tmp_path: Path) -> None:
    file = tmp_path / "tax.csv"
    file.write_bytes(
        "操作日時,ユーザID,端末名,操作内容,結果\n2026/11/24 09:00:00,Z1,T1,ログイン,正常\n".encode("cp932")
    )
    refused = ask(city, group, "import", file, "--system", "tax")
    assert refused.exit_code == 1
    assert "draft-mapping" in refused.stderr
    draft = tmp_path / "tax.toml"
    draft.write_text(ask(city, group, "draft-mapping", file, "--system", "tax").stdout, "utf-8")
    found = answer(ask(city, group, "import", file, "--system", "tax", "--mapping", draft, "--dry-run", "--json"))
    (row,) = found["rows"]
    assert (row["user_id"], row["terminal"], row["action"], row["outcome"]) == ("z1", "t1", "login", "success")


def test_the_flows_of_a_day_are_compared_and_one_that_needs_somebody_ends_with_1(city: City, tmp_path: Path) -> None:
    file = tmp_path / "linkage.csv"
    head = "連携日時,連携元,連携先,ジョブ名,処理,結果,件数,受付番号"
    row = "2026/11/23 02:00:00,register,{target},JOB,連携送信,正常終了,5,L1"
    file.write_text(f"{head}\n{row.format(target='tax')}\n", "utf-8")
    ask(city, group, "import", file, "--system", "common-platform")
    good = ask(city, linkage, "flows", "--from", "2026-11-23", "--json")
    (flow,) = answer(good)
    assert (flow["source"], flow["target"], flow["sent"], flow["in_order"]) == ("register", "tax", 1, True)
    file.write_text(f"{head}\n{row.format(target='elsewhere')}\n", "utf-8")
    ask(city, group, "import", file, "--system", "common-platform")
    bad = ask(city, linkage, "flows", "--from", "2026-11-23")
    assert bad.exit_code == 1
    assert "elsewhere" in bad.stdout
    assert "not declared" in bad.stdout
    compared = [each for each in entries.page(city.site.store) if each.act == "linkage.compared"]
    assert [(each.subject, each.details["not_settled"]) for each in compared] == [
        ("2026-11-23/2026-11-23", 1),
        ("2026-11-23/2026-11-23", 0),
    ]
    assert "municipal-cs" in ask(city, linkage, "declared").stdout
