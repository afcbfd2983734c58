"""The frame: places, lock, palette, help, quitting."""

import ast
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from console import translation
from console.frame.app import SekishoApp
from console.frame.dialogs import ConfirmDialog, MessageDialog
from console.frame.lock import LockScreen
from console.frame.palette import PaletteDialog
from console.frame.site import Person
from console.widgets.details import Details
from tests.console.demonstration import SECRET, DemonstrationDoor, ListScreen, PicturesScreen, SignIn
from tests.goldens import played, screen_text

ROOT = Path(__file__).parent.parent.parent.parent


def locked(app: SekishoApp) -> bool:
    return app.is_locked


async def opened(pilot: Pilot[None], password: str) -> None:
    """Try to open the lock."""
    pilot.app.screen.query_one("#password", Input).value = password
    pilot.app.screen.query_one("#code", Input).value = "123456"
    await played(pilot, ["enter", "enter"])


def noted(app: SekishoApp) -> list[str]:
    return cast("DemonstrationDoor", app.door).noted


async def test_signing_in_shows_the_first_place_and_each_digit_another(app: SekishoApp) -> None:
    async with app.run_test() as pilot:
        assert isinstance(app.screen, SignIn)
        await played(pilot, ["enter"])
        assert isinstance(app.screen, PicturesScreen)
        await played(pilot, ["4"])
        assert isinstance(app.screen, ListScreen)
        await played(pilot, ["down", "down", "1", "4"])
        assert "30件中 3件目" in screen_text(app)


async def test_a_place_that_is_not_open_to_the_role_says_so(app: SekishoApp) -> None:
    async with app.run_test() as pilot:
        await played(pilot, ["enter", "9"])
        assert "この画面はあなたの役割では開けません。" in screen_text(app)
        await played(pilot, ["2"])
        assert "この数字の画面はありません。" in screen_text(app)


async def test_the_first_line_says_where_one_is_and_that_it_is_a_demo(app: SekishoApp) -> None:
    async with app.run_test() as pilot:
        await played(pilot, ["enter"])
        first = screen_text(app).splitlines()[0]
        assert first.split() == ["関所", "見本市（DEMO）", "サーバー室端末01", "佐藤＊＊", "月", "09:12"]


async def test_the_lock_hides_everything_and_opens_to_the_same_person_only(app: SekishoApp) -> None:
    async with app.run_test() as pilot:
        await played(pilot, ["enter", "4", "ctrl+l"])
        assert locked(app)
        shown = screen_text(app)
        assert SECRET not in shown
        assert "佐藤" not in shown
        await opened(pilot, "wrong")
        assert locked(app)
        assert "AC-AUT-01" in screen_text(app)
        await opened(pilot, "open sesame")
        assert not locked(app)
        assert SECRET in screen_text(app)
        assert noted(app) == ["locked asked"]


async def test_the_lock_drops_the_data_and_not_only_the_view(app: SekishoApp) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await played(pilot, ["enter", "4", "ctrl+l"])
        hidden = app._screen_stacks["4"][0]
        assert isinstance(hidden, ListScreen)
        assert hidden._table.count == 0
        assert hidden._table.row is None
        assert SECRET not in "".join(strip.text for strip in hidden.query_one(Details)._strips)


async def test_the_lock_answers_open_dialogs_with_their_safe_answer(app: SekishoApp) -> None:
    async with app.run_test() as pilot:
        await played(pilot, ["enter", "4", "a"])
        screen = app.screen_stack[0]
        assert isinstance(screen, ListScreen)
        assert isinstance(app.screen, ConfirmDialog)
        await played(pilot, ["ctrl+l"])
        assert screen.answers == [False]
        assert isinstance(app.screen, LockScreen)


async def test_nothing_that_a_worker_does_behind_the_lock_shows_or_opens_it(app: SekishoApp) -> None:
    async with app.run_test() as pilot:
        await played(pilot, ["enter", "4"])
        screen: Any = app.screen_stack[0]
        waiting = ConfirmDialog("…", "…")
        waiting.survives_lock = True
        app.push_screen(waiting, callback=screen.answers.append)
        await played(pilot, [])
        app.cover("idle")
        waiting.dismiss(True)
        app.push_screen(MessageDialog(SECRET, SECRET))
        await app.pop_screen()
        await app.back()
        await app.action_place("1")
        screen.done(SECRET)
        await played(pilot, [])
        assert isinstance(app.screen, LockScreen)
        assert SECRET not in screen_text(app)
        assert screen.answers == []
        await app.unlocked()
        await played(pilot, ["escape"])
        assert app.screen_stack == [screen]
        assert screen.answers == [True]


