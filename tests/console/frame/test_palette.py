"""The palette: every act and place by a part of its name, in both languages."""

from typing import cast

import pytest

from console import translation
from console.frame.app import SekishoApp
from console.frame.choosing import matching
from console.frame.palette import PaletteDialog
from console.frame.screen import BaseScreen
from console.widgets.choices import Choice
from tests.goldens import played, screen_text


@pytest.mark.parametrize("key", ["colon", "ctrl+p"])
async def test_the_palette_finds_an_act_by_a_part_of_its_name(app: SekishoApp, key: str) -> None:
    async with app.run_test() as pilot:
        await played(pilot, ["enter", "4", key])
        assert isinstance(app.screen, PaletteDialog)
        await played(pilot, [*"trail", "enter"])
        assert "済: 検証しました" in screen_text(app)


async def test_the_palette_offers_the_open_places_and_what_the_footer_offers(app: SekishoApp) -> None:
    async with app.run_test() as pilot:
        await played(pilot, ["enter", "4"])
        screen = cast("BaseScreen", app.screen)
        titles = [command.title for command in app.commands_for(screen)]
        assert {"承認", "絞込", "施錠", "終了", "今日", "ログアウト"} <= set(titles)
        assert "証跡" not in titles  # a place that is not open to this role
        assert len(titles) == len(set(titles))


async def test_signing_out_is_found_on_a_keyboard_without_japanese(app: SekishoApp) -> None:
    async with app.run_test() as pilot:
        await played(pilot, ["enter", "colon", *"sign"])
        assert "ログアウト" in screen_text(app)


async def test_a_name_that_nothing_has_is_said_to_have_nothing(app: SekishoApp) -> None:
    async with app.run_test() as pilot:
        await played(pilot, ["enter", "colon", *"zzz", "enter"])
        assert "その名前のものはありません。" in screen_text(app)


async def test_the_palette_finds_by_title_by_kana_by_english_and_by_other_names(app: SekishoApp) -> None:
    found = {
        "ログアウト": "サインアウト ろぐあうと sign こうたい",
        "終了": "終了 しゅうりょう ｼｭｳﾘｮｳ quit やめる",
        "言語の切替": "言語 げんご えいご English",
        "説明": "ヘルプ せつめい help",
        "今日": "きょう today",
    }
    async with app.run_test() as pilot:
        await played(pilot, ["enter"])
        commands = app.commands_for(cast("BaseScreen", app.screen))
        choices = [Choice(each.title, each, each.help, also=each.also) for each in commands]
        for title, words in found.items():
            for typed in words.split():
                assert title in [each.title for each in matching(choices, typed)], typed


async def test_the_palette_switches_the_language_at_once(app: SekishoApp) -> None:
    async with app.run_test() as pilot:
        await played(pilot, ["enter", "colon", *"switch", "enter"])
        assert translation.language() == "en"
        assert "Quit" in screen_text(app)
