"""A tree of files, and Sekisho's own home, in one tar."""

import os
import sqlite3
import subprocess
import tarfile
from contextlib import closing
from pathlib import Path

import pytest

from accesscontrol.refusals import Refusal
from backups.sealing.digests import silent
from backups.sources import differences, tree
from backups.sources.tree import TreeSource, home_source
from tests.backups.conftest import Tool
from tests.backups.sources.test_sqlite import registry


def a_tree(root: Path) -> Path:
    (root / "keys").mkdir(parents=True)
    (root / "site.toml").write_text("name = 'city'\n")
    (root / "keys" / "住基.key").write_bytes(bytes(range(256)) * 100)
    (root / "keys" / "empty").touch()
    (root / "link").symlink_to("site.toml")
    os.link(root / "site.toml", root / "twin")
    return root


def test_it_comes_back_file_by_file(tmp_path: Path) -> None:
    taken = TreeSource("files", a_tree(tmp_path / "root")).take(tmp_path / "tar", silent)
    assert [part.name for part in taken.parts] == ["keys/empty", "keys/住基.key", "site.toml", "twin"]
    (tmp_path / "to").mkdir()
    back = tree.restore(tmp_path / "tar", tmp_path / "to")
    assert differences(taken.parts, back.parts) == []
    assert (tmp_path / "to" / "files" / "link").readlink() == Path("site.toml")


def test_the_same_tree_is_the_same_bytes(tmp_path: Path) -> None:
    source = TreeSource("files", a_tree(tmp_path / "root"))
    source.take(tmp_path / "one", silent)
    source.take(tmp_path / "two", silent)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_the_tar_program_reads_it(tmp_path: Path, tool: Tool) -> None:
    TreeSource("files", a_tree(tmp_path / "root")).take(tmp_path / "tar", silent)
    listed = subprocess.run([tool("tar"), "-tf", str(tmp_path / "tar")], check=True, capture_output=True)
    assert "keys/住基.key".encode() in listed.stdout or b"keys/\\" in listed.stdout


def test_a_database_in_the_tree_is_taken_whole_and_without_its_log(tmp_path: Path) -> None:
    root = tmp_path / "home"
    (root / "backups").mkdir(parents=True)
    (root / "backups" / "B-00001.age").write_bytes(b"sealed")
    with closing(registry(root / "sekisho.sqlite3", rows=50)):
        taken = home_source(root).take(tmp_path / "tar", silent)
    assert [part.name for part in taken.parts] == ["sekisho.sqlite3"]
    (tmp_path / "to").mkdir()
    back = tree.restore(tmp_path / "tar", tmp_path / "to")
    assert differences(taken.parts, back.parts) == []
    with closing(sqlite3.connect(tmp_path / "to" / "files" / "sekisho.sqlite3")) as restored:
        assert restored.execute("SELECT count(*) FROM resident").fetchone() == (50,)


def test_a_file_that_ends_like_a_log_but_stands_alone_is_kept(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "notes-wal").write_text("mine")
    assert [part.name for part in TreeSource("files", root).take(tmp_path / "tar", silent).parts] == ["notes-wal"]


def test_a_pipe_in_the_tree_is_refused_not_passed_over(tmp_path: Path) -> None:
    root = a_tree(tmp_path / "root")
    os.mkfifo(root / "pipe")
    with pytest.raises(Refusal, match="neither file nor folder"):
        TreeSource("files", root).take(tmp_path / "tar", silent)


@pytest.mark.parametrize("change", ["grow", "cut"])
def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path, change: str) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "a").write_bytes(b"a" * 10)
    (root / "log").write_bytes(b"x" * 100)

    class Log(type(root)):  # type: ignore[misc]  # of any type in a test
        """A path whose file changes as soon as it is opened."""

        def open(self, *arguments: object, **named: object) -> object:
            file = super().open(*arguments, **named)
            if self.name == "log":
                os.truncate(self, 200 if change == "grow" else 10)
            return file

    with tarfile.TarFile(tmp_path / "tar", "w") as tar, pytest.raises(Refusal, match="changed while it was read"):
        tree._add_file(tar, Log(root / "log"), "log")


def test_an_archive_cannot_write_outside_its_folder(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "tar", "w") as tar:
        entry = tarfile.TarInfo("../escaped")
        tar.addfile(entry)
    (tmp_path / "to").mkdir()
    assert tree.restore(tmp_path / "tar", tmp_path / "to").faults
    assert not (tmp_path / "to" / "escaped").exists()


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="no folder"):
        TreeSource("files", tmp_path / "none").take(tmp_path / "tar", silent)
