"""Dialogs: the safe answer first, errors at their field, long work that can be stopped."""

import threading
from datetime import date, timedelta
from typing import Any, cast

import pytest
from textual.widgets import Input

from accesscontrol.clock import FixedClock
from accesscontrol.refusals import Refusal
from console.frame.app import SekishoApp
from console.frame.dialogs import ChoiceDialog, ConfirmDialog, Dialog, ReasonDialog
from console.frame.forms import ChoiceField, Field, FormDialog
from console.frame.help import paragraphs
from console.frame.progress import Cancelled, Outcome, Progress, ProgressDialog
from console.widgets.line_input import LineInput
from console.widgets.push_button import PushButton
from tests.console.demonstration import ListScreen
from tests.goldens import played, screen_text


def answers(app: SekishoApp) -> list[Any]:
    return cast("ListScreen", app._screen_stacks["4"][0]).answers


def locked(app: SekishoApp) -> bool:
    return app.is_locked


def focused(app: SekishoApp) -> str | None:
    return app.focused.id if app.focused else None


async def test_a_confirmation_has_the_safe_answer_focused(app: SekishoApp) -> None:
    async with app.run_test() as pilot:
        await played(pilot, ["enter", "4", "a"])
        assert isinstance(app.screen, ConfirmDialog)
        assert focused(app) == "safe"
        assert "[/etc]" in screen_text(app)  # brackets in data are only text
        await played(pilot, ["enter"])
        assert answers(app) == [False]
        await played(pilot, ["a", "right", "enter"])
        assert answers(app) == [False, True]


async def test_the_clock_goes_on_behind_a_dialog(app: SekishoApp) -> None:
    clock = app.site.clock
    assert isinstance(clock, FixedClock)
    async with app.run_test() as pilot:
        await played(pilot, ["enter", "4"])
        app.push_screen(ConfirmDialog("…", "…"))
        await played(pilot, [])
        before = screen_text(app).splitlines()[0]
        clock.advance(timedelta(minutes=3))
        app.pulse()
        await played(pilot, [])
        after = screen_text(app).splitlines()[0]
    assert before != after


async def test_a_reason_must_be_written_before_the_act(app: SekishoApp) -> None:
    async with app.run_test() as pilot:
        await played(pilot, ["enter", "4", "x", *"no", "enter", "enter"])
        assert isinstance(app.screen, ReasonDialog)
        assert "4文字以上" in screen_text(app)
        app.screen.query_one("#reason", Input).value = "目的が不明です"
        await played(pilot, ["enter", "enter"])
        assert answers(app) == ["目的が不明です"]
        await played(pilot, ["x", "escape"])
        assert answers(app)[-1] is None


async def test_a_form_says_at_each_field_what_is_wrong_and_keeps_what_was_typed(app: SekishoApp) -> None:
    async with app.run_test(size=(100, 30)) as pilot:
        await played(pilot, ["enter", "4", "e"])
        until = app.screen.query(LineInput)[1]
        until.value = "R8.13.1"
        app.screen.query_one("#act", PushButton).press()
        await played(pilot, [])
        shown = screen_text(app)
        assert shown.count("! 入力してください。") == 2
        assert "という日はありません" in shown
        assert until.value == "R8.13.1"
        assert app.focused is app.screen.query(LineInput)[0]


async def test_a_form_hands_in_its_values_and_a_refusal_leaves_it_open(app: SekishoApp) -> None:
    async with app.run_test(size=(100, 30)) as pilot:
        await played(pilot, ["enter", "4", "e"])
        purpose, until, password = app.screen.query(LineInput)
        purpose.value, until.value, password.value = "no", "令和8年12月24日", "secret"
        app.screen.query_one(ChoiceField).choose(32)
        app.screen.query_one("#act", PushButton).press()
        await played(pilot, [])
        assert isinstance(app.screen, FormDialog)
        assert "BK-BAK-02" in screen_text(app)
        assert password.value == ""
        purpose.value, password.value = "遠隔地保管", "secret"
        app.screen.query_one("#act", PushButton).press()
        await played(pilot, [])
        assert answers(app) == [
            {"purpose": "遠隔地保管", "until": date(2026, 12, 24), "medium": 32, "password": "secret"}
        ]


