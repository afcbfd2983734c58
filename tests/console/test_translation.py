"""Refusals reach the reader in the language in use, with their fields filled safely."""

from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from accesscontrol.messages import Phrase
from accesscontrol.refusals import Refusal
from accesscontrol.trail.checkpoints import Sealed
from accesscontrol.trail.notes import Checkpoint
from accesscontrol.trail.witness import WitnessError
from console import translation
from console.cli import main
from console.translation import CataloguesMissingError, _, ngettext, render

TOKYO = ZoneInfo("Asia/Tokyo")


class Colour(StrEnum):
    RED = "Mon"


def test_a_refusal_is_said_in_the_readers_language_with_its_control() -> None:
    refusal = Refusal("The day {text} does not exist.", control="CHK-DAT-01", text="2026-02-30")
    assert render(refusal) == "「2026-02-30」という日はありません。 (CHK-DAT-01)"
    translation.choose("en")
    assert render(refusal) == "The day 2026-02-30 does not exist. (CHK-DAT-01)"


def test_fields_of_a_refusal_cannot_drive_the_terminal_or_the_template() -> None:
    refusal = Refusal("The day {text} does not exist.", text="\x1b[2J{text.__class__}")
    translation.choose("en")
    assert render(refusal) == "The day ␛[2J{text.__class__} does not exist."


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (Colour.RED, "月"),
        (datetime(2026, 11, 24, 0, 5, tzinfo=UTC), "2026-11-24 09:05"),
        (date(2026, 11, 24), "2026-11-24"),
        ((Colour.RED, "b"), "月, b"),
        (frozenset({"b", "a"}), "a, b"),
        (3, "3"),
    ],
)
def test_a_field_is_shown_as_a_reader_expects(value: object, words: str) -> None:
    assert translation.shown(value, TOKYO) == words


def test_plural_forms_follow_the_language() -> None:
    assert ngettext("{number} day", "{number} days", 2) == "{number}日"
    translation.choose("en")
    assert ngettext("{number} day", "{number} days", 2) == "{number} days"


def test_the_empty_msgid_is_not_the_catalogues_header() -> None:
    assert _("") == ""


def test_the_language_can_be_switched_and_an_unknown_one_is_refused() -> None:
    assert translation.language() == "ja"
    assert translation.other_language() == "en"
    with pytest.raises(ValueError, match="fr"):
        translation.choose("fr")


def test_an_installation_without_compiled_catalogues_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "ja" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "console.po").touch()
    monkeypatch.setattr(translation, "LOCALES", tmp_path)
    translation._messages.cache_clear()
    try:
        with pytest.raises(CataloguesMissingError, match="make setup"):
            translation.choose("ja")
        said = CliRunner().invoke(main, ["--lang", "ja", "status"])
        assert said.exit_code == 1
        assert "Run `make setup`, or take --lang en." in said.output
        assert "--lang en で英語表示にしてください。" in said.output
    finally:
        translation._messages.cache_clear()


def test_a_phrase_inside_a_refusal_is_translated_with_it() -> None:
    refusal = Refusal(
        "This person is already {taken} here, so {part} must be someone else.",
        part=Phrase("the executor"),
        taken=Phrase("the requester"),
    )
    assert render(refusal) == "この人はこの申請ですでに申請者になっています。実行者は別の人でなければなりません。"
    translation.choose("en")
    assert render(refusal) == "This person is already the requester here, so the executor must be someone else."


def test_faults_inside_a_refusal_are_said_in_the_readers_language_too() -> None:
    words = "Nothing of the roster was taken: {count} of its lines are faulty ({faults}). Mend the file first."
    fault = Refusal("{line}: {fault}", line=7, fault=Refusal("temporary staff need a last day", control="AC-USR-03"))
    said = render(Refusal(words, count=1, faults=[fault]))
    assert "7行目：" in said
    assert "temporary" not in said


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("[Errno 2] No such file or directory: '/log.csv'", "ファイルまたはフォルダーがありません: '/log.csv'"),
        ("Permission denied", "権限がありません"),
        ("unable to open database file", "データベースのファイルを開けません"),
        ("Nobody knows", "Nobody knows"),
    ],
)
def test_what_the_system_said_is_told_in_the_readers_language(said: str, words: str) -> None:
    assert translation.system_words(said) == words


def test_why_the_second_place_did_not_confirm_is_told_in_the_readers_language() -> None:
    checkpoint = Checkpoint("site", 1, b"")
    error = WitnessError("no witness in {directory}", directory="/w")
    sealed = Sealed(checkpoint, "", witnessed=False, trouble=str(error), error=error)
    assert str(error) == "no witness in /w"
    assert translation.trouble_of(sealed) == "/w に第二保管がありません"
    cut = "sealed entries are gone"
    assert (
        translation.trouble_of(Sealed(checkpoint, "", witnessed=False, trouble=cut)) == "封印した記録がなくなっています"
    )
