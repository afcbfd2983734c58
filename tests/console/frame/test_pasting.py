"""Nothing that is pasted presses a key, however the terminal hands it over."""

from collections.abc import Iterable

import pytest
from textual import events

from console.frame.pasting import GuardedParser

HOSTILE = "one\x1b[31m\ntwo\x1b]0;title\x07\x1b[200~\x9b2J\x1b\x1bq"


def read(pieces: Iterable[str]) -> list[str]:
    parser = GuardedParser()
    found = [event for piece in pieces for event in parser.feed(piece)]
    return [f"paste {each.text}" if isinstance(each, events.Paste) else getattr(each, "key", "?") for each in found]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 100])
def test_escape_sequences_in_what_is_pasted_are_text(size: int) -> None:
    sent = f"a\x1b[200~{HOSTILE}\x1b[201~z"
    assert read(sent[at : at + size] for at in range(0, len(sent), size)) == [
        "a", "paste one[31m\ntwo]0;title[200~2Jq", "z",
    ]  # fmt: skip


@pytest.mark.parametrize("size", [1, 2, 100])
def test_keys_are_read_as_ever(size: int) -> None:
    sent = "x\x1b[A\x1bOPy\x1b[B\r"
    assert read(sent[at : at + size] for at in range(0, len(sent), size)) == ["x", "up", "f1", "y", "down", "enter"]


def test_a_hundred_kilobytes_are_one_paste() -> None:
    (pasted,) = read(["\x1b[200~", *["\x1b[2Jx\n" * 100] * 200, "\x1b[201~"])
    assert len(pasted) == len("paste ") + 200 * 100 * len("[2Jx\n")