async def test_enter_goes_from_field_to_field_and_then_to_the_button(app: SekishoApp) -> None:
    async with app.run_test() as pilot:
        await played(pilot, ["enter", "4", "e", "enter", "enter"])
        assert isinstance(app.focused, ChoiceField)
        await played(pilot, ["right"])
        assert app.focused.value == 32
        await played(pilot, ["enter"])
        assert isinstance(app.screen, ChoiceDialog)
        await played(pilot, ["up", "enter"])
        assert app.screen.query_one(ChoiceField).value == 31
        password = app.screen.query(LineInput).last()
        assert password.has_focus  # Enter leads on, as in every field
        await played(pilot, ["enter"])
        assert focused(app) == "act"


async def test_a_form_that_is_being_handed_in_waits_for_its_answer(app: SekishoApp) -> None:
    goes_on, answered = threading.Event(), list[Any]()

    def submit(values: dict[str, Any]) -> None:
        goes_on.wait(30)
        if values["word"] == "no":
            raise Refusal("Choose another word.")

    async with app.run_test() as pilot:
        await played(pilot, ["enter", "4"])
        form = FormDialog("Word", [Field(name="word", label="Word", initial="no")], submit=submit)
        app.push_screen(form, answered.append)
        await pilot.press("enter", "enter", "enter", "escape", "enter")  # typed on meanwhile
        assert app.screen is form
        assert focused(app) == "act"
        goes_on.set()
        await app.workers.wait_for_complete()
        await played(pilot, [])
        assert app.screen is form
        assert "Choose another word." in screen_text(app)
        assert answered == []
        app.screen.query_one(LineInput).value = "yes"
        await played(pilot, ["enter", "enter"])
        await app.workers.wait_for_complete()
        await played(pilot, [])
        assert answered == [{"word": "yes"}]


async def test_a_form_keeps_its_text_behind_the_lock_but_forgets_secrets(app: SekishoApp) -> None:
    async with app.run_test() as pilot:
        await played(pilot, ["enter", "4", "e"])
        purpose, _until, password = app.screen.query(LineInput)
        purpose.value, password.value = "遠隔地", "secret"
        app.cover("idle")
        await played(pilot, [])
        assert "遠隔地" not in screen_text(app)
        assert password.value == ""
        await app.unlocked()
        await played(pilot, [])
        assert "遠隔地" in screen_text(app)


async def test_long_work_answers_its_outcome(app: SekishoApp) -> None:
    async with app.run_test() as pilot:
        await played(pilot, ["enter", "4", "w"])
        assert answers(app) == [Outcome(value="sha256 9f2c")]


async def test_long_work_shows_its_count_and_can_be_stopped(app: SekishoApp, monkeypatch: pytest.MonkeyPatch) -> None:
    def long(_self: ListScreen, progress: Progress) -> str:
        for done in range(5000):
            progress._stop.wait(0.001)
            progress.report(done, 1_000_000, "住基DB")
        return "never stopped"

    monkeypatch.setattr(ListScreen, "job", long)
    async with app.run_test() as pilot:
        await pilot.press("enter")
        await played(pilot, ["4"])
        await pilot.press("w")
        await pilot.pause(0.3)
        assert isinstance(app.screen, ProgressDialog)
        assert "/ 1,000,000" in screen_text(app)
        assert "経過" in screen_text(app)
        await pilot.press("escape")
        await played(pilot, [])
        assert answers(app) == [Outcome(cancelled=True)]


