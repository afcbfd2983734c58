"""A home on a disk that can't be written: it is read and proven as ever, and nobody acts in it."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from accesscontrol.refusals import Refusal
from accesscontrol.trail import verification
from console import status, translation
from tests.console.town import Town


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(place)], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_on_a_read_only_disk_the_state_is_shown_and_nobody_signs_in(disk: Path) -> None:
    town = Town.copied_to(disk)
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    before = status.status(town.site)["entries"]
    assert before > 0
    assert verification.verify(town.site.store, log=town.site.log_verifier, witness=None).ok
    with pytest.raises(Refusal) as refused:
        town.seat("sato")
    for language, words in (("en", "Nothing was done: "), ("ja", "何も実行していません。")):
        translation.choose(language)
        assert words in translation.render(refused.value)
    assert status.status(town.site)["entries"] == before
    town.site.store.close()
