"""How the frame looks, in both languages and sizes, and on poorer terminals."""

from collections.abc import Callable

import pytest

from console.frame.app import SekishoApp
from console.terminal import Glyphs, Profile
from tests.goldens import Golden


@pytest.mark.parametrize("name", ["pictures", "list", "dialog", "form", "help", "palette", "lock", "sign-in"])
async def test_the_frame_looks_as_it_did(name: str, golden: Golden, app_of: "Callable[[Profile], SekishoApp]") -> None:
    keys = {
        "sign-in": [],
        "pictures": ["enter"],
        "list": ["enter", "4", "down"],
        "dialog": ["enter", "4", "a"],
        "form": ["enter", "4", "e"],
        "help": ["enter", "4", "question_mark"],
        "palette": ["enter", "4", "colon"],
        "lock": ["enter", "4", "ctrl+l"],
    }
    sizes = [(80, 24), (120, 40)] if name == "list" else [(80, 24)]
    await golden(f"frame-{name}", app_of, press=keys[name], sizes=sizes)


@pytest.mark.parametrize("glyphs", [Glyphs.CP437, Glyphs.ASCII])
async def test_the_frame_on_a_terminal_of_few_glyphs(
    golden: Golden, app_of: "Callable[[Profile], SekishoApp]", glyphs: Glyphs
) -> None:
    profile = Profile(language="en", glyphs=glyphs, kanji=False, plain_colours=True)
    await golden("frame-list", app_of, press=["enter", "4", "down"], sizes=[(80, 24)], profiles=[profile])
