"""What a person who judges does at the findings, on the real city with real logs."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from accesscontrol.requests import locks
from accesscontrol.trail import entries
from console.screens.findings.checks import ChecksScreen
from console.screens.findings.events import ArchiveScreen
from console.screens.findings.listing import FindingsScreen
from monitors.events import ledger
from monitors.findings import reading, reviews
from monitors.findings.judging import Judgement
from monitors.findings.states import OPEN, State
from tests.console.city import City, fill, press, said
from tests.goldens import Golden, golden, played, screen_text  # noqa: F401 - a fixture

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


async def test_findings_look(golden: Golden, city: City) -> None:  # noqa: F811
    await golden("findings", lambda profile: city.app(FindingsScreen, profile=profile), press=["x"])


async def test_a_finding_explained_looks(golden: Golden, city: City) -> None:  # noqa: F811
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


async def test_j_judges_with_a_reason_and_the_trail_has_it(city: City) -> None:
    async with newest(city) as pilot:
        await press(pilot, "j", "right", "tab")
        words = await fill(pilot, "entered at night on purpose", "", "")
        assert "F-00018" in words
        words = await press(pilot, "enter")
        assert "It is in the trail." in words
        assert "row 1 of 14" in words
    assert state(city) is State.INCIDENT
    assert entries.about(city.site.store, "F-00018")[-1].act == "finding.disposed"


async def test_a_legitimate_access_without_an_application_is_refused_in_the_dialog(city: City) -> None:
    async with newest(city) as pilot:
        await press(pilot, "j", "tab")
        await fill(pilot, "overtime", "", "")
        assert "names the application" in await press(pilot, "enter")
        await press(pilot, "escape")
    assert state(city) is State.NEW


async def test_marked_findings_are_judged_together(city: City) -> None:
    async with newest(city) as pilot:
        words = await press(pilot, "space", "space", "j")
        assert "Judge 2 findings: F-00017, F-00018" in words
        await press(pilot, "right", "tab")
        await fill(pilot, "one and the same case", "", "")
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
        await press(pilot, "b", "right", "tab")
        await fill(pilot, "guessed from outside", "", "")
        await press(pilot, "enter")
    assert {state(city, each) for each in same} == {State.INCIDENT}


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
    async with newest(city) as pilot:
        assert "It is in the trail." in await press(pilot, "z", "home", "f")
    assert reading.get(city.site.store, CLOSED_DAY).suppressed_until == until


async def test_the_person_who_proposed_it_does_not_confirm_it(city: City) -> None:
    until = city.clock.now() + timedelta(days=20)
    judgement = Judgement(state=State.FALSE_ALARM, reason="a drill", suppress_until=until)
    city.site.judges.judge([CLOSED_DAY], city.acting("sato"), judgement)
    async with newest(city) as pilot:
        assert "A second person confirms" in await press(pilot, "z", "home", "f")
    assert state(city) is State.FALSE_ALARM


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


async def test_an_auditor_judges_nothing(city: City) -> None:
    async with newest(city, "nakamura") as pilot:
        assert "role" in await press(pilot, "t")
    assert state(city) is State.NEW


@pytest.mark.parametrize(("text", "rows"), [("f-00018", 1), ("k.tanaka", 1), ("high", 5), ("s0046 output", 2)])
async def test_slash_finds_by_number_account_severity_and_title(city: City, text: str, rows: int) -> None:
    async with newest(city) as pilot:
        await press(pilot, "slash")
        assert f"row 1 of {rows}" in await fill(pilot, text)


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
    async with newest(city) as pilot:
        await press(pilot, "i")
        await fill(pilot, str(file), "register", "")
        words = await press(pilot, "enter")
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


# -- all events -------------------------------------------------------------------------------------------


async def test_events_look(golden: Golden, city: City) -> None:  # noqa: F811
    await golden("events", lambda profile: city.app(ArchiveScreen, profile=profile), press=["x"])


async def test_v_shows_every_event_newest_first_and_s_turns_them(city: City) -> None:
    async with newest(city) as pilot:
        words = await press(pilot, "v")
        assert "4 Findings ▸ Events" in words
        assert "▸ 2026-11-23 10:15:00 s0015" in words
        assert "▸ 2026-11-1" in await press(pilot, "s", "home")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("account:k.tanaka act:login", "row 1 of 1"),
        ("k.tanaka", "row 1 of 3"),
        ("persons:>=300", "row 1 of 1"),
        ("account:nobody", "empty"),
    ],
)
async def test_a_typed_filter_narrows_the_events(city: City, text: str, wanted: str) -> None:
    async with city.sitting(ArchiveScreen) as pilot:
        await press(pilot, "slash")
        assert wanted in await fill(pilot, text)


async def test_a_filter_may_be_typed_in_japanese(city: City) -> None:
    async with city.sitting(ArchiveScreen, language="ja") as pilot:
        await press(pilot, "slash")
        words = await fill(pilot, "操作:媒体出力 人数:>=300")
        assert "1件中 1件目" in words
        assert "s0046" in words


async def test_a_filter_that_means_nothing_says_what_would(city: City) -> None:
    async with city.sitting(ArchiveScreen) as pilot:
        await press(pilot, "slash")
        assert "There is no field colour. The fields are: Time, Account" in await fill(pilot, "colour:red")


async def test_h_jumps_to_a_time(city: City) -> None:
    async with city.sitting(ArchiveScreen) as pilot:
        await press(pilot, "h")
        await fill(pilot, "R8.11.20")
        await press(pilot, "enter")
        assert "▸ 2026-11-20" in said(pilot)
        await press(pilot, "h")
        await fill(pilot, "some day")
        assert "some day is no time" in await press(pilot, "enter")


async def test_k_chooses_the_columns(city: City) -> None:
    async with city.sitting(ArchiveScreen) as pilot:
        assert "Object" not in screen_text(pilot.app).splitlines()[4]
        await press(pilot, "k", "home", *["down"] * 14, "enter", "escape")
        assert "Object" in screen_text(pilot.app)
        await press(pilot, "k", *["down"] * 4, "enter", "escape")
        assert "Account" not in screen_text(pilot.app).splitlines()[4][:60]


async def test_f_follows_fresh_imports(city: City, tmp_path: Path) -> None:
    known = (city.home / "logs" / "register.csv").read_bytes().splitlines(keepends=True)
    file = tmp_path / "more.csv"
    file.write_bytes(known[0] + known[-1].replace(b"2026/11/23 10:15", b"2026/11/24 09:11"))
    async with city.sitting(ArchiveScreen) as pilot:
        assert "Following fresh imports" in await press(pilot, "f")
        from monitors.events.plans import Wish

        city.site.archive.import_file(file, Wish(system="register"), actor="S1002")
        screen = pilot.app.screen
        assert isinstance(screen, ArchiveScreen)
        screen._look()
        await played(pilot, [])
        assert "▸ 2026-11-24 09:11:00 s0015" in said(pilot)


# -- regular checks ---------------------------------------------------------------------------------------


def judge_all(city: City) -> None:
    numbers = [each.number for each in reading.listed(city.site.store, states=sorted(OPEN))]
    city.site.judges.judge(numbers, city.acting("sato"), Judgement(state=State.INCIDENT, reason="looked into"))


async def test_checks_look(golden: Golden, city: City) -> None:  # noqa: F811
    await golden("checks", lambda profile: city.app(ChecksScreen, profile=profile), press=["x", "n"])


async def test_p_says_what_is_next_and_that_findings_wait(city: City) -> None:
    async with newest(city) as pilot:
        words = await press(pilot, "p")
        assert "Regular checks" in words
        assert "next: 2026-11-16 – 2026-11-23" in words
        assert "15 findings of the next period wait for a judgement." in words


async def test_a_period_with_an_open_finding_is_not_even_offered(city: City) -> None:
    async with city.sitting(ChecksScreen) as pilot:
        await press(pilot, "n")
        await fill(pilot, "2026-11-23")
        assert "Why: Not judged yet in this period: F-00002, F-00005" in await press(pilot, "enter")
    assert reviews.listed(city.site.store) == []


async def test_a_finding_opened_again_while_it_is_signed_stops_it(city: City) -> None:
    judge_all(city)
    async with city.sitting(ChecksScreen) as pilot:
        await press(pilot, "n", "enter", "enter")
        city.site.judges.reopen(CLOSED_DAY, city.acting("sato"), reason="new facts")
        await fill(pilot, "all judged", city.password("sato"), city.code("sato"))
        assert "1 findings of this period are not judged" in await press(pilot, "enter")
    assert reviews.listed(city.site.store) == []


async def test_a_judged_period_is_signed_with_both_factors(city: City) -> None:
    judge_all(city)
    async with city.sitting(ChecksScreen) as pilot:
        await press(pilot, "n")
        await fill(pilot, "R8.11.22")
        await press(pilot, "enter")
        await fill(pilot, "all judged", city.password("sato"), city.code("sato"))
        words = await press(pilot, "enter")
        assert "2026-11-16 – 2026-11-22 is signed." in words
        assert "the signature fits, nothing changed since" in words
        assert "next: 2026-11-23 – 2026-11-23" in words
    (review,) = reviews.listed(city.site.store)
    assert review.reviewer == "S1001"


async def test_a_check_whose_findings_changed_says_so(city: City) -> None:
    judge_all(city)
    async with city.sitting(ChecksScreen, size=(200, 40)) as pilot:
        await press(pilot, "n", "enter", "enter")
        await fill(pilot, "all judged", city.password("sato"), city.code("sato"))
        await press(pilot, "enter")
        city.site.judges.reopen(CLOSED_DAY, city.acting("sato"), reason="new facts")
        assert "came or changed after it was signed" in await press(pilot, "r")


async def test_a_wrong_code_signs_nothing(city: City) -> None:
    judge_all(city)
    async with city.sitting(ChecksScreen) as pilot:
        await press(pilot, "n", "enter", "enter")
        await fill(pilot, "all judged", city.password("sato"), "000000")
        await press(pilot, "enter")
    assert reviews.listed(city.site.store) == []


async def test_the_gravest_stand_first_and_of_these_the_newest(city: City) -> None:
    async with city.sitting(FindingsScreen) as pilot:
        words = said(pilot)
    assert words.index("critical") < words.index("high") < words.index("medium") < words.index("low")


async def test_m_shows_the_filtered_events_by_weekday_and_hour(city: City) -> None:
    async with city.sitting(ArchiveScreen) as pilot:
        words = await press(pilot, "m")
    assert "Events by weekday and hour" in words
    assert "Mon" in words
