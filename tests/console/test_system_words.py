"""What parsers say of bad input reaches a reader in the reader's own language, with the place where it stands."""

import csv
import json
import tomllib
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from accesscontrol.refusals import Refusal
from console import translation
from console.text import safe_text


class Sample(msgspec.Struct, forbid_unknown_fields=True):
    count: int
    name: Annotated[str, msgspec.Meta(min_length=2, max_length=4, pattern="^x")] = "xx"
    day: date | None = None
    share: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0


def sample(**values: Any) -> Callable[[], object]:
    return lambda: msgspec.convert({"count": 1, **values}, Sample)


FAULTS: dict[str, tuple[Callable[[], object], str, str]] = {
    "another type": (sample(count="1"), "it must be a whole number, not a text (at count)", "count：整数でなければ"),
    "missing": (lambda: msgspec.convert({}, Sample), "count is missing", "count がありません"),
    "unknown": (sample(other=1), "other is not known there", "other という項目はありません"),
    "too short": (sample(name="x"), "it needs a length of at least 2 (at name)", "name：長さは 2 以上"),
    "too long": (sample(name="xxxxx"), "it may have a length of 4 at the most (at name)", "name：長さは 4 まで"),
    "form": (sample(name="abc"), "it must have the form '^x' (at name)", "name：'^x' の形"),
    "no day": (sample(day="x"), "it is no day, such as 2026-11-24 (at day)", "day：日付として読めません"),
    "small": (sample(share=-1), "it must be at least 0.0 (at share)", "share：0.0 以上"),
    "toml": (lambda: tomllib.loads("a = 1 b"), "something stands behind the end of a statement (line 1)", "1行目："),
    "toml twice": (lambda: tomllib.loads("a = 1\na = 2\n"), "a name stands twice (line 2)", "2行目：同じ名前が"),
    "toml end": (lambda: tomllib.loads("a = [1"), "a closing bracket is missing (at the end)", "末尾：閉じる角括弧"),
    "json": (lambda: json.loads("{"), "it is no JSON: names stand in double quotes (line 1)", "1行目：JSON として"),
    "json cut": (lambda: msgspec.json.decode("[1"), "it is cut off", "途中で切れています"),
    "csv": (
        lambda: list(csv.reader(['"a"b'], strict=True)),
        "closing quotation mark of a cell",
        "引用符の後に余分な文字",
    ),
    "cell": (
        lambda: list(csv.reader(["a" * 200_000])),
        "a cell is longer than 131072 characters",
        "131072 文字を超える欄",
    ),
    "codec": (lambda: b"\x83".decode("cp932"), "it is no text in cp932", "cp932 の文字として読めません"),
    "day text": (lambda: date.fromisoformat("x"), "'x' is no day or time", "'x' は日付や時刻として読めません"),
    "number": (lambda: int("x"), "'x' is no number", "'x' は数ではありません"),
    "zone": (
        lambda: ZoneInfo("Asia/Nowhere"),
        "there is no time zone Asia/Nowhere",
        "時間帯 Asia/Nowhere はありません",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_parsers_words_are_said_in_the_readers_language(name: str) -> None:
    act, english, japanese = FAULTS[name]
    with pytest.raises((ValueError, msgspec.MsgspecError, csv.Error, KeyError)) as raised:
        act()
    refusal = Refusal("{reason}", reason=str(raised.value).strip("'\"") if name == "zone" else str(raised.value))
    for language, words in (("en", english), ("ja", japanese)):
        translation.choose(language)
        assert words in translation.render(refusal)


def test_a_column_that_a_list_lacks_is_named() -> None:
    assert translation.system_words("KeyError: '氏名'") == "氏名 がありません"


@pytest.mark.parametrize("text", ["plain words - at the door", "Expected", "", "a\x1b[2J"])
def test_what_nobody_knows_stays_as_it_is_but_safe(text: str) -> None:
    assert translation.system_words(text) == safe_text(text)
