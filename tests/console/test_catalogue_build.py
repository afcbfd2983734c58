"""Catalogues are compiled when the package is built and when the working tree is set up."""

import gettext
import os
import zipfile
from pathlib import Path

import pytest
from babel.messages.pofile import PoFileError
from hatchling.builders.wheel import WheelBuilder

from hatch_build import compile_catalogues
from scripts import messages

ROOT = Path(__file__).parent.parent.parent
PO = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Back"\nmsgstr "戻る"\n'


def catalogue(root: Path, text: str = PO) -> Path:
    path = root / "console" / "locales" / "ja" / "LC_MESSAGES" / "console.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_each_catalogue_is_compiled_once_and_again_after_a_change(tmp_path: Path) -> None:
    source = catalogue(tmp_path)
    (compiled,) = compile_catalogues(tmp_path)
    assert compiled == source.with_suffix(".mo")
    with compiled.open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("Back") == "戻る"
    assert compile_catalogues(tmp_path) == []
    later = compiled.stat().st_mtime_ns + 1_000_000_000
    os.utime(source, ns=(later, later))
    assert compile_catalogues(tmp_path) == [compiled]


def test_nothing_but_the_compiled_file_is_left_behind(tmp_path: Path) -> None:
    source = catalogue(tmp_path)
    compile_catalogues(tmp_path)
    assert sorted(path.name for path in source.parent.iterdir()) == ["console.mo", "console.po"]


def test_broken_syntax_is_an_error_and_not_a_silent_hole(tmp_path: Path) -> None:
    catalogue(tmp_path, PO + "\nrubbish\n")
    with pytest.raises(PoFileError):
        compile_catalogues(tmp_path)


def test_the_wheel_carries_the_compiled_catalogues_and_the_eras(tmp_path: Path) -> None:
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert {f"console/locales/ja/LC_MESSAGES/{package}.mo" for package in messages.PACKAGES} <= names
    assert "console/eras.json" in names
    assert not any(name.startswith(("tests/", "scripts/")) for name in names)


def test_updating_adds_what_is_new_and_keeps_what_is_translated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue(tmp_path, PO + '\nmsgid "Gone"\nmsgstr "昔"\n')
    code = tmp_path / "console" / "screen.py"
    code.write_text('_("Back")\nN_("New")\nngettext("{n} row", "{n} rows", 2)\n', encoding="utf-8")
    monkeypatch.setattr(messages, "ROOT", tmp_path)
    messages.update("console", {"New": "新規", "{n} row": "{n}行"})
    found = messages.read("console")
    assert {str(message.id): message.string for message in found if message.id} == {
        "Back": "戻る",
        "New": "新規",
        "('{n} row', '{n} rows')": ("{n}行",),
    }
    assert list(messages.untranslated("console")) == []
    assert "Gone" in found.obsolete  # until --prune, so that code which comes back finds its words
    messages.update("console", {}, prune=True)
    assert not messages.read("console").obsolete


def test_a_translation_of_what_nobody_says_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = catalogue(tmp_path).read_bytes()
    monkeypatch.setattr(messages, "ROOT", tmp_path)
    with pytest.raises(SystemExit, match="does not say 'Elsewhere'"):
        messages.update("console", {"Elsewhere": "他所"})
    assert messages.path_of("console").read_bytes() == before
