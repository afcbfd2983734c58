"""What a person who judges does at the findings, on the real city with real logs."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from accesscontrol.refusals import Refusal
from accesscontrol.requests import locks
from accesscontrol.trail import entries
from console.queues import queues
from console.screens.findings.listing import FindingsScreen
from monitors.events import ledger
from monitors.findings import reading
from monitors.findings.judging import Judgement
from monitors.findings.states import OPEN, State
from tests.console.city import City, fill, press, said
from tests.goldens import Golden

CLOSED_DAY = 18  # the newest finding
NARROW = (80, 24)


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    city = City.copied_to(tmp_path)
    yield city
    city.site.store.close()


@asynccontextmanager
async def newest(city: City, login: str = "sato", **how: Any) -> AsyncIterator[Pilot[None]]:
    """Sit down before the findings with the newest first, as four turns of the order bring them."""
    async with city.sitting(FindingsScreen, login, **how) as pilot:
        await press(pilot, "s", "s", "s", "s", "home")
        yield pilot


def state(city: City, number: int = CLOSED_DAY) -> State:
    return reading.get(city.site.store, number).state


async def test_findings_look(golden: Golden, city: City) -> None:
    await golden("findings", lambda profile: city.app(FindingsScreen, profile=profile), press=["x"])


async def test_a_finding_explained_looks(golden: Golden, city: City) -> None:
    await golden("finding", lambda profile: city.app(FindingsScreen, profile=profile), press=["x", "enter"])


async def test_only_what_nobody_judged_waits_and_z_shows_the_rest(city: City) -> None:
    async with newest(city) as pilot:
        assert "row 1 of 15" in said(pilot)
        assert "15 not judged" in said(pilot)
        assert "row 1 of 18" in await press(pilot, "z")


async def test_what_a_judgement_hangs_on_is_in_sight_on_a_small_screen(city: City) -> None:
    async with newest(city, size=NARROW) as pilot:
        words = await press(pilot, "enter")
    for wanted in ("Access on a closed day", "not judged", "No approved application", "view 14", "judge with j"):
        assert wanted in words


async def test_the_hour_around_it_arrives_beside_the_list(city: City) -> None:
    async with newest(city) as pilot:
        assert "view 14" in said(pilot)
        assert "S0015" in said(pilot)


async def test_the_application_of_that_evening_is_shown_with_how_far_it_reaches(city: City) -> None:
    late = next(each for each in reading.listed(city.site.store) if each.rule == "off-hours")
    (covering,) = city.site.facts.matching(late.system, late.account, late.first, late.last)
    async with city.sitting(FindingsScreen, size=NARROW) as pilot:
        await press(pilot, "slash")
        await fill(pilot, late.id)
        shown = await press(pilot, "enter")
        assert f"{covering.reference} covers 11-19 17:15 to 11-19 22:00 only" in shown
        assert covering.reference in await press(pilot, "j")
    judgement = Judgement(state=State.LEGITIMATE, reason="the rest was told by phone", application="R-2026-0004")
    with pytest.raises(Refusal, match="makes no access legitimate: rejected"):
        city.site.judges.judge([late.number], city.acting("sato"), judgement)
    judgement = replace(judgement, application=covering.reference)
    city.site.judges.judge([late.number], city.acting("sato"), judgement)
    assert state(city, late.number) is State.LEGITIMATE


async def test_j_judges_with_a_reason_and_the_trail_has_it(city: City) -> None:
    async with newest(city) as pilot:
        await press(pilot, "j", "right", "tab")
        words = await fill(pilot, "entered at night on purpose", "")
        assert "F-00018" in words
        words = await press(pilot, "enter")
        assert "It is in the trail." in words
        assert "row 1 of 14" in words
    assert state(city) is State.INCIDENT
    assert entries.about(city.site.store, "F-00018")[-1].act == "finding.disposed"


async def test_a_legitimate_access_without_an_application_is_refused_in_the_dialog(city: City) -> None:
    async with newest(city) as pilot:
        await press(pilot, "j", "tab")
        await fill(pilot, "overtime", "")
        assert "names the application" in await press(pilot, "enter")
        await press(pilot, "escape")
    assert state(city) is State.NEW


async def test_marked_findings_are_judged_together(city: City) -> None:
    async with newest(city) as pilot:
        words = await press(pilot, "space", "space", "j")
        assert "Judge 2 findings: F-00017, F-00018" in words
        await press(pilot, "right", "tab")
        await fill(pilot, "one and the same case", "")
        assert "row 1 of 13" in await press(pilot, "enter")
    assert state(city, 17) is State.INCIDENT


async def test_b_judges_all_alike(city: City) -> None:
    alike = [
        each.number for each in reading.listed(city.site.store, states=sorted(OPEN)) if each.rule == "sign-in-failure"
    ]
    first = reading.get(city.site.store, alike[0])
    same = [each for each in alike if reading.get(city.site.store, each).system == first.system]
    async with newest(city) as pilot:
        await press(pilot, "slash")
        await fill(pilot, f"sign-in-failure {first.system}")
        await press(pilot, "b", "down", "enter", "right", "tab")
        await fill(pilot, "guessed from outside", "")
        await press(pilot, "enter")
    assert {state(city, each) for each in same} == {State.INCIDENT}


async def test_b_judges_all_of_one_account_whatever_rule_raised_them(city: City) -> None:
    same = [each.number for each in reading.listed(city.site.store, states=sorted(OPEN)) if each.account == "s0046"]
    assert len(same) > 1
    async with newest(city) as pilot:
        await press(pilot, "slash")
        await fill(pilot, "s0046")
        assert f"s0046 on 既存住基: {len(same)}" in await press(pilot, "b")
        assert f"Judge {len(same)} findings" in await press(pilot, "enter")
        await press(pilot, "right", "tab")
        await fill(pilot, "taken out without leave", "")
        await press(pilot, "enter")
    assert {state(city, each) for each in same} == {State.INCIDENT}


async def test_b_asks_what_to_judge_together_and_esc_judges_nothing(city: City) -> None:
    async with newest(city) as pilot:
        await press(pilot, "slash")
        await fill(pilot, "s0046")
        assert "Judge together" in await press(pilot, "b")
        assert "Judge together" not in await press(pilot, "escape")


async def test_the_arrows_go_from_one_explanation_to_the_next_and_back(city: City) -> None:
    async with newest(city, size=NARROW) as pilot:
        assert "F-00018" in await press(pilot, "enter")
        assert "F-00017" in await press(pilot, "right")
        assert "F-00018" in await press(pilot, "left")
        assert "row 1 of 15" in await press(pilot, "escape")


async def test_after_a_judgement_the_next_one_is_explained_and_its_keys_work(city: City) -> None:
    async with newest(city, size=NARROW) as pilot:
        await press(pilot, "enter", "j", "right", "tab")
        await fill(pilot, "entered at night on purpose", "")
        words = await press(pilot, "enter")
        assert "F-00017" in words
        assert "Judge" in await press(pilot, "j")


async def test_an_open_finding_is_not_reopened_and_a_judged_one_not_judged_and_both_say_why(city: City) -> None:
    async with newest(city) as pilot:
        assert "It is not judged yet; j judges it." in await press(pilot, "o")
        await press(pilot, "z", "end")
        assert "It is judged already; o opens it again." in await press(pilot, "j")


async def test_o_opens_a_judged_one_again(city: City) -> None:
    async with newest(city) as pilot:
        await press(pilot, "z", "end", "o")
        await fill(pilot, "a colleague remembers otherwise")
        await press(pilot, "enter")
    assert state(city, 1) is State.NEW


async def test_f_confirms_as_a_second_person_that_the_like_stays_quiet(city: City) -> None:
    until = city.clock.now() + timedelta(days=20)
    judgement = Judgement(state=State.FALSE_ALARM, reason="a drill", suppress_until=until)
    city.site.judges.judge([CLOSED_DAY], city.acting("yamada"), judgement)
    assert {each.name: each.count for each in queues(city.site, city.acting("sato"))}["suppressions"] == 1
    async with newest(city) as pilot:
        assert "f confirms, as a second person" in await press(pilot, "home")
        assert "It is in the trail." in await press(pilot, "f")
    assert reading.get(city.site.store, CLOSED_DAY).suppressed_until == until


async def test_a_quiet_time_that_nobody_else_could_confirm_is_not_offered(city: City) -> None:
    async with newest(city) as pilot:
        assert "Quiet until" not in await press(pilot, "j")
    async with newest(city, "yamada") as pilot:
        assert "Quiet until" in await press(pilot, "j")


async def test_l_locks_the_account_and_its_person(city: City) -> None:
    async with newest(city) as pilot:
        await press(pilot, "l")
        await fill(pilot, "may be stolen")
        await press(pilot, "enter")
    held = {(each.type, each.name) for each in locks.in_force(city.site.store, city.clock.now())}
    assert ("account", "register/s0015") in held
    assert ("person", "S0015") in held


async def test_t_takes_it_and_c_writes_to_it(city: City) -> None:
    async with newest(city) as pilot:
        assert "in hand" in await press(pilot, "t")
        await press(pilot, "c")
        await fill(pilot, "the office was asked")
        assert "the office was asked" in await press(pilot, "enter")
    assert state(city) is State.ASSIGNED


async def test_a_finding_is_given_to_a_colleague_by_the_palette(city: City) -> None:
    async with newest(city) as pilot:
        await press(pilot, "colon")
        words = await fill(pilot, "colleague")
        assert "Give F-00018 to" in words
        await press(pilot, "enter")
    finding = reading.get(city.site.store, CLOSED_DAY)
    assert (finding.state, finding.assignee) == (State.ASSIGNED, "J2001")


async def test_an_auditor_judges_nothing(city: City) -> None:
    async with newest(city, "nakamura") as pilot:
        assert "role" in await press(pilot, "t")
    assert state(city) is State.NEW


@pytest.mark.parametrize(("text", "rows"), [("f-00018", 1), ("k.tanaka", 1), ("high", 5), ("s0046 output", 2)])
async def test_slash_finds_by_number_account_severity_and_title(city: City, text: str, rows: int) -> None:
    async with newest(city) as pilot:
        await press(pilot, "slash")
        assert f"row 1 of {rows}" in await fill(pilot, text)


async def test_an_empty_list_under_a_filter_does_not_say_that_nothing_waits(city: City) -> None:
    async with newest(city) as pilot:
        await press(pilot, "slash")
        words = await fill(pilot, "nobody.at.all")
    assert "Nothing meets the filter." in words
    assert "Nothing waits" not in words


async def test_slash_understands_the_readers_language(city: City) -> None:
    async with newest(city, language="ja") as pilot:
        await press(pilot, "slash")
        assert "1件中 1件目" in await fill(pilot, "閉庁日")


async def test_e_shows_the_evidence_and_esc_goes_back(city: City) -> None:
    async with newest(city) as pilot:
        words = await press(pilot, "e")
        assert "F-00018 ▸ Events" in words
        assert "row 1 of 14" in words
        assert "2026-11-23 10:02:00 s0015 view success" in words
        assert "not judged" in await press(pilot, "escape")


async def test_h_shows_what_the_account_did_an_hour_before_and_after(city: City) -> None:
    async with newest(city, language="ja") as pilot:
        await press(pilot, "slash")
        await fill(pilot, "k.tanaka")
        words = await press(pilot, "h")
        assert "k.tanaka ±1 h" in words
        assert "ログアウト" in words
        assert "検索" in words
        assert "login" not in words


async def test_a_finding_of_many_accounts_has_no_hour_and_says_so(city: City) -> None:
    async with newest(city) as pilot:
        await press(pilot, "slash")
        await fill(pilot, "one-source-many-ids")
        assert "concerns no single account" in await press(pilot, "h")


async def test_importing_says_the_account_of_lines_and_what_was_found(city: City, tmp_path: Path) -> None:
    known = (city.home / "logs" / "register.csv").read_bytes().splitlines(keepends=True)
    night = known[-1].decode("cp932").replace("2026/11/23 10:15", "2026/11/23 23:15")
    file = tmp_path / "more.csv"
    file.write_bytes(known[0] + night.encode("cp932") + b"broken\r\n")
    before = len(ledger.sources(city.site.store))
    async with newest(city) as pilot:
        await press(pilot, "i")
        await fill(pilot, str(file), "register", "")
        understood = await press(pilot, "enter")
        assert "Read as csv, cp932, mapping register, 3 lines." in understood
        assert "2026-11-23 23:15:00 s0015" in understood
        assert "Line 3 would be quarantined" in understood
        assert len(ledger.sources(city.site.store)) == before
        words = await press(pilot, "tab", "enter")
        assert "2 lines: 1 imported, 0 known, 1 quarantined" in words
        assert "0 new findings" in await press(pilot, "d")


async def test_a_system_without_events_so_far_is_asked_about_because_its_name_stays(city: City, tmp_path: Path) -> None:
    file = tmp_path / "auth.log"
    file.write_text("Nov 23 10:00:00 host sshd[1]: Failed password for root from 192.0.2.1 port 1 ssh2\n")
    async with newest(city) as pilot:
        await press(pilot, "i")
        await fill(pilot, str(file), "registerlinux", "")
        asked = await press(pilot, "enter")
        assert "No event of “registerlinux” is here yet." in asked.replace("│ ", "").replace("  ", " ")
        await press(pilot, "enter")
    assert "registerlinux" not in ledger.systems(city.site.store)


async def test_a_file_that_is_not_there_is_refused_in_words(city: City) -> None:
    async with newest(city) as pilot:
        await press(pilot, "i")
        await fill(pilot, "/nowhere/at.all", "register", "")
        assert "Why: " in await press(pilot, "enter")


async def test_nothing_of_a_finding_is_left_behind_the_lock(city: City) -> None:
    async with newest(city) as pilot:
        behind = pilot.app.screen
        await press(pilot, "ctrl+l")
        shown = " ".join(str(widget.render()) for widget in behind.query("Plain, Heading, StatusLine"))
        assert isinstance(behind, FindingsScreen)
        assert behind._known == {}
    assert "s0015" not in shown
    assert "F-000" not in shown


async def test_the_gravest_stand_first_and_of_these_the_newest(city: City) -> None:
    async with city.sitting(FindingsScreen) as pilot:
        words = said(pilot)
    assert words.index("critical") < words.index("high") < words.index("medium") < words.index("low")
