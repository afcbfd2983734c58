"""Text is measured and cut in cells."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.text import cells, fit, mask, safe_text, spans, wrap

words = st.text(st.characters(exclude_categories=[])).map(safe_text)


@given(words, st.integers(1, 60), st.sampled_from(["left", "right", "centre"]))
def test_fitted_text_takes_exactly_its_cells(text: str, width: int, align: str) -> None:
    assert cells(fit(text, width, align)) == width  # type: ignore[arg-type]  # a wider type in a test


@given(words)
def test_text_that_fits_is_kept_whole(text: str) -> None:
    assert fit(text, cells(text) + 3).startswith(text)


@given(words, st.integers(2, 40))
def test_wrapped_lines_never_pass_their_width_and_lose_only_spaces(text: str, width: int) -> None:
    lines = list(wrap(text, width))
    assert all(cells(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("住民基本台帳", 7, "住民基…"),
        ("住民基本台帳", 8, "住民基… "),
        ("住民", 6, "住民  "),
        ("abcdef", 4, "abc…"),
        ("abc", 0, ""),
    ],
)
def test_a_cut_falls_between_characters_and_shows(text: str, width: int, shown: str) -> None:
    assert fit(text, width) == shown


def test_numbers_stand_to_the_right_and_titles_in_the_middle() -> None:
    assert fit("41", 5, "right") == "   41"
    assert fit("今日", 8, "centre") == "  今日  "


def test_a_line_breaks_between_kanji_but_not_before_a_closing_mark() -> None:
    assert list(wrap("あいうえお、かき", 10)) == ["あいうえ", "お、かき"]


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("記録は「台帳」に", 8, ["記録は", "「台帳」", "に"]),
        ("あのデータベース", 12, ["あのデータ", "ベース"]),
        ("いまのコード", 8, ["いまの", "コード"]),
        ("佐々木さんは", 4, ["佐々", "木さ", "んは"]),
        ("見てください…次", 12, ["見てくださ", "い…次"]),
    ],
)
def test_no_line_begins_or_ends_where_japanese_forbids_it(text: str, width: int, lines: list[str]) -> None:
    assert list(wrap(text, width)) == lines


@given(words, st.integers(2, 60))
def test_spans_tell_where_the_lines_of_a_text_stand(text: str, width: int) -> None:
    assert [text[begin:end] for begin, end in spans(text, width)] == list(wrap(text, width))


def test_western_words_stay_whole_where_they_can() -> None:
    assert list(wrap("the quick brown fox", 10)) == ["the quick", "brown fox"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("佐藤 太郎", "佐藤＊＊"),
        ("佐藤　太郎", "佐藤＊＊"),
        ("佐藤太郎", "佐＊＊"),
        ("Smith John", "Smith＊＊"),
        (" ", ""),
    ],
)
def test_a_masked_name_shows_no_given_name(name: str, shown: str) -> None:
    assert mask(name) == shown