async def test_no_toast_shows_and_no_palette_opens_while_locked(app: SekishoApp) -> None:
    async with app.run_test(notifications=True) as pilot:
        await played(pilot, ["enter", "4", "ctrl+l"])
        app.notify(SECRET)
        app.action_palette()
        await played(pilot, ["ctrl+p", "ctrl+l"])
        assert isinstance(app.screen, LockScreen)
        assert SECRET not in screen_text(app)


async def test_it_locks_after_the_idle_minutes_and_not_before(app: SekishoApp) -> None:
    async with app.run_test() as pilot:
        await played(pilot, ["enter", "4"])
        now = app._touched
        app._monotonic = lambda: now + 299
        app.pulse()
        assert not locked(app)
        app._monotonic = lambda: now + 301
        app.pulse()
        await played(pilot, [])
        assert locked(app)
        assert noted(app) == ["locked idle"]


async def test_a_key_puts_the_idle_lock_off(app: SekishoApp) -> None:
    async with app.run_test() as pilot:
        await played(pilot, ["enter", "4"])
        now = app._monotonic()
        app._monotonic = lambda: now + 299
        await played(pilot, ["down"])
        app._monotonic = lambda: now + 400
        app.pulse()
        assert not locked(app)


async def test_nobody_signed_in_means_nothing_to_lock(app: SekishoApp) -> None:
    async with app.run_test():
        app.cover("idle")
        assert isinstance(app.screen, SignIn)


async def test_another_person_signs_in_after_the_first_signed_out(app: SekishoApp) -> None:
    async with app.run_test() as pilot:
        await played(pilot, ["enter", "4", "ctrl+l", "tab", "tab", "tab", "enter"])
        assert isinstance(app.screen, SignIn)
        assert app.person is None
        assert set(app._screen_stacks) == {"door"}
        await played(pilot, ["enter"])
        assert isinstance(app.screen, PicturesScreen)
        assert noted(app) == ["locked asked", "left"]


async def test_quitting_is_refused_while_locked(app: SekishoApp) -> None:
    async with app.run_test() as pilot:
        await played(pilot, ["enter", "ctrl+l", "f10", "ctrl+q"])
        await app.action_quit()
        assert app.is_running
        assert locked(app)


async def test_typed_text_is_not_lost_without_asking(app: SekishoApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ListScreen, "unsaved", lambda _self: True)
    async with app.run_test() as pilot:
        await played(pilot, ["enter", "4", "f10"])
        assert isinstance(app.screen, ConfirmDialog)
        await played(pilot, ["enter"])
        assert app.is_running
        await played(pilot, ["f10", "right", "enter"])
        assert app.return_code == 0


@pytest.mark.parametrize("key", ["question_mark", "f1"])
async def test_help_explains_the_screen_and_what_has_the_focus(app: SekishoApp, key: str) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await played(pilot, ["enter", "4", key])
        assert app.screen.query(".about")
        shown = screen_text(app)
        assert "All that happened" in shown
        assert "並べ替えます" in shown
        assert "Enter     開く" in shown
        await played(pilot, ["escape"])
        assert isinstance(app.screen, ListScreen)


async def test_a_greyed_key_says_why_it_is_off(app: SekishoApp) -> None:
    async with app.run_test() as pilot:
        await played(pilot, ["enter", "4", "d"])
        assert "理由: 他の人の申請だけを承認できます" in screen_text(app)


async def test_letters_typed_at_once_after_a_slash_or_a_colon_are_text_and_no_acts(app: SekishoApp) -> None:
    async with app.run_test() as pilot:
        await played(pilot, ["enter", "4"])
        for key in ["/", "x", "a", ":", "1", "/"]:
            pilot.app.post_message(events.Key({"/": "slash", ":": "colon"}.get(key, key), key))
        await played(pilot, [])
        assert isinstance(app.screen, ListScreen)
        assert app.screen.query_one("FilterLine LineInput", Input).value == "xa:1/"
        await played(pilot, ["escape"])
        for key in [":", "x", "a"]:
            pilot.app.post_message(events.Key({":": "colon"}.get(key, key), key))
        await played(pilot, [])
        assert [type(screen) for screen in app.screen_stack] == [ListScreen, PaletteDialog]


async def test_letters_act_on_nothing_while_someone_types(app: SekishoApp) -> None:
    async with app.run_test() as pilot:
        await played(pilot, ["enter", "4", "slash", *"x1a?"])
        assert isinstance(app.screen, ListScreen)
        assert "x1a?" in screen_text(app)


async def test_the_pulse_finds_nothing_to_do_when_the_screens_are_gone(app: SekishoApp) -> None:
    async with app.run_test():
        pass
    app.pulse()


async def test_the_language_is_switched_at_the_door_and_at_the_lock(app: SekishoApp) -> None:
    async with app.run_test() as pilot:
        await played(pilot, ["f2"])
        assert app.language == "en"
        await played(pilot, ["enter", "4"])
        assert "Enter Open" in screen_text(app)
        await played(pilot, ["ctrl+l", "f2"])
        assert "錠がかかっています" in screen_text(app)
        await opened(pilot, "open sesame")
        assert "Enter 開く" in screen_text(app)
        await played(pilot, ["1"])
        assert "F10 終了" in screen_text(app)


