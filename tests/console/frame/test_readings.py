"""Every title of the palette can be typed in kana."""

import ast
import re

from console import translation
from console.application import _PLACES
from console.frame.readings import names, reading
from tests.console.test_catalogues import SOURCES

KANJI = re.compile("[\u3400-\u9fff]")


def titles() -> set[str]:
    """Return the msgids of all keys, commands, entries of menus, and places."""
    found = {title for _key, title, _module, _name in _PLACES}
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {
                "Binding",
                "Command",
                "Entry",
                "_command",
            }:
                marked = [each for each in node.args[:3] if isinstance(each, ast.Call) and each.args]
                found |= {str(each.args[0].value) for each in marked[:1] if isinstance(each.args[0], ast.Constant)}
    return found


def test_no_word_of_a_title_is_without_its_kana() -> None:
    translation.choose("ja")
    japanese = [translation._(title) for title in titles()]
    assert len(japanese) > 100
    assert [title for title in japanese if KANJI.search(reading(title))] == []


def test_the_longest_word_is_read_and_what_is_unknown_stays() -> None:
    assert reading("全件印 foo 龘") == "ぜんけんじるし foo 龘"
    assert "しゅうりょう" in names("Quit", "終了")
