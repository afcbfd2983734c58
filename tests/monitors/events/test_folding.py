"""A search finds a text however it was written."""

import unicodedata
from collections.abc import Callable, Iterator

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitors.events.folding import pattern, wild_pattern

Found = Callable[..., bool]


@pytest.fixture(scope="module")
def found() -> Iterator[Found]:
    with duckdb.connect() as engine:

        def search(wanted: str, written: str, *, wild: bool = False) -> bool:
            expression = wild_pattern(wanted) if wild else pattern(wanted)
            row = engine.execute("SELECT regexp_matches(?, ?)", [written, expression]).fetchone()
            return bool(row and row[0])

        yield search


@pytest.mark.parametrize(
    ("wanted", "written"),
    [
        ("s0015", "Ｓ００１５"),
        ("Ｓ００１５", "s0015"),
        ("ガス", "がす"),
        ("がす", "ｶﾞｽ"),
        ("パン", "ﾊﾟﾝ"),
        ("ﾊﾟﾝ", "は\u309aん"),
        ("高橋", "髙橋"),
        ("髙橋", "高橋"),
        ("渡辺", "渡邉"),
        ("渡邊", "渡辺"),
        ("辺", "辺\U000e0101"),
        ("サーバー", "サ-バ-"),
        ("a b", "A　 b"),
        ("print", "PRINT"),
        ("(株)山田", "㈱山田"),
        ("㈱山田", "(株)山田"),
        ("5kg", "5㎏"),
    ],
)
def test_width_case_kana_variants_and_dashes_do_not_matter(found: Found, wanted: str, written: str) -> None:
    assert found(wanted, written)


@pytest.mark.parametrize(("wanted", "written"), [("か", "が"), ("高", "低"), ("s0015", "s0016"), ("a.c", "abc")])
def test_other_texts_are_not_found(found: Found, wanted: str, written: str) -> None:
    assert not found(wanted, written)


def test_a_star_stands_for_any_letters_only_where_it_may(found: Found) -> None:
    assert found("s0*5", "s0015", wild=True)
    assert not found("s0*5", "s0015")
    assert found("s0*5", "S0*5")


@settings(deadline=None, max_examples=50)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=12))
def test_every_text_finds_itself_and_its_compatible_forms(found: Found, text: str) -> None:
    assert found(text, text)
    assert found(text, unicodedata.normalize("NFC", text))


@given(st.text(max_size=20))
def test_an_expression_is_made_of_code_points_alone(text: str) -> None:
    assert set(pattern(text)) <= set(r"\x{}0123456789ABCDEF[]()?:|+-")