async def test_switching_the_language_never_loses_typed_text(app: SekishoApp, monkeypatch: pytest.MonkeyPatch) -> None:
    async with app.run_test() as pilot:
        await played(pilot, ["enter", "4", "slash", "x"])
        typed = app.screen.query_one("FilterLine LineInput", Input)
        monkeypatch.setattr(ListScreen, "unsaved", lambda _self: bool(typed.value))
        app.cover("asked")
        await played(pilot, ["f2"])
        await app.unlocked()
        await played(pilot, [])
        assert app.language == "en"
        assert app.screen.query_one("FilterLine LineInput", Input) is typed
        assert typed.value == "x"


async def test_escape_goes_back_one_step_and_never_quits(app: SekishoApp) -> None:
    async with app.run_test() as pilot:
        await played(pilot, ["enter", "4"])
        await app.push_screen(PicturesScreen())
        await played(pilot, [])
        assert "Esc 戻る" in screen_text(app)
        await played(pilot, ["escape"])
        assert isinstance(app.screen, ListScreen)
        await played(pilot, ["escape", "escape"])
        assert isinstance(app.screen, ListScreen)
        assert app.is_running


@pytest.mark.parametrize("size", [(20, 5), (40, 12), (160, 48)])
async def test_every_size_shows_the_fixed_lines(app: SekishoApp, size: tuple[int, int]) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await played(pilot, ["enter", "4"])
        await pilot.resize_terminal(*size)
        await played(pilot, ["question_mark", "escape", "e", "escape", "ctrl+l"])
        await app.unlocked()
        await played(pilot, [])
        lines = screen_text(app).splitlines()
        assert "DEMO" in lines[0]
        assert "件目" in lines[-2 if size[1] < 20 else -3]
        assert len(lines) == size[1]


async def test_the_help_key_is_the_last_to_go(app: SekishoApp) -> None:
    async with app.run_test(size=(30, 10)) as pilot:
        await played(pilot, ["enter", "4"])
        assert "? 説明" in screen_text(app).splitlines()[-1]


async def test_nothing_is_copied_out_and_no_screenshot_is_offered(app: SekishoApp) -> None:
    async with app.run_test() as pilot:
        await played(pilot, ["enter", "4"])
        app.copy_to_clipboard(SECRET)
        assert app.clipboard == ""
        assert list(app.get_system_commands(app.screen)) == []


async def test_markup_in_a_name_of_the_site_is_only_text(tmp_path: Path) -> None:
    from tests.console.demonstration import build

    app = build(tmp_path, rows=3)
    object.__setattr__(app.site, "city", "[/etc/passwd][@click=app.quit]x")
    async with app.run_test(size=(120, 24)) as pilot:
        await app.sign_in(Person(staff_number="1", display_name="[/b]\x1b[2J", role_title="Mon"))
        await played(pilot, [])
        assert "[/etc/passwd][@click=app.quit]x" in screen_text(app)
        assert "[/b]␛[2J" in screen_text(app)


async def test_the_clock_of_the_first_line_follows_the_sites_clock(app: SekishoApp) -> None:
    async with app.run_test() as pilot:
        clock = cast("Any", app.site.clock)
        clock.set(datetime(2026, 11, 24, 3, 4, tzinfo=UTC))
        app.pulse()
        await played(pilot, [])
        assert screen_text(app).splitlines()[0].endswith("12:04")


def test_only_the_frame_and_the_text_widget_touch_textuals_own_text() -> None:
    banned = {"Static", "Label", "notify", "from_markup", "Markdown", "RichLog", "Log", "DataTable"}
    for path in sorted((ROOT / "console").rglob("*.py")):
        if path.relative_to(ROOT).as_posix() == "console/widgets/plain.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
            assert name not in banned, f"{path}:{getattr(node, 'lineno', 0)} uses {name}: use Plain"


def test_no_assembled_text_is_put_into_a_widget_or_made_content_unsafely() -> None:
    for path in sorted((ROOT / "console").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "update":
                assert not any(isinstance(word, ast.JoinedStr) for word in node.args), f"{path}:{node.lineno}"


def test_the_language_in_use_is_put_back_after_each_test() -> None:
    assert translation.language() == "ja"


async def test_help_over_the_sign_in_offers_no_lock_since_nobody_is_signed_in(app: SekishoApp) -> None:
    async with app.run_test() as pilot:
        await played(pilot, ["f1"])
        assert "^L" not in screen_text(app)
        await played(pilot, ["escape", "enter", "f1"])
        assert "^L" in screen_text(app)
