"""The engine is always held to its limits, and nothing is kept that another version of it would tell otherwise."""

import re
from pathlib import Path

import monitors
from monitors.events import engine


def test_an_engine_has_its_limits_and_brings_nothing_in_from_outside(tmp_path: Path) -> None:
    with engine.connect(tmp_path / "scratch", memory="64MiB", threads=1) as connection:
        told = dict(connection.execute("SELECT name, value FROM duckdb_settings()").fetchall())
    assert (told["memory_limit"], told["threads"], told["temp_directory"]) == ("64.0 MiB", "1", f"{tmp_path}/scratch")
    assert (told["autoinstall_known_extensions"], told["autoload_known_extensions"]) == ("false", "false")


def test_every_engine_is_opened_with_these_limits_and_no_hash_of_an_engine_is_used() -> None:
    sources = {path: path.read_text("utf-8") for path in Path(monitors.__file__).parent.rglob("*.py")}
    opening = [path.name for path, text in sources.items() if "duckdb.connect(" in text]
    assert opening == ["engine.py"]
    assert [path.name for path, text in sources.items() if re.search(r"(?<![\w.])hash\(", text)] == []
