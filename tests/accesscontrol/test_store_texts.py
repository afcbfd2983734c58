"""A text that lost a bit is told, and holds up no other row."""

import sqlite3

import pytest

from accesscontrol.store import Store


@pytest.mark.parametrize("inside", [False, True], ids=["outside", "inside a transaction"])
def test_a_text_that_lost_a_bit_is_shown_by_its_bytes_and_told_and_holds_up_no_other_row(
    store: Store, *, inside: bool
) -> None:
    texts = "SELECT CAST(x'61ff' AS TEXT) AS text UNION ALL SELECT 'whole'"
    with store.transaction() as tx:
        reader = tx if inside else store
        assert [row["text"] for row in reader.rows(texts)] == ["a\\xff", "whole"]
        first = reader.row(texts)
        assert first is not None
        assert first["text"] == "a\\xff"
    (told,) = map(str, store.damage.values())
    assert "Could not decode to UTF-8 column 'text'" in told
    assert "with text" not in told  # what stands there may be a secret


def test_other_faults_of_a_query_are_raised_as_they_are(store: Store) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such column"):
        store.rows("SELECT weight FROM trail_entry")
    assert not store.damage
