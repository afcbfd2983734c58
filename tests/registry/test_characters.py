from registry.files.characters import count_external, external_characters, to_katakana, without_voiced_marks


def test_private_use_characters_of_any_plane_are_external_and_variants_are_not() -> None:
    assert count_external("\ue000嶋　\U000f0001太\U0010fffd") == 3
    assert external_characters("霧\ue123花") == [1]
    assert count_external("髙﨑𠮷葛\U000e0100　邊") == 0
    assert count_external(None) == 0


def test_readings_lose_their_voiced_marks_in_both_scripts_and_composed_or_not() -> None:
    assert without_voiced_marks("がぎぱゔ　ガパヴか\u3099") == "かきはう　カハウか"
    assert without_voiced_marks("きゃっとー・") == "きゃっとー・"


def test_hiragana_become_katakana_and_the_rest_stays() -> None:
    assert to_katakana("きりみね　ゔぁーA") == "キリミネ　ヴァーA"