async def test_long_work_that_ends_behind_the_lock_answers_after_it(app: SekishoApp) -> None:
    async with app.run_test() as pilot:
        await played(pilot, ["enter", "4"])
        screen = cast("ListScreen", app.screen)
        progress = Progress()
        released = progress._stop  # the work waits for it

        def wait(_progress: Progress) -> str:
            released.wait(20)
            return "done"

        app.push_screen(ProgressDialog("…", wait), callback=screen.answers.append)
        await pilot.pause()
        app.cover("idle")
        await pilot.pause()
        released.set()
        await played(pilot, [])
        assert locked(app)
        await app.unlocked()
        await played(pilot, [])
        assert answers(app) == [Outcome(value="done")]
        assert app.screen is screen


async def test_work_that_only_looks_is_left_at_once_also_where_it_hangs(app: SekishoApp) -> None:
    hung, over = threading.Event(), threading.Event()

    def hang(_progress: Progress) -> str:
        hung.wait(20)
        over.set()
        return "read after all"

    async with app.run_test() as pilot:
        await played(pilot, ["enter", "4"])
        screen = cast("ListScreen", app.screen)
        app.push_screen(ProgressDialog("…", hang, only_looks=True), callback=screen.answers.append)
        await pilot.pause()
        await pilot.press("escape")
        await pilot.pause()
        assert answers(app) == [Outcome(cancelled=True)]
        assert app.screen is screen
        hung.set()
        assert over.wait(20)
        await played(pilot, [])
        assert answers(app) == [Outcome(cancelled=True)]
        app.push_screen(ProgressDialog("…", lambda _: "seen", only_looks=True), callback=screen.answers.append)
        await played(pilot, [])
        assert answers(app)[-1] == Outcome(value="seen")


async def test_work_that_fails_answers_the_error(app: SekishoApp) -> None:
    async with app.run_test() as pilot:
        await played(pilot, ["enter", "4"])
        screen = cast("ListScreen", app.screen)
        refusal = Refusal("The day {text} does not exist.", text="x")

        def fail(_progress: Progress) -> None:
            raise refusal

        app.push_screen(ProgressDialog("…", fail), callback=screen.answers.append)
        await played(pilot, [])
        assert answers(app) == [Outcome(error=refusal)]
        screen.why(refusal)
        await played(pilot, [])
        assert "「x」という日はありません" in screen_text(app)
        screen.why(OSError("田中"))
        await played(pilot, [])
        assert "番号" in screen_text(app)
        assert "田中" not in screen_text(app).splitlines()[-3]


def test_a_report_after_the_wish_to_stop_ends_the_work() -> None:
    progress = Progress()
    progress.report(1)
    progress.cancel()
    with pytest.raises(Cancelled):
        progress.report(2)


def test_every_dialog_answers_safely_unless_it_says_otherwise() -> None:
    assert not Dialog.SAFE_ANSWER
    assert not ConfirmDialog.SAFE_ANSWER


async def test_help_that_is_longer_than_the_screen_is_read_to_its_end_by_keyboard(app: SekishoApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await played(pilot, ["enter", "4"])
        app.screen.help_text = "\n".join(f"第{number}の文です。" for number in range(1, 41))  # type: ignore[attr-defined]  # Textual's types end at App and Screen
        await played(pilot, ["f1"])
        assert "↑↓ スクロール" in screen_text(app)
        assert "第40の文です。" not in screen_text(app)
        shown = ""
        for key in ["down", "pagedown", "pagedown", "pagedown", "pagedown"]:
            await played(pilot, [key])
            shown += screen_text(app)
        assert "第40の文です。" in shown
        assert "施錠" in shown  # the keys stand below


def test_a_help_line_that_ends_inside_a_sentence_goes_on_in_the_next() -> None:
    assert paragraphs("a b\nc d.\ne f.") == ["a b c d.", "e f."]
    assert paragraphs("残存・\n確認不能。\n次です。") == ["残存・確認不能。", "次です。"]
