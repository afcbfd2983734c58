"""What is kept in English is read in the reader's own language."""

from collections.abc import Iterator

import pytest

from console import translation
from console.retelling import retold


@pytest.fixture(autouse=True)
def japanese() -> Iterator[None]:
    translation.choose("ja")
    yield
    translation.choose("en")


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        ("The medium under /mnt/a was changed while it was used.", "使用中に/mnt/aの媒体が入れ替わりました。"),
        ("M-0001 is not what was registered (serial number, signed label).", "製造番号, 署名付きラベル"),
        (
            "M-0001 is near its end and is not written to: Its spare blocks are used up. Replace it.",
            "M-0001 は寿命が近いため書き込みません：予備ブロックを使い切っています。交換してください。",
        ),
        ("It was stopped at the screen.", "画面で"),
        ("B-00001.age cannot be read: Input/output error", "B-00001.ageを読み取れません：入出力エラー"),
    ],
)
def test_a_kept_sentence_is_told_again_with_its_fields(kept: str, told: str) -> None:
    said = retold(kept)
    assert told in said
    assert not any(word in said for word in ("medium", "spare", "error", "stopped", "signed", "serial"))


@pytest.mark.parametrize("kept", ["", "half file removed", "倉庫で確認した", "{unknown} {field}"])
def test_what_a_person_wrote_stays_as_it_is(kept: str) -> None:
    assert retold(kept) == kept


def test_a_field_never_becomes_markup_or_a_control_sequence() -> None:
    assert "\x1b" not in retold("The medium under /mnt/\x1b[2J was changed while it was used.")


def test_in_english_it_is_what_was_kept() -> None:
    translation.choose("en")
    assert retold("It was stopped at the screen.") == "It was stopped at the screen."
