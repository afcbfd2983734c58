from hypothesis import given
from hypothesis import strategies as st

from registry.files.characters import (
    count_external,
    external_characters,
    kana_without_voiced_marks,
    to_katakana,
    without_voiced_marks,
)

KANA = st.text("".join(map(chr, (*range(0x3041, 0x3097), *range(0x3099, 0x309F), *range(0x30A1, 0x30FF)))) + "　 -‐")


def test_private_use_characters_of_any_plane_are_external_and_variants_are_not() -> None:
    assert count_external("\ue000嶋　\U000f0001太\U0010fffd") == 3
    assert external_characters("霧\ue123花") == [1]
    assert count_external("髙﨑𠮷葛\U000e0100　邊") == 0
    assert count_external(None) == 0


def test_readings_lose_their_voiced_marks_in_both_scripts_and_composed_or_not() -> None:
    assert without_voiced_marks("がぎぱゔ　ガパヴか\u3099") == "かきはう　カハウか"
    assert without_voiced_marks("きゃっとー・") == "きゃっとー・"


@given(KANA)
def test_the_fast_way_for_kana_alone_leads_to_the_same(kana: str) -> None:
    assert kana_without_voiced_marks(kana) == without_voiced_marks(kana)


def test_hiragana_become_katakana_and_the_rest_stays() -> None:
    assert to_katakana("きりみね　ゔぁーA") == "キリミネ　ヴァーA"
