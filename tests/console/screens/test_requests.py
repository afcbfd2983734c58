"""What people do with a request at the screen: each act on the real desk, by the person who may, with both factors."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from accesscontrol.requests import decisions, reading, reports, submission
from accesscontrol.requests.reading import Request
from accesscontrol.requests.states import State
from accesscontrol.trail import entries
from console.frame.lines import StatusLine
from console.screens.requests.listing import RequestsScreen
from console.terminal import Glyphs, Profile
from tests.console.city import City, fill, press, said
from tests.goldens import Golden, played, settled

NARROW = (80, 24)


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    city = City.copied_to(tmp_path)
    yield city
    city.site.store.close()


def now(city: City, request: Request) -> Request:
    return reading.get(city.site.store, request.id)


def setting(city: City, login: str = "yamada") -> Request:
    """Hand in a change of a setting."""
    parameters = {"section": "sign_in", "name": "idle_minutes", "value": "7"}
    return submission.submit(city.site.desk, "settings-change", parameters, city.acting(login), reason="quieter")


def approved(city: City, request: Request, login: str = "sato") -> Request:
    seat = city.seat(login)
    sign = seat.step_up(city.password(login), city.code(login))
    return decisions.approve(city.site.desk, request.id, city.acting(login), seen=request.digest, sign=sign)


async def choose(pilot: object, request: Request) -> None:
    """Put the cursor on one request."""
    await press(pilot, "slash")  # type: ignore[arg-type]  # a wider type in a test
    await fill(pilot, request.id)  # type: ignore[arg-type]  # a wider type in a test


async def test_requests_look(golden: Golden, city: City) -> None:
    # at 120 columns the digest stands beside the list, and it differs from city to city
    await golden("requests", lambda profile: city.app(RequestsScreen, profile=profile), press=["x"], sizes=[NARROW])


async def test_a_request_explained_looks(golden: Golden, city: City) -> None:
    def app_of(profile: object) -> object:
        return city.app(RequestsScreen, profile=profile)  # type: ignore[arg-type]  # a wider type in a test

    keys = ["x", "down", "down", "down", "enter"]
    await golden("request", app_of, press=keys, sizes=[NARROW])  # type: ignore[arg-type]  # a wider type in a test


async def test_what_a_decision_hangs_on_is_in_sight_on_a_small_screen(city: City) -> None:
    request = city.request(State.SUBMITTED, "backup-export")
    async with city.sitting(RequestsScreen, size=NARROW) as pilot:
        await choose(pilot, request)
        words = await press(pilot, "enter")
    for wanted in (request.id, "waiting for approval", "may approve or reject this", "山田＊＊", "Medium", "M-0005"):
        assert wanted in words


async def test_a_approves_what_was_read_with_both_factors(city: City) -> None:
    request = setting(city)
    async with city.sitting(RequestsScreen) as pilot:
        assert f"▸ {request.id}" in said(pilot)
        await press(pilot, "a")
        await fill(pilot, city.password("sato"), city.code("sato"))
        assert f"Done: {request.id} is approved." in await press(pilot, "enter")
    after = now(city, request)
    assert after.state is State.APPROVED
    assert [each.approver for each in after.approvals] == ["S1001"]


async def test_where_the_content_is_not_in_sight_the_first_key_shows_it_and_the_second_approves(city: City) -> None:
    request = setting(city)
    for key, title in (("a", f"Approve {request.id}"), ("b", f"Another person approves {request.id}")):
        async with city.sitting(RequestsScreen, size=NARROW) as pilot:
            await choose(pilot, request)
            words = await press(pilot, key)
            assert title not in words
            assert "New" in words
            assert title in await press(pilot, key)


async def test_a_wrong_code_approves_nothing_and_the_form_stays(city: City) -> None:
    request = setting(city)
    async with city.sitting(RequestsScreen) as pilot:
        await press(pilot, "a")
        await fill(pilot, city.password("sato"), "000000")
        words = await press(pilot, "enter")
        assert f"Approve {request.id}" in words
        await press(pilot, "escape")
    assert now(city, request).state is State.SUBMITTED


async def test_what_was_changed_under_the_reader_is_not_approved(city: City) -> None:
    request = setting(city)
    async with city.sitting(RequestsScreen) as pilot:
        await press(pilot, "a")
        with city.site.store.transaction() as tx:
            tx.execute("UPDATE request SET digest = 'another' WHERE id = ?", (request.id,))
            tx.record("test.altered", actor="system", subject=request.id)
        await fill(pilot, city.password("sato"), city.code("sato"))
        assert "was changed after you looked at it" in await press(pilot, "enter")
    assert now(city, request).approvals == []


async def test_the_requester_approves_nothing_of_their_own(city: City) -> None:
    request = setting(city)
    async with city.sitting(RequestsScreen, "yamada", size=(180, 40)) as pilot:
        assert "you are the requester" in said(pilot)
        await press(pilot, "a")
        await fill(pilot, city.password("yamada"), city.code("yamada"))
        assert "Approve" in await press(pilot, "enter")
        await press(pilot, "escape")
    assert now(city, request).state is State.SUBMITTED


async def test_b_lets_a_second_person_approve_in_place(city: City) -> None:
    request = setting(city)
    async with city.sitting(RequestsScreen, "yamada") as pilot:
        await press(pilot, "b")
        await fill(pilot, "sato", city.password("sato"), city.code("sato"))
        assert f"{request.id} is approved." in await press(pilot, "enter")
    assert now(city, request).approvals[0].approver == "S1001"
    assert pilot.app.person is None or pilot.app.person.staff_number == "S1002"  # type: ignore[attr-defined]  # Textual's types end at App and Screen


async def test_an_unknown_second_person_is_refused_like_a_wrong_password(city: City) -> None:
    request = setting(city)
    async with city.sitting(RequestsScreen, "yamada") as pilot:
        for login in ("nobody", "sato"):
            await press(pilot, "b")
            await fill(pilot, login, "wrong password", "123456")
            assert "Another person approves" in await press(pilot, "enter")
            await press(pilot, "escape")
    assert now(city, request).state is State.SUBMITTED


async def test_x_rejects_with_a_reason(city: City) -> None:
    request = setting(city)
    async with city.sitting(RequestsScreen) as pilot:
        await press(pilot, "x")
        assert "at least 4 characters" in await press(pilot, "tab", "tab", "enter")
        await fill(pilot, "not before the audit")
        assert f"{request.id} is rejected." in await press(pilot, "enter")
    assert now(city, request).state is State.REJECTED


async def test_w_withdraws_ones_own(city: City) -> None:
    request = setting(city)
    async with city.sitting(RequestsScreen, "yamada") as pilot:
        await press(pilot, "w")
        await fill(pilot, "not needed any more")
        assert f"{request.id} is withdrawn." in await press(pilot, "enter")
    assert now(city, request).state is State.WITHDRAWN


async def test_u_takes_ones_own_yes_back(city: City) -> None:
    request = approved(city, setting(city))
    async with city.sitting(RequestsScreen) as pilot:
        await choose(pilot, request)
        await press(pilot, "u")
        await fill(pilot, "signed by mistake")
        await press(pilot, "enter")
    assert now(city, request).state is State.REVOKED


async def test_g_executes_once_with_progress(city: City) -> None:
    request = approved(city, setting(city))
    async with city.sitting(RequestsScreen, "takahashi") as pilot:
        await choose(pilot, request)
        assert f"Execute {request.id}?" in await press(pilot, "g")
        assert f"{request.id} is done." in await press(pilot, "tab", "enter")
        assert "Needs a request that is approved" in await press(pilot, "g")
    assert now(city, request).state is State.DONE


async def test_the_safe_answer_to_executing_is_no(city: City) -> None:
    request = approved(city, setting(city))
    async with city.sitting(RequestsScreen, "takahashi") as pilot:
        await choose(pilot, request)
        await press(pilot, "g", "enter")
    assert now(city, request).state is State.APPROVED


async def test_the_gate_says_who_may_not_execute(city: City) -> None:
    request = approved(city, setting(city))
    async with city.sitting(RequestsScreen, "yamada") as pilot:
        await choose(pilot, request)
        assert "Why: " in await press(pilot, "g", "tab", "enter")
    assert now(city, request).state is State.APPROVED


async def test_t_lets_the_witness_sign_at_this_screen(city: City) -> None:
    request = city.request(State.APPROVED, "backup-export")
    async with city.sitting(RequestsScreen, "yamada") as pilot:
        await choose(pilot, request)
        await press(pilot, "t")
        await fill(pilot, "suzuki", city.password("suzuki"), city.code("suzuki"))
        await press(pilot, "enter")
        assert f"The witness of {request.id} has signed." in await press(pilot, "enter")
    said_before = now(city, request).attested(decisions.BEFORE)
    assert said_before is not None
    assert said_before.witness == "S1004"


async def test_a_password_typed_into_the_statement_is_kept_nowhere(city: City) -> None:
    request = city.request(State.APPROVED, "backup-export")
    async with city.sitting(RequestsScreen, "yamada") as pilot:
        await choose(pilot, request)
        await press(pilot, "t")
        password = city.password("suzuki")
        await fill(pilot, "suzuki", password, city.code("suzuki"), f"seen {password}")
        assert "A password or code stands in here." in await press(pilot, "enter")
    assert now(city, request).attested(decisions.BEFORE) is None


async def test_what_needs_no_witness_says_so(city: City) -> None:
    request = approved(city, setting(city))
    async with city.sitting(RequestsScreen) as pilot:
        await choose(pilot, request)
        assert f"{request.id} needs no witness." in await press(pilot, "t")


async def test_o_settles_an_interrupted_act(city: City) -> None:
    request = city.request(State.INTERRUPTED)
    async with city.sitting(RequestsScreen, size=(200, 40)) as pilot:
        await choose(pilot, request)
        assert "may settle what came of it" in said(pilot)
        await press(pilot, "o", "down", "enter")
        await fill(pilot, "the settings file was looked at")
        await press(pilot, "enter")
    assert now(city, request).state is State.FAILED


async def test_c_accepts_the_report_on_an_emergency(city: City) -> None:
    request = city.request(State.REPORTED)
    async with city.sitting(RequestsScreen) as pilot:
        await choose(pilot, request)
        await press(pilot, "c")
        await fill(pilot, "it was as he says")
        await press(pilot, "enter")
    assert now(city, request).state is State.CLOSED


async def test_p_reports_what_was_done(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    request = city.request(State.REPORTED)
    told: list[str] = []
    monkeypatch.setattr(reports, "report", lambda _desk, _id, _actor, *, text: told.append(text))
    with city.site.store.transaction() as tx:
        tx.execute("UPDATE request SET state = 'done' WHERE id = ?", (request.id,))
        tx.record("test.altered", actor="system", subject=request.id)
    async with city.sitting(RequestsScreen, "yamada") as pilot:
        await choose(pilot, request)
        await press(pilot, "p")
        await fill(pilot, "the login was opened at the counter")
        await press(pilot, "enter")
    assert told == ["the login was opened at the counter"]


@pytest.mark.parametrize("key", ["a", "x", "g", "u", "c", "o", "p"])
async def test_a_key_that_is_off_says_which_state_it_needs(city: City, key: str) -> None:
    request = city.request(State.WITHDRAWN)
    async with city.sitting(RequestsScreen) as pilot:
        await choose(pilot, request)
        assert f"; {request.id} is withdrawn." in await press(pilot, key)


async def test_n_writes_a_change_of_a_setting(city: City) -> None:
    async with city.sitting(RequestsScreen, "yamada") as pilot:
        words = await press(pilot, "n")
        assert "What is to be done?" in words
        await press(pilot, "enter")
        await fill(pilot, "sign_in", "idle_minutes", "12", "quieter")
        assert "waits for approval." in await press(pilot, "enter")
    assert city.request(State.SUBMITTED, "settings-change").parameters["value"] == "12"


async def test_n_refuses_what_could_not_run_and_keeps_the_form(city: City) -> None:
    async with city.sitting(RequestsScreen, "yamada") as pilot:
        await press(pilot, "n", "enter")
        await fill(pilot, "sign_in", "no_such_thing", "12", "quieter")
        assert "There is no setting sign_in.no_such_thing." in await press(pilot, "enter")


async def test_what_one_person_alone_may_do_is_refused_before_any_dialog_with_that_persons_name(city: City) -> None:
    request = setting(city)
    async with city.sitting(RequestsScreen) as pilot:
        assert f"Only 山田＊＊ may do this with {request.id}." in await press(pilot, "w")
        assert isinstance(pilot.app.screen, RequestsScreen)
    approved(city, request)
    async with city.sitting(RequestsScreen, "yamada") as pilot:
        await choose(pilot, request)
        assert f"Only 佐藤＊＊ may do this with {request.id}." in await press(pilot, "u")
        assert isinstance(pilot.app.screen, RequestsScreen)


async def test_a_long_reason_is_read_to_its_end_on_a_small_screen(city: City) -> None:
    async with city.sitting(RequestsScreen, language="ja", size=NARROW) as pilot:
        why = "この申請は、" + "とても長い事情があるため、" * 4 + "いまは承認できません。"
        pilot.app.screen.why(why)  # type: ignore[attr-defined]  # Textual's types end at App and Screen
        await settled(pilot)
        assert "いまは承認できません。" in said(pilot).replace(" ", "")
        pilot.app.screen.next_step("短い")  # type: ignore[attr-defined]  # Textual's types end at App and Screen
        await settled(pilot)
        assert pilot.app.screen.query_one(StatusLine).size.height == 1


async def test_who_may_ask_for_nothing_reads_why(city: City) -> None:
    async with city.sitting(RequestsScreen, "nakamura") as pilot:
        assert "Your roles may not hand in any request." in await press(pilot, "n")


async def test_slash_finds_by_words_of_the_readers_language(city: City) -> None:
    async with city.sitting(RequestsScreen, language="ja") as pilot:
        await press(pilot, "slash")
        assert "1件中 1件目" in await fill(pilot, "設定 却下")


async def test_a_terminal_that_cannot_draw_kanji_names_people_by_their_numbers(city: City) -> None:
    profile = Profile(language="en", glyphs=Glyphs.CP437, kanji=False, plain_colours=True)
    async with city.app(RequestsScreen, profile=profile).run_test(size=NARROW) as pilot:
        words = await press(pilot, "x", "enter")
    assert "S1001 Security officer" in words
    assert "Requester S1002" in words


async def test_every_act_stands_in_the_history(city: City) -> None:
    request = setting(city)
    async with city.sitting(RequestsScreen) as pilot:
        await press(pilot, "x")
        await fill(pilot, "not before the audit")
        words = await press(pilot, "enter")
        assert "Request rejected 佐藤＊＊" in words
    assert [each.act for each in entries.about(city.site.store, request.id)][-1] == "request.rejected"


async def test_the_demo_says_what_a_second_person_answers(city: City) -> None:
    setting(city)
    async with city.sitting(RequestsScreen, "yamada") as pilot:
        pilot.app.door._demo_code = lambda _site, _login: "123456"  # type: ignore[attr-defined]  # Textual's types end at App and Screen
        words = await press(pilot, "b")
        assert "DEMO: sato, for example" in words
        assert f"DEMO: the password is {city.password('sato')}" in words
        assert "DEMO: the code is 123456" in words
        pilot.app.door._demo_code = lambda _site, _login: ""  # type: ignore[attr-defined]  # Textual's types end at App and Screen
        pilot.app.door._demo_wait = lambda _site, _login: 12  # type: ignore[attr-defined]  # Textual's types end at App and Screen
        await press(pilot, "escape")
        assert "DEMO: every code was used; the next comes in 12 s" in await press(pilot, "b")
        await played(pilot, ["escape"])


def test_copies_of_the_city_share_no_file(tmp_path: Path) -> None:
    one, other = City.copied_to(tmp_path / "one"), City.copied_to(tmp_path / "other")
    setting(one)
    assert len(reading.listed(one.site.store)) == len(reading.listed(other.site.store)) + 1
    assert one.site.sealer.seal() is not None
    assert one.site.witness is not None
    assert other.site.witness is not None
    assert one.site.witness.last() != other.site.witness.last()
    for each in (one, other):
        each.site.store.close()
        shutil.rmtree(each.home)
