"""A store whose very schema is damaged can't be opened, and says so in words."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from accesscontrol.clock import FixedClock
from accesscontrol.refusals import Refusal
from accesscontrol.store import Store


def test_a_name_in_the_schema_that_is_no_text_any_more_is_refused_in_words(tmp_path: Path, clock: FixedClock) -> None:
    path = tmp_path / "store.sqlite3"
    with closing(sqlite3.connect(path)) as file:
        file.execute("CREATE TABLE thing (id INTEGER)")
        file.execute("CREATE INDEX by_id ON thing (id)")
        file.commit()
    path.write_bytes(path.read_bytes().replace(b"by_idthing", b"by_\xe9dthinG"))  # SQLite quotes it in its complaint
    with pytest.raises(Refusal, match="can't be opened"):
        Store(path, clock).rows("SELECT 1")
